// A drawing made into an image such as those of MNIST; the same as centre_digit in Python, where it is explained.
const FIELD = 28;
const BOX = 20;

// Python's round: halves go to the even neighbour.
function rounded(value) {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 ? below + 1 : below;
}

// ink: values (height x width), 1 on 0. Returns 28 x 28 values; nothing drawn gives zeros.
export function centreDigit(ink, height, width) {
  const image = new Float32Array(FIELD * FIELD);
  const box = bounds(ink, height, width);
  if (!box) return image;
  const digit = fitted(ink, width, box);
  const top = start(digit.rows, digit.sums.rows);
  const left = start(digit.columns, digit.sums.columns);
  for (let y = 0; y < digit.rows; y++)
    for (let x = 0; x < digit.columns; x++) image[(top + y) * FIELD + left + x] = digit.values[y * digit.columns + x];
  return image;
}

function bounds(ink, height, width) {
  let [top, bottom, left, right] = [height, -1, width, -1];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      if (!ink[y * width + x]) continue;
      if (top === height) top = y;
      bottom = y;
      if (x < left) left = x;
      if (x > right) right = x;
    }
  return bottom < 0 ? null : { top, left, height: bottom - top + 1, width: right - left + 1 };
}

// Scaled so that the longer side has 20 pixels; each is the mean of what it covers.
function fitted(ink, width, box) {
  const scale = BOX / Math.max(box.height, box.width);
  const [rows, columns] = [box.height, box.width].map((side) => Math.max(1, rounded(side * scale)));
  const values = new Float32Array(rows * columns);
  const sums = { rows: new Float64Array(rows), columns: new Float64Array(columns) };
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const [above, below] = covered(row, box.height, rows);
      const [before, behind] = covered(column, box.width, columns);
      let sum = 0;
      for (let y = above; y < below; y++)
        for (let x = before; x < behind; x++) sum += ink[(box.top + y) * width + box.left + x];
      const mean = sum / ((below - above) * (behind - before));
      values[row * columns + column] = mean;
      sums.rows[row] += mean;
      sums.columns[column] += mean;
    }
  return { rows, columns, values, sums };
}

const covered = (index, from, to) => [Math.floor((index * from) / to), Math.ceil(((index + 1) * from) / to)];

// Where the digit begins in the image, so that its centre of mass comes to the middle.
function start(count, profile) {
  const mass = profile.reduce((sum, value) => sum + value, 0);
  const centre = profile.reduce((sum, value, index) => sum + value * index, 0) / mass;
  return Math.min(Math.max(rounded(FIELD / 2 - centre), 0), FIELD - count);
}
