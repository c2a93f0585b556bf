/* On wide screens a row of a staff list opens beside the list; everywhere else it is a plain link. Forms in the pane
   are plain posts. The page of one request leads back to the list it was opened from. */
const wide = window.matchMedia("(min-width: 1200px)");
const LIST = "liren.list";
const ROWS = "liren.rows";

let asking;

async function open(link, pane) {
  asking?.abort();
  asking = new AbortController();
  for (const row of document.querySelectorAll("tr.is-current")) row.classList.remove("is-current");
  for (const other of document.querySelectorAll("a[data-pane][aria-current]")) other.removeAttribute("aria-current");
  link.closest("tr")?.classList.add("is-current");
  link.setAttribute("aria-current", "true");
  pane.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(link.href, { headers: { "HX-Request": "true" }, signal: asking.signal });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    pane.innerHTML = await answer.text(); // our own page, asked for by ourselves
    window.htmx?.process(pane);
    pane.removeAttribute("aria-busy");
    pane.scrollTop = 0;
    pane.focus({ preventScroll: true });
    document.dispatchEvent(new Event("liren:opened"));
  } catch (error) {
    if (error.name !== "AbortError") location.assign(link.href); // signed out, moved, offline: the page says it
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-pane]");
  if (link) remember();
  if (!link || !wide.matches || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const pane = document.querySelector(link.dataset.pane);
  if (!pane) return;
  event.preventDefault();
  open(link, pane);
});

/* ---------- back to the same list, with its filters, or on to its next row ---------- */
function remember() {
  const rows = [...document.querySelectorAll("a[data-pane]")].map((link) => link.pathname);
  try { sessionStorage.setItem(ROWS, JSON.stringify(rows)); } catch { /* no storage: only back to the list */ }
}
try {
  const onward = document.querySelector("a[data-next-row]");
  const rows = onward ? JSON.parse(sessionStorage.getItem(ROWS) ?? "[]") : [];
  const next = rows[rows.findIndex((row) => location.pathname.startsWith(row)) + 1];
  if (next && next !== rows[0]) {
    onward.href = next;
    onward.hidden = false;
  }
  if (document.querySelector("a[data-pane], #queue")) sessionStorage.setItem(LIST, location.pathname + location.search);
  const back = document.querySelector("a[data-back-list]");
  const from = sessionStorage.getItem(LIST);
  if (back && from?.startsWith(back.pathname)) back.href = from;
} catch { /* no storage: back to the list's first page */ }

/* ---------- colleagues see that somebody writes here; half a minute without a key, and it is over ---------- */
const PAUSE = 30000;
let pausing;
document.addEventListener("input", (event) => {
  const flag = document.getElementById("presence-writing");
  if (!flag || !event.target.closest?.("#request textarea, #desk textarea")) return;
  flag.value = "1";
  clearTimeout(pausing);
  pausing = setTimeout(() => { flag.value = ""; }, PAUSE);
});

/* ---------- a filled template goes into the answer, where it may still be changed ---------- */
const answer = () => document.querySelector('form[action$="/reply/"]:not([data-fill-reply]) textarea[name=text]');
document.addEventListener("htmx:afterSettle", () => {
  for (const form of document.querySelectorAll("form[data-fill-reply]")) {
    form.querySelector("[data-fill]").hidden = !answer();
    form.querySelector("[data-plain]").hidden = Boolean(answer());
  }
});
document.addEventListener("click", (event) => {
  const filled = event.target.closest?.("[data-fill]")?.form.querySelector("textarea");
  const target = answer();
  if (!filled || !target) return;
  target.value = target.value.trim() ? `${target.value.trimEnd()}\n\n${filled.value}` : filled.value;
  target.dispatchEvent(new Event("input", { bubbles: true }));
  target.focus();
});

/* ---------- a page left open on a matter that was handed to somebody else stops asking ---------- */
document.addEventListener("htmx:responseError", (event) => {
  const asks = event.detail.elt;
  if (event.detail.xhr.status === 404 && asks.getAttribute("hx-trigger")?.includes("every")) asks.remove();
});
