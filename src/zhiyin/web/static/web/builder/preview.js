// The page on which something stands, as customers see it, at the width of a phone.

import { begun, languageName, make } from "./begun.js";
import { languagesOf } from "./speaking.js";
import { place } from "./store.js";

export class Preview {
  constructor(store) {
    this.store = store;
    this.frame = document.getElementById("preview-frame");
    this.menu = document.getElementById("preview-language");
    this.menu.addEventListener("change", () => this.draw());
    this.shown = "";
  }

  // Of what is kept; `isAnew` asks again for the same page.
  draw(isAnew = false) {
    const { document: survey, selected } = this.store;
    const codes = languagesOf(survey);
    const chosen = codes.includes(this.menu.value) ? this.menu.value : codes[0];
    if (codes.join() !== [...this.menu.options].map((one) => one.value).join()) {
      this.menu.replaceChildren(...codes.map((code) => make("option", { value: code, text: languageName(code) })));
    }
    this.menu.value = chosen;
    if (!this.frame.offsetParent) return;
    const at = place(selected);
    const ending = /^\/endings\/(\d+)/.exec(selected)?.[1];
    const what = ending === undefined ? { p: survey.pages[at?.page ?? 0]?.name ?? "" } : { e: ending };
    const address = `${begun.addresses.preview}?${new URLSearchParams({ ...what, lang: chosen })}`;
    if (address === this.shown && !isAnew) return;
    this.shown = address;
    // In the place of what is there, so that the browser's own way back stays the page's.
    this.frame.contentWindow.location.replace(address);
  }
}
