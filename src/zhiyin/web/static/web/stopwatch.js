// A clock beside the seconds of each step: to start one stops the other, and writes what it took.
// Without this the seconds are typed.

let running = null; // { row, since }: the place of the step, and when its clock was started
let before = 0; // seconds that stood there already

const rows = () => [...document.querySelectorAll("#steps .step-row")];
const field = (row) => rows()[row]?.querySelector("[name=seconds]");
const passed = () => (performance.now() - running.since) / 1000;

function written(seconds) {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

function show() {
  const words = document.getElementById("steps").dataset;
  for (const [place, row] of rows().entries()) {
    const button = row.querySelector(".watch");
    const isRunning = running?.row === place;
    button.hidden = false;
    button.classList.toggle("runs", isRunning);
    button.setAttribute("aria-describedby", row.querySelector("[name=seconds]").id);
    button.textContent = isRunning ? `${words.stop} ${written(before + passed())}` : words.start;
  }
}

function stop() {
  const into = running && field(running.row);
  if (into) into.value = String(Math.round((before + passed()) * 10) / 10);
  running = null;
}

function press(row) {
  const wasHere = running?.row === row;
  stop();
  if (!wasHere) {
    before = Number.parseFloat(field(row).value) || 0;
    running = { row, since: performance.now() };
  }
  show();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".watch");
  if (button) press(rows().indexOf(button.closest(".step-row")));
});

// What is sent has the time so far; a row more leaves the clock running.
document.querySelector(".run-form").addEventListener("submit", stop);
document.addEventListener("htmx:afterSettle", () => {
  show();
  const last = rows().at(-1)?.querySelector("[name=says]");
  if (last && !last.value) last.focus();
});

setInterval(() => running && show(), 500);
show();
