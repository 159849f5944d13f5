// The workshop: several people edit one map at once, and each sees what the others do.

import { announce, begun, button, make, say } from "../builder/begun.js";
import { addDialog } from "./adding.js";
import { Clashes } from "./clashes.js";
import { Desk } from "./desk.js";
import { lists } from "./fields.js";
import { Grid } from "./grid.js";
import { drawPresent, Hearing } from "./hearing.js";
import { drawVersion, keepDialog, keptBy } from "./keeping.js";
import { marks } from "./marks.js";
import { Moving } from "./moving.js";
import { about, partName, spoken, valueWords } from "./naming.js";
import { Sending } from "./sending.js";
import { Store } from "./store.js";

const store = new Store(begun);
const hearing = new Hearing(store);
const sending = new Sending(store);
const moving = new Moving(store, () => back(false));
const grid = new Grid(store, moving, hearing, choose);
const clashes = new Clashes(store, hearing, (part) => choose(part));
const desk = new Desk(store, moving, clashes, grid);
const root = document.getElementById("workshop");
const narrow = matchMedia("(max-width: 760px)");
let isLive = true;

root.append(...lists());
marks(desk.root);

function choose(part, isFocused = true) {
  desk.open(part);
  grid.mark(desk.part);
  hearing.hold(desk.part);
  root.classList.toggle("ws-open", Boolean(desk.part));
  if (desk.part && isFocused) desk.focus();
}

function draw() {
  grid.draw();
  const { part } = desk;
  desk.refresh();
  if (part !== desk.part) choose("", false);
  clashes.draw();
  drawVersion(store);
  history();
  const title = spoken(store.map.name) || begun.key;
  const head = root.querySelector("h1");
  if (head.textContent !== title) head.textContent = title;
}

function history() {
  document.getElementById("undo").disabled = !store.past.length;
  document.getElementById("redo").disabled = !store.future.length;
}

function back(isForward) {
  const what = isForward ? store.redo() : store.undo();
  if (what === null) announce(say(isForward ? "nothing_again" : "nothing_back"));
  else announce(say(isForward ? "redone" : "undone", { what }));
}

// What the server could not do is not lost: it is said, with what was written.
function refused({ detail }) {
  if (!detail.problem || desk.refused(detail)) return;
  const { op, problem } = detail;
  const note = make("div", { class: "note bad", role: "alert" },
    make("p", { text: say("refused", { what: about(store.map, op), why: `${problem.message} ${problem.hint ?? ""}` }) }),
    op.does === "set" && make("p", { text: say("refused_wrote", { value: valueWords(op.field, op.value) }) }),
    op.does === "add" && make("p", { text: say("refused_wrote", { value: spoken(op.value.name) }) }),
    button("dismiss", () => note.remove()));
  document.getElementById("refused").append(note);
}

function present() {
  grid.present();
  drawPresent(hearing, (part) => partName(store.map, part), isLive);
}

store.addEventListener("changed", draw);
store.addEventListener("refused", refused);
hearing.addEventListener("present", present);
hearing.addEventListener("live", ({ detail }) => {
  isLive = detail;
  present();
});
hearing.addEventListener("version", ({ detail }) => keptBy(store, detail));
hearing.addEventListener("over", () => {
  root.querySelector(".ws-work").inert = true;
  announce(say("gone"));
});
desk.root.addEventListener("closed", () => choose(""));
// What may be done changes with the width; what was chosen stays.
narrow.addEventListener("change", () => {
  choose(desk.part, false);
  grid.draw();
});
document.getElementById("about").addEventListener("click", () => choose("map:"));
document.getElementById("undo").addEventListener("click", () => back(false));
document.getElementById("redo").addEventListener("click", () => back(true));
document.getElementById("keep").addEventListener("click", () => keepDialog(store));
document.addEventListener("keydown", (event) => {
  // In a field the browser takes back what was typed there.
  if (!(event.ctrlKey || event.metaKey) || event.target.matches("input:not([type=checkbox]), textarea")) return;
  const key = event.key.toLowerCase();
  if (!grid.mayEdit || (key !== "z" && key !== "y")) return;
  event.preventDefault();
  back(key === "y" || event.shiftKey);
});

choose("", false);
draw();
drawPresent(hearing, (part) => partName(store.map, part), isLive);
hearing.listen(begun.stream);
sending.bringBack();
if (begun.add && grid.mayEdit && store.map.stages.length && store.map.lanes.length) addDialog(store, moving, choose);
root.dataset.ready = "1";
