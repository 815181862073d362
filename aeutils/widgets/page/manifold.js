// All that a decoder makes of its two latent variables, laid out as the standard normal prior has them.
import { row } from "./network.js";
import { button, choice, clamp, drawDigits, element, inRow, paint, pointMap, shownImage, side, slider, widget } from "./page.js";

const TILES = 14; // images in each row and column of the map
const PIXELS = 28;
const END = 2.5; // standard deviations at the edges of the map
const SHOWN = ["what is decoded", "codes of digits"];

// The share of the standard normal distribution below z. Source: Abramowitz and Stegun, 26.2.17, exact to 1e-7.
export function below(z) {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z < 0 ? tail : 1 - tail;
}

// From a latent variable to its place on the map, a share of the side, and back, by halving.
export const placeOf = (z) => (below(z) - below(-END)) / (1 - 2 * below(-END));
export function valueAt(place) {
  let [low, high] = [-END, END];
  for (let step = 0; step < 30; step++) {
    const middle = (low + high) / 2;
    if (placeOf(middle) < place) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

export function manifold({ arrays, networks, add, explain, keepUp }) {
  const { codes } = arrays;
  const labels = arrays.labels.values;
  const words = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(2);
  const options = { step: 0.05, words };
  let code = [0, 0];
  const moved = () => {
    code = sliders.map((each) => each.value);
    update();
  };
  const names = ["first variable →", "second variable ↑"];
  const sliders = names.map((name) => slider(name, -END, END, 0, moved, options));
  const go = (place) => {
    code = place.map(valueAt); // not those of the sliders, which are coarser than the map
    sliders.forEach((each, index) => (each.value = code[index]));
    update();
  };
  const map = pointMap("Map of the two latent variables; arrow keys move the mark", go);
  const shown = choice("on the map", SHOWN, () => fill());
  const decoded = shownImage("decoded");
  const home = button("Back to the middle", () => go([0.5, 0.5]));
  add(shown.root, inRow(map.root, side(decoded.root, ...sliders.map((each) => each.root), home)));

  const update = keepUp(async () => {
    map.place = code.map(placeOf);
    decoded.show(await networks.decoder(Float32Array.from(code)));
    const nearest = nearestTo(code, codes);
    explain(
      `At ${code.map(words).join(" and ")}. The nearest of ${codes.shape[0].toLocaleString("en")} codes is that of ` +
        `image ${nearest}, the digit ${labels[nearest]}.`,
    );
  });

  async function fill() {
    if (shown.value === SHOWN[1]) {
      const places = Array.from({ length: codes.shape[0] }, (_, index) => [...row(codes, index)].map(placeOf));
      drawDigits(map.canvas, places.map((place) => place.map((share) => clamp(share, 0, 1))), labels);
    } else await drawTiles(map.canvas, networks.decoder);
  }
  update();
  fill();
}

// What the decoder makes of the middle of each tile of the map.
async function drawTiles(canvas, decoder) {
  const tile = element("canvas", { width: PIXELS, height: PIXELS });
  const target = canvas.getContext("2d");
  const size = canvas.width / TILES;
  target.imageSmoothingEnabled = false;
  const values = Array.from({ length: TILES }, (_, index) => valueAt((index + 0.5) / TILES));
  for (let up = 0; up < TILES; up++)
    for (let across = 0; across < TILES; across++) {
      const made = await decoder(Float32Array.of(values[across], values[up]));
      paint(tile, made);
      target.drawImage(tile, across * size, (TILES - 1 - up) * size, size, size);
    }
}

// Number of the code that lies nearest.
function nearestTo([first, second], codes) {
  let [best, smallest] = [0, Infinity];
  for (let index = 0; index < codes.shape[0]; index++) {
    const away = (codes.values[2 * index] - first) ** 2 + (codes.values[2 * index + 1] - second) ** 2;
    if (away < smallest) [best, smallest] = [index, away];
  }
  return best;
}

export default widget(manifold);
