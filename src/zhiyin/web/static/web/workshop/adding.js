// A touchpoint for an event that no touchpoint explains: where it stands is asked, the rule is there.

import { begun, make, say } from "../builder/begun.js";
import { nameOf } from "./naming.js";

export function addDialog(store, moving, chosen) {
  const { event, rule } = begun.add;
  const choose = (id, listed) => make("select", { class: "field", id }, ...listed.map((one) => make("option", { value: one.id, text: nameOf(one) })));
  const name = make("input", { class: "field", id: "add-name", value: event, maxlength: 200 });
  const stage = choose("add-stage", store.map.stages);
  const lane = choose("add-lane", store.map.lanes);
  const dialog = make("dialog", { class: "ws-dialog", "aria-labelledby": "add-head" });
  const close = () => {
    dialog.close();
    dialog.remove();
  };
  const add = (submitted) => {
    submitted.preventDefault();
    const id = moving.add("node", name.value.trim() || event, { stage: stage.value, lane: lane.value, events: rule });
    close();
    if (id) chosen(`node:${id}`);
  };
  const label = (control, word) => make("label", { class: "l", for: control.id, text: say(word) });
  dialog.append(make("form", { onsubmit: add },
    make("h2", { id: "add-head", text: say("new_from_event", { event }) }),
    make("p", { class: "q" }, make("code", { text: rule })),
    label(name, "node"), name,
    make("p", { class: "q", text: say("where_to") }),
    label(stage, "stage"), stage, label(lane, "lane"), lane,
    make("div", { class: "acts" },
      make("button", { class: "btn go", text: say("add_node") }),
      make("button", { type: "button", class: "btn line", text: say("cancel"), onclick: close }))));
  document.body.append(dialog);
  dialog.showModal();
  name.select();
}
