// The latent space as a map on which one walks.
import { codeSpace } from "./code_space.js";
import { button, drawDigits, inRow, pointMap, shownImage, side, signed, slider, widget } from "./page.js";

const NAMES = ["component 1 →", "component 2 ↑", "component 3", "component 4"];

export function latentMap({ fields, arrays, networks, add, explain, keepUp }) {
  const { limit } = fields;
  const space = codeSpace(arrays, limit);
  const labels = arrays.labels.values;
  const sliders = NAMES.slice(0, space.components).map((name, index) => {
    const end = index < 2 ? limit : Math.max(limit, 3); // the first two end at the edges of the map
    return slider(name, -end, end, 0, () => update(), { step: 0.1, words: signed });
  });
  const scores = () => sliders.map((each) => each.value);
  const go = (place) => {
    sliders.forEach((each, index) => index in place && (each.value = place[index]));
    update();
  };
  const map = pointMap("Map of the codes; arrow keys move the mark", (place) =>
    go(place.map((share) => (2 * share - 1) * limit)),
  );
  const decoded = shownImage("decoded");
  const home = button("Back to the average", () => go(sliders.map(() => 0)));
  drawDigits(map.canvas, space.places(), labels);
  add(inRow(map.root, side(decoded.root, ...sliders.map((each) => each.root), home)));

  const update = keepUp(async () => {
    const place = scores();
    decoded.show(await networks.decoder(space.code(place)));
    map.place = space.place(place);
    const nearest = space.nearest(place);
    explain(
      `At ${place.map(signed).join(", ")} standard deviations from the average code. The nearest of ` +
        `${space.count.toLocaleString("en")} codes is that of image ${nearest}, the digit ${labels[nearest]}.`,
    );
  });
  update();
}

export default widget(latentMap);
