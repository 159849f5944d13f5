// The survey builder: what is edited, kept, checked and published.

import { announce, begun, make, say } from "./begun.js";
import { Desk } from "./desk.js";
import { Keeping } from "./keeping.js";
import { Languages } from "./languages.js";
import { Outline } from "./outline.js";
import { estimate, fill, forms } from "./panels.js";
import { lists } from "./parts.js";
import { Preview } from "./preview.js";
import { publishing } from "./publishing.js";
import { spoken } from "./speaking.js";
import { Store } from "./store.js";

const store = new Store(begun.document);
const outline = new Outline(store);
const desk = new Desk(store, outline);
const keeping = new Keeping(store);
const preview = new Preview(store);
const languages = new Languages(store, keeping);
const root = document.getElementById("builder");
const tabs = [...root.querySelectorAll("[role=tab]")];
const askPlan = forms();

root.append(...lists());

function current() {
  return tabs.find((tab) => tab.getAttribute("aria-selected") === "true").dataset.panel;
}

function open(name) {
  for (const tab of tabs) {
    const isOpen = tab.dataset.panel === name;
    tab.setAttribute("aria-selected", String(isOpen));
    tab.tabIndex = isOpen ? 0 : -1;
    document.getElementById(`panel-${tab.dataset.panel}`).hidden = !isOpen;
  }
  refresh();
}

function refresh() {
  const name = current();
  if (name === "languages") languages.draw();
  if (name === "logic") fill(document.getElementById("logic"), begun.addresses.logic);
  if (name === "versions") fill(document.getElementById("versions"), begun.addresses.versions);
  if (name === "plan" && !document.getElementById("plan").childElementCount) askPlan();
  if (name === "questions") preview.draw(true);
}

function checked() {
  const { faults } = keeping.state;
  outline.mark(faults);
  desk.mark(faults);
  const list = document.getElementById("faults");
  const head = faults.length ? say("n_faults", { n: faults.length }) : say("no_faults");
  const items = faults.map((one) => make("li", {},
    make("button", { type: "button", class: "link", text: one.message, onclick: () => go(one.place) }), " ", make("span", { class: "qq sm", text: one.hint }), " ", make("code", { class: "xs", text: one.place })));
  const wasOpen = list.querySelector("details")?.open;
  list.replaceChildren(faults.length
    ? make("details", { open: wasOpen ? "" : null }, make("summary", { class: "odd", text: head }), make("ol", {}, ...items))
    : make("p", { class: "q sm", text: head }));
  document.getElementById("estimate").textContent = estimate(keeping.state);
}

// To a place in the document: a text of another language stands among the translations.
function go(pointer) {
  const owner = /^(\/pages\/\d+(\/questions\/\d+)?|\/endings\/\d+)/.exec(pointer)?.[0] ?? "";
  const language = pointer.slice(pointer.lastIndexOf("/") + 1);
  const isText = keeping.state.faults.some((one) => one.place === pointer && /text-missing|stale/.test(one.code));
  if (isText && language !== (store.document.language ?? "en")) {
    open("languages");
    languages.focus(pointer);
    return;
  }
  open("questions");
  store.select(owner);
  desk.focus(pointer);
}

function history() {
  document.getElementById("undo").disabled = !store.past.length;
  document.getElementById("redo").disabled = !store.future.length;
}

function back(isForward) {
  const what = isForward ? store.redo() : store.undo();
  if (what === null) return;
  const name = what === "edited" ? say("edited") : say(what);
  announce(say(isForward ? "redone" : "undone", { what: name }));
  if (current() === "languages") languages.draw();
}

store.addEventListener("changed", ({ detail }) => {
  if (detail === "typed") outline.retitle();
  else {
    outline.draw();
    desk.draw();
  }
  history();
  root.querySelector("h1").textContent = store.document.title?.[begun.reader] || spoken(store.document.title, store.document) || begun.key;
});
store.addEventListener("selected", () => {
  outline.choose();
  desk.draw();
  preview.draw();
});
store.addEventListener("rebuild", () => desk.draw());
store.addEventListener("wanted", () => {
  preview.draw();
  desk.root.querySelector(".b-group :is(input, textarea, select)")?.focus();
});
keeping.addEventListener("kept", () => {
  checked();
  if (current() === "questions") preview.draw(true);
  if (["logic", "versions"].includes(current())) refresh();
});

root.addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tab]");
  if (tab) open(tab.dataset.panel);
  const link = event.target.closest("a[href^='#/']");
  if (link) {
    event.preventDefault();
    go(link.getAttribute("href").slice(1));
  }
});
root.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  const next = tabs[(tabs.findIndex((tab) => tab.tabIndex === 0) + by + tabs.length) % tabs.length];
  open(next.dataset.panel);
  next.focus();
});
document.getElementById("undo").addEventListener("click", () => back(false));
document.getElementById("redo").addEventListener("click", () => back(true));
document.addEventListener("keydown", (event) => {
  // In a field the browser takes back what was typed there.
  if (!(event.ctrlKey || event.metaKey) || event.target.matches("input, textarea")) return;
  const key = event.key.toLowerCase();
  if (key !== "z" && key !== "y") return;
  event.preventDefault();
  back(key === "y" || event.shiftKey);
});
document.getElementById("publish")?.addEventListener("click", async () => {
  await keeping.keep();
  publishing(store, keeping, refresh);
});

outline.draw();
desk.draw();
checked();
history();
preview.draw();
keeping.restore();
document.getElementById("kept").textContent ||= say("kept");
root.dataset.ready = "1";
performance.mark("ready");
