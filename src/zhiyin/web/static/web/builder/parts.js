// A list whose entries have keys of their own: choices, rows of a matrix, and what may come.

import { announce, begun, button, fill, make, say } from "./begun.js";
import { bands, earlier, isSame } from "./conditions.js";
import { idOf, keysOf } from "./keys.js";
import { firstLanguage, spoken } from "./speaking.js";
import { get, insert, moved, put } from "./store.js";

// What the log keeps of a label that has no value yet.
export function valueOf(label, taken) {
  const base = label.trim().toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_+|_+$/g, "").slice(0, 40) || "a";
  for (let n = 1; ; n += 1) {
    const value = n === 1 ? base : `${base}_${n}`;
    if (!taken.has(value)) return value;
  }
}

export function partsEditor(it) {
  const { store, key, pointer, question, editor } = it;
  const list = () => get(store.document, pointer) ?? [];
  const keys = keysOf(key.part, question);
  const isShort = keys.some((one) => one.name === "value") && keys.some((one) => one.name === "label");
  const root = make("fieldset", { class: "b-parts", id: it.id, "data-place": pointer, tabindex: -1 }, make("legend", { text: key.label }));
  const rebuild = () => store.dispatchEvent(new CustomEvent("rebuild"));

  function move(index, by) {
    if (index + by < 0 || index + by >= list().length) {
      announce(say("cannot_move"));
      return;
    }
    const name = nameOf(list()[index], index);
    store.commit(moved(store.document, pointer, index, index + by), { what: name });
    announce(say("moved_in_list", { name, place: index + by + 1, of: list().length }), () => store.undo());
    rebuild();
    document.getElementById(idOf(`${pointer}/${index + by}/${isShort ? "label" : "name"}`))?.focus();
  }

  function remove(index) {
    const name = nameOf(list()[index], index);
    const without = put(store.document, `${pointer}/${index}`, undefined);
    const isEmpty = !get(without, pointer).length;
    store.commit(isEmpty ? put(without, pointer, undefined) : without, { what: say("removed", { name }) });
    announce(say("removed", { name }), () => store.undo());
    rebuild();
    root.querySelector("button")?.focus();
  }

  function add(lines = [""], at = list().length) {
    const language = firstLanguage(store.document);
    const taken = new Set(list().map((one) => one.value));
    let found = store.document;
    lines.forEach((line, index) => {
      const [first, ...rest] = line.split("\t");
      const label = rest.length ? rest.join(" ").trim() : first.trim();
      const made = begin(keys);
      if (isShort) {
        made.value = valueOf(rest.length ? first : label, taken);
        made.label = label ? { [language]: label } : {};
        taken.add(made.value);
      }
      found = insert(found, pointer, at + index, made);
    });
    store.commit(found, { what: say("added", { name: lines.length > 1 ? String(lines.length) : key.label }) });
    rebuild();
    document.getElementById(idOf(`${pointer}/${at}/${isShort ? "label" : keys[0].name}`))?.focus();
  }

  const nameOf = (one, index) => spoken(one.label ?? one.title, store.document) || one.value || one.name || String(index + 1);

  function entry(one, index) {
    const at = `${pointer}/${index}`;
    const acts = make("span", { class: "b-acts" },
      make("button", { type: "button", class: "link", text: "↑", "aria-label": `${say("up")}: ${nameOf(one, index)}`, onclick: () => move(index, -1) }),
      make("button", { type: "button", class: "link", text: "↓", "aria-label": `${say("down")}: ${nameOf(one, index)}`, onclick: () => move(index, 1) }),
      make("button", { type: "button", class: "link", text: "×", "aria-label": `${say("remove")}: ${nameOf(one, index)}`, onclick: () => remove(index) }));
    const item = make("li", { "data-place": at });
    item.addEventListener("keydown", (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!event.altKey || !by) return;
      event.preventDefault();
      event.stopPropagation();
      move(index, by);
    });
    if (!isShort) {
      item.append(...keys.map((two) => editor(store, at, two, question)), acts);
      return item;
    }
    fill(item, make("div", { class: "b-line" }, label(one, index, at), value(one, at), acts), band(one, at), more(at, one));
    return item;
  }

  function label(one, index, at) {
    const language = firstLanguage(store.document);
    const known = keys.find((two) => two.name === "label");
    const field = make("input", { class: "field", id: idOf(`${at}/label`), lang: language, "data-place": `${at}/label`, value: one.label?.[language] ?? "", "aria-label": `${known.label} ${index + 1}` });
    const isAuto = !one.label?.[language];
    field.addEventListener("input", () => {
      const now = get(store.document, at);
      const labels = { ...now.label, [language]: field.value };
      if (!field.value) delete labels[language];
      const entryNow = { ...now, label: labels };
      // A new entry is called as it reads, until somebody says otherwise or it was published.
      const shownValue = document.getElementById(idOf(`${at}/value`));
      if (isAuto && shownValue && !shownValue.dataset.own) {
        const taken = new Set(list().filter((_, two) => two !== index).map((two) => two.value));
        entryNow.value = valueOf(field.value, taken);
        shownValue.value = entryNow.value;
      }
      store.commit(put(store.document, at, entryNow), { key: `${at}/label` });
    });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      add([""], index + 1);
    });
    field.addEventListener("paste", (event) => {
      const lines = event.clipboardData.getData("text/plain").split(/\r?\n/).filter((two) => two.trim());
      if (lines.length < 2) return;
      event.preventDefault();
      const isBlank = !field.value;
      if (isBlank) store.commit(put(store.document, at, undefined));
      add(lines, isBlank ? index : index + 1);
    });
    return field;
  }

  function value(one, at) {
    const known = keys.find((two) => two.name === "value");
    const field = make("input", { class: "field b-value", id: idOf(`${at}/value`), "data-place": `${at}/value`, value: one.value, "aria-label": `${known.label}: ${nameOf(one, 0)}`, title: known.hint, spellcheck: "false", autocapitalize: "none" });
    field.addEventListener("input", () => {
      field.dataset.own = "1";
      store.commit(put(store.document, `${at}/value`, field.value), { key: `${at}/value` });
    });
    return field;
  }

  // Reasons depend on the score that was given before.
  function band(one, at) {
    if (question?.type !== "reasons") return null;
    const before = earlier(store.document, at).filter((two) => two.asks === "score").at(-1);
    if (!before) return null;
    const options = bands(before);
    const chosen = options.findIndex((two) => isSame(two.says, one.shown_if ?? ""));
    const menu = make("select", { class: "field", "aria-label": `${say("shown_to")}: ${nameOf(one, 0)}` },
      make("option", { value: "", text: say("everybody") }),
      ...options.map((two, number) => make("option", { value: String(number), text: say("band", two) })),
      chosen < 0 && one.shown_if && make("option", { value: "own", text: say("by_condition") }));
    menu.value = chosen >= 0 ? String(chosen) : one.shown_if ? "own" : "";
    menu.addEventListener("change", () => {
      if (menu.value === "own") return;
      store.commit(put(store.document, `${at}/shown_if`, menu.value === "" ? undefined : options[Number(menu.value)].says));
      rebuild();
    });
    const aspect = keys.find((two) => two.name === "aspect");
    return make("div", { class: "b-line b-band" }, make("label", { class: "sm" }, `${say("shown_to")} `, menu), aspect && editor(store, at, aspect, question));
  }

  function more(at, one) {
    const rest = keys.filter((two) => !["label", "value"].includes(two.name) && !(two.name === "aspect" && question?.type === "reasons"));
    if (!rest.length) return null;
    const isSet = rest.some((two) => one[two.name] !== undefined);
    const held = make("details", { class: "b-more" }, make("summary", { text: say("more") }));
    const unfold = () => held.children.length === 1 && held.append(...rest.map((two) => editor(store, at, two, question)));
    held.addEventListener("toggle", () => held.open && unfold());
    if (isSet) {
      unfold();
      held.open = true;
    }
    return held;
  }

  const pasted = make("textarea", { class: "field prose", rows: 4, "aria-label": say("paste"), placeholder: say("paste_hint") });
  const paste = () => make("details", { class: "b-more" }, make("summary", { text: say("paste") }), pasted,
    button("paste_do", () => {
      const lines = pasted.value.split(/\r?\n/).filter((line) => line.trim());
      if (lines.length) {
        // Lines that nobody has written on make room.
        const held = list().filter((one) => Object.values(one.label ?? {}).some(Boolean));
        store.commit(put(store.document, pointer, held));
        add(lines);
      }
    }));
  fill(root,
    make("ol", { class: "b-entries" }, ...list().map(entry)),
    make("div", { class: "acts" }, button("add_line", () => add(), { "aria-label": `${say("add_line")}: ${key.label}` })),
    isShort && paste());
  return root;
}

// What an entry must have, blank.
function begin(keys) {
  const blank = { text: "", texts: {}, flag: false, number: 0, whole: 1, list: [], parts: [], condition: "" };
  return Object.fromEntries(keys.filter((one) => one.is_needed).map((one) => [one.name, one.editor === "one_of" ? one.options[0]?.[0] : structuredClone(blank[one.editor] ?? null)]));
}

export const lists = () =>
  Object.entries(begun.lists ?? {}).map(([name, known]) => make("datalist", { id: `known-${name}` }, ...known.map(([value, text]) => make("option", { value, text }))));
