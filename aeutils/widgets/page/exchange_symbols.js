// A digit written in symbols: choose a place and another symbol, and see what the decoder makes of it.
import { row, squaredError } from "./network.js";
import { button, element, imageSlider, inRow, picker, shownImage, widget } from "./page.js";

const COLUMNS = 8; // of all symbols

export function exchangeSymbols({ arrays, networks, add, explain, keepUp }) {
  const { images, codebook, averages } = arrays;
  const side = Math.sqrt(arrays.symbols.width);
  const size = codebook.shape[0];
  const names = Array.from({ length: side * side }, (_, at) => `row ${Math.floor(at / side) + 1}, column ${(at % side) + 1}`);
  let own = [];
  let symbols = [];
  const digit = imageSlider(images, "digit", () => anew());
  const places = picker("Place in the digit", names, side, () => {
    all.value = symbols[places.value];
    update();
  });
  const every = Array.from({ length: size }, (_, symbol) => `symbol ${symbol}`);
  const all = picker("Symbol at this place", every, COLUMNS, () => {
    symbols[places.value] = all.value;
    update();
  });
  const patch = (symbol) => row(averages, symbol);
  every.forEach((name, symbol) => all.draw(symbol, patch(symbol), name));
  const shown = ["original", "decoded", "with your symbols"].map((title) => shownImage(title));
  const back = button("Undo all", () => anew());
  const titled = (title, picked) =>
    element("div", { className: "aeutils-image" }, element("div", { className: "aeutils-title", textContent: title }), picked.root);
  const palette = titled("choose its symbol", all);
  palette.classList.add("aeutils-palette");
  add(digit.root, inRow(titled("choose a place", places), palette), back, inRow(...shown.map((each) => each.root)));

  const decode = (written) => {
    const vectors = new Float32Array(written.length * codebook.width);
    written.forEach((symbol, at) => vectors.set(row(codebook, symbol), at * codebook.width));
    return networks.decoder(vectors);
  };

  function anew() {
    own = Array.from(row({ ...arrays.symbols, scale: 1 }, digit.value));
    symbols = [...own];
    all.value = symbols[places.value];
    update();
  }

  const update = keepUp(async () => {
    const image = row(images, digit.value);
    const made = [await decode(own), await decode(symbols)];
    const errors = made.map((each) => squaredError(each, image).toFixed(1));
    shown[0].show(image);
    made.forEach((each, index) => shown[index + 1].show(each, `error ${errors[index]}`));
    symbols.forEach((symbol, at) => places.draw(at, patch(symbol), `${names[at]}: symbol ${symbol}`));
    const count = symbols.filter((symbol, at) => symbol !== own[at]).length;
    const [here, before] = [symbols[places.value], own[places.value]];
    explain(
      `Digit ${digit.value}: ${count} of ${own.length} symbols exchanged. In ${names[places.value]} stands symbol ` +
        `${here}${here === before ? "" : ` instead of ${before}`}. Error ${errors[1]}; as it was written, ${errors[0]}.`,
    );
  });
  anew();
}

export default widget(exchangeSymbols);
