/* Covering parts of a photo: a rectangle drawn with the pointer fills the next empty row of numbers, and numbers that are
   typed are drawn. The form works without this script. Colours are in public.css. */

const SIDES = ["left", "top", "width", "height"];
const LEAST = 0.8; // hundredths of the picture: smaller than a slip of the finger

for (const form of document.querySelectorAll("[data-cover]")) start(form);

function start(form) {
  const frame = form.querySelector("[data-cover-frame]");
  const drawing = form.querySelector("[data-cover-draw]");
  const said = form.querySelector("[data-cover-said]");
  const rows = [...form.querySelectorAll("[data-area]")].map((row) => ({
    row,
    inputs: SIDES.map((side) => row.querySelector(`[data-side="${side}"]`)),
    clear: row.querySelector("[data-area-clear]"),
  }));
  const values = ({ inputs }) => inputs.map((input) => Number.parseFloat(input.value));
  const isEmpty = ({ inputs }) => inputs.every((input) => input.value === "");

  function draw() {
    drawing.replaceChildren(...rows.filter((one) => values(one).every(Number.isFinite)).map((one) => rectangle(...values(one))));
    let shownEmpty = false;
    for (const one of rows) { // of the empty rows only the next one is offered
      one.clear.hidden = isEmpty(one);
      one.row.hidden = isEmpty(one) && shownEmpty;
      shownEmpty ||= isEmpty(one);
    }
  }

  function at(event) {
    const box = frame.getBoundingClientRect();
    const part = (value, from, size) => Math.min(100, Math.max(0, ((value - from) / size) * 100));
    return [part(event.clientX, box.left, box.width), part(event.clientY, box.top, box.height)];
  }

  let from = null;
  let growing = null;
  frame.classList.add("is-drawable");
  frame.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    frame.setPointerCapture(event.pointerId);
    from = at(event);
    growing = rectangle(...from, 0, 0);
    drawing.append(growing);
  });
  frame.addEventListener("pointermove", (event) => {
    if (from) place(growing, ...between(from, at(event)));
  });
  frame.addEventListener("pointercancel", () => { from = null; draw(); });
  frame.addEventListener("pointerup", (event) => {
    if (!from) return;
    const area = between(from, at(event));
    from = null;
    const free = rows.find(isEmpty);
    if (area[2] >= LEAST && area[3] >= LEAST) {
      said.textContent = free ? form.dataset.label.replace("%(number)s", rows.indexOf(free) + 1) : form.dataset.full;
      free?.inputs.forEach((input, index) => { input.value = area[index].toFixed(1); });
    }
    draw();
  });
  form.addEventListener("input", draw);
  for (const one of rows) {
    one.clear.addEventListener("click", () => {
      for (const input of one.inputs) input.value = "";
      draw();
      one.inputs[0].focus();
    });
  }
  draw();
}

function between([x1, y1], [x2, y2]) {
  return [Math.min(x1, x2), Math.min(y1, y2), Math.abs(x1 - x2), Math.abs(y1 - y2)];
}

function rectangle(...area) {
  return place(document.createElementNS("http://www.w3.org/2000/svg", "rect"), ...area);
}

function place(element, left, top, width, height) {
  Object.entries({ x: left, y: top, width, height }).forEach(([name, value]) => element.setAttribute(name, value));
  return element;
}
