// The explorers without Jupyter: in a site, in an exported page, in a file opened from the disk.
import { blend } from "./blend.js";
import { bottleneck } from "./bottleneck.js";
import { drawDigit } from "./draw_digit.js";
import { exchangeSymbols } from "./exchange_symbols.js";
import { kindsOfCodes } from "./kinds_of_codes.js";
import { latentMap } from "./latent_map.js";
import { manifold } from "./manifold.js";
import { noiseAndRepair } from "./noise_and_repair.js";
import { mount } from "./page.js";
import { turnFeature } from "./turn_feature.js";
import { watchItLearn } from "./watch_it_learn.js";

const EXPLORERS = {
  blend,
  bottleneck,
  draw_digit: drawDigit,
  exchange_symbols: exchangeSymbols,
  kinds_of_codes: kindsOfCodes,
  latent_map: latentMap,
  manifold,
  noise_and_repair: noiseAndRepair,
  turn_feature: turnFeature,
  watch_it_learn: watchItLearn,
};

// Show each explorer in the elements of the page that name it by data-explorer, instead of what they hold.
// explorers: {name: fields}. packed: their bytes, deflated, in base64. Where that fails, the page stays as it is.
export async function showAll(explorers, packed) {
  const bytes = await inflated(packed);
  for (const place of document.querySelectorAll("[data-explorer]")) {
    const fields = explorers[place.dataset.explorer];
    if (!fields) continue;
    const made = document.createElement("div");
    mount(EXPLORERS[fields.kind], made, fields, bytes);
    place.replaceChildren(made);
  }
}

async function inflated(packed) {
  const deflated = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new DataView(await new Response(stream).arrayBuffer());
}
