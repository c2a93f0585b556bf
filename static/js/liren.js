/* Liren: small improvements of pages that already work without this file. Words come from data attributes. */

const body = document.body;
const word = (name) => body.dataset[`word${name}`] ?? "";
const typing = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

document.documentElement.classList.add("has-js");
for (const element of document.querySelectorAll("[data-js]")) element.hidden = false;
for (const element of document.querySelectorAll("[data-no-js]")) element.hidden = true; // the script does it by itself

/* ---------- the error summary gets the focus, so that it is read first ---------- */
document.querySelector("[data-focus]")?.focus();

/* on phones the rail is a row that scrolls: show where we are */
document.querySelector("#rail [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

/* ---------- one press, one request; a page that comes back from the back button is ready again ---------- */
const SEND_AGAIN_AFTER = 15000;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sending) {
    event.preventDefault();
    say(word("Sending"));
    return;
  }
  form.dataset.sending = "yes";
  const button = event.submitter;
  button?.setAttribute("aria-busy", "true");
  setTimeout(() => ready(form), SEND_AGAIN_AFTER);
});

function ready(form) {
  delete form.dataset.sending;
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
}

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) ready(form);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest?.("form");
  if (form) ready(form);
});
/* a press that failed is said in words; what refreshes by itself fails silently and tries again */
const pressed = /^(click|submit|change|input|keyup|search)$/;
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, (event) => {
    if (pressed.test(event.detail.requestConfig?.triggeringEvent?.type ?? "")) say(word("Failed"), "warn");
  });
}

function say(text, kind) {
  const region = document.getElementById("messages");
  if (!region || !text) return;
  const note = document.createElement("div");
  note.className = `lr-notice lr-notice--${kind === "warn" ? "soon" : "info"}`;
  const line = document.createElement("p");
  line.textContent = text;
  note.append(line);
  region.replaceChildren(note);
}

/* ---------- what can be taken back for some seconds: <form data-undo="9">; they run before the eyes, are said aloud at
   the middle and the end, and then the form is gone ---------- */
function countDown() {
  for (const form of document.querySelectorAll("form[data-undo]:not([data-running])")) {
    form.dataset.running = "yes";
    const whole = Number(form.dataset.undo);
    const end = performance.now() + whole * 1000;
    const shown = form.querySelector("[data-undo-left]");
    const spoken = form.querySelector("[data-undo-spoken]");
    const tick = () => {
      const left = Math.ceil((end - performance.now()) / 1000);
      const text = (form.dataset.wordLeft ?? "").replace("%(seconds)s", left);
      if (!form.isConnected || left <= 0) clearInterval(timer);
      if (shown) shown.textContent = text;
      if (spoken && left === Math.ceil(whole / 2)) spoken.textContent = text;
      if (left > 0 || form.dataset.sending || !form.isConnected) return;
      if (form.contains(document.activeElement)) document.getElementById("main")?.focus();
      form.remove();
      say(form.dataset.wordOver);
    };
    const timer = setInterval(tick, 500);
    tick();
  }
}
countDown();
document.addEventListener("liren:opened", countDown);

/* ---------- drafts save themselves: <form data-autosave> (or ="URL"); the words stand in [data-autosave-status] ---------- */
for (const form of document.querySelectorAll("form[data-autosave]")) {
  let timer = 0;
  let dirty = false;
  let composing = false;
  const status = form.querySelector("[data-autosave-status]") ?? form.appendChild(quietLine());

  const save = async (leaving) => {
    if (!dirty || composing) return;
    dirty = false;
    const data = new FormData(form);
    for (const input of form.querySelectorAll("input[type=file]")) data.delete(input.name);
    data.append("autosave", "1"); // the view keeps the draft and answers 204
    try {
      const answer = await fetch(form.dataset.autosave || location.href, {
        method: "POST", body: data, keepalive: leaving, headers: { "X-Requested-With": "fetch" },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      if (status) status.textContent = `${word("Saved")} ${new Date().toTimeString().slice(0, 5)}`;
    } catch {
      dirty = true;
      if (status) status.textContent = word("Unsaved");
      timer = setTimeout(() => save(false), 10000);
    }
  };
  form.addEventListener("compositionstart", () => { composing = true; });
  form.addEventListener("compositionend", () => { composing = false; });
  form.addEventListener("input", () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(() => save(false), 1500);
  });
  form.addEventListener("submit", () => { dirty = false; clearTimeout(timer); });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(true); });
}

function quietLine() {
  const line = document.createElement("p");
  line.className = "lr-small lr-muted lr-top-2";
  line.setAttribute("role", "status");
  return line;
}

/* ---------- counting along: <textarea data-count="2000"> ---------- */
for (const area of document.querySelectorAll("[data-count]")) {
  const limit = Number(area.dataset.count);
  const note = document.createElement("p");
  note.className = "lr-count";
  note.setAttribute("aria-live", "polite");
  area.after(note);
  const count = () => {
    const left = limit - [...area.value].length;
    note.classList.toggle("lr-late", left < 0);
    // Silent until it matters: a counter that talks at every key is noise.
    note.textContent = left > limit * 0.2 ? "" : word(left < 0 ? "Over" : "Left").replace("%(count)s", Math.abs(left));
  };
  area.addEventListener("input", count);
  count();
}

/* ---------- photos: shown at once, shrunk before they travel (GPS stays behind with the original) ---------- */
const LONGEST_SIDE = 2048;

for (const input of document.querySelectorAll("input[type=file]")) {
  const names = input.closest(".lr-file")?.querySelector("[data-file-names]");
  const preview = document.querySelector(`[data-photo-preview="${input.id}"]`) ?? (input.matches("[data-photos]") ? tiles(input) : null);
  input.addEventListener("change", async () => {
    if (input.hasAttribute("data-photos")) await shrink(input);
    const files = [...input.files];
    if (names) names.textContent = files.map((file) => file.name).join(" · ");
    if (preview) preview.replaceChildren(...files.filter(drawable).map(tile));
  });
}

function tiles(input) {
  const place = document.createElement("div");
  place.className = "lr-photos lr-top-2";
  input.closest(".lr-file").after(place);
  return place;
}

const drawable = (file) => /^image\/(jpeg|png|webp)$/.test(file.type);

function tile(file) {
  const figure = document.createElement("figure");
  figure.className = "lr-photo";
  const image = document.createElement("img");
  image.src = URL.createObjectURL(file);
  image.alt = "";
  image.onload = () => URL.revokeObjectURL(image.src);
  const caption = document.createElement("figcaption");
  caption.textContent = file.name;
  figure.append(image, caption);
  return figure;
}

async function shrink(input) {
  try {
    const carrier = new DataTransfer();
    for (const file of input.files) carrier.items.add(await smaller(file));
    input.files = carrier.files;
  } catch { /* an old browser sends the originals; the server shrinks them */ }
}

async function smaller(file) {
  if (!drawable(file)) return file;
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file; // not an image after all: the server says so in words
  }
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  if (scale === 1 && file.size < 1_500_000) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.86));
  return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }) : file;
}

/* ---------- menus close on Escape and on a press elsewhere; print buttons ---------- */
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) if (!menu.contains(event.target)) menu.open = false;
  if (event.target.closest?.("[data-print]")) print();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});

/* ---------- select all of a list: <input data-select-all> inside the table ---------- */
document.addEventListener("change", (event) => {
  const box = event.target;
  const table = box.closest?.("table");
  if (!table || box.type !== "checkbox") return;
  const rows = table.querySelectorAll("tbody input[type=checkbox]");
  if (box.matches("[data-select-all]")) for (const one of rows) one.checked = box.checked;
  for (const one of rows) one.closest("tr").classList.toggle("is-selected", one.checked);
  const chosen = [...rows].filter((one) => one.checked).length;
  for (const note of document.querySelectorAll("[data-selected-count]")) note.textContent = String(chosen);
  for (const bar of document.querySelectorAll("[data-needs-selection]")) bar.classList.toggle("is-wanted", chosen > 0);
});

/* ---------- deadline badges stay true while the page is open ---------- */
const DAY = 86400, HOUR = 3600, MINUTE = 60;

function spanWords(seconds, words, minutes) {
  const days = Math.floor(seconds / DAY), hours = Math.floor((seconds % DAY) / HOUR), left = Math.floor((seconds % HOUR) / MINUTE);
  const say = (name, count) => (words[count === 1 ? name : `${name}s`] ?? words[name]).replace("%(count)d", count);
  if (days >= 2) return say("day", days);
  if (days) return hours ? `${say("day", 1)} ${say("hour", hours)}` : say("day", 1);
  if (hours) return minutes && hours < 10 && left ? `${say("hour", hours)} ${say("minute", left)}` : say("hour", hours);
  return say("minute", Math.max(left, 1));
}

function refreshBadges() {
  const words = document.getElementById("due-words")?.dataset;
  if (!words) return;
  for (const badge of document.querySelectorAll("[data-due]")) {
    const left = (Date.parse(badge.dataset.due) - Date.now()) / 1000;
    const late = left <= 0;
    const form = badge.dataset.audience === "resident" ? (late ? words.residentLate : words.residentLeft) : (late ? words.late : words.left);
    badge.lastElementChild.textContent = form.replace("%(span)s", spanWords(Math.abs(left), words, !late));
    if (late && !badge.classList.contains("lr-tag--late")) {
      badge.classList.remove("lr-tag--soon", "lr-tag--active");
      badge.classList.add("lr-tag--late");
      const icon = document.getElementById("due-icons")?.content.querySelector("[data-level=late] svg");
      if (icon) badge.querySelector("svg")?.replaceWith(icon.cloneNode(true));
    }
  }
}
setInterval(refreshBadges, 60000);

/* ---------- shortcuts of staff lists; can be switched off, silent while typing or composing ---------- */
const dialog = document.getElementById("keys");
const keysOff = () => body.dataset.shortcuts === "off"; // kept with the person
const ROW = "[data-row], [data-rows] > tbody > tr"; // each row, or the rows of a marked table
let wanted = "";
const rows = () => [...document.querySelectorAll(ROW)];
const currentRow = () => rows().find((row) => row.classList.contains("is-current"));

function move(step) {
  const all = rows();
  if (!all.length) return;
  const now = currentRow();
  const next = now ? all[Math.min(Math.max(all.indexOf(now) + step, 0), all.length - 1)] : all[0];
  now?.classList.remove("is-current");
  next.classList.add("is-current");
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("[data-open], a")?.focus({ preventScroll: true });
}

const ACTIONS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => currentRow()?.querySelector("input[type=checkbox]")?.click(),
  o: () => currentRow()?.querySelector("[data-open], a")?.click(),
  Enter: () => currentRow()?.querySelector("[data-open], a")?.click(),
  "/": () => document.getElementById("cmd")?.focus(),
  "?": () => dialog?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  wanted = "";
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest?.("form[data-send]");
    if (form) { event.preventDefault(); form.requestSubmit(); }
    return;
  }
  if (!dialog || dialog.open || keysOff() || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  // Enter on a link, button or box already means something.
  if (event.key === "Enter" && event.target.closest?.("a, button, input, summary")) return;
  const action = ACTIONS[event.key] ?? (/^[a-z]$/.test(event.key) ? press(event.key) : null);
  if (!action) return;
  event.preventDefault();
  action();
});

/* <button data-key="a">: pressed by that key; <textarea data-key-focus="n">: that key goes there. Of several, the first
   that can be seen. Without one the current row is opened first, where the same key then finds its place. */
const seen = (selector) => [...document.querySelectorAll(selector)].find((element) => !element.disabled && element.checkVisibility());

function press(key) {
  const element = seen(`[data-key="${key}"]`);
  if (element) return () => element.click();
  const field = seen(`[data-key-focus="${key}"]`);
  if (field) return () => { field.focus(); field.scrollIntoView({ block: "center" }); };
  const row = "anr".includes(key) && currentRow()?.querySelector("[data-open]");
  if (!row) return null;
  const isOpen = row.getAttribute("aria-current") === "true"; // on its way: opening it again would take the focus away
  return () => { wanted = key; if (!isOpen) row.click(); };
}

/* the key that opened a row is pressed again when the request, and the desk inside it, have arrived */
for (const arrived of ["liren:opened", "htmx:afterSettle"]) {
  document.addEventListener(arrived, () => {
    const action = wanted && press(wanted);
    if (action) { wanted = ""; action(); }
  });
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-keys-open]")) dialog?.showModal();
});
if (dialog) {
  for (const opener of document.querySelectorAll("[data-keys-open]")) opener.hidden = false;
  for (const hint of document.querySelectorAll("[data-keys-hint]")) hint.hidden = keysOff();
}
