// Which latent variables of several autoencoders respond to a digit, and what the decoder makes when one is changed.
import { row, squaredError } from "./network.js";
import { COLOURS, button, choice, clamp, element, imageSlider, inRow, shownImage, slider, widget } from "./page.js";

export function kindsOfCodes({ fields, arrays, networks, add, explain, keepUp }) {
  const { images } = arrays;
  let code = [0, 0];
  const range = () => fields.ranges[kind.value];
  const scaled = (share) => share * range(); // a slider's share of the largest value
  const kind = choice("kind of code", fields.kinds, () => anew());
  const digit = imageSlider(images, "digit", () => anew());
  const variable = slider("latent variable", 0, 1, 0, () => choose());
  const turned = slider("its value", -1, 1, 0, () => update(), { step: 0.01, words: (value) => scaled(value).toFixed(2) });
  const bars = element("canvas", { className: "aeutils-bars", width: 1200, height: 300, role: "img" });
  const side = Math.sqrt(images.shape[1]);
  const titles = ["original", "reconstruction", "with the changed variable"];
  const shown = titles.map((title) => shownImage(title, side, side));
  const back = button("Undo the change", () => choose());
  bars.addEventListener("pointerdown", (event) => {
    const box = bars.getBoundingClientRect();
    variable.value = Math.floor(((event.clientX - box.left) / box.width) * code.length);
    choose();
  });
  const controls = [kind, digit].map((each) => each.root);
  add(...controls, bars, variable.root, turned.root, back, inRow(...shown.map((each) => each.root)));

  async function anew() {
    code = await networks[`${kind.value} encoder`](row(images, digit.value));
    variable.root.querySelector("input").max = code.length - 1;
    variable.value = Math.min(variable.value, code.length - 1);
    choose();
  }

  function choose() {
    turned.value = clamp(code[variable.value] / range(), -1, 1);
    update();
  }

  const update = keepUp(async () => {
    const image = row(images, digit.value);
    const changed = Float32Array.from(code);
    const own = clamp(code[variable.value] / range(), -1, 1);
    if (Math.abs(turned.value - own) > 0.006) changed[variable.value] = scaled(turned.value);
    const decode = networks[`${kind.value} decoder`];
    const made = [await decode(Float32Array.from(code)), await decode(changed)];
    const errors = made.map((each) => squaredError(each, image).toFixed(1));
    shown[0].show(image);
    made.forEach((each, index) => shown[index + 1].show(each, `error ${errors[index]}`));
    draw(bars, changed, variable.value, range());
    const active = code.filter((value) => Math.abs(value) > 0.05 * range()).length;
    const words = `${active} of ${code.length} latent variables are above 5% of the largest`;
    bars.setAttribute("aria-label", `The code of digit ${digit.value}: ${words}`);
    explain(
      `${kind.value}: for digit ${digit.value}, ${words}. Variable ${variable.value} is ` +
        `${code[variable.value].toFixed(2)}, shown at ${changed[variable.value].toFixed(2)}.`,
    );
  });
  anew();
}

// The values of a code as bars, the chosen one in another colour.
function draw(canvas, code, chosen, range) {
  const context = canvas.getContext("2d");
  const { width, height } = canvas;
  const step = width / code.length;
  context.clearRect(0, 0, width, height);
  context.fillStyle = "#808080";
  context.fillRect(0, height / 2 - 1, width, 2);
  code.forEach((value, index) => {
    const tall = clamp(value / range, -1, 1) * (height / 2 - 4);
    context.fillStyle = index === chosen ? COLOURS[1] : COLOURS[0];
    context.fillRect(index * step, height / 2 - Math.max(tall, 0), Math.max(step - (step > 4 ? 2 : 0), 1), Math.abs(tall));
  });
}

export default widget(kindsOfCodes);
