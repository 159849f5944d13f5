// The document as it is edited: never changed in place, so that every state before can come back.

const steps = (pointer) => pointer.split("/").slice(1).map((one) => one.replace(/~1/g, "/").replace(/~0/g, "~"));

export const get = (document, pointer) => steps(pointer).reduce((at, step) => at?.[step], document);

// The document with another value at a place; undefined takes out what is there.
export function put(document, pointer, value) {
  const way = steps(pointer);
  const at = (part, [step, ...rest]) => {
    if (step === undefined) return value;
    const copy = Array.isArray(part) ? [...part] : { ...part };
    const found = at(copy[step], rest);
    if (found !== undefined) copy[step] = found;
    else if (Array.isArray(copy)) copy.splice(Number(step), 1);
    else delete copy[step];
    return copy;
  };
  return at(document, way);
}

// The document with one more in a list that may not be there yet.
export function insert(document, list, index, value) {
  const before = get(document, list) ?? [];
  return put(document, list, [...before.slice(0, index), value, ...before.slice(index)]);
}

export function moved(document, list, from, to) {
  const all = [...get(document, list)];
  const [one] = all.splice(from, 1);
  all.splice(to, 0, one);
  return put(document, list, all);
}

// A question from its place to another, of the same page or not.
export function movedQuestion(document, from, to) {
  const question = document.pages[from.page].questions[from.question];
  const without = put(document, `/pages/${from.page}/questions/${from.question}`, undefined);
  return insert(without, `/pages/${to.page}/questions`, to.question, question);
}

export const place = (pointer) => {
  const found = /^\/pages\/(\d+)(?:\/questions\/(\d+))?/.exec(pointer);
  if (!found) return null;
  return { page: Number(found[1]), question: found[2] === undefined ? null : Number(found[2]) };
};

export const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

const TOGETHER_MS = 1500;
const MOST_BACK = 300;

export class Store extends EventTarget {
  #last = { key: "", at: 0 };

  constructor(document) {
    super();
    this.document = document;
    this.selected = "";
    this.past = [];
    this.future = [];
  }

  // `key` joins what is typed into one field into one step back.
  commit(document, { what = "edited", key = "", selected = this.selected } = {}) {
    if (same(document, this.document)) return;
    const isTyping = key && key === this.#last.key && Date.now() - this.#last.at < TOGETHER_MS;
    if (!isTyping) {
      this.past.push({ document: this.document, selected: this.selected, what });
      if (this.past.length > MOST_BACK) this.past.shift();
    }
    this.#last = { key, at: Date.now() };
    this.future = [];
    this.#become(document, selected, key ? "typed" : "built");
  }

  select(pointer) {
    this.selected = pointer;
    this.dispatchEvent(new CustomEvent("selected"));
  }

  undo() {
    return this.#step(this.past, this.future);
  }

  redo() {
    return this.#step(this.future, this.past);
  }

  #step(from, to) {
    const held = from.pop();
    if (!held) return null;
    to.push({ document: this.document, selected: this.selected, what: held.what });
    this.#last = { key: "", at: 0 };
    this.#become(held.document, held.selected, "built");
    return held.what;
  }

  #become(document, selected, how) {
    this.document = document;
    const isThere = selected === "" || get(document, selected) !== undefined;
    this.selected = isThere ? selected : "";
    this.dispatchEvent(new CustomEvent("changed", { detail: how }));
  }
}
