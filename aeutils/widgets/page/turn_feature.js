// One feature of a classifier's hidden layer turned by hand, and the classifier's answer beside it.
import { row } from "./network.js";
import { COLOURS, button, element, imageSlider, inRow, shownImage, slider, widget } from "./page.js";

const STRONGEST = 8;
const BARS = { width: 900, height: 300, below: 44 }; // of the canvas; below: where the digits are written

export function turnFeature({ fields, arrays, networks, add, explain, keepUp }) {
  const { images, activity, features, directions } = arrays;
  const labels = arrays.labels.values;
  const count = fields.numbers.length;
  const columns = Array.from({ length: count }, (_, feature) => strongest(features, feature));
  const range = () => 2 * columns[feature.value].most;
  const own = () => features.values[digit.value * count + feature.value];
  const digit = imageSlider({ shape: activity.shape }, "digit", () => anew());
  const feature = slider("feature", 0, count - 1, 0, () => choose(), { words: (index) => fields.numbers[index] });
  const turned = slider("its value", 0, 1, 0, () => change(), { step: 0.01, words: (share) => (share * range()).toFixed(2) });
  const back = button("Undo the change", () => choose());
  const bars = element("canvas", { className: "aeutils-bars", width: BARS.width, height: BARS.height, role: "img" });
  const shown = shownImage("digit");
  const few = Array.from({ length: STRONGEST }, (_, index) => shownImage(`digit ${index + 1} for which it is largest`));
  const strip = inRow(...few.map((each) => each.root));
  strip.classList.add("aeutils-small");
  const title = (text) => element("div", { className: "aeutils-title", textContent: text });
  const answers = element("div", { className: "aeutils-side" }, title("answer, outlined that before the change"), bars);
  add(digit.root, feature.root, turned.root, back, inRow(shown.root, answers), title("largest for these digits"), strip);
  let isTurned = false;

  function anew() {
    shown.show(row(images, digit.value));
    choose();
  }

  function choose() {
    columns[feature.value].images.forEach((number, index) => few[index].show(row(images, number)));
    turned.value = own() / range();
    isTurned = false;
    update();
  }

  function change() {
    isTurned = true;
    update();
  }

  const update = keepUp(async () => {
    const [before, now] = [own(), isTurned ? turned.value * range() : own()];
    const hidden = row(activity, digit.value);
    const direction = row(directions, feature.value);
    const moved = hidden.map((value, unit) => value + (now - before) * direction[unit]);
    const made = [await networks["last layer"](hidden), await networks["last layer"](moved)].map(shares);
    draw(bars, ...made);
    const [first, last] = made.map((answer) => `${best(answer)} with ${(100 * answer[best(answer)]).toFixed(0)}%`);
    bars.setAttribute("aria-label", `The classifier's answer: ${last}; before, ${first}`);
    const digits = columns[feature.value].images.map((number) => labels[number]);
    const most = digits.reduce((one, other) => (occurs(other, digits) > occurs(one, digits) ? other : one));
    explain(
      `Digit ${digit.value} is a ${labels[digit.value]}; the classifier says ${first}. Feature ` +
        `${fields.numbers[feature.value]} is ${before.toFixed(2)} for it; at ${now.toFixed(2)} the classifier says ` +
        `${last}. Of the ${digits.length} digits for which it is largest, ${occurs(most, digits)} are a ${most}.`,
    );
  });
  anew();
}

const occurs = (digit, digits) => digits.filter((each) => each === digit).length;
const best = (answer) => answer.indexOf(Math.max(...answer));

// Softmax: outputs as shares.
export function shares(outputs) {
  const most = Math.max(...outputs);
  const powers = Array.from(outputs, (output) => Math.exp(output - most));
  const sum = powers.reduce((one, other) => one + other);
  return powers.map((power) => power / sum);
}

// The largest value of a feature, and the images for which it is largest.
function strongest({ values, shape, width }, feature) {
  const numbers = Array.from({ length: shape[0] }, (_, image) => image);
  const value = (image) => values[image * width + feature];
  const images = numbers.sort((one, other) => value(other) - value(one)).slice(0, STRONGEST);
  return { images, most: value(images[0]) || 1 };
}

// The answer as bars, with that before the change as outlines.
function draw(canvas, before, now) {
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  const step = width / now.length;
  const tall = height - BARS.below;
  const colour = getComputedStyle(canvas).color;
  context.clearRect(0, 0, width, height);
  Object.assign(context, { font: "34px sans-serif", textAlign: "center", strokeStyle: colour, lineWidth: 3 });
  now.forEach((share, digit) => {
    context.fillStyle = digit === best(now) ? COLOURS[1] : COLOURS[0];
    context.fillRect((digit + 0.15) * step, tall * (1 - share), 0.7 * step, tall * share);
    context.strokeRect((digit + 0.15) * step, tall * (1 - before[digit]) + 1, 0.7 * step, tall * before[digit]);
    context.fillStyle = colour;
    context.fillText(digit, (digit + 0.5) * step, height - 8);
  });
}

export default widget(turnFeature);
