// A guess before a figure: a button for each option, or a slider for a number. The kernel keeps it, and says so.
import { button, element, frame, sentence, slider } from "./page.js";

function render({ model, el }) {
  const root = frame("guess");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", `Your prediction: ${model.get("question").replace(/[*$]/g, "")}`);
  const take = (guess) => {
    model.set("guess", guess);
    model.save_changes();
  };
  const step = model.get("step");
  const made = step ? number(model, step, take) : choices(model, take);
  const said = sentence();
  root.append(...made.parts, said);
  const show = () => {
    made.show(model.get("guess"));
    said.textContent = model.get("said");
    for (const each of root.querySelectorAll("button, input")) each.disabled = model.get("is_closed");
  };
  for (const trait of ["guess", "said", "is_closed"]) model.on(`change:${trait}`, show);
  show();
  el.append(root);
}

function choices(model, take) {
  const buttons = model.get("options").map((option) => button(option, () => take(option)));
  const show = (guess) =>
    buttons.forEach((each) => each.setAttribute("aria-pressed", String(each.textContent === guess)));
  return { parts: buttons, show };
}

function number(model, step, take) {
  const [low, high] = model.get("options");
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  const words = (value) =>
    value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const chosen = slider("your guess", low, high, (low + high) / 2, () => {}, { step, words });
  const show = (guess) => {
    if (guess !== null) chosen.value = guess;
  };
  return { parts: [chosen.root, button("That is my guess", () => take(chosen.value))], show };
}

export default { render };
