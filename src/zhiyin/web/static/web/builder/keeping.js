// Every change is kept on the server a moment after it, with the revision that it was made of.
// What is not there yet waits in this browser, over a cut network and a closed page.

import { announce, begun, say } from "./begun.js";
import { settle } from "./conflict.js";
import { same } from "./store.js";

const PAUSE_MS = 700;
const AGAIN_MS = 4000;
const PLACE = `zhiyin-survey ${begun.workspace}/${begun.key}`;

export class Keeping extends EventTarget {
  #timer = 0;
  #isBusy = false;
  #isWaiting = false;

  constructor(store) {
    super();
    this.store = store;
    this.kept = begun.document;
    this.state = begun;
    store.addEventListener("changed", () => this.#changed());
    window.addEventListener("online", () => this.keep());
    window.addEventListener("beforeunload", (event) => {
      if (!this.isKept) event.preventDefault();
    });
  }

  get isKept() {
    return same(this.kept, this.store.document);
  }

  get revision() {
    return this.state.revision;
  }

  // What waited here when the page was closed.
  restore() {
    const waiting = read();
    if (!waiting || same(waiting.document, this.kept)) {
      forget();
      return;
    }
    if (waiting.revision === this.revision) {
      this.store.commit(waiting.document);
      announce(say("brought_back"), () => this.store.undo());
      return;
    }
    this.#settle(waiting.base, { ...this.state, document: this.kept, changed_by: this.state.changed_by }, waiting.document);
  }

  #changed() {
    if (this.isKept) {
      this.#say("kept");
      forget();
      return;
    }
    write({ base: this.kept, revision: this.revision, document: this.store.document });
    this.#say("unkept");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.keep(), PAUSE_MS);
  }

  async keep() {
    clearTimeout(this.#timer);
    if (this.#isBusy || this.#isWaiting || this.isKept) return;
    this.#isBusy = true;
    const document = this.store.document;
    this.#say("keeping");
    try {
      const answer = await send(begun.addresses.save, { document, revision: this.revision });
      await this.#answered(answer, document);
    } catch {
      this.#say("offline", {}, true);
      this.#timer = setTimeout(() => this.keep(), AGAIN_MS);
    }
    this.#isBusy = false;
    if (!this.#timer && !this.isKept) this.#timer = setTimeout(() => this.keep(), PAUSE_MS);
  }

  async #answered(answer, document) {
    if (answer.redirected || answer.status === 403) {
      this.#say("signed_out", {}, true);
      this.#timer = setTimeout(() => this.keep(), AGAIN_MS * 4);
      return;
    }
    if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
    const said = await answer.json();
    this.#timer = 0;
    if (answer.status === 409) {
      this.#settle(this.kept, said.now, this.store.document);
    } else if (!answer.ok) {
      this.#say("refused", { why: `${said.message} ${said.hint ?? ""}` }, true);
      // It is not sent again until something is otherwise.
      this.#timer = -1;
    } else {
      this.become(document, said);
    }
  }

  // The server has this document now.
  become(document, state) {
    this.kept = document;
    this.state = { ...this.state, ...state };
    if (this.isKept) {
      forget();
      this.#say("kept");
    } else {
      write({ base: this.kept, revision: this.revision, document: this.store.document });
      this.#say("unkept");
    }
    this.dispatchEvent(new CustomEvent("kept"));
  }

  async #settle(base, now, mine) {
    this.#isWaiting = true;
    this.#say("conflict", {}, true);
    const chosen = await settle(base, now, mine);
    this.#isWaiting = false;
    this.kept = now.document;
    this.state = { ...this.state, ...now };
    // Both stand one step back, whichever is taken.
    this.store.commit(now.document, { what: "conflict_take_theirs" });
    this.store.commit(mine, { what: "conflict_keep_mine" });
    this.store.commit(chosen, { what: "conflict" });
    this.dispatchEvent(new CustomEvent("kept"));
    this.#changed();
  }

  #say(word, blanks = {}, isWrong = false) {
    const place = document.getElementById("kept");
    const text = say(word, blanks);
    if (place.textContent === text) return;
    place.textContent = text;
    place.classList.toggle("odd", isWrong);
  }
}

export function send(address, body) {
  const token = document.querySelector("#builder [name=csrfmiddlewaretoken]").value;
  return fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  });
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(PLACE));
  } catch {
    return null;
  }
}

function write(waiting) {
  try {
    localStorage.setItem(PLACE, JSON.stringify(waiting));
  } catch {
    // No room: leaving asks all the same.
  }
}

function forget() {
  try {
    localStorage.removeItem(PLACE);
  } catch {
    // Nothing was written there.
  }
}
