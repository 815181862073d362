// A small autoencoder that trains in the page: its error, its codes and ten reconstructions, while they change.
import { row } from "./network.js";
import { button, clamp, curve, drawDigits, element, inRow, pointMap, shownImage, slider, widget } from "./page.js";
import { startTraining } from "./train.js";

const HIDDEN = 64;
const SHOWN = 10;

export function watchItLearn({ arrays, add, explain }) {
  const images = Float32Array.from(arrays.images.values, (value) => value * (arrays.images.scale ?? 1));
  const labels = arrays.labels.values;
  let [runs, seed] = [false, 1];
  const start = button("Start", () => {
    runs = !runs;
    start.textContent = runs ? "Pause" : "Go on";
    training.tell({ runs });
    if (!runs) explain(words(latest));
  });
  const reset = button("Reset", () => begin(seed + 1));
  const size = slider("latent variables", 1, 16, 2, () => begin(seed));
  const rate = slider("learning rate", -4, -1, -2.5, () => training.tell({ rate: 10 ** rate.value }), {
    step: 0.25,
    words: (power) => (10 ** power).toPrecision(1),
  });
  const line = curve("error", "epoch");
  const map = pointMap("Map of the codes while they move apart");
  const pairs = Array.from({ length: SHOWN }, (_, index) => {
    const [original, made] = ["original", "reconstruction"].map((name) => shownImage(`${name} ${index}`));
    original.show(row(arrays.images, index));
    return { made, root: element("div", { className: "aeutils-pair" }, original.root, made.root) };
  });
  const strip = inRow(...pairs.map((pair) => pair.root));
  strip.classList.add("aeutils-small");
  add(element("div", {}, start, reset), size.root, rate.root, inRow(line.root, map.root), strip);

  let latest = null;
  let told = -2;
  const training = startTraining((news) => {
    latest = news;
    line.show(news.errors);
    drawDigits(map.canvas, scaled(news.codes), labels);
    news.images.forEach((values, index) => pairs[index].made.show(values));
    const stage = news.errors.length ? Math.floor(news.errors.length / 5) : -1;
    if (stage === told) return; // a screen reader could not keep up
    told = stage;
    explain(words(news));
  });

  function begin(next) {
    seed = next;
    told = -2;
    const sizes = [784, HIDDEN, size.value, HIDDEN, 784];
    training.tell({ images, sizes, seed, shown: SHOWN, rate: 10 ** rate.value, runs });
  }

  function words({ errors }) {
    const count = labels.length.toLocaleString("en");
    if (!errors.length) return `Not trained yet: ${count} digits, 784 pixels through ${size.value} latent variables.`;
    return `After ${errors.length} epoch${errors.length > 1 ? "s" : ""} on ${count} digits the mean error is ${errors.at(-1).toFixed(1)}.`;
  }
  begin(seed);
  return training.stop;
}

// Codes as places on a map that reaches as far as they do.
function scaled(codes) {
  const ends = [0, 1].map((axis) => {
    const values = codes.map((code) => code[axis]);
    return [Math.min(...values), Math.max(...values)];
  });
  return codes.map((code) =>
    ends.map(([low, high], axis) => 0.04 + 0.92 * clamp((code[axis] - low) / (high - low || 1), 0, 1)),
  );
}

export default widget(watchItLearn);
