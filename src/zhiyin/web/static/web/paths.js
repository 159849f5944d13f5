// The graph of paths, for a pointer and for keys: what a node is joined to stands out, arrow keys go
// along, and the graph is made larger or smaller. Without this script every link works as it is.

const STEP = 1.25;

const graph = () => document.querySelector(".graph");
const nodes = (drawn) => [...drawn.querySelectorAll("[data-node]")];
const links = (drawn) => [...drawn.querySelectorAll("[data-before]")];

function light(drawn, node) {
  drawn.classList.toggle("looks", Boolean(node));
  const number = node?.dataset.node;
  const near = new Set([number]);
  for (const link of links(drawn)) {
    const { before, after } = link.dataset;
    const isNear = node && (before === number || after === number);
    link.classList.toggle("lit", Boolean(isNear));
    if (isNear) near.add(before).add(after);
  }
  for (const one of nodes(drawn)) one.classList.toggle("lit", Boolean(node) && near.has(one.dataset.node));
}

function neighbour(drawn, node, key) {
  const number = node.dataset.node;
  const all = nodes(drawn);
  if (key === "ArrowUp" || key === "ArrowDown") {
    const top = (one) => one.getBoundingClientRect().top;
    const layer = all.filter((one) => one.dataset.layer === node.dataset.layer).sort((a, b) => top(a) - top(b));
    return layer[layer.indexOf(node) + (key === "ArrowDown" ? 1 : -1)];
  }
  // The widest links are drawn last.
  const [from, to] = key === "ArrowRight" ? ["before", "after"] : ["after", "before"];
  const link = links(drawn).reverse().find((one) => one.dataset[from] === number);
  return link && all.find((one) => one.dataset.node === link.dataset[to]);
}

document.addEventListener("pointerover", (event) => {
  const drawn = graph();
  if (drawn?.contains(event.target)) light(drawn, event.target.closest("[data-node]"));
});
document.addEventListener("pointerout", (event) => {
  const drawn = graph();
  if (drawn?.contains(event.target)) light(drawn, null);
});
document.addEventListener("focusin", (event) => {
  const drawn = graph();
  if (drawn) light(drawn, drawn.contains(event.target) ? event.target.closest("[data-node]") : null);
});

document.addEventListener("keydown", (event) => {
  const drawn = graph();
  const node = document.activeElement?.closest?.(".graph [data-node]");
  if (!drawn || !node || !event.key.startsWith("Arrow")) return;
  event.preventDefault();
  neighbour(drawn, node, event.key)?.focus();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-zoom]");
  const drawn = graph();
  if (!button || !drawn) return;
  const by = Number(button.dataset.zoom);
  const width = drawn.getBoundingClientRect().width;
  drawn.setAttribute("width", by ? width * STEP ** by : drawn.parentElement.clientWidth);
});

const show = () => {
  for (const zoom of document.querySelectorAll(".zoom[hidden]")) zoom.hidden = false;
};
document.addEventListener("htmx:afterSwap", show);
show();
