// One's own operations go to the server in their order. What it has not acknowledged stands in this
// browser, each under its id, over a cut network and a closed page: the id makes it once, so that
// whoever doubts sends it again.

import { announce, begun, say } from "../builder/begun.js";

const SOON_MS = 30;
const AGAIN_MS = 3000;
const SIGNED_OUT_MS = 15000;
const MOST_AT_ONCE = 50;
const WHERE = `zhiyin-map ${begun.workspace}/${begun.key} ${begun.me} `;

export function post(address, body) {
  const token = document.querySelector("#workshop [name=csrfmiddlewaretoken]").value;
  return fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  });
}

export class Sending {
  #timer = 0;
  #isBusy = false;

  constructor(store) {
    this.store = store;
    store.addEventListener("waiting", ({ detail }) => {
      write(detail);
      this.#soon(SOON_MS);
      this.#say("unkept");
    });
    store.addEventListener("typed", () => this.#say("unkept"));
    store.addEventListener("untyped", () => store.isKept && this.#say("kept"));
    store.addEventListener("acknowledged", ({ detail }) => forget(detail.id));
    store.addEventListener("refused", ({ detail }) => forget(detail.id));
    window.addEventListener("online", () => this.#soon(0));
    window.addEventListener("pagehide", () => store.dispatchEvent(new CustomEvent("leaving")));
    window.addEventListener("beforeunload", (event) => {
      // What is being written waits here too, before anybody is asked.
      store.dispatchEvent(new CustomEvent("leaving"));
      if (!store.isKept) event.preventDefault();
    });
    this.#say("kept");
  }

  // What waited here when a page was closed, or waits in another one that is open: sent twice, done once.
  bringBack() {
    const waiting = held();
    if (!waiting.length) return;
    this.store.adopt(waiting);
    announce(say("brought_back", { n: waiting.length }));
    this.#soon(0);
  }

  #soon(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(), milliseconds);
  }

  async #send() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    let wait = null;
    try {
      for (let next = this.#next(); next.length; next = this.#next()) {
        this.#say("keeping");
        wait = await this.#sent(next);
        if (wait !== null) break;
      }
    } catch {
      this.#say("offline", true);
      wait = AGAIN_MS;
    }
    this.#isBusy = false;
    if (wait !== null) this.#soon(wait);
    else if (this.store.isKept) this.#say("kept");
  }

  // The next that go together: undoing one goes alone, after that which it undoes.
  #next() {
    const waiting = this.store.pending.filter((one) => !one.is_kept);
    if (waiting[0]?.undoes) return waiting.slice(0, 1);
    const end = waiting.findIndex((one) => one.undoes);
    return waiting.slice(0, Math.min(end < 0 ? waiting.length : end, MOST_AT_ONCE));
  }

  // Milliseconds after which to go on; null: at once.
  async #sent(waiting) {
    const [first] = waiting;
    if (first.undoes && this.store.numberOf(first.undoes) === undefined) {
      this.store.refuse(first.id, null);
      return null;
    }
    const answer = first.undoes
      ? await post(begun.addresses.undo, { id: first.id, number: this.store.numberOf(first.undoes), seen: first.seen })
      : await post(begun.addresses.operations, waiting.map(({ id, seen, op }) => ({ id, seen, ...op })));
    if (answer.redirected || answer.status === 403) {
      this.#say("signed_out", true);
      return SIGNED_OUT_MS;
    }
    if (answer.status === 404) {
      this.#say("gone", true);
      return SIGNED_OUT_MS;
    }
    if (answer.status === 429) return 1000 * Number(answer.headers.get("Retry-After") || 5);
    if (answer.status >= 500) throw new Error(String(answer.status));
    const said = await answer.json();
    if (answer.status === 422) this.store.refuse(first.id, said);
    else if (first.undoes) this.store.hear([said]);
    else this.#became(said.done);
    return null;
  }

  #became(done) {
    this.store.hear(done.filter((one) => !one.problem));
    for (const { id, problem } of done.filter((one) => one.problem)) this.store.refuse(id, problem);
  }

  #say(word, isWrong = false) {
    const place = document.getElementById("kept");
    const text = say(word);
    if (place.textContent === text) return;
    place.textContent = text;
    place.classList.toggle("odd", isWrong);
  }
}

function write(one) {
  try {
    localStorage.setItem(WHERE + one.id, JSON.stringify(one));
  } catch {
    // No room: leaving asks all the same.
  }
}

function forget(id) {
  try {
    localStorage.removeItem(WHERE + id);
  } catch {
    // Nothing was written there.
  }
}

function held() {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(WHERE));
    const found = names.map((name) => JSON.parse(localStorage.getItem(name))).filter(Boolean);
    return found.sort((one, other) => one.at - other.at);
  } catch {
    return [];
  }
}
