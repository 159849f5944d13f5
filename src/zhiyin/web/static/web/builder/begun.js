// What the server said when the page was made, and its words in the reader's language.

export const begun = JSON.parse(document.getElementById("begun").textContent);

export function say(word, blanks = {}) {
  const text = begun.words[word] ?? word;
  return text.replace(/\{(\w+)\}/g, (whole, name) => blanks[name] ?? whole);
}

// An element. What begins with `on` listens; `text` is text, never markup.
export function make(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") made.textContent = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "value") made.value = value;
    else if (name === "checked" || name === "disabled" || name === "hidden") made[name] = true;
    else made.setAttribute(name, value);
  }
  fill(made, ...inside);
  return made;
}

// What is not there (null, undefined, false) says nothing; the browser would write its name.
export function fill(made, ...inside) {
  made.append(...inside.flat().filter((one) => one !== null && one !== undefined && one !== false));
}

export const button = (word, onclick, more = {}) =>
  make("button", { type: "button", class: "link", text: say(word), onclick, ...more });

// Heard by who does not see it, and shown for a while where a change can be taken back.
export function announce(text, onundo = null) {
  const place = document.getElementById("said");
  place.replaceChildren(make("span", { text }));
  if (onundo) place.append(" ", button("undo", onundo));
  place.dataset.at = String(Date.now());
}

export const typeOf = (name) => begun.types.find((one) => one.name === name);
export const languageName = (code) => begun.languages[code] ?? code;
