// The fields of a part. What is typed is sent a moment later, with what its writer had seen when she
// began; what others change meanwhile comes into fields that nobody is writing in.

import { begun, button, fill, make, say } from "../builder/begun.js";
import { read, same, TONGUES } from "./document.js";
import { about } from "./naming.js";

const PAUSE_MS = 700;

// One value of one part, with its control.
export class Field {
  #timer = 0;
  #seen = null;
  #sent = "";

  // `get` and `put` read the control and write it.
  constructor(store, place, control, get, put) {
    this.store = store;
    this.place = place;
    this.control = control;
    this.get = get;
    this.put = put;
    this.fault = make("p", { class: "error sm", role: "alert", hidden: true, id: `${control.id}-fault` });
    put(this.value);
  }

  get value() {
    const { part, target, field } = this.place;
    return read(this.store.map, part, target, field);
  }

  get isWritten() {
    return this.#seen !== null;
  }

  typed() {
    this.#seen ??= this.store.number;
    this.store.dispatchEvent(new CustomEvent("typed"));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.commit(), PAUSE_MS);
  }

  commit() {
    clearTimeout(this.#timer);
    if (this.#seen === null) return;
    const seen = this.#seen;
    this.#seen = null;
    const value = this.get();
    const { part, target, field } = this.place;
    if (this.value === undefined || same(value, this.value)) {
      this.store.dispatchEvent(new CustomEvent("untyped"));
      return;
    }
    this.#blame(null);
    const word = about(this.store.map, { does: "set", part, target, field });
    this.#sent = this.store.do("set", part, target, { field, value, seen, word });
  }

  refresh() {
    if (this.isWritten || !this.fault.hidden || this.value === undefined) return;
    if (!same(this.get(), this.value)) this.put(this.value);
  }

  // Whether it was this field's; what was written stays in it.
  refused({ id, problem }) {
    if (id !== this.#sent) return false;
    this.#blame(problem);
    return true;
  }

  #blame(problem) {
    this.fault.hidden = !problem;
    this.fault.textContent = problem ? `${problem.message} ${problem.hint ?? ""}` : "";
    if (problem) {
      this.control.setAttribute("aria-invalid", "true");
      this.control.setAttribute("aria-errormessage", this.fault.id);
    } else {
      this.control.removeAttribute("aria-invalid");
      this.control.removeAttribute("aria-errormessage");
    }
  }
}

const idOf = (place) => `f-${place.part}-${place.target}-${place.field}`.replaceAll(".", "-");

function texts(store, place, known, isLong) {
  const rows = TONGUES.map((tongue) => {
    const own = { ...place, field: `${place.field}.${tongue}` };
    const id = idOf(own);
    const field = make(isLong ? "textarea" : "input", { class: "field", id, rows: isLong ? 2 : null, lang: tongue === "en" ? "en" : "zh-CN", maxlength: 2000, "aria-label": `${known.label}, ${say(tongue === "en" ? "english" : "chinese")}` });
    const held = plain(store, own, field);
    return { held, row: make("div", { class: "ws-text" }, make("label", { class: "qq xs", for: id, text: say(tongue === "en" ? "english" : "chinese") }), field, held.fault) };
  });
  return { fields: rows.map((one) => one.held), body: rows.map((one) => one.row) };
}

function plain(store, place, control) {
  const held = new Field(store, place, control, () => control.value.trim(), (value) => {
    control.value = value;
  });
  control.addEventListener("input", () => held.typed());
  control.addEventListener("change", () => held.commit());
  control.addEventListener("blur", () => held.commit());
  return held;
}

function menu(store, place, known, options, id) {
  const control = make("select", { class: "field", id });
  const draw = (value) => {
    const all = options.some(([name]) => name === value) ? options : [...options, [value, say("own_word", { value })]];
    control.replaceChildren(...all.map(([name, text]) => make("option", { value: name, text })));
    control.value = value;
  };
  const held = new Field(store, place, control, () => control.value, draw);
  control.addEventListener("change", () => {
    held.typed();
    held.commit();
  });
  return { fields: [held], body: [control, held.fault] };
}

function flag(store, place, known, id) {
  const control = make("input", { type: "checkbox", id });
  const held = new Field(store, place, control, () => control.checked, (value) => {
    control.checked = value;
  });
  control.addEventListener("change", () => {
    held.typed();
    held.commit();
  });
  return { fields: [held], body: [make("label", { class: "ws-flag" }, control, " ", known.label), held.fault], isLabelled: true };
}

// Those that the log knows, to be ticked, and others by their word.
function channels(store, place, known, id) {
  const control = make("div", { class: "ws-channels", id, role: "group", "aria-label": known.label });
  const other = make("input", { class: "field", "aria-label": say("another_channel"), placeholder: say("another_channel"), maxlength: 120 });
  const held = new Field(store, place, control,
    () => [...control.querySelectorAll(":checked")].map((one) => one.value),
    (value) => draw(value));
  function changed() {
    held.typed();
    held.commit();
  }
  function draw(chosen) {
    const words = [...new Set([...begun.known.channels, ...chosen])];
    control.replaceChildren(...words.map((word) => make("label", { class: "ws-flag" }, make("input", { type: "checkbox", value: word, checked: chosen.includes(word), onchange: changed }), " ", word)));
  }
  function add() {
    const word = other.value.trim();
    if (!word) return;
    other.value = "";
    draw([...new Set([...held.get(), word])]);
    changed();
  }
  other.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    add();
  });
  return { fields: [held], body: [control, make("div", { class: "ws-line" }, other, button("add", add, { "aria-label": `${say("add")}: ${known.label}` })), held.fault] };
}

function rule(store, place, known, id) {
  const control = make("textarea", { class: "field ws-code", id, rows: 2, spellcheck: "false", autocapitalize: "none" });
  const held = plain(store, place, control);
  const found = make("span", { class: "q sm", role: "status" });
  async function tryIt() {
    found.textContent = "…";
    try {
      const query = new URLSearchParams({ rule: control.value, facts: known.facts });
      const answer = await fetch(`${begun.addresses.try}?${query}`);
      const said = await answer.json();
      found.textContent = answer.ok ? tried(said, known.facts) : `${said.message} ${said.hint ?? ""}`;
    } catch {
      found.textContent = say("failed");
    }
  }
  const acts = begun.may_edit ? make("div", { class: "ws-line" }, button("try", tryIt, { "aria-label": `${say("try")}: ${known.label}` }), found) : null;
  return { fields: [held], body: [control, held.fault, acts] };
}

function tried({ facts, customers, days, minimum_base: least }, kind) {
  if (facts === null) return say("tried_few", { least, days });
  if (facts === 0) return say("tried_none", { days });
  const figure = new Intl.NumberFormat("en");
  return say(`tried_${kind}`, { n: figure.format(facts), m: figure.format(customers), days });
}

// The control of a field: `{ fields, body }`.
export function control(store, place, known, isHeaded = false) {
  const id = idOf(place);
  const line = (more = {}) => {
    const made = make("input", { class: "field", id, spellcheck: "false", autocapitalize: "none", list: known.known ? `known-${known.known}` : null, ...more });
    const held = plain(store, place, made);
    return { fields: [held], body: [made, held.fault] };
  };
  const kinds = {
    texts: () => texts(store, place, known, false),
    prose: () => texts(store, place, known, true),
    wish: () => menu(store, place, known, [["", say("unsaid")], ...begun.wishes], id),
    member: () => menu(store, place, known, [["", say("nobody")], ...Object.entries(begun.people)], id),
    persona: () => menu(store, place, known, [["", say("everybody")], ...begun.personas], id),
    measure: () => menu(store, place, known, begun.measures, id),
    channels: () => channels(store, place, known, id),
    rule: () => rule(store, place, known, id),
    flag: () => flag(store, place, known, id),
    span: () => line({ maxlength: 20, class: "field ws-short" }),
    names: () => line({ maxlength: 2000 }),
    text: () => line({ maxlength: 200 }),
  };
  const made = kinds[known.editor]();
  const isMany = ["texts", "prose", "channels"].includes(known.editor);
  const box = make("div", { class: "ws-field" });
  if (!made.isLabelled && !(isMany && isHeaded)) box.append(isMany ? make("span", { class: "l", text: known.label }) : make("label", { class: "l", for: id, text: known.label }));
  fill(box, ...made.body);
  if (known.hint) {
    box.append(make("span", { class: "hint", id: `${id}-hint`, text: known.hint }));
    for (const one of made.fields) one.control.setAttribute("aria-describedby", `${id}-hint`);
  }
  return { fields: made.fields, box };
}

// Lists of known words that several fields offer.
export const lists = () => ["events", "questions"].map((name) =>
  make("datalist", { id: `known-${name}` }, ...begun.known[name].map((value) => make("option", { value }))));
