// What the server draws of the draft that is kept: its logic, versions, simulated answers, the plan.

import { begun, make, say } from "./begun.js";

export async function fill(panel, address) {
  panel.setAttribute("aria-busy", "true");
  if (!panel.childElementCount) panel.replaceChildren(make("p", { class: "q", text: say("loading") }));
  try {
    const answer = await fetch(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.redirected || (answer.status !== 200 && answer.status !== 422)) throw new Error(String(answer.status));
    panel.replaceChildren(...page.body.childNodes);
  } catch {
    panel.replaceChildren(make("p", { class: "error", role: "alert", text: say("failed") }));
  }
  panel.removeAttribute("aria-busy");
}

export function estimate(state) {
  const { seconds } = state.minutes;
  return say("takes", { time: `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` });
}

// The two forms of the panel "before launch".
export function forms() {
  const trial = document.getElementById("trial-form");
  trial.addEventListener("submit", (event) => {
    event.preventDefault();
    fill(document.getElementById("trial"), `${begun.addresses.trial}?${new URLSearchParams(new FormData(trial))}`);
  });
  const plan = document.getElementById("plan-form");
  const show = () => {
    const measure = plan.elements.measure.value;
    for (const one of plan.querySelectorAll("[data-of]")) one.hidden = one.dataset.of !== measure;
  };
  const ask = () => fill(document.getElementById("plan"), `${begun.addresses.plan}?${new URLSearchParams(new FormData(plan))}`);
  plan.addEventListener("change", () => {
    show();
    ask();
  });
  plan.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
  show();
  return ask;
}
