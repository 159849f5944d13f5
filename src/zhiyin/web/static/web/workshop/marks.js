// Problems and suggestions pinned to the touchpoint that was chosen, drawn by the server: voted for, and
// new ones made, without leaving the workshop.

import { announce, begun, say } from "../builder/begun.js";

async function fill(place) {
  const node = place.dataset.pins;
  try {
    const answer = await fetch(begun.addresses.marks.replace("/0/", `/${node}/`));
    if (answer.ok && !answer.redirected && place.isConnected) place.innerHTML = await answer.text();
  } catch {
    // Without them the rest stands.
  }
}

export function marks(root) {
  root.addEventListener("chosen", ({ target }) => fill(target));
  root.addEventListener("submit", async (event) => {
    const place = event.target.closest("[data-pins]");
    if (!place) return;
    event.preventDefault();
    const form = event.target;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form, event.submitter) });
      // What is wrong is said on a page of its own.
      if (answer.ok) await fill(place);
      else form.submit();
    } catch {
      announce(say("failed"));
    }
  });
}
