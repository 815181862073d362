// The codes of images along their principal components, in standard deviations: scores, 0 for the average code.
import { row } from "./network.js";
import { clamp } from "./page.js";

// arrays: mean (latent), axes (components x latent), spread (components), scores (images x components).
export function codeSpace({ mean, axes, spread, scores }, limit) {
  const components = spread.values.length;
  const numbers = Array.from({ length: components }, (_, component) => component);
  return {
    components,
    count: scores.shape[0],
    // Scores of a code.
    along: (code) =>
      numbers.map((component) => {
        const axis = row(axes, component);
        const share = axis.reduce((sum, value, index) => sum + value * (code[index] - mean.values[index]), 0);
        return spread.values[component] > 0 ? share / spread.values[component] : 0;
      }),
    // The code at scores of the first components, the others at their average.
    code(place) {
      const code = mean.values.slice();
      place.forEach((score, component) =>
        row(axes, component).forEach((value, index) => (code[index] += score * spread.values[component] * value)),
      );
      return code;
    },
    // Number of the image whose code lies nearest, all components counted in units of the code.
    nearest(place) {
      let [best, smallest] = [0, Infinity];
      for (let image = 0; image < scores.shape[0]; image++) {
        let sum = 0;
        for (let component = 0; component < components && sum < smallest; component++) {
          const away = scores.values[image * components + component] - (place[component] ?? 0);
          sum += (away * spread.values[component]) ** 2;
        }
        if (sum < smallest) [best, smallest] = [image, sum];
      }
      return best;
    },
    // Where scores lie on the flat map: shares from the left and from the bottom.
    place: (point) => [0, 1].map((axis) => clamp((point[axis] / limit + 1) / 2, 0, 1)),
    // The places of the first images on the map; more would hide one another.
    places() {
      const shown = Math.min(1500, scores.shape[0]);
      return Array.from({ length: shown }, (_, image) => this.place(row(scores, image)));
    },
  };
}
