// An image on which one chooses a place. Places are [from the left, from the bottom], each from 0 to 1.
const STEP = 0.02;
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] };
const inside = (value) => Math.min(1, Math.max(0, value));

function parts(model) {
  const map = document.createElement("div");
  map.className = "aeutils-map";
  map.setAttribute("aria-label", model.get("label"));
  map.setAttribute("role", model.get("fixed") ? "img" : "application");
  map.dataset.lmSuppressShortcuts = "true"; // JupyterLab leaves our arrow keys alone
  const image = document.createElement("img");
  image.alt = "";
  image.draggable = false;
  const mark = document.createElement("div");
  mark.className = "aeutils-mark";
  map.append(image, mark);
  return { map, image, mark };
}

function listen(map, model) {
  const go = (x, y) => {
    model.set("place", [inside(x), inside(y)]);
    model.save_changes();
  };
  const point = (event) => {
    const box = map.getBoundingClientRect();
    go((event.clientX - box.left) / box.width, (box.bottom - event.clientY) / box.height);
  };
  map.tabIndex = 0;
  map.addEventListener("pointerdown", (event) => {
    map.setPointerCapture(event.pointerId);
    point(event);
  });
  map.addEventListener("pointermove", (event) => map.hasPointerCapture(event.pointerId) && point(event));
  map.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    event.stopPropagation();
    const [x, y] = model.get("place").length ? model.get("place") : [0.5, 0.5];
    go(x + arrow[0], y + arrow[1]);
  });
}

function render({ model, el }) {
  const { map, image, mark } = parts(model);
  const url = URL.createObjectURL(new Blob([model.get("image")], { type: "image/png" }));
  image.src = url;
  const place = () => {
    const [x, y] = model.get("place");
    mark.hidden = x === undefined;
    mark.style.left = `${100 * x}%`;
    mark.style.bottom = `${100 * y}%`;
  };
  model.on("change:place", place);
  place();
  if (!model.get("fixed")) listen(map, model);
  el.append(map);
  return () => URL.revokeObjectURL(url);
}

export default { render };
