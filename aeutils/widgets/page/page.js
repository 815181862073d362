// What explorers are made of in the page: sliders, images, a map, a square to draw on, a sentence for everyone.
import { floatsOf, network, unpack } from "./network.js";

export const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00"];
// One for each digit, those of the course's maps.
export const TEN = [
  ...["#332288", "#88CCEE", "#44AA99", "#117733", "#999933"],
  ...["#DDAA33", "#CC6677", "#882255", "#AA4499", "#777777"],
];
const SHOWN = "aeutils-shown"; // the event after which all that one change moved is on the page

export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
export const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(1);

// An HTML element with properties (those that hold a dash or role are attributes) and children.
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

export const inRow = (...children) => element("div", { className: "aeutils-row" }, ...children);
export const side = (...children) => element("div", { className: "aeutils-side" }, ...children);

export function button(text, action) {
  const made = element("button", { type: "button", className: "aeutils-button", textContent: text });
  made.addEventListener("click", action);
  return made;
}

// A slider from low to high. options: step, and words(value) for what it reads out. changed: called when it was moved.
export function slider(name, low, high, start, changed, { step = 1, words = String } = {}) {
  const input = element("input", { type: "range", min: low, max: high, step, value: start });
  const readout = element("output", { "aria-hidden": "true" });
  const write = () => {
    readout.textContent = words(Number(input.value));
    input.setAttribute("aria-valuetext", readout.textContent);
  };
  input.addEventListener("input", () => {
    write();
    changed();
  });
  write();
  return {
    root: element("label", { className: "aeutils-slider" }, element("span", { textContent: name }), input, readout),
    get value() {
      return Number(input.value);
    },
    set value(value) {
      input.value = value;
      write();
    },
  };
}

// A list to choose one of. names: what can be chosen.
export function choice(name, names, changed) {
  const options = names.map((each) => element("option", { value: each, textContent: each }));
  const list = element("select", { "aria-label": name }, ...options);
  list.addEventListener("change", changed);
  const root = element("label", { className: "aeutils-slider" }, element("span", { textContent: name }), list);
  return { root, get value() { return list.value; } };
}

export function imageSlider(images, name, changed, start = 0) {
  return slider(name, 0, Math.min(100, images.shape[0]) - 1, start, changed);
}

// Draw grey values, 0 black, one for each pixel of a canvas.
export function paint(canvas, values) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const pixels = context.createImageData(canvas.width, canvas.height);
  for (let at = 0; at < canvas.width * canvas.height; at++) {
    const level = Math.round(255 * clamp(values[at], 0, 1));
    pixels.data.set([level, level, level, 255], 4 * at);
  }
  context.putImageData(pixels, 0, 0);
}

// One grey image (height x width values, 0 black) with its title above and a line of text below.
export function shownImage(title, height = 28, width = 28) {
  const canvas = element("canvas", { width, height, role: "img", "aria-label": title });
  const caption = element("div", { className: "aeutils-caption" });
  const name = element("div", { className: "aeutils-title", textContent: title });
  return {
    root: element("div", { className: "aeutils-image" }, name, canvas, caption),
    canvas,
    show(values, words = "") {
      paint(canvas, values);
      caption.textContent = words;
      canvas.setAttribute("aria-label", words ? `${title}: ${words}` : title);
    },
  };
}

// Small grey images of which one is chosen, by click, tap or arrow keys. names: what screen readers call them. columns:
// how many stand in a row. chosen: called when another one is.
export function picker(label, names, columns, chosen) {
  const cells = names.map((name) =>
    element("button", { type: "button", className: "aeutils-cell", role: "radio", "aria-label": name }),
  );
  const root = element("div", { className: "aeutils-picker", role: "radiogroup", "aria-label": label }, ...cells);
  root.style.setProperty("--columns", columns);
  let value = 0;
  const mark = (next) => {
    value = next;
    cells.forEach((cell, index) => {
      cell.setAttribute("aria-checked", String(index === value));
      cell.tabIndex = index === value ? 0 : -1;
    });
  };
  const choose = (next) => {
    mark(next);
    chosen();
  };
  cells.forEach((cell, index) => cell.addEventListener("click", () => choose(index)));
  root.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    const next = value + arrow[0] - columns * arrow[1];
    if (!cells[next]) return;
    cells[next].focus();
    choose(next);
  });
  mark(0);
  return {
    root,
    get value() { return value; },
    set value(next) { mark(next); },
    // values: of a square image. name: what it is called from now on.
    draw(index, values, name) {
      const side = Math.sqrt(values.length);
      if (!cells[index].firstChild) cells[index].append(element("canvas", { width: side, height: side }));
      paint(cells[index].firstChild, values);
      cells[index].setAttribute("aria-label", name);
    },
  };
}

// A sentence that screen readers read out when it changes.
export function sentence() {
  return element("p", { className: "aeutils-sentence", role: "status" });
}

// A map of points on which one chooses a place: by click, by drag, or with the arrow keys. Places are [from the left,
// from the bottom], each from 0 to 1. chosen(place): called with each; without it the place is only shown.
export function pointMap(label, chosen) {
  const canvas = element("canvas", { width: 800, height: 800 });
  const mark = element("div", { className: "aeutils-mark", hidden: true });
  const root = element("div", { className: "aeutils-map", "aria-label": label }, canvas, mark);
  root.setAttribute("role", chosen ? "application" : "img");
  let place = [];
  const go = (next) => chosen(next.map((share) => clamp(share, 0, 1)));
  if (chosen) listenToMap(root, go, () => (place.length ? place : [0.5, 0.5]));
  return {
    root,
    canvas,
    set place(next) {
      place = next;
      mark.hidden = !place.length;
      mark.style.left = `${100 * place[0]}%`;
      mark.style.bottom = `${100 * place[1]}%`;
    },
  };
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function listenToMap(root, go, here) {
  const point = (event) => {
    const box = root.getBoundingClientRect();
    go([(event.clientX - box.left) / box.width, (box.bottom - event.clientY) / box.height]);
  };
  root.tabIndex = 0;
  root.addEventListener("pointerdown", (event) => {
    root.setPointerCapture(event.pointerId);
    point(event);
  });
  root.addEventListener("pointermove", (event) => root.hasPointerCapture(event.pointerId) && point(event));
  root.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    go(here().map((share, axis) => share + 0.02 * arrow[axis]));
  });
}

// Draw points as digits in their colours on a map. places: [[from the left, from the bottom], ...]. Each digit stands
// large at the median of its points, too.
export function drawDigits(canvas, places, labels) {
  const context = canvas.getContext("2d");
  const size = canvas.width;
  context.clearRect(0, 0, size, size);
  Object.assign(context, { textAlign: "center", textBaseline: "middle", strokeStyle: "#BBBBBB", lineWidth: 2 });
  for (const line of [[0, 0.5, 1, 0.5], [0.5, 0, 0.5, 1]]) {
    context.beginPath();
    context.moveTo(line[0] * size, line[1] * size);
    context.lineTo(line[2] * size, line[3] * size);
    context.stroke();
  }
  const write = ([across, up], digit) => {
    context.fillStyle = TEN[digit];
    context.fillText(digit, across * size, (1 - up) * size);
  };
  context.font = "17px sans-serif";
  places.forEach((place, index) => write(place, labels[index]));
  Object.assign(context, { font: "bold 58px sans-serif", strokeStyle: "white", lineWidth: 8, lineJoin: "round" });
  for (let digit = 0; digit < 10; digit++) {
    const own = places.filter((_, index) => labels[index] === digit);
    if (!own.length) continue;
    const middle = [0, 1].map((axis) => own.map((place) => place[axis]).sort((a, b) => a - b)[own.length >> 1]);
    context.strokeText(digit, middle[0] * size, (1 - middle[1]) * size);
    write(middle, digit);
  }
}

// A square to draw on with mouse, pen, finger or keyboard. brush: { begin(place), extend(place) }, places from 0 to 1
// from the top left corner. repaint(context, size) draws the square; the keyboard's cursor is drawn over it.
export function pad(label, brush, repaint) {
  const size = 504; // twice the size on the page, for fine screens
  const canvas = element("canvas", { className: "aeutils-pad", width: size, height: size, tabIndex: 0 });
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", label);
  let cursor = null;
  const paint = () => {
    const context = canvas.getContext("2d");
    repaint(context, size);
    if (!cursor) return;
    Object.assign(context, { strokeStyle: cursor.down ? "#D55E00" : "#56B4E9", lineWidth: 5 });
    context.beginPath();
    context.arc(cursor.x * size, cursor.y * size, 14, 0, 2 * Math.PI);
    context.stroke();
  };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map((x) => clamp(x, 0, 1));
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    cursor = null;
    brush.begin(place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    const all = event.getCoalescedEvents?.() ?? [];
    (all.length ? all : [event]).forEach((each) => brush.extend(place(each)));
  });
  canvas.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== " ") return;
    event.preventDefault();
    cursor ??= { x: 0.5, y: 0.2, down: false };
    if (arrow) {
      cursor.x = clamp(cursor.x + 0.03 * arrow[0], 0, 1);
      cursor.y = clamp(cursor.y - 0.03 * arrow[1], 0, 1);
      if (cursor.down) brush.extend([cursor.x, cursor.y]);
    } else {
      cursor.down = !cursor.down;
      if (cursor.down) brush.begin([cursor.x, cursor.y]);
    }
    paint();
  });
  canvas.addEventListener("blur", () => {
    cursor = null;
    paint();
  });
  paint();
  return { root: canvas, paint };
}

// A curve of numbers, the first at the left, as SVG. name: what they are; across: what they are counted in.
export function curve(name, across) {
  const root = element("div", { className: "aeutils-curve" });
  return {
    root,
    show(numbers) {
      if (!numbers.length) return void root.replaceChildren();
      const top = Math.max(...numbers) || 1;
      const places = numbers.map((number, index) => [
        40 + (370 * (index + 1)) / Math.max(numbers.length, 2),
        226 - (212 * number) / top,
      ]);
      const [x, y] = places.at(-1);
      const words = `${name} ${numbers.at(-1).toFixed(2)}`;
      root.innerHTML = `<svg viewBox="0 0 420 252" role="img" aria-label="${words}">
        <path d="M40 10V226H410" fill="none" stroke="currentColor" stroke-width="2"/>
        <polyline points="${places.map((place) => place.map(Math.round)).join(" ")}" fill="none"
          stroke="${COLOURS[0]}" stroke-width="4"/><circle cx="${x}" cy="${y}" r="7" fill="${COLOURS[0]}"/>
        <g font-size="18" fill="currentColor"><text x="36" y="24" text-anchor="end">${top.toFixed(0)}</text>
        <text x="22" y="226">0</text><text x="225" y="246" text-anchor="middle">${across}</text>
        <text x="235" y="28">${words}</text></g></svg>`;
    },
  };
}

// A function that runs update() now, or once more after the run that is under way: a slow kernel is asked no more than
// it can answer. When all is shown, the root says so by an event.
function keepingUp(root, update) {
  let isRunning = false;
  let isWanted = false;
  return async () => {
    isWanted = true;
    if (isRunning) return;
    isRunning = true;
    try {
      while (isWanted) {
        isWanted = false;
        await update();
      }
      root.dispatchEvent(new CustomEvent(SHOWN, { bubbles: true }));
    } finally {
      isRunning = false;
    }
  };
}

// What everything of one kind stands in.
export function frame(kind) {
  const root = element("div", { className: `aeutils-explorer aeutils-${kind.replaceAll("_", "-")}` });
  root.dataset.lmSuppressShortcuts = "true"; // JupyterLab leaves our keys alone
  root.addEventListener("keydown", (event) => event.stopPropagation());
  return root;
}

// Show an explorer in an element. build({ fields, arrays, networks, add, explain, keepUp }) makes it from what Python
// handed over. ask(name, values): the promise of what the kernel's network makes of values; null without a kernel.
// follow(trait, show): calls show(model) now and whenever the kernel changes the trait.
export function mount(build, el, fields, bytes, ask = null, follow = null) {
  const root = frame(fields.kind);
  el.append(root);
  const said = sentence();
  const arrays = unpack(fields.arrays, bytes);
  const networks = {};
  for (const [name, layers] of Object.entries(fields.networks)) networks[name] = network(layers, arrays);
  const unknown = Object.entries(fields.unknown);
  for (const [name] of unknown) networks[name] = (values) => ask(name, values);
  if (unknown.length) root.append(element("p", { className: "aeutils-note", textContent: kernelLine(unknown, ask) }));
  if (unknown.length && !ask) return () => {};
  const stop = build({
    ...{ fields, arrays, networks, follow },
    add: (...children) => root.append(...children, said),
    explain: (words) => (said.textContent = words),
    keepUp: (update) =>
      keepingUp(root, async () => {
        try {
          await update();
        } catch (error) {
          said.textContent = `This explorer stopped: ${error.message}`;
        }
      }),
  });
  return stop ?? (() => {});
}

function kernelLine(unknown, ask) {
  const layers = [...new Set(unknown.map(([, layer]) => layer))].join(", ");
  const why = `The page does not know this network's ${layers}`;
  return ask ? `${why}, so the kernel computes: it must be running.` : `${why}, and there is no kernel to ask.`;
}

// What anywidget wants of a module.
export function widget(build) {
  return {
    render({ model, el }) {
      const follow = (trait, show) => {
        model.on(`change:${trait}`, () => show(model));
        if (model.get(trait).byteLength) show(model);
      };
      return mount(build, el, model.get("fields"), model.get("data"), kernelOf(model), follow);
    },
  };
}

// A function that asks the kernel what one of its networks makes of values.
function kernelOf(model) {
  const waiting = new Map();
  let count = 0;
  model.on("msg:custom", ({ id }, [answer]) => {
    waiting.get(id)?.(floatsOf(answer));
    waiting.delete(id);
  });
  return (network, values) =>
    new Promise((resolve) => {
      const id = `${Date.now()} ${count++}`;
      waiting.set(id, resolve);
      model.send({ id, network }, undefined, [values.buffer]);
    });
}
