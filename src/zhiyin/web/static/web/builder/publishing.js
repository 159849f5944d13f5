// Publication, with the decision for each question that is asked otherwise than before.

import { announce, begun, make, say } from "./begun.js";
import { send } from "./keeping.js";

export function publishing(store, keeping, onpublished) {
  const { state } = keeping;
  const dialog = make("dialog", { class: "b-dialog", "aria-labelledby": "publish-head" });
  const wrong = make("p", { class: "error", role: "alert" });
  const notes = make("textarea", { class: "field prose", id: "publish-notes", rows: 2, maxlength: 2000, "aria-describedby": "publish-notes-hint" });
  const beside = make("input", { type: "checkbox", id: "publish-beside", "aria-describedby": "publish-beside-hint" });
  const share = make("input", { class: "field short", type: "number", id: "publish-share", min: 1, max: 99, required: true, value: 50, disabled: true });
  const given = make("p", { hidden: true }, make("label", { class: "l", for: "publish-share", text: say("share") }), " ", share);
  beside.addEventListener("change", () => {
    share.disabled = given.hidden = !beside.checked;
  });
  const form = make("form", { method: "dialog" });
  const blocked = !keeping.isKept ? "publish_unkept" : state.faults.length ? "publish_faulty" : !state.is_new ? "publish_nothing" : "";
  const close = () => {
    dialog.close();
    dialog.remove();
  };

  async function publish(event) {
    event.preventDefault();
    const series = Object.fromEntries(state.changed.map((one) => [one.question, form.elements[`series-${one.question}`]?.value ?? ""]));
    if (Object.values(series).includes("")) {
      wrong.textContent = say("decide_each");
      return;
    }
    try {
      const answer = await send(begun.addresses.publish, {
        revision: keeping.revision, series, notes: notes.value,
        ...(beside.checked ? { beside: state.version, share: share.valueAsNumber / 100 } : {}),
      });
      const said = await answer.json();
      if (!answer.ok) {
        wrong.textContent = `${said.message} ${said.hint ?? ""}`;
        return;
      }
      // New series stand in the draft from now on.
      store.commit(said.document, { what: say("published", { number: said.version }) });
      keeping.become(said.document, said);
      begun.version = said.version;
      close();
      announce(say("published", { number: said.version }));
      onpublished();
    } catch {
      wrong.textContent = say("failed");
    }
  }

  const decision = (one) => {
    const choice = (how) => make("label", { class: "check" }, make("input", { type: "radio", name: `series-${one.question}`, value: how }), make("span", {}, make("b", { text: say(`series_${how}`) }), " ", make("span", { class: "q sm", text: say(`series_${how}_hint`) })));
    return make("fieldset", {}, make("legend", { text: one.question }),
      make("p", { class: "qq sm", text: say("series_was", { series: one.series, version: one.version, what: one.what.map((what) => say(`differs_${what}`)).join(", ") }) }),
      choice("same"), choice("new"));
  };

  form.addEventListener("submit", publish);
  form.append(make("h2", { id: "publish-head", text: say("publish_title") }));
  if (blocked) {
    form.append(make("p", { text: say(blocked) }), make("div", { class: "acts" }, make("button", { type: "button", class: "btn line", text: say("close"), onclick: close })));
  } else {
    form.append(make("p", { class: "q", text: say(state.version === null ? "publish_first" : "publish_next") }));
    if (state.changed.length) form.append(make("h3", { text: say("series_head") }), make("p", { class: "q sm", text: say("series_lead") }), ...state.changed.map(decision));
    if (state.version !== null) {
      form.append(make("label", { class: "check" }, beside, make("span", {}, make("b", { text: say("beside", { number: state.version }) }), " ",
        make("span", { class: "q sm", id: "publish-beside-hint", text: say("beside_hint") }))), given);
    }
    form.append(make("label", { class: "l", for: "publish-notes", text: say("notes") }), notes, make("span", { class: "hint", id: "publish-notes-hint", text: say("notes_hint") }), wrong,
      make("div", { class: "acts" }, make("button", { class: "btn go", text: say("publish") }), make("button", { type: "button", class: "btn line", text: say("cancel"), onclick: close })));
  }
  dialog.append(form);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
