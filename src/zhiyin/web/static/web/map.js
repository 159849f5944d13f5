// The map by keys, and the drawer of a touchpoint: arrows cross stages and lanes, Escape closes.
const drawer = document.getElementById("drawer");
let opener = null;

const close = () => {
  drawer.replaceChildren();
  opener?.focus();
  opener = null;
};

// Where a touchpoint stands: its row of the table, its column, and its place in the cell.
const placeOf = (node) => {
  const cell = node.closest("td");
  return { row: cell.parentElement, column: cell.cellIndex, at: [...cell.querySelectorAll(".node")].indexOf(node) };
};

const across = (node, step) => {
  const { row, column, at } = placeOf(node);
  for (let to = column + step; row.cells[to]; to += step) {
    const found = row.cells[to].querySelectorAll(".node");
    if (found.length) return found[Math.min(at, found.length - 1)];
  }
  return null;
};

const along = (node, step) => {
  const { row, column, at } = placeOf(node);
  const beside = row.cells[column].querySelectorAll(".node")[at + step];
  if (beside) return beside;
  const next = (one) => (step > 0 ? one.nextElementSibling : one.previousElementSibling);
  for (let to = next(row); to; to = next(to)) {
    const found = to.cells[column]?.querySelectorAll(".node") ?? [];
    if (found.length) return found[step > 0 ? 0 : found.length - 1];
  }
  return null;
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drawer?.hasChildNodes()) close();
  const node = event.target.closest?.(".map .node");
  if (!node || event.altKey || event.ctrlKey || event.metaKey) return;
  const to = { ArrowRight: () => across(node, 1), ArrowLeft: () => across(node, -1), ArrowDown: () => along(node, 1), ArrowUp: () => along(node, -1) }[event.key]?.();
  if (to) {
    event.preventDefault();
    to.focus();
  }
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target === drawer) opener = event.detail.elt;
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === drawer) drawer.focus();
});
drawer?.addEventListener("click", (event) => {
  if (!event.target.closest("[data-close]")) return;
  event.preventDefault();
  close();
});
if (new URLSearchParams(location.search).has("wall")) document.body.classList.add("wall");
