// A digit of one's own, drawn by hand, through the autoencoder.
import { centreDigit } from "./centre.js";
import { codeSpace } from "./code_space.js";
import { squaredError } from "./network.js";
import { button, drawDigits, element, inRow, pad, pointMap, shownImage, widget } from "./page.js";

const SIDE = 280; // of the drawing before it is centred
const EMPTY =
  "Nothing is drawn yet. Draw a digit with mouse, pen or finger; with the keyboard, Space puts the pen down or " +
  "lifts it, and the arrow keys move it.";
const LABEL = "Square to draw on; Space puts the pen down or lifts it, arrow keys move it";

export function drawDigit({ fields, arrays, networks, add, explain, keepUp }) {
  const space = codeSpace(arrays, fields.limit);
  const labels = arrays.labels.values;
  const small = element("canvas", { width: SIDE, height: SIDE }).getContext("2d", { willReadFrequently: true });
  const ink = new Float32Array(SIDE * SIDE);
  let strokes = [];
  const changed = () => {
    square.paint();
    update();
  };
  const brush = {
    begin: (place) => {
      strokes.push([place]);
      changed();
    },
    extend: (place) => {
      if (!strokes.length) strokes.push([]); // it was cleared under the pen
      strokes.at(-1).push(place);
      changed();
    },
  };
  const square = pad(LABEL, brush, (context, size) => drawStrokes(context, size, strokes, fields.pen));
  const clear = button("Clear", () => {
    strokes = [];
    changed();
  });
  const [seen, returned] = ["what the network sees", "reconstruction"].map((title) => shownImage(title));
  const title = element("div", { className: "aeutils-title", textContent: "draw here" });
  const map = pointMap("Map of the codes with the drawing's");
  drawDigits(map.canvas, space.places(), labels);
  const left = element("div", { className: "aeutils-image" }, title, square.root, clear);
  add(inRow(left, seen.root, returned.root), map.root);

  const update = keepUp(async () => {
    drawStrokes(small, SIDE, strokes, fields.pen);
    const drawn = small.getImageData(0, 0, SIDE, SIDE).data;
    for (let pixel = 0; pixel < ink.length; pixel++) ink[pixel] = drawn[4 * pixel] / 255;
    const image = centreDigit(ink, SIDE, SIDE);
    seen.show(image);
    if (!strokes.length) {
      returned.show(image);
      map.place = [];
      explain(EMPTY);
      return;
    }
    const code = await networks.encoder(image);
    const made = await networks.decoder(code);
    const error = squaredError(made, image);
    const scores = space.along(code);
    returned.show(made, `error ${error.toFixed(1)}`);
    map.place = space.place(scores);
    explain(inWords(error, space.nearest(scores)));
  });

  function inWords(error, nearest) {
    const errors = arrays.errors.values;
    const smaller = errors.filter((each) => each < error).length / errors.length;
    return (
      `Its reconstruction error is ${error.toFixed(1)}; ${(100 * smaller).toFixed(0)}% of ` +
      `${errors.length.toLocaleString("en")} images have a smaller one. Nearest, in all components, is the code of ` +
      `image ${nearest}, the digit ${labels[nearest]}.`
    );
  }
  update();
}

// Strokes, lists of places from 0 to 1, in white on black; pen: their width as a share of the square's side.
function drawStrokes(context, size, strokes, pen) {
  context.fillStyle = "black";
  context.fillRect(0, 0, size, size);
  Object.assign(context, { strokeStyle: "white", lineWidth: pen * size, lineCap: "round", lineJoin: "round" });
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(stroke[0][0] * size, stroke[0][1] * size);
    context.lineTo(stroke[0][0] * size + 0.01, stroke[0][1] * size); // a stroke of no length would not be painted
    stroke.forEach(([x, y]) => context.lineTo(x * size, y * size));
    context.stroke();
  }
}

export default widget(drawDigit);
