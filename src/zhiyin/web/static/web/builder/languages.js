// Every text with its translation, side by side; what is missing or no longer fits is marked.

import { begun, button, languageName, make, say } from "./begun.js";
import { send } from "./keeping.js";
import { firstLanguage, fixedText, languagesOf } from "./speaking.js";
import { get, put } from "./store.js";

// [{pointer, texts, label, where, question}] of every text that the document has or lacks.
export function textsOf(survey) {
  const found = [];
  const walk = (part, owner, pointer, where, question) => {
    for (const key of begun.parts[part]) {
      const at = `${pointer}/${key.name}`;
      if (key.editor === "texts") {
        if (!key.types || !question || key.types.includes(question.type)) found.push({ pointer: at, texts: owner[key.name] ?? {}, label: key.label, where, question, key });
      } else if (key.editor === "parts") {
        (owner[key.name] ?? []).forEach((one, index) =>
          walk(key.part, one, `${at}/${index}`, one.type ? one.name : [where, one.value ?? one.name ?? index + 1].filter(Boolean).join(" · "), one.type ? one : question));
      }
    }
  };
  walk("Survey", survey, "", "", null);
  return found;
}

export class Languages {
  constructor(store, keeping) {
    this.store = store;
    this.keeping = keeping;
    this.root = document.getElementById("languages");
    this.language = "";
    this.isShort = false;
  }

  draw() {
    const { document: survey } = this.store;
    const [first, ...others] = languagesOf(survey);
    if (!others.length) {
      this.root.replaceChildren(make("p", { class: "q", text: say("one_language") }));
      return;
    }
    if (!others.includes(this.language)) this.language = others[0];
    const menu = make("select", { class: "field", id: "b-language" }, ...others.map((code) => make("option", { value: code, text: languageName(code) })));
    menu.value = this.language;
    menu.addEventListener("change", () => {
      this.language = menu.value;
      this.draw();
    });
    const only = make("input", { type: "checkbox", id: "b-only", checked: this.isShort });
    only.addEventListener("change", () => {
      this.isShort = only.checked;
      this.draw();
    });
    const odd = this.#odd();
    const rows = textsOf(survey).filter((one) => {
      const isThere = Object.values(one.texts).some((text) => text.trim());
      const isOdd = odd.has(`${one.pointer}/${this.language}`);
      return this.isShort ? isOdd : isThere || isOdd;
    });
    this.root.replaceChildren(
      make("div", { class: "b-bar" }, make("label", { class: "b", for: "b-language", text: say("language") }), menu, make("label", { class: "check", for: "b-only" }, only, say("only_missing"))),
      rows.length
        ? make("table", { class: "z b-languages" },
          make("thead", {}, make("tr", {},
            make("th", { scope: "col", text: say("conflict_place") }),
            make("th", { scope: "col", text: say("source", { language: languageName(first) }) }),
            make("th", { scope: "col", text: languageName(this.language) }))),
          make("tbody", {}, ...rows.map((one) => this.#row(one, first, odd.get(`${one.pointer}/${this.language}`)))))
        : make("p", { class: "q", text: say("nothing_missing") }));
  }

  // Faults of texts by place: what is missing, and what is stale.
  #odd() {
    return new Map(this.keeping.state.faults.filter((one) => /text-missing|stale/.test(one.code)).map((one) => [one.place, one]));
  }

  #row(one, first, fault) {
    const isStale = fault && fault.code.includes("stale");
    const isMissing = !one.texts[this.language]?.trim() && (fault || one.texts[first]?.trim());
    return make("tr", { class: isStale || isMissing ? "b-lacks" : "", "data-text": one.pointer },
      make("th", { scope: "row" }, one.where && make("span", { class: "b", text: one.where }), " ", make("span", { class: "qq", text: one.label })),
      make("td", {}, this.#field(one, first)),
      make("td", {}, this.#field(one, this.language),
        isMissing && make("span", { class: "odd sm", text: say("missing") }),
        isStale && make("span", { class: "odd sm", text: `${say("stale")} ` }),
        isStale && begun.addresses.accept && button("accept", () => this.#accept(one))));
  }

  #field(one, language) {
    const name = say("text_of", { what: one.label, where: [one.where, languageName(language)].filter(Boolean).join(", ") });
    const field = make("textarea", { class: "field prose", rows: 1, lang: language, "aria-label": name, value: one.texts[language] ?? "" });
    const fixed = one.question && fixedText(one.question, one.key.name, this.store.document, language);
    if (fixed) field.placeholder = fixed;
    field.addEventListener("input", () => {
      const texts = { ...get(this.store.document, one.pointer), [language]: field.value };
      if (!field.value) delete texts[language];
      const isBlank = !Object.keys(texts).length && !one.key.is_needed;
      this.store.commit(put(this.store.document, one.pointer, isBlank ? undefined : texts), { key: `${one.pointer}/${language}` });
    });
    return field;
  }

  // The translation holds although its source was changed.
  async #accept(one) {
    await this.keeping.keep();
    const answer = await send(begun.addresses.accept, { language: this.language, place: one.pointer, revision: this.keeping.revision });
    const said = await answer.json();
    if (answer.ok) this.keeping.become(this.store.document, said);
    this.draw();
  }

  focus(pointer) {
    const [, place, language] = /^(.*)\/([^/]+)$/.exec(pointer);
    if (language !== firstLanguage(this.store.document)) this.language = language;
    this.isShort = false;
    this.draw();
    const row = [...this.root.querySelectorAll("[data-text]")].find((one) => one.dataset.text === place);
    row?.querySelector(`textarea[lang="${language}"]`)?.focus();
  }
}
