// What others do: by server-sent events within a moment, and by asking, after each cut, after each
// message that was lost, and every fifteen seconds, so that nothing hangs on a message.

import { begun, say } from "../builder/begun.js";
import { post } from "./sending.js";

const ASK_MS = 15000;
const AGAIN_MS = 1500;
const HOLD_MS = 150;

export class Hearing extends EventTarget {
  #source = null;
  #isAsking = false;
  #isWanted = false;
  #holds = "";
  #holding = 0;

  constructor(store) {
    super();
    this.store = store;
    this.you = "";
    this.people = [];
    this.count = 0;
    this.isOver = false;
    store.addEventListener("gap", () => this.ask());
    store.addEventListener("lost", () => this.ask(true));
    setInterval(() => this.ask(), ASK_MS);
    window.addEventListener("online", () => this.ask());
  }

  // Ask for what came since; all of it where that is not to be had.
  async ask(isWhole = false) {
    if (this.isOver) return;
    if (this.#isAsking) {
      this.#isWanted ||= isWhole ? "whole" : "since";
      return;
    }
    this.#isAsking = true;
    try {
      const query = isWhole ? "" : `?after=${this.store.number}`;
      const answer = await fetch(begun.addresses.operations + query);
      if (answer.status === 404) this.#over();
      else if (answer.ok && !answer.redirected) this.#answered(await answer.json());
    } catch {
      // The next asking will do.
    }
    this.#isAsking = false;
    const wanted = this.#isWanted;
    this.#isWanted = false;
    if (wanted) this.ask(wanted === "whole");
  }

  #answered(said) {
    if (said.document) this.store.become(said);
    else this.store.hear(said.operations);
    if (!this.#source) this.listen(said.stream);
  }

  listen(address) {
    this.#close();
    const source = new EventSource(address);
    this.#source = source;
    const on = (name, does) => source.addEventListener(name, (message) => message.data && does(JSON.parse(message.data)));
    on("open", ({ you }) => {
      this.you = you;
      this.#live(true);
      if (this.#holds) this.#hold();
      this.ask(); // what came between the page and the stream
    });
    on("done", (one) => (one.does ? this.store.hear([one]) : this.store.hearOf(one.number)));
    on("lost", () => this.ask());
    on("kept", (one) => this.dispatchEvent(new CustomEvent("version", { detail: one })));
    on("removed", () => this.#over());
    on("present", ({ people, n }) => {
      this.people = people;
      this.count = n;
      this.dispatchEvent(new CustomEvent("present"));
    });
    source.addEventListener("error", () => {
      if (this.#source !== source) return;
      this.#close();
      this.#live(false);
      // Not all at the same moment, where a server has begun anew.
      setTimeout(() => this.ask(), AGAIN_MS * (0.5 + Math.random()));
    });
  }

  // The others who are here.
  get others() {
    return this.people.filter((one) => one.visitor !== this.you);
  }

  hold(part) {
    if (part === this.#holds) return;
    this.#holds = part;
    clearTimeout(this.#holding);
    this.#holding = setTimeout(() => this.#hold(), HOLD_MS);
  }

  #hold() {
    if (this.you) post(begun.addresses.holding, { visitor: this.you, holds: this.#holds }).catch(() => {});
  }

  #over() {
    this.isOver = true;
    this.#close();
    this.dispatchEvent(new CustomEvent("over"));
  }

  #live(isLive) {
    this.dispatchEvent(new CustomEvent("live", { detail: isLive }));
    if (isLive) return;
    this.people = [];
    this.count = 0;
    this.you = "";
    this.dispatchEvent(new CustomEvent("present"));
  }

  #close() {
    this.#source?.close();
    this.#source = null;
  }
}

export function drawPresent(hearing, nameOf, isLive) {
  const { others, count } = hearing;
  const named = others.map((one) => (one.holds ? say("at", { name: one.name, what: nameOf(one.holds) }) : one.name));
  const more = count - hearing.people.length;
  if (more > 0) named.push(say("and_more", { n: more }));
  const text = !isLive ? say("not_live") : named.length ? `${say("here")} ${named.join(" · ")}` : say("alone");
  const place = document.getElementById("present");
  if (place.textContent !== text) place.textContent = text;
}
