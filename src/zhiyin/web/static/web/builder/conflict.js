// Somebody else kept a change first: both are shown, and who looks decides.

import { make, say } from "./begun.js";
import { differences, merged } from "./merging.js";

const shown = (value) => (value === undefined ? say("gone") : typeof value === "string" ? value : JSON.stringify(value));

const rows = (base, document) => new Map(differences(base, document).map((one) => [one.place, one.after]));

// The document that is to stand; the dialog cannot be left without one.
export function settle(base, now, mine) {
  const both = merged(base, now.document, mine).document;
  const [theirs, own] = [rows(base, now.document), rows(base, mine)];
  const places = [...new Set([...theirs.keys(), ...own.keys()])];
  const line = (place) =>
    make("tr", {},
      make("th", { scope: "row" }, make("code", { text: place })),
      make("td", { text: theirs.has(place) ? shown(theirs.get(place)) : "–" }),
      make("td", { text: own.has(place) ? shown(own.get(place)) : "–" }));
  return new Promise((done) => {
    const dialog = make("dialog", { class: "b-dialog", "aria-labelledby": "conflict-head" });
    const choose = (word, document, look) =>
      make("button", { type: "button", class: `btn ${look}`, text: say(word), onclick: () => {
        dialog.close();
        dialog.remove();
        done(document);
      } });
    dialog.append(
      make("h2", { id: "conflict-head", text: say("conflict") }),
      make("p", { class: "q", text: say("conflict_by", { name: now.changed_by ?? "" }) }),
      make("div", { class: "scroll b-conflict", tabindex: 0, role: "group", "aria-label": say("conflict") },
        make("table", { class: "z" },
          make("thead", {}, make("tr", {},
            ...["conflict_place", "conflict_theirs", "conflict_mine"].map((word) => make("th", { scope: "col", text: say(word) })))),
          make("tbody", {}, places.map(line)))),
      make("div", { class: "acts" },
        choose("conflict_both", both, "go"),
        choose("conflict_take_theirs", now.document, "line"),
        choose("conflict_keep_mine", mine, "line")));
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    document.body.append(dialog);
    dialog.showModal();
  });
}
