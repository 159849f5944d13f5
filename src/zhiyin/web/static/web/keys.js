// A slash goes to the search field, a question mark to the help, from wherever nothing is being
// written, unless the person has turned single keys off.

document.addEventListener("keydown", (event) => {
  if (document.body.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
  const at = document.activeElement;
  if (at && (at.isContentEditable || at.matches("input, select, textarea"))) return;
  if (event.key === "?") document.getElementById("help")?.click();
  if (event.key !== "/") return;
  const field = document.getElementById("find-anything") ?? document.getElementById("find-bar");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});
