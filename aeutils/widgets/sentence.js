// A sentence that screen readers announce when it changes. It also names the handles of the explorer's sliders,
// which ipywidgets leaves nameless for them.
function nameHandles(explorer) {
  for (const slider of explorer.querySelectorAll(".widget-slider")) {
    const label = slider.querySelector(".widget-label")?.textContent;
    slider.querySelectorAll(".noUi-handle").forEach((handle) => handle.setAttribute("aria-label", label));
  }
}

function render({ model, el }) {
  const sentence = document.createElement("p");
  sentence.className = "aeutils-sentence";
  sentence.setAttribute("role", "status");
  const write = () => (sentence.textContent = model.get("text"));
  model.on("change:text", write);
  write();
  el.append(sentence);
  const timer = setInterval(() => {
    const explorer = el.closest(".aeutils-explorer");
    if (!explorer) return; // not on the page yet
    nameHandles(explorer);
    clearInterval(timer);
  }, 100);
  return () => clearInterval(timer);
}

export default { render };
