// From one digit to another: in pixels, and in the latent space.
import { mixed, row, squaredError } from "./network.js";
import { imageSlider, inRow, shownImage, slider, widget } from "./page.js";

const percent = (share) => `${Math.round(100 * share)}%`;

export function blend({ arrays, networks, add, explain, keepUp }) {
  const { images } = arrays;
  const count = images.shape[0];
  const first = imageSlider(images, "first image", () => update());
  const second = imageSlider(images, "second image", () => update(), 1);
  const share = slider("from first to second", 0, 1, 0.5, () => update(), { step: 0.05, words: percent });
  const ends = ["first", "second"].map((title) => shownImage(title));
  const mixtures = ["mixed in pixels", "mixed in the latent space"].map((title) => shownImage(title));
  const roots = (shown) => inRow(...shown.map((each) => each.root));
  add(first.root, second.root, roots(ends), share.root, roots(mixtures));

  const update = keepUp(async () => {
    const pair = [row(images, first.value), row(images, second.value)];
    const codes = [await networks.encoder(pair[0]), await networks.encoder(pair[1])];
    const made = [mixed(...pair, share.value), await networks.decoder(mixed(...codes, share.value))];
    [...ends, ...mixtures].forEach((shown, index) => shown.show([...pair, ...made][index]));
    const [pixels, latent] = made.map((mixture) => nearestError(mixture, images).toFixed(1));
    explain(
      `${percent(share.value)} of the distance from image ${first.value} to image ${second.value}. How far is it ` +
        `from any real digit? The most similar of ${count.toLocaleString("en")} images differs by ${pixels} from the ` +
        `mixture in pixels, by ${latent} from that in the latent space.`,
    );
  });
  update();
}

// The squared difference between an image and the most similar of many.
function nearestError(image, images) {
  const { values, width, scale = 1 } = images;
  let smallest = Infinity;
  for (let begin = 0; begin < values.length; begin += width) {
    let sum = 0;
    for (let pixel = 0; pixel < width && sum < smallest; pixel++) {
      sum += (values[begin + pixel] * scale - image[pixel]) ** 2;
    }
    smallest = Math.min(smallest, sum);
  }
  return smallest;
}

export default widget(blend);
