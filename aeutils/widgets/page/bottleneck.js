// One digit through bottlenecks of all sizes, beside PCA.
import { row, squaredError } from "./network.js";
import { imageSlider, inRow, shownImage, slider, widget } from "./page.js";

export function bottleneck({ fields, arrays, networks, add, explain, keepUp }) {
  const { sizes, testErrors } = fields;
  const update = keepUp(() => show(sizes[size.value], digit.value));
  const size = slider("latent variables", 0, sizes.length - 1, 3, update, { words: (index) => sizes[index] });
  const digit = imageSlider(arrays.images, "test digit", update);
  const shown = ["original", "autoencoder", "PCA"].map((title) => shownImage(title));
  add(size.root, digit.root, inRow(...shown.map((each) => each.root)));

  async function show(count, number) {
    const image = row(arrays.images, number);
    const made = [await networks[`autoencoder ${count}`](image), throughComponents(image, count, arrays)];
    const errors = made.map((each) => squaredError(each, image).toFixed(1));
    shown[0].show(image);
    made.forEach((each, index) => shown[index + 1].show(each, `error ${errors[index]}`));
    const means = testErrors[count].map((error) => error.toFixed(1));
    explain(
      `Test digit ${number} through ${count} latent variable${count > 1 ? "s" : ""}: the autoencoder's error is ` +
        `${errors[0]}, that of PCA ${errors[1]}. Over all test digits: ${means[0]} and ${means[1]}.`,
    );
  }
  update();
}

// The image's reconstruction from its first principal components.
function throughComponents(image, count, { mean, axes }) {
  const made = mean.values.slice();
  for (let component = 0; component < count; component++) {
    const axis = row(axes, component);
    const share = axis.reduce((sum, value, pixel) => sum + value * (image[pixel] - mean.values[pixel]), 0);
    axis.forEach((value, pixel) => (made[pixel] += share * value));
  }
  return made;
}

export default widget(bottleneck);
