// Training of a fully connected autoencoder in plain JavaScript: forward, backward, Adam.

// All of it in one function that needs nothing outside: its text becomes the program of a worker.
// images: Float32Array (count x pixels). sizes: of all layers, such as [784, 64, 2, 64, 784]; a ReLU after each but the
// code, which is linear, and the output, which a sigmoid keeps in [0, 1]. The loss is the squared error summed over
// the pixels, averaged over the mini-batch. seed: of weights and order.
export function trainer(images, sizes, seed) {
  const pixels = sizes[0];
  const count = images.length / pixels;
  const code = (sizes.length - 1) / 2;
  const random = randomNumbers(seed);
  const layers = sizes.slice(1).map((outputs, index) => {
    const inputs = sizes[index];
    const gain = index + 1 === code || index + 2 === sizes.length ? 1 : 2; // Glorot or He
    const spread = Math.sqrt(gain / (gain === 1 ? (inputs + outputs) / 2 : inputs));
    const weight = Float32Array.from({ length: inputs * outputs }, () => spread * normal());
    const arrays = () => [new Float32Array(inputs * outputs), new Float32Array(outputs)];
    const values = [weight, new Float32Array(outputs)];
    return { inputs, outputs, bends: gain === 2, values, gradients: arrays(), first: arrays(), second: arrays() };
  });
  const image = (index) => images.subarray(index * pixels, (index + 1) * pixels);
  const everything = Uint16Array.from({ length: Math.max(...sizes) }, (_, number) => number);
  // Of each image the pixels that are not black, of a digit one in five: the others change nothing in the first layer.
  const lit = Array.from({ length: count }, (_, index) => everything.subarray(0, pixels).filter((at) => image(index)[at]));
  let steps = 0;
  let order = [];

  // Source: Mulberry32, by Tommy Ettinger (public domain): 32 bits of state, enough to shuffle and to begin.
  function randomNumbers(state) {
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let mix = Math.imul(state ^ (state >>> 15), 1 | state);
      mix = (mix + Math.imul(mix ^ (mix >>> 7), 61 | mix)) ^ mix;
      return ((mix ^ (mix >>> 14)) >>> 0) / 4294967296;
    };
  }

  function normal() {
    return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  }

  // The values after each of the first layers for one image, the image first.
  function forward(index, to = layers.length) {
    const all = [image(index)];
    for (const { inputs, outputs, bends, values: [weight, bias] } of layers.slice(0, to)) {
      const before = all.at(-1);
      const used = all.length === 1 ? lit[index] : everything.subarray(0, inputs);
      const after = new Float32Array(outputs);
      for (let output = 0; output < outputs; output++) {
        let sum = bias[output];
        const start = output * inputs;
        for (let at = 0; at < used.length; at++) sum += weight[start + used[at]] * before[used[at]];
        after[output] = bends && sum < 0 ? 0 : sum;
      }
      all.push(after);
    }
    if (to === layers.length) all[to] = all[to].map((value) => 1 / (1 + Math.exp(-value)));
    return all;
  }

  // Add the gradients of one image's error times a share; returns the error.
  function backward(index, share) {
    const all = forward(index);
    let error = 0;
    let slope = all.at(-1).map((value, pixel) => {
      const difference = value - all[0][pixel];
      error += difference * difference;
      return 2 * difference * value * (1 - value) * share;
    });
    for (let number = layers.length - 1; number >= 0; number--) {
      const { inputs, outputs, values: [weight], gradients: [ofWeight, ofBias] } = layers[number];
      const before = all[number];
      const used = number ? everything.subarray(0, inputs) : lit[index];
      const next = new Float32Array(inputs);
      for (let output = 0; output < outputs; output++) {
        const own = slope[output];
        if (!own) continue;
        ofBias[output] += own;
        const start = output * inputs;
        for (let at = 0; at < used.length; at++) ofWeight[start + used[at]] += own * before[used[at]];
        if (number) for (let input = 0; input < inputs; input++) next[input] += own * weight[start + input];
      }
      if (number && layers[number - 1].bends) before.forEach((value, input) => value || (next[input] = 0));
      slope = next;
    }
    return error;
  }

  // Gradients of the loss over a mini-batch, numbers of images; returns the loss.
  function gradients(batch) {
    for (const layer of layers) layer.gradients.forEach((array) => array.fill(0));
    return batch.reduce((sum, index) => sum + backward(index, 1 / batch.length), 0) / batch.length;
  }

  // One step of Adam (Kingma and Ba, arXiv:1412.6980) along the gradients.
  function descend(rate) {
    steps++;
    const [first, second] = [1 - 0.9 ** steps, 1 - 0.999 ** steps];
    for (const layer of layers)
      layer.values.forEach((values, part) => {
        const [slope, mean, square] = [layer.gradients[part], layer.first[part], layer.second[part]];
        for (let at = 0; at < values.length; at++) {
          mean[at] += 0.1 * (slope[at] - mean[at]);
          square[at] += 0.001 * (slope[at] * slope[at] - square[at]);
          values[at] -= (rate * mean[at]) / first / (Math.sqrt(square[at] / second) + 1e-8);
        }
      });
  }

  function shuffled() {
    const numbers = Array.from({ length: count }, (_, index) => index);
    for (let last = count - 1; last > 0; last--) {
      const other = Math.floor(random() * (last + 1));
      [numbers[last], numbers[other]] = [numbers[other], numbers[last]];
    }
    return numbers;
  }

  return {
    layers,
    gradients,
    // One step on the next mini-batch of 25; returns its loss.
    step(rate) {
      if (!order.length) order = shuffled();
      const loss = gradients(order.splice(0, 25));
      descend(rate);
      return loss;
    },
    epochs: () => (steps * 25) / count,
    code: (index) => forward(index, code)[code],
    reconstruction: (index) => forward(index).at(-1),
  };
}

const MAPPED = 300; // so many codes are shown; all of them would take longer than the training

// Trains while it is told to, and tells what has become of it: { epoch, errors, codes, images }. post: called with that.
// Returns the function that takes what it is told: { images, sizes, seed, shown } to begin anew, { rate }, { runs }.
// It works in slices of some milliseconds, so that what it is told is heard between them.
export function training(post, trainer, milliseconds, mapped) {
  let state = { runs: false, rate: 0.003 };
  let timer = null;

  function report() {
    const { network, count, shown, errors } = state;
    const codes = Array.from({ length: Math.min(mapped, count) }, (_, index) => {
      const code = network.code(index);
      return [code[0], code[1] ?? 0];
    });
    const images = Array.from({ length: Math.min(shown, count) }, (_, index) => network.reconstruction(index));
    post({ epoch: network.epochs(), errors, codes, images });
  }

  function slice() {
    const end = Date.now() + milliseconds;
    while (Date.now() < end) {
      state.losses.push(state.network.step(state.rate));
      if (state.losses.length * 25 < state.count) continue;
      state.errors.push(state.losses.reduce((sum, loss) => sum + loss, 0) / state.losses.length);
      state.losses = [];
    }
    report();
    timer = state.runs ? setTimeout(slice, 0) : null;
  }

  return (told) => {
    if (told.images) {
      const network = trainer(told.images, told.sizes, told.seed);
      const count = told.images.length / told.sizes[0];
      state = { ...state, network, count, shown: told.shown, losses: [], errors: [] };
      report();
    }
    if (told.rate) state.rate = told.rate;
    if ("runs" in told) state.runs = told.runs;
    if (state.runs) timer ??= setTimeout(slice, 0);
  };
}

// A training in a worker, or in the page where there are no workers or they are forbidden: { tell(message), stop() }.
export function startTraining(post) {
  const all = []; // what it was told, for the one that begins where the worker failed
  const inPage = () => {
    const hear = training(post, trainer, 30, MAPPED);
    all.forEach(hear);
    return { hear, stop: () => hear({ runs: false }) };
  };
  let place;
  try {
    place = inWorker(post, () => (place = inPage()));
  } catch {
    place = inPage();
  }
  const tell = (message) => {
    if (message.images) all.length = 0;
    all.push(message);
    place.hear(message);
  };
  return { tell, stop: () => place.stop() };
}

function inWorker(post, failed) {
  const program = `${trainer}\nconst hear = (${training})((message) => postMessage(message), trainer, 150, ${MAPPED});
    onmessage = ({ data }) => hear(data);`;
  const worker = new Worker(URL.createObjectURL(new Blob([program], { type: "text/javascript" })));
  worker.onmessage = ({ data }) => post(data);
  worker.onerror = failed;
  return { hear: (message) => worker.postMessage(message), stop: () => worker.terminate() };
}
