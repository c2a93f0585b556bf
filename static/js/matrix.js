// The table of roles as a grid: the arrow keys walk its cells, Home and End its rows. Tab enters it once.
const grid = document.querySelector("[data-grid] table");
const cells = grid ? [...grid.rows].map((row) => [...row.cells].map((cell) => cell.querySelector("input[type=checkbox]"))).filter((row) => row.some(Boolean)) : [];
const place = (box) => { const row = cells.findIndex((one) => one.includes(box)); return [row, cells[row]?.indexOf(box)]; };

function enter(box) {
  for (const one of cells.flat()) if (one) one.tabIndex = one === box ? 0 : -1;
}
function walk(row, column, down, right) {
  for (let r = row + down, c = column + right; cells[r]?.length > c && c > 0; r += down, c += right) {
    if (cells[r][c]) return cells[r][c];
  }
}
enter(cells.flat().find(Boolean));
grid?.addEventListener("focusin", (event) => { if (event.target.matches("input[type=checkbox]")) enter(event.target); });
grid?.addEventListener("keydown", (event) => {
  if (!event.target.matches("input[type=checkbox]") || event.ctrlKey || event.altKey || event.metaKey) return;
  const [row, column] = place(event.target);
  const to = {
    ArrowDown: () => walk(row, column, 1, 0), ArrowUp: () => walk(row, column, -1, 0),
    ArrowRight: () => walk(row, column, 0, 1), ArrowLeft: () => walk(row, column, 0, -1),
    Home: () => cells[row].find(Boolean), End: () => cells[row].findLast(Boolean),
  }[event.key]?.();
  if (!to) return;
  event.preventDefault();
  to.focus();
  to.scrollIntoView({ block: "nearest", inline: "nearest" });
});
if (document.querySelector("#diff input[name=read]")) document.querySelector("#diff").scrollIntoView({ block: "nearest" });
