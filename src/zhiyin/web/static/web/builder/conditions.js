// Conditions of the usual kind as a small form: which question, how compared, with what. The text of
// the filter stands under it; what the form cannot say is written there.

import { make, say, typeOf } from "./begun.js";
import { get, place } from "./store.js";
import { spoken, titleOf } from "./speaking.js";

const WORDS = new Set(["and", "or", "not", "in", "is", "contains", "missing", "null", "between", "true", "false"]);
const SIGNS = { "=": "is", "!=": "is_not", "<=": "at_most", ">=": "at_least", "<": "below", ">": "above" };

const USUAL_SCALE = { nps: [0, 10], ces: [1, 7] };

export function scaleOf(question) {
  const [low, high] = USUAL_SCALE[question.type] ?? [1, 5];
  return question.type === "nps" ? [low, high] : [question.scale_min ?? low, question.scale_max ?? high];
}

// Questions that are answered where something is shown, as {name, question, asks}.
export function earlier(survey, pointer) {
  const at = place(pointer);
  const found = [];
  for (const [number, page] of survey.pages.entries()) {
    if (at && number > at.page) break;
    for (const [count, question] of page.questions.entries()) {
      const isHere = at && number === at.page;
      if (isHere && (at.question === null || page.is_shuffled || count >= at.question)) break;
      const asks = typeOf(question.type)?.asks ?? "text";
      if (asks !== "nothing") found.push({ name: question.name, question, asks });
    }
  }
  return found;
}

// Reading and writing

export function column(name) {
  const isBare = /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}\p{N}_]+)*$/u.test(name) && !WORDS.has(name.toLowerCase());
  return isBare ? name : `\`${name.replaceAll("`", "``")}\``;
}

const quoted = (text) => `'${text.replaceAll("'", "''")}'`;

export function written({ rows, join }) {
  return rows.map(({ name, how, value }) => {
    if (how === "is_missing") return `${column(name)} is missing`;
    if (how === "is_there") return `${column(name)} is not missing`;
    if (how === "contains") return `${column(name)} contains ${quoted(value)}`;
    return `${column(name)} ${how} ${typeof value === "string" ? quoted(value) : value}`;
  }).join(` ${join} `);
}

// {rows, join} of a filter that the form can show; null of all others.
export function read(text) {
  const found = { rows: [], join: "and" };
  if (!text.trim()) return found;
  const term = /^\s*(?:`((?:[^`]|``)+)`|([\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}\p{N}_]+)*))\s*(?:(is\s+not\s+missing|is\s+missing)|(<=|>=|!=|=|<|>|contains|between)\s*('(?:[^']|'')*'|-?\d+(?:\.\d+)?(?![\w-])|\d{4}-\d{2}-\d{2}|true|false)(?:\s+and\s+(-?\d+(?:\.\d+)?))?)/iu;
  let rest = text;
  const joins = [];
  while (rest.trim()) {
    const one = term.exec(rest);
    if (!one) return null;
    const name = one[1]?.replaceAll("``", "`") ?? one[2];
    if (WORDS.has(name.toLowerCase())) return null;
    const sign = one[4]?.toLowerCase();
    if (one[3]) {
      found.rows.push({ name, how: /not/i.test(one[3]) ? "is_there" : "is_missing" });
    } else if (sign === "between") {
      if (one[6] === undefined) return null;
      found.rows.push({ name, how: ">=", value: Number(one[5]) }, { name, how: "<=", value: Number(one[6]) });
      joins.push("and");
    } else {
      if (one[6] !== undefined) return null;
      const value = one[5];
      if (sign === "contains" && !value.startsWith("'")) return null;
      found.rows.push({ name, how: sign, value: plain(value) });
    }
    rest = rest.slice(one[0].length);
    const join = /^\s+(and|or)\s+/i.exec(rest);
    if (!join) {
      if (rest.trim()) return null;
      break;
    }
    joins.push(join[1].toLowerCase());
    rest = rest.slice(join[0].length);
  }
  if (new Set(joins).size > 1) return null;
  found.join = joins[0] ?? "and";
  return found;
}

function plain(value) {
  if (value.startsWith("'")) return value.slice(1, -1).replaceAll("''", "'");
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === "true";
  return /^\d{4}-/.test(value) ? new Day(value) : Number(value);
}

// A date is written without quotes.
class Day {
  constructor(day) {
    this.day = day;
  }

  toString() {
    return this.day;
  }
}

// Bands of a score: which condition shows a reason to whom

export function bands({ name, question }) {
  const [low, high] = scaleOf(question);
  const third = (high - low + 1) / 3;
  const isNps = question.type === "nps";
  const first = isNps ? 6 : low + Math.ceil(third) - 1;
  const last = isNps ? 9 : high - Math.ceil(third) + 1;
  const at = column(name);
  const found = [{ low, high: first, says: `${at} <= ${first}` }];
  if (last > first + 1) found.push({ low: first + 1, high: last - 1, says: `${at} between ${first + 1} and ${last - 1}` });
  found.push({ low: last, high, says: `${at} >= ${last}` });
  return found.map((one) => ({ ...one, name }));
}

export const isSame = (one, other) => {
  const [a, b] = [read(one), read(other)];
  return a !== null && b !== null && JSON.stringify(a) === JSON.stringify(b);
};

// The form

const KINDS = {
  score: ["=", "!=", "<=", ">=", "<", ">", "is_missing", "is_there"],
  number: ["=", "!=", "<=", ">=", "<", ">", "is_missing", "is_there"],
  date: ["=", "<=", ">=", "<", ">", "is_missing", "is_there"],
  choice: ["=", "!=", "is_missing", "is_there"],
  text: ["=", "!=", "contains", "is_missing", "is_there"],
  several: ["chosen", "unchosen"],
  consent: ["=", "is_missing"],
};

export function conditionEditor({ store, pointer, id, label, onchange }) {
  const owner = pointer.replace(/\/shown_if$/, "");
  const root = make("fieldset", { class: "b-condition", id, "data-place": pointer, tabindex: -1 }, make("legend", { text: label }));
  const known = earlier(store.document, owner);
  const raw = make("textarea", { class: "field", rows: 1, spellcheck: "false", autocapitalize: "none", "aria-label": `${label}: ${say("filter_text")}`, value: get(store.document, pointer) ?? "" });
  const form = make("div", { class: "b-rows" });
  const note = make("p", { class: "hint" });
  raw.addEventListener("input", () => {
    onchange(raw.value);
    show();
  });

  function change(found) {
    raw.value = written(found);
    onchange(raw.value);
    show();
  }

  function show() {
    const found = read(raw.value);
    form.replaceChildren();
    note.textContent = found === null ? say("by_hand") : found.rows.length ? "" : say("always");
    if (found === null) return;
    if (found.rows.length > 1) form.append(joiner(found));
    found.rows.forEach((row, index) => form.append(line(found, row, index)));
    form.append(make("button", { type: "button", class: "link", text: say("add_condition"), onclick: () => {
      const first = known.at(-1);
      change({ ...found, rows: [...found.rows, begin(first)] });
      form.querySelectorAll("select.b-which")[found.rows.length]?.focus();
    } }));
  }

  function begin(one) {
    if (!one) return { name: "field.name", how: "=", value: "" };
    const values = choices(one.question);
    if (one.asks === "several") return { name: `${one.name}.${values[0]?.[0] ?? "a"}`, how: "=", value: true };
    if (one.asks === "rows") return { name: `${one.name}.${one.question.rows?.[0]?.value ?? "a"}`, how: "<=", value: scaleOf(one.question)[0] };
    if (one.asks === "choice") return { name: one.name, how: "=", value: values[0]?.[0] ?? "" };
    if (one.asks === "score") return { name: one.name, how: "<=", value: bands(one)[0].high };
    if (one.asks === "consent") return { name: one.name, how: "=", value: true };
    if (one.asks === "number") return { name: one.name, how: ">=", value: 0 };
    return { name: one.name, how: "is_there" };
  }

  const joiner = (found) => {
    const menu = make("select", { class: "field", "aria-label": say("how") },
      make("option", { value: "and", text: say("all_of") }), make("option", { value: "or", text: say("any_of") }));
    menu.value = found.join;
    menu.addEventListener("change", () => change({ ...found, join: menu.value }));
    return menu;
  };

  function line(found, row, index) {
    const set = (more) => change({ ...found, rows: found.rows.map((one, at) => (at === index ? { ...one, ...more } : one)) });
    const [first, ...more] = row.name.split(".");
    const one = known.find((two) => two.name === first);
    const part = more.join(".");
    const which = make("select", { class: "field b-which", "aria-label": say("which") },
      ...known.map((two) => make("option", { value: two.name, text: `${two.name} · ${titleOf(two.question, store.document).slice(0, 60)}` })),
      make("option", { value: "field", text: say("field_of_link") }),
      !one && first !== "field" && make("option", { value: first, text: row.name }));
    which.value = one ? one.name : first === "field" ? "field" : first;
    which.addEventListener("change", () => set(begin(known.find((two) => two.name === which.value))));
    const cells = [which];
    const asks = one?.asks ?? "text";
    if (one && (asks === "several" || asks === "rows")) {
      const listed = asks === "rows" ? one.question.rows ?? [] : null;
      const options = listed ? listed.map((two) => [two.value, spoken(two.label, store.document) || two.value]) : choices(one.question);
      cells.push(chooser(options, part, (value) => set({ name: `${one.name}.${value}` })));
    } else if (!one && first === "field") {
      const field = make("input", { class: "field", value: part, "aria-label": say("field_of_link"), spellcheck: "false", autocapitalize: "none" });
      field.addEventListener("change", () => set({ name: `field.${field.value.trim() || "name"}` }));
      cells.push(field);
    }
    if (asks === "several") {
      cells.push(chooser([["=", say("was_chosen")], ["is_missing", say("was_not_chosen")]], row.how === "is_missing" ? "is_missing" : "=",
        (how) => set(how === "=" ? { how, value: true } : { how, value: undefined }), say("how")));
    } else if (asks === "consent") {
      cells.push(chooser([["=", say("agreed")], ["is_missing", say("is_missing")]], row.how, (how) => set({ how, value: how === "=" ? true : undefined }), say("how")));
    } else {
      const kind = KINDS[asks === "rows" ? "score" : asks] ?? KINDS.text;
      const hows = kind.map((how) => [how, say(SIGNS[how] ?? how)]);
      cells.push(chooser(hows, row.how, (how) => set({ how, value: how.startsWith("is_") ? undefined : row.value ?? first_value(one, asks) }), say("how")));
      if (!row.how.startsWith("is_")) cells.push(value(one, asks, row, set));
    }
    cells.push(make("button", { type: "button", class: "link", text: "×", "aria-label": `${say("remove")} ${index + 1}`, onclick: () => change({ ...found, rows: found.rows.filter((_, at) => at !== index) }) }));
    return make("div", { class: "b-row-if" }, ...cells);
  }

  const first_value = (one, asks) => (asks === "score" || asks === "rows" ? scaleOf(one.question)[0] : asks === "number" ? 0 : asks === "choice" ? choices(one.question)[0]?.[0] ?? "" : "");

  function value(one, asks, row, set) {
    if (asks === "score" || asks === "rows") {
      const [low, high] = scaleOf(one.question);
      const points = Array.from({ length: high - low + 1 }, (_, at) => [String(low + at), String(low + at)]);
      return chooser(points, String(row.value), (point) => set({ value: Number(point) }), say("value"));
    }
    if (asks === "choice") return chooser(choices(one.question), String(row.value), (chosen) => set({ value: chosen }), say("value"));
    const type = asks === "number" ? "number" : asks === "date" ? "date" : "text";
    const field = make("input", { class: "field", type, step: "any", value: String(row.value ?? ""), "aria-label": say("value") });
    field.addEventListener("change", () => set({ value: type === "number" ? Number(field.value) : type === "date" ? new Day(field.value) : field.value }));
    return field;
  }

  const choices = (question) => [
    ...(question.choices ?? []).map((two) => [two.value, spoken(two.label, store.document) || two.value]),
    ...(question.has_other ? [["other", "other"]] : []),
  ];

  root.append(form, note, make("details", { class: "b-raw" }, make("summary", { text: say("filter_text") }), raw));
  if (!known.length) note.after(make("p", { class: "hint", text: say("nothing_before") }));
  if (read(raw.value) === null) root.querySelector("details").open = true;
  show();
  return root;
}

export function chooser(options, chosen, onchoose, label = say("value")) {
  const menu = make("select", { class: "field", "aria-label": label }, ...options.map(([value, text]) => make("option", { value, text })));
  if (!options.some(([value]) => value === chosen) && chosen !== undefined) menu.prepend(make("option", { value: chosen, text: chosen }));
  menu.value = chosen;
  menu.addEventListener("change", () => onchoose(menu.value));
  return menu;
}
