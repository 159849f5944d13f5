// One editor for each kind of value that a document can have; which key has which, the server says.

import { begun, make, say } from "./begun.js";
import { conditionEditor } from "./conditions.js";
import { change, idOf } from "./keys.js";
import { partsEditor } from "./parts.js";
import { firstLanguage, fixedText } from "./speaking.js";
import { get } from "./store.js";

export function editor(store, owner, key, question = null) {
  const pointer = `${owner}/${key.name}`;
  const value = get(store.document, pointer);
  const build = EDITORS[key.editor] ?? EDITORS.json;
  return build({ store, owner, key, pointer, value, question, id: idOf(pointer), set: (found) => change(store, pointer, key, found) });
}

function framed({ key, id, pointer }, field, more = null) {
  const hint = key.hint ? make("span", { class: "hint", id: `${id}-h`, text: key.hint }) : null;
  if (hint) field.setAttribute("aria-describedby", hint.id);
  return make("div", { class: "b-field", "data-place": pointer }, make("label", { class: "l", for: id, text: key.label }), field, more, hint);
}

const typed = (it, type, read, more = {}) => {
  const field = make("input", { class: "field", id: it.id, type, value: it.value ?? "", spellcheck: "false", autocapitalize: "none", autocomplete: "off", ...more });
  field.addEventListener("input", () => field.validity.badInput || it.set(read(field.value)));
  return field;
};

const numbered = (it, step) =>
  framed(it, typed(it, "number", (text) => (text === "" ? undefined : Number(text)), { step }));

const EDITORS = {
  text(it) {
    const { key } = it;
    if (key.name === "colour") return framed(it, typed({ ...it, value: it.value ?? key.default }, "text", (text) => text, { maxlength: 7 }));
    const field = typed({ ...it, value: it.value ?? key.default ?? "" }, "text", (text) => text, key.name === "name" ? { "data-renames": "1" } : {});
    const known = begun.lists?.[key.name];
    if (known) field.setAttribute("list", `known-${key.name}`);
    return framed(it, field);
  },

  texts(it) {
    const language = firstLanguage(it.store.document);
    const field = make("textarea", { class: "field prose", id: it.id, rows: 1, lang: language, value: it.value?.[language] ?? "" });
    field.addEventListener("input", () => {
      const texts = { ...get(it.store.document, it.pointer), [language]: field.value };
      if (!field.value) delete texts[language];
      it.set(texts);
    });
    const fixed = it.question && fixedText(it.question, it.key.name, it.store.document);
    if (fixed) field.placeholder = fixed;
    const more = fixed && it.key.name === "title" ? make("p", { class: "b-fixed", lang: language }, make("span", { class: "qq", text: `${say("fixed")}: ` }), fixed, make("span", { class: "hint below", text: say("fixed_hint") })) : null;
    return framed(it, field, more);
  },

  flag(it) {
    const field = make("input", { type: "checkbox", id: it.id, checked: it.value ?? it.key.default });
    field.addEventListener("change", () => it.set(field.checked));
    return make("div", { class: "b-flag", "data-place": it.pointer, title: it.key.hint || null }, make("label", { class: "check", for: it.id }, field, make("span", { text: it.key.label })));
  },

  one_of(it) {
    const menu = make("select", { class: "field", id: it.id }, ...it.key.options.map(([value, text]) => make("option", { value: JSON.stringify(value), text })));
    menu.value = JSON.stringify(it.value ?? it.key.default);
    menu.addEventListener("change", () => {
      it.set(JSON.parse(menu.value));
      it.store.dispatchEvent(new CustomEvent("rebuild"));
    });
    return framed(it, menu);
  },

  number: (it) => numbered(it, "any"),
  whole: (it) => numbered(it, "1"),
  date: (it) => framed(it, typed(it, "date", (text) => text || undefined)),

  condition: (it) =>
    conditionEditor({ store: it.store, pointer: it.pointer, id: it.id, label: it.key.label, onchange: (text) => it.set(text.trim()) }),

  list(it) {
    const field = make("textarea", { class: "field", id: it.id, rows: Math.max(2, it.value?.length ?? 0), spellcheck: "false", autocapitalize: "none", value: (it.value ?? []).join("\n") });
    field.addEventListener("input", () => it.set(field.value.split("\n").map((one) => one.trim()).filter(Boolean)));
    return framed(it, field, make("span", { class: "hint", text: say("list_hint") }));
  },

  parts: (it) => partsEditor({ ...it, editor }),

  // What the script knows nothing of is edited as it stands in the document.
  json(it) {
    const wrong = make("span", { class: "error", role: "alert" });
    const field = make("textarea", { class: "field", id: it.id, rows: 3, spellcheck: "false", value: it.value === undefined ? "" : JSON.stringify(it.value, null, 1) });
    field.addEventListener("input", () => {
      try {
        it.set(field.value.trim() ? JSON.parse(field.value) : undefined);
        wrong.textContent = "";
      } catch (error) {
        wrong.textContent = say("not_json", { why: error.message });
      }
    });
    return framed(it, field, wrong);
  },
};
