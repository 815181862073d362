// Neural networks of the course's kind, computed in the page. Values of layers are Float32Arrays of one image:
// channels, then rows, then columns, as PyTorch has them in memory.

// The arrays that Python packed: {name: {type, shape, offset, scale, scales}} and a DataView of all their bytes.
// float32 as they are; uint8 times scale; int8 times the scale of their row (first axis), which lie at scales.
export function unpack(table, bytes) {
  const arrays = {};
  for (const [name, entry] of Object.entries(table)) {
    const count = entry.shape.reduce((product, size) => product * size, 1);
    arrays[name] = { ...entry, width: count / (entry.shape[0] || 1), values: valuesOf(entry, bytes, count) };
  }
  return arrays;
}

function valuesOf(entry, bytes, count) {
  const start = bytes.byteOffset + entry.offset;
  if (entry.type === "uint8") return new Uint8Array(bytes.buffer, start, count);
  if (entry.type === "float32") return floats(bytes.buffer, start, count);
  const packed = new Int8Array(bytes.buffer, start, count);
  const rows = entry.shape[0];
  const scales = floats(bytes.buffer, bytes.byteOffset + entry.scales, rows);
  return Float32Array.from(packed, (value, index) => value * scales[Math.floor((index * rows) / count)]);
}

// The floats in a DataView.
export function floatsOf(view) {
  return floats(view.buffer, view.byteOffset, view.byteLength / 4);
}

// A copy, since floats must begin at a multiple of 4 and what arrives from Jupyter need not.
function floats(buffer, start, count) {
  return new Float32Array(buffer.slice(start, start + 4 * count));
}

// Row number index of an array, such as one image of many, as floats.
export function row(array, index) {
  const part = array.values.subarray(index * array.width, (index + 1) * array.width);
  return array.type === "uint8" ? Float32Array.from(part, (value) => value * array.scale) : Float32Array.from(part);
}

const POINTWISE = {
  relu: (value) => (value > 0 ? value : 0),
  silu: (value) => value / (1 + Math.exp(-value)),
  sigmoid: (value) => 1 / (1 + Math.exp(-value)),
  tanh: Math.tanh,
};
const LAYERS = { linear, conv, conv_transpose: convTranspose, upsample };

// The function of a network: input values -> output values. layers: what Python's describe() gave.
export function network(layers, arrays) {
  const steps = layers.map((layer) => {
    const change = POINTWISE[layer.kind];
    if (change) return (values) => values.map(change);
    const weight = arrays[layer.weight]?.values;
    const bias = layer.bias ? arrays[layer.bias].values : null;
    return (values) => LAYERS[layer.kind](values, layer, weight, bias);
  });
  return (input) => steps.reduce((values, step) => step(values), input);
}

function linear(input, { inputs, outputs }, weight, bias) {
  const output = new Float32Array(outputs);
  for (let to = 0, at = 0; to < outputs; to++) {
    let sum = bias ? bias[to] : 0;
    for (let from = 0; from < inputs; from++, at++) sum += weight[at] * input[from];
    output[to] = sum;
  }
  return output;
}

// Sizes are [channels, height, width]; kernel, stride and padding are [vertical, horizontal].
function conv(input, { from, to, kernel, stride, padding }, weight, bias) {
  const output = filled(to, bias);
  forEachWeight(from[0], to[0], kernel, (source, target, y, x, at) => {
    const value = weight[(target * from[0] + source) * kernel[0] * kernel[1] + at];
    for (let row = 0; row < to[1]; row++) {
      const above = row * stride[0] + y - padding[0];
      if (above < 0 || above >= from[1]) continue;
      const begin = (source * from[1] + above) * from[2] + x - padding[1];
      const [first, last] = inside(to[2], stride[1], x - padding[1], from[2]);
      const end = (target * to[1] + row) * to[2];
      for (let column = first; column <= last; column++) {
        output[end + column] += value * input[begin + column * stride[1]];
      }
    }
  });
  return output;
}

function convTranspose(input, { from, to, kernel, stride, padding }, weight, bias) {
  const output = filled(to, bias);
  forEachWeight(from[0], to[0], kernel, (source, target, y, x, at) => {
    const value = weight[(source * to[0] + target) * kernel[0] * kernel[1] + at];
    for (let row = 0; row < from[1]; row++) {
      const below = row * stride[0] + y - padding[0];
      if (below < 0 || below >= to[1]) continue;
      const begin = (target * to[1] + below) * to[2] + x - padding[1];
      const [first, last] = inside(from[2], stride[1], x - padding[1], to[2]);
      const start = (source * from[1] + row) * from[2];
      for (let column = first; column <= last; column++) {
        output[begin + column * stride[1]] += value * input[start + column];
      }
    }
  });
  return output;
}

function filled([channels, height, width], bias) {
  const output = new Float32Array(channels * height * width);
  if (bias) bias.forEach((value, index) => output.fill(value, index * height * width, (index + 1) * height * width));
  return output;
}

function forEachWeight(sources, targets, [height, width], work) {
  for (let target = 0; target < targets; target++)
    for (let source = 0; source < sources; source++)
      for (let at = 0; at < height * width; at++) work(source, target, Math.floor(at / width), at % width, at);
}

// The first and the last of count places for which 0 <= place * stride + shift < limit.
function inside(count, stride, shift, limit) {
  return [Math.max(0, Math.ceil(-shift / stride)), Math.min(count - 1, Math.floor((limit - 1 - shift) / stride))];
}

function upsample(input, { from, to }) {
  const output = new Float32Array(to[0] * to[1] * to[2]);
  const [tall, wide] = [to[1] / from[1], to[2] / from[2]];
  for (let channel = 0, at = 0; channel < to[0]; channel++)
    for (let row = 0; row < to[1]; row++) {
      const begin = (channel * from[1] + Math.floor(row / tall)) * from[2];
      for (let column = 0; column < to[2]; column++, at++) output[at] = input[begin + Math.floor(column / wide)];
    }
  return output;
}

// The reconstruction error: squared differences, summed over the pixels.
export function squaredError(one, other) {
  return one.reduce((sum, value, index) => sum + (value - other[index]) ** 2, 0);
}

// From one vector to another: share 0 is the first, 1 the second.
export function mixed(one, other, share) {
  return one.map((value, index) => value + share * (other[index] - value));
}
