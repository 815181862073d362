// A square to draw on. Strokes are lists of points [x, y], each from 0 to 1 from the top left corner.
const SIDE = 504; // twice the size on the page, for fine screens
const STEP = 0.03;
const ARROWS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
const inside = (value) => Math.min(1, Math.max(0, value));

function paint(canvas, strokes, pen, cursor) {
  const context = canvas.getContext("2d");
  context.fillStyle = "black";
  context.fillRect(0, 0, SIDE, SIDE);
  Object.assign(context, { strokeStyle: "white", lineWidth: pen * SIDE, lineCap: "round", lineJoin: "round" });
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(stroke[0][0] * SIDE, stroke[0][1] * SIDE);
    stroke.forEach(([x, y]) => context.lineTo(x * SIDE, y * SIDE));
    context.stroke();
  }
  if (!cursor) return;
  Object.assign(context, { strokeStyle: cursor.down ? "#D55E00" : "#56B4E9", lineWidth: 5 });
  context.beginPath();
  context.arc(cursor.x * SIDE, cursor.y * SIDE, 14, 0, 2 * Math.PI);
  context.stroke();
}

function listenToPointer(canvas, drawing) {
  const point = (event) => {
    const box = canvas.getBoundingClientRect();
    return [inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height)];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    drawing.cursor = null;
    drawing.begin(point(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    const all = event.getCoalescedEvents?.() ?? [];
    (all.length ? all : [event]).forEach((each) => drawing.extend(point(each)));
  });
}

function listenToKeys(canvas, drawing) {
  canvas.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    const cursor = (drawing.cursor ??= { x: 0.5, y: 0.2, down: false });
    if (arrow) Object.assign(cursor, { x: inside(cursor.x + arrow[0]), y: inside(cursor.y + arrow[1]) });
    else cursor.down = !cursor.down;
    if (arrow && cursor.down) drawing.extend([cursor.x, cursor.y]);
    else if (cursor.down) drawing.begin([cursor.x, cursor.y]);
    else drawing.repaint();
  });
  canvas.addEventListener("blur", () => {
    drawing.cursor = null;
    drawing.repaint();
  });
}

function clearButton(drawing) {
  const button = Object.assign(document.createElement("button"), { className: "aeutils-clear", textContent: "Clear" });
  button.type = "button";
  button.addEventListener("click", () => drawing.clear()); // here and not in Python: the next stroke may come at once
  return button;
}

function padFor(model) {
  const canvas = Object.assign(document.createElement("canvas"), { className: "aeutils-pad", width: SIDE, height: SIDE });
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", model.get("label"));
  canvas.dataset.lmSuppressShortcuts = "true"; // JupyterLab leaves our keys alone
  return canvas;
}

function render({ model, el }) {
  const canvas = padFor(model);
  let strokes = structuredClone(model.get("strokes"));
  let waiting = false;
  const send = () => {
    waiting = false;
    model.set("strokes", structuredClone(strokes));
    model.save_changes();
  };
  const drawing = {
    cursor: null,
    repaint: () => paint(canvas, strokes, model.get("pen"), drawing.cursor),
    begin(place) {
      strokes.push([place]);
      drawing.changed();
    },
    extend(place) {
      if (!strokes.length) strokes.push([]); // somebody cleared it under the pen
      strokes.at(-1).push(place);
      drawing.changed();
    },
    clear() {
      strokes = [];
      drawing.changed();
    },
    changed() {
      drawing.repaint();
      if (!waiting) requestAnimationFrame(send); // at most one message for each frame of the screen
      waiting = true;
    },
  };
  model.on("change:strokes", () => {
    if (waiting) return; // what is on the page is newer
    strokes = structuredClone(model.get("strokes"));
    drawing.repaint();
  });
  listenToPointer(canvas, drawing);
  listenToKeys(canvas, drawing);
  drawing.repaint();
  el.append(canvas, clearButton(drawing));
}

export default { render };
