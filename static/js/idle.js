/* A session of staff ends when nothing happens for as long as the office allows. Before that the page asks; when it ends,
   what was typed goes to the server, for the same person on the same page. Nothing is written to this computer. */

const dialog = document.getElementById("idle");
const LIMIT = Number(dialog.dataset.minutes) * 60000;
const WARN = Math.min(120000, LIMIT / 2); // so long before the end the page asks
const TELL_EVERY = 60000; // typing without sending is told to the server at most so often
const BACKGROUND = "X-Liren-Background"; // what a page asks for by itself is no sign of somebody

let last = Date.now();
let told = last;
let over = false;
const tabs = new BroadcastChannel("liren-idle"); // other tabs of this browser share the session

function alive() {
  if (dialog.open || over) return; // only an answer to the question counts now
  stay();
}

function stay() {
  const before = last;
  last = Date.now();
  if (last - before > 5000) tabs.postMessage(last);
  if (last - told < TELL_EVERY) return;
  told = last;
  fetch(dialog.dataset.here).then((answer) => answer.json()).then((said) => { if (!said.signed_in) end(); }, () => { told = before; });
}

tabs.addEventListener("message", (event) => { last = Math.max(last, event.data); tick(); });
for (const sign of ["keydown", "pointerdown", "input", "wheel", "touchmove"]) {
  addEventListener(sign, alive, { passive: true, capture: true });
}

dialog.querySelector("[data-idle-stay]").addEventListener("click", () => { dialog.close(); told = 0; stay(); });
dialog.addEventListener("cancel", () => { if (!over) { told = 0; stay(); } }); // Escape is an answer, too

function tick() {
  const left = last + LIMIT - Date.now();
  if (left <= 0) end();
  else if (left <= WARN) ask(left);
  else if (dialog.open && !over) dialog.close();
}
setInterval(tick, 5000);
document.addEventListener("visibilitychange", tick); // a laptop that was shut wakes up

function ask(left) {
  const words = dialog.dataset;
  const minutes = Math.ceil(left / 60000);
  const text = left < 60000 ? words.wordLeftOne : words.wordLeft.replace("%(minutes)s", minutes);
  const place = dialog.querySelector("[data-idle-left]");
  if (place.textContent !== text) place.textContent = text; // said aloud when it changes
  if (!dialog.open) dialog.showModal();
}

/* ---------- the end ---------- */
async function end() {
  if (over) return;
  over = true;
  const data = new FormData();
  data.append("page", location.pathname);
  data.append("forms", JSON.stringify(typed()));
  data.append("csrfmiddlewaretoken", JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"]);
  try {
    const answer = await fetch(dialog.dataset.keep, { method: "POST", body: data });
    if (!answer.ok) throw new Error(String(answer.status));
    const { kept } = await answer.json();
    const query = new URLSearchParams({ next: location.pathname + location.search, ended: kept ? "kept" : "idle" });
    location.replace(`${dialog.dataset.door}?${query}`);
  } catch {
    over = false; // the next tick tries again
    dialog.dataset.over = "yes"; // nobody reads what lies behind it
    dialog.querySelector("[data-idle-left]").textContent = dialog.dataset.wordFailed;
    if (!dialog.open) dialog.showModal();
  }
}

const secret = (field) => field.type === "password" || field.autocomplete === "one-time-code";

const NOTHING_TYPED = /^(hidden|file|submit|button|reset|image)$/;

function changed(field) {
  if (!field.name || NOTHING_TYPED.test(field.type) || secret(field)) return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected) && !untouched(field);
  return field.value !== field.defaultValue;
}

/* a choice of one without a chosen default shows its first */
function untouched(field) {
  return !field.multiple && field.selectedIndex === 0 && ![...field.options].some((option) => option.defaultSelected);
}

function typed() {
  const forms = [];
  for (const form of document.querySelectorAll("form[method=post]")) {
    if (![...form.elements].some(changed)) continue;
    const hidden = new Set([...form.elements].filter(secret).map((field) => field.name));
    const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !hidden.has(name));
    const address = form.getAttribute("hx-post") || form.getAttribute("action") || location.pathname;
    forms.push({ action: new URL(address, location.href).pathname, fields });
  }
  return forms;
}

/* ---------- HTMX: what is asked for by itself, and answers that would take the page away ---------- */
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.detail.triggeringEvent) event.detail.headers[BACKGROUND] = "1";
  if (Date.now() > last + LIMIT) { // woken up: first keep what was typed
    event.preventDefault();
    end();
  }
});
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Redirect")?.startsWith(dialog.dataset.door)) {
    event.preventDefault(); // signed out somewhere else
    end();
  }
});
