// The draft is kept as a version, with what is new in it.

import { announce, begun, make, say } from "../builder/begun.js";
import { person } from "./naming.js";
import { post } from "./sending.js";

export function drawVersion(store) {
  const { version, hasChanges } = store;
  const text = version ? say("version", { number: version }) + (hasChanges ? ` · ${say("changed_since")}` : "") : say("no_version");
  const place = document.getElementById("version");
  if (place.textContent !== text) place.textContent = text;
}

export function keptBy(store, { version, by }) {
  store.version = version;
  store.hasChanges = false;
  drawVersion(store);
  if (by !== begun.me) announce(say("by_other", { name: person(by), number: version }));
}

export function keepDialog(store) {
  const fault = make("p", { class: "error sm", role: "alert" });
  const notes = make("textarea", { class: "field", id: "keep-notes", rows: 3, maxlength: 2000 });
  const dialog = make("dialog", { class: "ws-dialog", "aria-labelledby": "keep-head" });
  const close = () => {
    dialog.close();
    dialog.remove();
  };
  async function keep(event) {
    event.preventDefault();
    if (!store.isKept) {
      fault.textContent = say("keep_wait");
      return;
    }
    try {
      const answer = await post(begun.addresses.keep, { notes: notes.value });
      const said = await answer.json();
      if (!answer.ok) {
        fault.textContent = `${said.message} ${said.hint ?? ""}`;
        return;
      }
      close();
      keptBy(store, { version: said.version, by: begun.me });
      announce(say("is_version", { number: said.version }));
    } catch {
      fault.textContent = say("failed");
    }
  }
  dialog.append(make("form", { onsubmit: keep },
    make("h2", { id: "keep-head", text: say("keep_version") }),
    make("p", { class: "q", text: say("keep_lead") }),
    make("label", { class: "l", for: "keep-notes", text: say("notes") }), notes, fault,
    make("div", { class: "acts" },
      make("button", { class: "btn go", text: say("keep_version") }),
      make("button", { type: "button", class: "btn line", text: say("cancel"), onclick: close }))));
  document.body.append(dialog);
  dialog.showModal();
}
