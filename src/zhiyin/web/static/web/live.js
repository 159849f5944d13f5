// The live tail of events: rows as they come, by server-sent events. Where these fail, htmx asks
// for the newest rows every two seconds, as it does until the stream is open. Cells are filled as
// text, never as markup: what an event carries is anybody's.

const LOOK_SECONDS = 30;
const AGAIN_SECONDS = 5;

let table = null;
let source = null;
let isLive = false;
let isPaused = false;
let lost = 0;

function say() {
  const words = table.dataset;
  const state = isPaused ? words.paused : isLive ? words.live : words.asking;
  const missed = lost ? ` · ${words.lost} ${lost.toLocaleString("en")}` : "";
  document.getElementById("live-state").textContent = state + missed;
  const button = document.getElementById("live-pause");
  button.hidden = false;
  button.textContent = isPaused ? words.goOn : words.pause;
}

function add(event) {
  const rows = document.getElementById("tail-rows");
  if (rows.querySelector(`[data-seq="${Number(event.seq)}"]`)) return;
  const row = document.getElementById("tail-row").content.firstElementChild.cloneNode(true);
  row.dataset.seq = event.seq;
  for (const cell of row.querySelectorAll("[data-cell]")) {
    cell.textContent = event[cell.dataset.cell] ?? "–";
  }
  const who = row.querySelector("[data-base]");
  if (event.customer) who.href = `${who.dataset.base}${encodeURIComponent(event.customer)}/`;
  const link = row.querySelector("a");
  link.href = link.getAttribute("href").replace("/0/", `/${Number(event.seq)}/`);
  row.className = "fresh";
  setTimeout(() => row.classList.remove("fresh"), 2000);
  rows.querySelector("[colspan]")?.parentElement.remove();
  rows.prepend(row);
  while (rows.children.length > Number(table.dataset.most)) rows.lastElementChild.remove();
}

function look() {
  document.getElementById("tail-rows")?.dispatchEvent(new CustomEvent("renew"));
}

function close() {
  source?.close();
  source = null;
  isLive = false;
}

function listen(address) {
  close();
  source = new EventSource(address);
  source.addEventListener("open", () => {
    isLive = true;
    look(); // what came between the page and the stream
    say();
  });
  source.addEventListener("event", (message) => isPaused || add(JSON.parse(message.data)));
  source.addEventListener("look", () => isPaused || look());
  source.addEventListener("lost", (message) => {
    lost += JSON.parse(message.data).n;
    say();
  });
  source.addEventListener("error", () => {
    close();
    say();
    setTimeout(renew, AGAIN_SECONDS * 1000);
  });
}

// A stream ends with its pass; the page's own process says whether there is another.
async function renew() {
  if (isPaused || source || !table?.isConnected) return;
  const mine = table;
  try {
    const answer = await fetch(`${mine.dataset.pass}?${mine.dataset.query}`);
    if (answer.ok && !isPaused && mine === table) listen((await answer.json()).stream);
  } catch {
    setTimeout(renew, AGAIN_SECONDS * 1000);
  }
}

function begin() {
  const found = document.querySelector("#tail[data-stream]");
  if (found === table) return;
  close();
  table = found;
  lost = 0;
  if (!table) return;
  document.getElementById("live-pause").addEventListener("click", () => {
    isPaused = !isPaused;
    if (isPaused) close();
    else renew();
    if (!isPaused) look();
    say();
  });
  say();
  if (!isPaused) listen(table.dataset.stream);
}

// While the stream is open, or the reader has paused, htmx's own asking rests.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.id !== "tail-rows") return;
  const isAsked = event.detail.requestConfig.triggeringEvent?.type === "renew";
  if (isPaused ? !isAsked : isLive && !isAsked) event.preventDefault();
});
document.addEventListener("htmx:afterSettle", begin);
setInterval(() => isLive && !isPaused && look(), LOOK_SECONDS * 1000);
begin();
