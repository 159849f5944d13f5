// Two have changed the same: both values are shown with whose they are, to everybody, until one decides.

import { announce, begun, button, make, say } from "../builder/begun.js";
import { read } from "./document.js";
import { about, fieldLabel, partName, person, placeWords, valueWords } from "./naming.js";
import { post } from "./sending.js";

export class Clashes {
  constructor(store, hearing, go) {
    this.store = store;
    this.hearing = hearing;
    this.go = go;
    this.root = document.getElementById("conflicts");
    this.drawn = "";
    store.addEventListener("clash", ({ detail }) => announce(say("conflict_new", { what: about(store.map, detail.op) })));
    store.addEventListener("settled", ({ detail }) => announce(say("decided", { what: about(store.map, detail) })));
  }

  draw() {
    const open = [...this.store.open.values()];
    const now = JSON.stringify(open.map((one) => [one.number, this.#words(one), this.#stands(one), this.store.standsBy(one)]));
    if (now === this.drawn) return;
    this.drawn = now;
    this.root.hidden = !open.length;
    this.root.replaceChildren(
      make("h2", { id: "conflicts-head", text: say("conflicts") }),
      make("ol", { class: "plain" }, ...open.map((one) => make("li", {}, this.box(one, true)))));
  }

  // What stands, and what waits.
  #stands(one) {
    const { base } = this.store;
    if (one.does === "set") return valueWords(one.field, read(base, one.part, one.target, one.field));
    if (one.does === "remove") return say("is_there");
    if (one.does === "move") {
      const list = base[`${one.part}s`];
      const index = list.findIndex((two) => two.id === one.target);
      return placeWords(base, one.part, { ...list[index], after: index > 0 ? list[index - 1].id : "" });
    }
    return partName(base, `${one.part}:${one.target}`);
  }

  #words(one) {
    if (one.does === "set") return valueWords(one.field, one.value);
    if (one.does === "remove") return say("is_removed");
    if (one.does === "move") return placeWords(this.store.base, one.part, { ...this.store.base[`${one.part}s`].find((two) => two.id === one.target), ...one.value });
    return partName(this.store.base, `${one.part}:${one.target}`);
  }

  box(one, isNamed) {
    const [first, second] = [person(this.store.standsBy(one)), person(one.by)];
    const isMine = one.by === begun.me;
    const isTheirs = this.store.standsBy(one) === begun.me;
    const keeps = isMine ? say("keep_theirs") : isTheirs ? say("keep_mine") : say("keep_of", { name: first });
    const takes = isMine ? say("take_mine") : isTheirs ? say("take_theirs") : say("take_of", { name: second });
    const what = isNamed ? partName(this.store.base, `${one.part}:${one.target}`) : "";
    const label = one.does === "set" ? fieldLabel(one.part, one.field) : "";
    const part = `${one.part}:${one.target}`;
    const choose = (text, isTaken) => make("button", { type: "button", class: "btn line", text, onclick: () => this.#decide(one, isTaken) });
    return make("div", { class: "ws-clash", "data-number": String(one.number) },
      make("p", { class: "b" }, [what, label].filter(Boolean).join(" · "), isNamed && " ", isNamed && button("show", () => this.go(part), { "aria-label": `${say("show")}: ${what}` })),
      make("dl", {},
        make("div", {}, make("dt", { class: "qq sm", text: say("stands", { name: first }) }), make("dd", { text: this.#stands(one) })),
        make("div", {}, make("dt", { class: "qq sm", text: say("waits", { name: second }) }), make("dd", { text: this.#words(one) }))),
      begun.may_edit && make("div", { class: "acts ws-edits" }, choose(keeps, false), choose(takes, true)));
  }

  async #decide(one, takes) {
    try {
      const answer = await post(begun.addresses.settle, { number: one.number, takes });
      const said = await answer.json();
      if (answer.ok) this.store.hear([said]);
      else {
        announce(`${said.message} ${said.hint ?? ""}`);
        this.hearing.ask();
      }
    } catch {
      announce(say("failed"));
    }
  }
}
