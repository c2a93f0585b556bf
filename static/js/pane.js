/* On wide screens a row of a staff list opens beside the list; everywhere else it is a plain link. Forms in the pane
   are plain posts. The page of one request leads back to the list it was opened from. */
const wide = window.matchMedia("(min-width: 1200px)");
const LIST = "liren.list";

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
  } catch (error) {
    if (error.name !== "AbortError") location.assign(link.href); // signed out, moved, offline: the page says it
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-pane]");
  if (!link || !wide.matches || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const pane = document.querySelector(link.dataset.pane);
  if (!pane) return;
  event.preventDefault();
  open(link, pane);
});

/* ---------- back to the same list, with its filters ---------- */
try {
  if (document.querySelector("a[data-pane], #queue")) sessionStorage.setItem(LIST, location.pathname + location.search);
  const back = document.querySelector("a[data-back-list]");
  const from = sessionStorage.getItem(LIST);
  if (back && from?.startsWith(back.pathname)) back.href = from;
} catch { /* no storage: back to the list's first page */ }
