// Noise or a hole painted on a digit, and what becomes of it: a median filter, a denoiser, an infiller.
import { row, squaredError } from "./network.js";
import { button, choice, clamp, imageSlider, inRow, pad, shownImage, slider, widget, element } from "./page.js";

const FIELD = 28;
const LABEL = "Digit to paint on; Space puts the brush down or lifts it, arrow keys move it";

export function noiseAndRepair({ arrays, networks, add, explain, keepUp }) {
  const { images, noise } = arrays;
  const hidden = new Uint8Array(FIELD * FIELD);
  const noisy = new Uint8Array(FIELD * FIELD);
  const digit = imageSlider(images, "digit", () => changed());
  const tool = choice("brush", ["noise", "hole"], () => {});
  const strength = slider("strength of the noise", 0, 1, 0.5, () => changed(), { step: 0.05, words: (s) => s.toFixed(2) });
  const width = slider("size of the brush", 1, 6, 3, () => {});
  const brush = { begin: touch, extend: touch };
  const square = pad(LABEL, brush, (context, size) => enlarge(context, size, spoiled()));
  const everywhere = button("Noise everywhere", () => {
    noisy.fill(1);
    changed();
  });
  const clean = button("Clean", () => {
    noisy.fill(0);
    hidden.fill(0);
    changed();
  });
  const title = element("div", { className: "aeutils-title", textContent: "paint here" });
  const left = element("div", { className: "aeutils-image" }, title, square.root, everywhere, clean);
  const names = ["original", "median of 3 × 3 pixels", "denoiser", "infiller"];
  const shown = names.map((name) => shownImage(name));
  const controls = [digit, tool, strength, width].map((each) => each.root);
  add(...controls, inRow(left, ...shown.map((each) => each.root)));

  // The digit with its noise, and grey where it is hidden, as the infiller knows holes.
  function spoiled() {
    return row(images, digit.value).map((value, pixel) =>
      hidden[pixel] ? 0.5 : value + noisy[pixel] * strength.value * noise.values[pixel],
    );
  }

  function touch([x, y]) {
    const radius = width.value - 0.5;
    for (let pixel = 0; pixel < FIELD * FIELD; pixel++) {
      const [across, down] = [(pixel % FIELD) + 0.5 - x * FIELD, Math.floor(pixel / FIELD) + 0.5 - y * FIELD];
      if (across ** 2 + down ** 2 > radius ** 2) continue;
      if (tool.value === "hole") hidden[pixel] = 1;
      else [noisy[pixel], hidden[pixel]] = [1, 0];
    }
    changed();
  }

  function changed() {
    square.paint();
    update();
  }

  const update = keepUp(async () => {
    const image = row(images, digit.value);
    const bad = spoiled();
    const made = [median(bad), await networks.denoiser(bad), await networks.infiller(bad)];
    const errors = [bad, ...made].map((each) => squaredError(each, image).toFixed(1));
    shown[0].show(image);
    made.forEach((each, index) => shown[index + 1].show(each, `error ${errors[index + 1]}`));
    const count = noisy.filter((value, pixel) => value && !hidden[pixel]).length;
    const missing = hidden.filter(Boolean).length;
    explain(
      `Digit ${digit.value} with noise on ${count} of 784 pixels and ${missing} hidden: error ${errors[0]}. After the ` +
        `median ${errors[1]}, the denoiser ${errors[2]}, the infiller ${errors[3]}.`,
    );
  });
  update();
}

// Each pixel replaced by the median of the 3 x 3 pixels around it; edges are mirrored.
export function median(image) {
  const mirrored = (place) => clamp(place, 0, FIELD - 1); // one pixel beyond the edge mirrors the edge itself
  return image.map((_, pixel) => {
    const [line, column] = [Math.floor(pixel / FIELD), pixel % FIELD];
    const around = [];
    for (let y = line - 1; y <= line + 1; y++)
      for (let x = column - 1; x <= column + 1; x++) around.push(image[mirrored(y) * FIELD + mirrored(x)]);
    return around.sort((one, other) => one - other)[4];
  });
}

function enlarge(context, size, values) {
  const side = size / FIELD;
  values.forEach((value, pixel) => {
    const level = Math.round(255 * clamp(value, 0, 1));
    context.fillStyle = `rgb(${level} ${level} ${level})`;
    context.fillRect((pixel % FIELD) * side, Math.floor(pixel / FIELD) * side, side, side);
  });
}

export default widget(noiseAndRepair);
