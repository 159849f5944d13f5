// Pages and questions in their order: chosen, added, moved by dragging or by keys, taken out.

import { announce, begun, button, make, say, typeOf } from "./begun.js";
import { get, insert, moved, movedQuestion, place, put } from "./store.js";
import { spoken, titleOf } from "./speaking.js";

const unique = (taken, base) => {
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? base : `${base.replace(/_\d+$/, "")}_${n}`;
    if (!taken.has(name.toLowerCase())) return name;
  }
};

const pageNames = (document) => new Set(document.pages.map((one) => one.name.toLowerCase()));
const names = (document) =>
  new Set(document.pages.flatMap((page) => page.questions.map((one) => one.name.toLowerCase())));

export class Outline {
  constructor(store) {
    this.store = store;
    this.root = document.getElementById("outline");
    this.root.addEventListener("keydown", (event) => this.#pressed(event));
    this.root.addEventListener("dragstart", (event) => this.#dragged(event));
    this.root.addEventListener("dragover", (event) => this.#over(event));
    this.root.addEventListener("dragleave", () => this.#clear());
    this.root.addEventListener("dragend", () => this.#clear());
    this.root.addEventListener("drop", (event) => this.#dropped(event));
    this.faulty = [];
  }

  draw() {
    const held = document.activeElement;
    const focused = this.root.contains(held) ? held.dataset.pointer : null;
    const { document: survey } = this.store;
    const pages = survey.pages.map((page, number) => this.#page(page, number));
    const endings = (survey.endings ?? []).map((one, number) =>
      make("li", {}, this.#row(`/endings/${number}`, `${say("ending", { n: number + 1 })} ${spoken(one.title ?? one.text ?? {}, survey)}`, one.shown_if)));
    this.root.replaceChildren(
      make("ol", { class: "b-list" },
        make("li", {}, this.#row("", say("survey"))),
        ...pages, ...endings),
      make("div", { class: "acts b-adds" },
        button("add_page", () => this.addPage()),
        button("add_ending", () => this.addEnding())));
    if (focused !== null && focused !== undefined) this.focus(focused);
  }

  // Only the words of one row, while somebody types.
  retitle() {
    const pointer = this.store.selected;
    const { document: survey } = this.store;
    const row = this.#at(pointer);
    if (row && place(pointer)?.question !== null && place(pointer)) {
      row.querySelector(".b-title").textContent = titleOf(get(survey, pointer), survey) || say("untitled");
    } else if (row && pointer.startsWith("/endings/")) {
      const one = get(survey, pointer);
      row.querySelector(".b-title").textContent = `${say("ending", { n: Number(pointer.split("/")[2]) + 1 })} ${spoken(one.title ?? one.text ?? {}, survey)}`;
    } else if (row && place(pointer)) {
      row.querySelector(".b-title").textContent = say("page_named", { name: get(survey, pointer).name });
    }
  }

  choose() {
    for (const row of this.root.querySelectorAll(".b-row")) {
      if (row.dataset.pointer === this.store.selected) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  }

  mark(faults) {
    this.faulty = faults;
    for (const row of this.root.querySelectorAll(".b-row")) this.#markRow(row);
  }

  focus(pointer) {
    this.#at(pointer)?.focus();
  }

  #at(pointer) {
    return [...this.root.querySelectorAll(".b-row")].find((row) => row.dataset.pointer === pointer);
  }

  #page(page, number) {
    const pointer = `/pages/${number}`;
    const { document: survey } = this.store;
    const questions = page.questions.map((one, count) =>
      make("li", { draggable: "true", "data-drag": `${pointer}/questions/${count}` },
        this.#row(`${pointer}/questions/${count}`, titleOf(one, survey) || say("untitled"), one.shown_if, typeOf(one.type)?.label ?? one.type)));
    return make("li", { draggable: "true", "data-drag": pointer, class: "b-page" },
      this.#row(pointer, say("page_named", { name: page.name }), page.shown_if),
      make("ol", {}, ...questions),
      this.#adder(number));
  }

  #row(pointer, title, condition = "", kind = "") {
    const row = make("button", { type: "button", class: "b-row", "data-pointer": pointer, title: place(pointer) ? say("drag") : null, onclick: () => this.store.select(pointer) },
      make("span", { class: "b-title", text: title }),
      kind && make("span", { class: "b-kind", text: kind }),
      condition && make("span", { class: "b-if", text: "◇", title: condition }, make("span", { class: "sr", text: say("conditional") })),
      make("span", { class: "b-odd", hidden: true, text: "▲" }, make("span", { class: "sr", text: say("faults_here") })));
    if (pointer === this.store.selected) row.setAttribute("aria-current", "true");
    this.#markRow(row);
    return row;
  }

  #markRow(row) {
    const { pointer } = row.dataset;
    const isPage = /^\/pages\/\d+$/.test(pointer);
    const isHere = (one) => {
      if (pointer === "") return !/^\/(pages|endings)\/\d/.test(one.place);
      if (isPage) return one.place.startsWith(`${pointer}/`) && !one.place.startsWith(`${pointer}/questions/`);
      return one.place === pointer || one.place.startsWith(`${pointer}/`);
    };
    row.querySelector(".b-odd").hidden = !this.faulty.some(isHere);
  }

  #adder(number) {
    const groups = Object.entries(begun.groups).map(([group, label]) =>
      make("optgroup", { label },
        ...begun.types.filter((one) => one.group === group).map((one) => make("option", { value: one.name, text: one.label, title: one.hint }))));
    const menu = make("select", { class: "b-add", "aria-label": `${say("add_question")}: ${say("page_named", { name: this.store.document.pages[number].name })}` },
      make("option", { value: "", text: `+ ${say("add_question")}` }), ...groups);
    menu.addEventListener("change", () => menu.value && this.addQuestion(number, menu.value));
    return menu;
  }

  addQuestion(number, kind) {
    const { document: survey } = this.store;
    const name = unique(names(survey), kind);
    const index = survey.pages[number].questions.length;
    const list = `/pages/${number}/questions`;
    const made = { name, type: kind, ...structuredClone(typeOf(kind).begins) };
    this.#build(insert(survey, list, index, made), "added", { name }, `${list}/${index}`, true);
  }

  addPage() {
    const { document: survey } = this.store;
    const name = unique(pageNames(survey), `p${survey.pages.length + 1}`);
    const index = survey.pages.length;
    this.#build(insert(survey, "/pages", index, { name, questions: [] }), "added", { name: say("page_named", { name }) }, `/pages/${index}`, true);
  }

  addEnding() {
    const { document: survey } = this.store;
    const all = survey.endings ?? [];
    // The last has no condition: a new one stands before it.
    const last = all.at(-1);
    const index = last && !last.shown_if ? all.length - 1 : all.length;
    const name = say("ending", { n: index + 1 });
    this.#build(insert(survey, "/endings", index, { title: {} }), "added", { name }, `/endings/${index}`, true);
  }

  remove(pointer) {
    const { document: survey } = this.store;
    const name = this.nameOf(pointer);
    const at = place(pointer);
    const next = !at || at.question === null ? "" : `/pages/${at.page}`;
    let without = put(survey, pointer, undefined);
    if (without.endings?.length === 0) without = put(without, "/endings", undefined);
    this.store.commit(without, { what: say("removed", { name }), selected: next });
    announce(say("removed", { name }), () => this.store.undo());
    this.focus(next);
  }

  duplicate(pointer) {
    const { document: survey } = this.store;
    const at = place(pointer);
    const copy = structuredClone(get(survey, pointer));
    const [list, index] = [pointer.slice(0, pointer.lastIndexOf("/")), Number(pointer.slice(pointer.lastIndexOf("/") + 1))];
    if (at && at.question === null) {
      const taken = names(survey);
      copy.name = unique(pageNames(survey), copy.name);
      for (const one of copy.questions) {
        one.name = unique(taken, one.name);
        delete one.series;
        taken.add(one.name.toLowerCase());
      }
    } else if (at) {
      copy.name = unique(names(survey), copy.name);
      delete copy.series;
    }
    this.#build(insert(survey, list, index + 1, copy), "copied", { name: copy.name ?? this.nameOf(pointer) }, `${list}/${index + 1}`);
  }

  // By one place; a question goes over the edge of its page.
  move(pointer, by) {
    const { document: survey } = this.store;
    const at = place(pointer);
    if (at && at.question !== null) {
      const to = neighbour(survey, at, by);
      if (to) this.moveQuestion(at, to);
      else announce(say("cannot_move"));
      return;
    }
    const list = pointer.slice(0, pointer.lastIndexOf("/"));
    const from = Number(pointer.slice(pointer.lastIndexOf("/") + 1));
    const all = get(survey, list);
    if (!list || from + by < 0 || from + by >= all.length) {
      announce(say("cannot_move"));
      return;
    }
    const word = at ? "moved_page" : "moved_in_list";
    this.#build(moved(survey, list, from, from + by), word, { name: at ? all[from].name : this.nameOf(pointer), place: from + by + 1, of: all.length }, `${list}/${from + by}`);
  }

  moveQuestion(from, to) {
    const { document: survey } = this.store;
    const { name } = survey.pages[from.page].questions[from.question];
    const found = movedQuestion(survey, from, to);
    const page = found.pages[to.page];
    this.#build(found, "moved", { name, place: to.question + 1, of: page.questions.length, page: page.name }, `/pages/${to.page}/questions/${to.question}`);
  }

  nameOf(pointer) {
    const one = get(this.store.document, pointer);
    const at = place(pointer);
    if (at && at.question === null) return say("page_named", { name: one.name });
    return one.name ?? say("ending", { n: Number(pointer.split("/")[2]) + 1 });
  }

  #build(document, word, blanks, selected, isNew = false) {
    const isInside = this.root.contains(globalThis.document.activeElement);
    this.store.commit(document, { what: say(word, blanks), selected });
    announce(say(word, blanks), () => this.store.undo());
    if (isNew) this.store.dispatchEvent(new CustomEvent("wanted"));
    else if (isInside) this.focus(selected);
  }

  #pressed(event) {
    const row = event.target.closest(".b-row");
    if (!row) return;
    const { pointer } = row.dataset;
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by && event.altKey && pointer) {
      event.preventDefault();
      this.move(pointer, by);
    } else if (by) {
      event.preventDefault();
      const all = [...this.root.querySelectorAll(".b-row")];
      all[all.indexOf(row) + by]?.focus();
    } else if (event.key === "Delete" && pointer) {
      event.preventDefault();
      this.remove(pointer);
    }
  }

  // Dragging

  #dragged(event) {
    const item = event.target.closest("[data-drag]");
    if (!item) return;
    event.stopPropagation();
    event.dataTransfer.setData("text/plain", item.dataset.drag);
    event.dataTransfer.effectAllowed = "move";
    this.dragging = item.dataset.drag;
  }

  #target(event) {
    const from = place(this.dragging ?? "");
    const item = event.target.closest("[data-drag]");
    if (!from || !item) return null;
    const over = place(item.dataset.drag);
    const box = item.getBoundingClientRect();
    const isAfter = event.clientY > box.top + box.height / 2;
    if (from.question === null) return { item: item.closest(".b-page"), from, page: over.page, isAfter };
    return { item, from, page: over.page, question: over.question, isAfter };
  }

  #over(event) {
    const found = this.#target(event);
    this.#clear();
    if (!found) return;
    event.preventDefault();
    found.item.classList.add(found.isAfter ? "b-after" : "b-before");
  }

  #clear() {
    for (const one of this.root.querySelectorAll(".b-after, .b-before")) one.classList.remove("b-after", "b-before");
  }

  #dropped(event) {
    const found = this.#target(event);
    this.#clear();
    this.dragging = null;
    if (!found) return;
    event.preventDefault();
    const { from, page, isAfter } = found;
    if (from.question === null) {
      const to = page + (isAfter ? 1 : 0) - (from.page < page + (isAfter ? 1 : 0) ? 1 : 0);
      if (to !== from.page) {
        const { document: survey } = this.store;
        this.#build(moved(survey, "/pages", from.page, to), "moved_page", { name: survey.pages[from.page].name, place: to + 1, of: survey.pages.length }, `/pages/${to}`);
      }
      return;
    }
    const length = this.store.document.pages[page].questions.length;
    let question = found.question === null ? (isAfter ? length : 0) : found.question + (isAfter ? 1 : 0);
    if (from.page === page && from.question < question) question -= 1;
    if (from.page !== page || from.question !== question) this.moveQuestion(from, { page, question });
  }
}

function neighbour(survey, at, by) {
  const to = at.question + by;
  if (to >= 0 && to < survey.pages[at.page].questions.length) return { page: at.page, question: to };
  const page = at.page + by;
  if (page < 0 || page >= survey.pages.length) return null;
  return { page, question: by < 0 ? survey.pages[page].questions.length : 0 };
}
