// Stages across, lanes down, touchpoints in their cells: chosen, added, moved by dragging or by keys.

import { begun, button, fill, make, say } from "../builder/begun.js";
import { at } from "./document.js";
import { initials, nameOf, partName, split } from "./naming.js";

const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

export class Grid {
  #isDragging = "";
  #isPressed = false;
  #isStale = false;
  #isComposing = false;
  #adding = null;

  constructor(store, moving, hearing, choose) {
    this.store = store;
    this.moving = moving;
    this.hearing = hearing;
    this.choose = choose;
    this.chosen = "";
    this.root = document.getElementById("grid");
    this.root.addEventListener("keydown", (event) => this.#pressed(event));
    this.root.addEventListener("pointerdown", () => {
      this.#isPressed = true;
    });
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => this.#released());
    this.root.addEventListener("dragstart", (event) => this.#dragged(event));
    this.root.addEventListener("dragover", (event) => this.#over(event));
    this.root.addEventListener("dragend", () => this.#ended());
    this.root.addEventListener("drop", (event) => this.#dropped(event));
  }

  get mayEdit() {
    return begun.may_edit && !matchMedia("(max-width: 760px)").matches;
  }

  draw() {
    // What is pressed, dragged, or typed by an input method, must not be taken from under the hand.
    if (this.#isPressed || this.#isDragging || this.#isComposing) {
      this.#isStale = true;
      return;
    }
    const held = document.activeElement;
    const isMine = this.root.contains(held) && held !== this.root;
    const focused = isMine ? held.dataset.part : null;
    const left = this.root.scrollLeft;
    const { map } = this.store;
    const table = make("table", { class: "ws-grid" },
      make("thead", {}, make("tr", {},
        make("td", {}),
        ...map.stages.map((one) => this.#head("stage", one, "col")),
        this.mayEdit && make("td", { class: "ws-more" }, this.#adder("stage")))),
      make("tbody", {},
        ...map.lanes.map((lane) => make("tr", {},
          this.#head("lane", lane, "row"),
          ...map.stages.map((stage) => this.#cell(stage, lane)),
          this.mayEdit && make("td", {}))),
        this.mayEdit && make("tr", {}, make("td", { class: "ws-more" }, this.#adder("lane")), ...map.stages.map(() => make("td", {})))));
    const isEmpty = !map.stages.length && !map.lanes.length;
    const typed = this.#typed();
    this.root.replaceChildren(...[isEmpty && this.mayEdit && make("p", { class: "q", text: say("empty") }), table].filter(Boolean));
    this.root.scrollLeft = left;
    if (focused) this.focus(focused);
    if (typed) this.#typeAgain(typed);
  }

  focus(part) {
    this.#at(part)?.focus();
  }

  #at(part) {
    return [...this.root.querySelectorAll("[data-part]")].find((one) => one.dataset.part === part);
  }

  mark(chosen) {
    this.chosen = chosen;
    for (const one of this.root.querySelectorAll("[data-part]")) this.#marked(one);
  }

  // Who is at what, without drawing all anew.
  present() {
    for (const one of this.root.querySelectorAll("[data-part]")) {
      one.querySelector(".ws-rings")?.remove();
      fill(one, this.#rings(one.dataset.part));
    }
  }

  #marked(one) {
    if (one.dataset.part === this.chosen) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }

  #rings(part) {
    const here = this.hearing.others.filter((one) => one.holds === part);
    if (!here.length) return null;
    return make("span", { class: "ws-rings" }, ...here.map((one) =>
      make("span", { class: "ws-ring", title: say("held_by", { name: one.name }) },
        make("span", { "aria-hidden": "true", text: initials(one.name) }),
        make("span", { class: "sr", text: ` ${say("held_by", { name: one.name })}` }))));
  }

  #button(part, held, more = {}) {
    const isOpen = [...this.store.open.values()].some((one) => `${one.part}:${one.target}` === part);
    const made = make("button", { type: "button", "data-part": part, onclick: () => this.choose(part), title: this.mayEdit ? say("drag") : null, ...more },
      make("span", { class: "ws-name", text: nameOf(held) }),
      isOpen && make("span", { class: "ws-odd", text: "▲" }, make("span", { class: "sr", text: ` ${say("undecided")}` })),
      this.#rings(part));
    this.#marked(made);
    return made;
  }

  #head(kind, held, scope) {
    const part = `${kind}:${held.id}`;
    return make("th", { scope, draggable: this.mayEdit ? "true" : null, "data-drag": part }, this.#button(part, held, { class: "ws-heading" }));
  }

  #cell(stage, lane) {
    const nodes = at(this.store.map, stage.id, lane.id).map((one) => {
      const isBound = one.events || one.answers;
      const made = this.#button(`node:${one.id}`, one, { class: isBound ? "ws-node" : "ws-node ws-unbound" });
      if (!isBound) made.append(make("span", { class: "sr", text: ` (${say("unbound")})` }));
      return make("li", { draggable: this.mayEdit ? "true" : null, "data-drag": `node:${one.id}` }, made);
    });
    return make("td", { "data-stage": stage.id, "data-lane": lane.id },
      make("ul", { class: "ws-cell" }, ...nodes),
      this.mayEdit && this.#adder("node", { stage: stage.id, lane: lane.id }, say("add_here", { stage: nameOf(stage), lane: nameOf(lane) })));
  }

  // Adding: a name is typed, and Enter makes the next one ready.

  #adder(kind, where = {}, label = say(`add_${kind}`)) {
    const key = `${kind} ${where.stage ?? ""} ${where.lane ?? ""}`;
    const made = make("div", { class: "ws-adder", "data-adder": key },
      button(`add_${kind}`, () => this.#begin(key, kind, where), { class: "link ws-add", "aria-label": label }));
    return made;
  }

  #begin(key, kind, where, text = "") {
    const place = [...this.root.querySelectorAll("[data-adder]")].find((one) => one.dataset.adder === key);
    if (!place) return;
    const field = make("input", { class: "field", value: text, placeholder: say("name_it"), "aria-label": place.querySelector("button").getAttribute("aria-label"), maxlength: 200 });
    this.#adding = { key, kind, where, field };
    place.replaceChildren(field);
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.isComposing) return;
      if (event.key === "Enter") this.#added(true);
      if (event.key === "Escape") this.#done();
    });
    field.addEventListener("compositionstart", () => {
      this.#isComposing = true;
    });
    field.addEventListener("compositionend", () => {
      this.#isComposing = false;
      this.#catchUp();
    });
    field.addEventListener("blur", () => {
      this.#isComposing = false;
      this.#added(false);
    });
    field.focus();
    field.setSelectionRange(text.length, text.length);
  }

  #added(isMore) {
    const held = this.#adding;
    if (!held) return;
    const text = held.field.value.trim();
    this.#adding = null;
    if (text) this.moving.add(held.kind, text, held.where);
    else this.draw();
    if (isMore && text) this.#begin(held.key, held.kind, held.where);
  }

  #done() {
    const held = this.#adding;
    this.#adding = null;
    this.draw();
    if (held) this.root.querySelector(`[data-adder="${CSS.escape(held.key)}"] button`)?.focus();
  }

  // What somebody is typing stays, while others change the map around it.
  #typed() {
    if (!this.#adding) return null;
    const { key, kind, where, field } = this.#adding;
    this.#adding = null;
    return { key, kind, where, text: field.value };
  }

  #typeAgain({ key, kind, where, text }) {
    this.#begin(key, kind, where, text);
  }

  // Keys

  #pressed(event) {
    const held = event.target.closest("[data-part]");
    const arrow = ARROWS[event.key];
    if (!held || event.ctrlKey || event.metaKey) return;
    const { part } = held.dataset;
    const { kind, target } = split(part);
    if (event.key === "Delete" && this.mayEdit) {
      event.preventDefault();
      const next = this.#neighbour(part, 0, 1) ?? this.#neighbour(part, 0, -1) ?? this.#neighbour(part, -1, 0);
      if (this.moving.remove(kind, target) && next) this.focus(next);
      return;
    }
    if (!arrow) return;
    event.preventDefault();
    if (!event.altKey) {
      const next = this.#neighbour(part, ...arrow);
      if (next) this.focus(next);
      return;
    }
    if (!this.mayEdit) return;
    if (kind === "node") this.moving.byArrow(target, ...arrow);
    else {
      const step = kind === "stage" ? arrow[0] : arrow[1];
      if (step) this.moving.by(kind, target, step);
    }
    this.focus(part);
  }

  // The part beside another one, as the eye goes.
  #neighbour(part, right, down) {
    const { map } = this.store;
    const { kind, target } = split(part);
    const columns = [map.lanes.map((one) => [`lane:${one.id}`]), ...map.stages.map((stage) => [
      [`stage:${stage.id}`],
      ...map.lanes.map((lane) => at(map, stage.id, lane.id).map((one) => `node:${one.id}`)),
    ])];
    columns[0].unshift([]);
    const x = columns.findIndex((column) => column.some((cell) => cell.includes(part)));
    const y = columns[x]?.findIndex((cell) => cell.includes(part));
    if (x < 0 || !kind || !target) return null;
    if (down) {
      const all = columns[x].flat();
      return all[all.indexOf(part) + down] ?? null;
    }
    for (let next = x + right; columns[next]; next += right) {
      const column = columns[next];
      const nearest = column[y]?.length ? column[y] : null;
      const index = columns[x][y].indexOf(part);
      if (nearest) return nearest[Math.min(index, nearest.length - 1)];
      if (kind === "node" && column.slice(1).flat().length) return column.slice(1).flat()[0];
    }
    return null;
  }

  // Dragging

  #dragged(event) {
    const item = event.target.closest("[data-drag]");
    if (!item || !this.mayEdit) return;
    event.stopPropagation();
    event.dataTransfer.setData("text/plain", partName(this.store.map, item.dataset.drag));
    event.dataTransfer.effectAllowed = "move";
    this.#isDragging = item.dataset.drag;
  }

  #target(event) {
    const { kind } = split(this.#isDragging);
    if (kind !== "node") {
      const item = event.target.closest(`[data-drag^="${kind}:"]`);
      if (!item) return null;
      const box = item.getBoundingClientRect();
      const isAfter = kind === "stage" ? event.clientX > box.left + box.width / 2 : event.clientY > box.top + box.height / 2;
      return { item, isAfter };
    }
    const cell = event.target.closest("td[data-stage]");
    if (!cell) return null;
    const item = event.target.closest('[data-drag^="node:"]');
    if (!item) return { item: cell, cell };
    const box = item.getBoundingClientRect();
    return { item, cell, over: item.dataset.drag, isAfter: event.clientY > box.top + box.height / 2 };
  }

  #over(event) {
    if (!this.#isDragging) return;
    const found = this.#target(event);
    this.#clear();
    if (!found) return;
    event.preventDefault();
    found.item.classList.add(found.isAfter === undefined ? "ws-into" : found.isAfter ? "ws-after" : "ws-before");
  }

  #clear() {
    for (const one of this.root.querySelectorAll(".ws-after, .ws-before, .ws-into")) one.classList.remove("ws-after", "ws-before", "ws-into");
  }

  #ended() {
    this.#clear();
    this.#isDragging = "";
    this.#catchUp();
  }

  // The click that a press ends in is for what was pressed: what came meanwhile is drawn after it.
  #released() {
    this.#isPressed = false;
    setTimeout(() => this.#catchUp());
  }

  #catchUp() {
    if (!this.#isStale || this.#isPressed || this.#isDragging || this.#isComposing) return;
    this.#isStale = false;
    this.draw();
  }

  #dropped(event) {
    const found = this.#isDragging && this.#target(event);
    const { kind, target } = split(this.#isDragging);
    this.#isDragging = "";
    if (found) {
      event.preventDefault();
      const { map } = this.store;
      if (kind === "node") {
        const { stage, lane } = found.cell.dataset;
        const others = at(map, stage, lane).filter((one) => one.id !== target);
        const over = others.findIndex((one) => `node:${one.id}` === found.over);
        this.moving.toCell(target, stage, lane, over < 0 ? others.length : over + (found.isAfter ? 1 : 0));
      } else {
        const list = (kind === "stage" ? map.stages : map.lanes).filter((one) => one.id !== target);
        const over = list.findIndex((one) => `${kind}:${one.id}` === found.item.dataset.drag);
        if (over >= 0) this.moving.toIndex(kind, target, over + (found.isAfter ? 1 : 0));
      }
    }
    this.#ended();
    this.draw();
  }
}
