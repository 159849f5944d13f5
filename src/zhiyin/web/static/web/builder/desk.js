// What was chosen in the outline, with all that can be said of it.

import { begun, button, make, say, typeOf } from "./begun.js";
import { column } from "./conditions.js";
import { editor } from "./editors.js";
import { idOf, keysOf } from "./keys.js";
import { get, place, put } from "./store.js";

const OWNERS = [[/^$/, "Survey"], [/^\/pages\/\d+$/, "Page"], [/^\/pages\/\d+\/questions\/\d+$/, "Question"], [/^\/endings\/\d+$/, "Ending"]];

export class Desk {
  constructor(store, outline) {
    this.store = store;
    this.outline = outline;
    this.root = document.getElementById("desk");
    this.faults = [];
    this.root.addEventListener("change", (event) => this.#renamed(event));
    this.root.addEventListener("focusin", (event) => {
      if (event.target.dataset.renames) event.target.dataset.was = event.target.value;
    });
  }

  draw() {
    const { selected, document: survey } = this.store;
    const held = document.activeElement;
    const focused = this.root.contains(held) && held.id ? held.id : "";
    const part = OWNERS.find(([pattern]) => pattern.test(selected))?.[1] ?? "Survey";
    const one = get(survey, selected);
    const question = part === "Question" ? one : null;
    this.root.replaceChildren(this.#head(selected, part, one), ...this.#groups(selected, part, question));
    this.mark(this.faults);
    if (focused) document.getElementById(focused)?.focus();
  }

  #head(pointer, part, one) {
    const back = make("button", { type: "button", class: "link b-back", text: `‹ ${say("to_list")}`, onclick: () => this.outline.focus(pointer) });
    if (part === "Survey") return make("header", {}, back, make("h2", { text: say("survey") }));
    const at = place(pointer);
    const page = at ? this.store.document.pages[at.page] : null;
    const title = part === "Question"
      ? say("place_of", { n: at.question + 1, of: page.questions.length, page: page.name })
      : this.outline.nameOf(pointer);
    return make("header", {}, back, make("h2", { text: title }),
      make("div", { class: "acts" },
        button("up", () => this.outline.move(pointer, -1)),
        button("down", () => this.outline.move(pointer, 1)),
        button("duplicate", () => this.outline.duplicate(pointer)),
        button("remove", () => this.outline.remove(pointer))),
      part === "Question" && this.#kind(pointer, one));
  }

  #kind(pointer, one) {
    const id = idOf(`${pointer}/type`);
    const menu = make("select", { class: "field", id }, ...Object.entries(begun.groups).map(([group, label]) =>
      make("optgroup", { label }, ...begun.types.filter((two) => two.group === group).map((two) => make("option", { value: two.name, text: two.label })))));
    menu.value = one.type;
    menu.addEventListener("change", () => this.#become(pointer, menu.value));
    return make("div", { class: "b-field", "data-place": `${pointer}/type` }, make("label", { class: "l", for: id, text: begun.parts.Question.find((two) => two.name === "type").label }), menu,
      typeOf(one.type)?.hint && make("span", { class: "hint", text: typeOf(one.type).hint }));
  }

  // Another type: what says nothing of it is left out, and what it needs is begun.
  #become(pointer, kind) {
    const old = get(this.store.document, pointer);
    const known = new Set(keysOf("Question", { type: kind }).map((key) => key.name));
    const made = Object.fromEntries(Object.entries(old).filter(([name]) => name === "type" || known.has(name)));
    made.type = kind;
    for (const [name, value] of Object.entries(typeOf(kind).begins)) {
      if (!made[name]?.length) made[name] = old.choices?.length ? old.choices : old.rows?.length ? old.rows : structuredClone(value);
    }
    this.store.commit(put(this.store.document, pointer, made));
    document.getElementById(idOf(`${pointer}/type`))?.focus();
  }

  #groups(pointer, part, question) {
    const keys = keysOf(part, question);
    return begun.heads.map(([group, label]) => {
      const inside = keys.filter((key) => key.group === group);
      if (!inside.length) return null;
      const flags = inside.filter((key) => key.editor === "flag");
      const others = inside.filter((key) => key.editor !== "flag");
      const short = (key) => ["number", "whole", "one_of", "date", "text"].includes(key.editor);
      const fields = others.map((key) => [key, editor(this.store, pointer, key, question)]);
      const parts = [
        ...fields.filter(([key]) => !short(key)).map(([, field]) => field),
        make("div", { class: "b-pairs" }, ...fields.filter(([key]) => short(key)).map(([, field]) => field)),
        make("div", { class: "b-flags" }, ...flags.map((key) => editor(this.store, pointer, key, question))),
      ];
      if (!label) return make("div", { class: "b-group" }, ...parts);
      return make("section", { class: "b-group", "aria-label": label }, make("h3", { text: label }), ...parts);
    }).filter(Boolean);
  }

  // Where conditions speak of a name, they go on to do so; and figures go on under the old series.
  #renamed(event) {
    const { was } = event.target.dataset;
    const now = event.target.value;
    const at = place(this.store.selected);
    if (!event.target.dataset.renames || was === undefined || was === now || at?.question == null) return;
    let found = renamed(this.store.document, was, now);
    if (begun.version !== null && !get(found, `${this.store.selected}/series`)) {
      found = put(found, `${this.store.selected}/series`, was);
    }
    this.store.commit(found, { key: "rename" });
  }

  mark(faults) {
    this.faults = faults;
    for (const old of this.root.querySelectorAll(".b-fault")) old.remove();
    for (const old of this.root.querySelectorAll("[aria-invalid]")) old.removeAttribute("aria-invalid");
    for (const fault of faults) {
      const found = nearest(this.root, fault.place);
      if (!found) continue;
      const said = make("p", { class: "b-fault error sm", text: `${fault.message} ${fault.hint}` });
      if (found.matches("input, select, textarea")) found.closest("li, .b-field")?.append(said);
      else found.append(said);
      const field = found.matches("input, select, textarea") ? found : found.querySelector(":scope > :is(input, select, textarea)");
      field?.setAttribute("aria-invalid", "true");
    }
  }

  // To the field that a fault or a link names.
  focus(pointer) {
    const found = nearest(this.root, pointer) ?? this.root;
    const field = found.matches("input, select, textarea, [tabindex]") ? found : found.querySelector("input, select, textarea, button");
    field?.focus();
    found.scrollIntoView({ block: "center" });
  }
}

function nearest(root, pointer) {
  for (let at = pointer; at; at = at.slice(0, at.lastIndexOf("/"))) {
    const found = [...root.querySelectorAll("[data-place]")].find((one) => one.dataset.place === at && !one.closest("details:not([open])"));
    if (found) return found;
  }
  return null;
}

// The document where conditions say another name.
export function renamed(survey, was, now) {
  const [old, next] = [column(was), column(now)];
  const name = new RegExp(`(^|[^\\p{L}\\p{N}_.\`'])${old.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&")}(?=$|[^\\p{L}\\p{N}_\`])`, "gu");
  const outside = (text) => text.split(/('(?:[^']|'')*')/).map((part, at) => (at % 2 ? part : part.replace(name, (_, before) => before + next))).join("");
  const walk = (part) => {
    if (Array.isArray(part)) return part.map(walk);
    if (part === null || typeof part !== "object") return part;
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, key === "shown_if" ? outside(value) : walk(value)]));
  };
  return walk(survey);
}

