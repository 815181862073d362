// A training in the kernel, watched: one reconstruction sharpens and the error curve grows, epoch by epoch.
import { floatsOf, row, squaredError } from "./network.js";
import { curve, inRow, shownImage, widget } from "./page.js";

export function watchTraining({ fields, arrays, add, explain, follow }) {
  const original = shownImage("original", fields.height, fields.width);
  const reconstruction = shownImage("reconstruction", fields.height, fields.width);
  const line = curve("error", "epoch");
  const image = row(arrays.original, 0);
  original.show(image);
  add(inRow(original.root, reconstruction.root, line.root));
  follow("reconstruction", (model) => {
    const made = floatsOf(model.get("reconstruction"));
    const errors = model.get("errors");
    const own = squaredError(made, image).toFixed(1);
    reconstruction.show(made, `error ${own}`);
    line.show(errors);
    const last = errors.length;
    if (!last) explain(`Before training: this image's error is ${own}.`);
    else explain(`After epoch ${last}: error ${errors[last - 1].toFixed(2)}, this image's ${own}.`);
  });
}

export default widget(watchTraining);
