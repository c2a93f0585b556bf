/* On wide screens a row of a staff list opens beside the list; everywhere else it is a plain link. */
const wide = window.matchMedia("(min-width: 1200px)");

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-pane]");
  if (!link || !wide.matches || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const pane = document.querySelector(link.dataset.pane);
  if (!pane?.offsetParent || !window.htmx) return; // 大字版 shows one thing at a time
  event.preventDefault();
  for (const row of document.querySelectorAll("tr.is-current")) row.classList.remove("is-current");
  link.closest("tr")?.classList.add("is-current");
  window.htmx.ajax("GET", link.href, { target: pane, swap: "innerHTML" }).then(() => {
    pane.scrollTop = 0;
    pane.focus({ preventScroll: true });
  });
});
