// All that can be said of what was chosen, beside the grid.

import { begun, button, make, say } from "../builder/begun.js";
import { find, same } from "./document.js";
import { control } from "./fields.js";
import { nameOf, split, valueWords } from "./naming.js";

export class Desk {
  constructor(store, moving, clashes, grid) {
    this.store = store;
    this.moving = moving;
    this.clashes = clashes;
    this.grid = grid;
    this.root = document.getElementById("desk");
    this.part = "";
    this.fields = [];
    store.addEventListener("leaving", () => this.#commit());
  }

  #commit() {
    for (const one of this.fields) one.commit();
  }

  // Another part: the form is made anew; what was being written is sent first.
  open(part) {
    this.#commit();
    this.part = part;
    this.fields = [];
    const { kind, target } = split(part);
    const held = part && find(this.store.map, kind, target);
    if (!held) {
      this.part = "";
      this.root.replaceChildren(make("p", { class: "q", text: say("choose") }));
      return;
    }
    const title = kind === "map" ? say("about_map") : nameOf(held);
    this.clash = make("div", {});
    this.root.replaceChildren(
      make("header", {},
        make("h2", { tabindex: -1 }, make("span", { class: "qq sm ws-kind", text: kind === "map" ? "" : say(kind) }), make("span", { class: "ws-title", text: title })),
        make("div", { class: "acts" }, ...this.#acts(kind, target))),
      this.clash,
      ...(this.grid.mayEdit ? this.#form(kind, target) : [this.#facts(kind, held)]),
      kind === "node" ? make("section", { class: "ws-pins", "data-pins": target }) : "");
    this.shown = held;
    this.root.querySelector("[data-pins]")?.dispatchEvent(new CustomEvent("chosen", { bubbles: true }));
    this.#clashes();
  }

  // The same part, changed by somebody.
  refresh() {
    const { kind, target } = split(this.part);
    if (!this.part) return;
    const held = find(this.store.map, kind, target);
    if (!held) {
      this.open("");
      return;
    }
    if (!this.grid.mayEdit) {
      if (!same(held, this.shown)) this.open(this.part);
      this.#clashes();
      return;
    }
    for (const one of this.fields) one.refresh();
    if (kind !== "map") this.root.querySelector(".ws-title").textContent = nameOf(held);
    this.#clashes();
  }

  refused(detail) {
    return this.fields.some((one) => one.refused(detail));
  }

  focus() {
    (this.root.querySelector("input, textarea, select") ?? this.root.querySelector("h2"))?.focus();
  }

  #acts(kind, target) {
    const acts = [button("close", () => {
      const { part } = this;
      this.root.dispatchEvent(new CustomEvent("closed"));
      this.grid.focus(part);
    })];
    if (kind === "map" || !this.grid.mayEdit) return acts;
    const by = (word, right, down) => button(word, () => {
      if (kind === "node") this.moving.byArrow(target, right, down);
      else this.moving.by(kind, target, right || down);
    });
    const moves = { node: ["left", "right", "up", "down"], stage: ["left", "right"], lane: ["up", "down"] }[kind];
    const ways = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };
    return [...moves.map((word) => by(word, ...ways[word])), button("remove", () => this.moving.remove(kind, target)), ...acts];
  }

  #form(kind, target) {
    const groups = [];
    for (const known of begun.fields[kind]) {
      // A heading that says the same is enough.
      const made = control(this.store, { part: kind, target, field: known.name }, known, known.label === known.group);
      this.fields.push(...made.fields);
      const last = groups.at(-1);
      if (last?.name === known.group) last.boxes.push(made.box);
      else groups.push({ name: known.group, boxes: [made.box] });
    }
    return groups.map((one) => make("section", { class: "ws-group" }, make("h3", { text: one.name }), ...one.boxes));
  }

  // For who only looks on.
  #facts(kind, held) {
    const told = begun.fields[kind].filter((known) => known.name !== "name" && held[known.name] !== undefined);
    return make("dl", { class: "ws-facts" }, ...told.map((known) => make("div", {}, make("dt", { class: "qq sm", text: known.label }), make("dd", { text: valueWords(known.name, held[known.name]) }))));
  }

  #clashes() {
    const mine = [...this.store.open.values()].filter((one) => `${one.part}:${one.target}` === this.part);
    const now = JSON.stringify(mine.map((one) => one.number));
    if (this.clash.dataset.now === now) return;
    this.clash.dataset.now = now;
    this.clash.replaceChildren(...mine.map((one) => this.clashes.box(one, false)));
  }
}
