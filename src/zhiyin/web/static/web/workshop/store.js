// What the server has acknowledged, what of one's own it has not yet, and both together: what is shown.
// Operations are taken in the order of their numbers, whichever way they came.

import { applied, begin, random, turned } from "./document.js";

const GAP_MS = 400;
const MOST_BACK = 300;

const place = (op) => `${op.part}:${op.target}`;
const fieldOf = (op) => `${place(op)}:${op.does === "set" ? op.field : op.does === "move" ? "place" : "*"}`;

export class Store extends EventTarget {
  #later = new Map();
  #numbers = new Map();
  #gap = 0;

  constructor(begun) {
    super();
    this.pending = [];
    this.past = [];
    this.future = [];
    this.become(begun);
  }

  // The whole draft, as the server has it.
  become(whole) {
    this.base = begin(whole.document);
    this.number = whole.number;
    this.version = whole.version;
    this.hasChanges = whole.has_changes;
    this.open = new Map(whole.undecided.map((one) => [one.number, one]));
    this.touched = new Map(Object.entries(whole.touched));
    this.pending = this.pending.filter((one) => !one.is_kept);
    for (const number of this.#later.keys()) if (number <= this.number) this.#later.delete(number);
    this.#show();
    this.hear([]);
  }

  // Operations as the server tells of them.
  hear(operations) {
    for (const one of operations) {
      this.#acknowledged(one);
      if (one.number > this.number) this.#later.set(one.number, one);
    }
    let isNew = false;
    while (this.#later.has(this.number + 1)) {
      const next = this.#later.get(this.number + 1);
      this.#later.delete(this.number + 1);
      if (!this.#take(next)) return;
      isNew = true;
    }
    clearTimeout(this.#gap);
    if (this.#later.size) this.#gap = setTimeout(() => this.#event("gap"), GAP_MS);
    if (isNew) this.#show();
  }

  // One that is told of by its number alone.
  hearOf(number) {
    if (number > this.number) this.#event("gap");
  }

  #take(one) {
    const held = this.open.get(one.of);
    if (one.does === "put" || (one.does === "settle" && one.value && !held)) {
      this.#event("lost");
      return false;
    }
    this.number = one.number;
    this.hasChanges = true;
    const isMine = this.pending.some((mine) => mine.id === one.id);
    this.pending = this.pending.filter((mine) => mine.id !== one.id);
    if (one.does === "settle") {
      this.open.delete(one.of);
      if (one.value) this.#done({ ...held, number: one.number });
      this.#event("settled", { ...held, takes: one.value });
    } else if (one.outcome === "done") {
      this.#done(one);
    } else {
      // Decided or not: what it did, it did when it was decided about.
      this.open.set(one.number, one);
      this.#event("clash", { op: one, isMine });
    }
    return true;
  }

  #done(one) {
    const found = applied(this.base, one);
    if (found) this.base = found.map;
    this.touched.set(fieldOf(one), [one.number, one.by]);
  }

  // Who last set what an undecided operation would set anew.
  standsBy(one) {
    const own = place(one);
    const field = fieldOf(one);
    const meets = (name) => name === field || name === `${own}:*` || name.startsWith(`${field}.`) || field.startsWith(`${name}.`);
    const found = [...this.touched].filter(([name]) => (one.does === "remove" ? name.startsWith(`${own}:`) : meets(name)));
    const last = found.sort(([, two], [, other]) => other[0] - two[0])[0];
    return last?.[1][1] ?? "";
  }

  // Doing and undoing

  // `seen`: what was the newest when the editor began to write.
  do(does, part, target, { field = "", value = null, seen = this.number, word = "" }) {
    const op = { does, part, target, field, value };
    const found = applied(this.map, op);
    if (!found) return null;
    const made = this.#wait({ op, before: found.before, seen });
    this.past.push({ ...made, word });
    if (this.past.length > MOST_BACK) this.past.shift();
    this.future = [];
    this.#show();
    return made.id;
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
    const op = turned(held.op, held.before);
    const before = applied(this.map, op)?.before ?? null;
    to.push({ ...this.#wait({ op, before, seen: this.number, undoes: held.id }), word: held.word });
    this.#show();
    return held.word;
  }

  #wait(more) {
    const made = { id: random(24), at: Date.now(), ...more };
    this.pending.push(made);
    this.#event("waiting", made);
    return made;
  }

  // What waited in this browser since an earlier page.
  adopt(waiting) {
    this.pending.push(...waiting);
    this.#show();
  }

  numberOf(id) {
    return this.#numbers.get(id);
  }

  #acknowledged(one) {
    const mine = this.pending.find((two) => two.id === one.id);
    if (!mine) return;
    this.#numbers.set(one.id, one.number);
    mine.is_kept = true;
    if (one.outcome === "open") this.#forget(one.id);
    this.#event("acknowledged", mine);
  }

  // The server cannot do it: it is as if it had not been done here either.
  refuse(id, problem) {
    const mine = this.pending.find((one) => one.id === id);
    this.pending = this.pending.filter((one) => one.id !== id);
    this.#forget(id);
    if (mine) this.#event("refused", { ...mine, problem });
    this.#show();
  }

  #forget(id) {
    this.past = this.past.filter((one) => one.id !== id);
    this.future = this.future.filter((one) => one.id !== id);
  }

  get isKept() {
    return this.pending.every((one) => one.is_kept);
  }

  #show() {
    this.map = this.pending.reduce((map, one) => applied(map, one.op)?.map ?? map, this.base);
    this.#event("changed");
  }

  #event(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
