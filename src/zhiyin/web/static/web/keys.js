// A slash goes to the search field, from wherever nothing is being written.

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  const at = document.activeElement;
  if (at && (at.isContentEditable || at.matches("input, select, textarea"))) return;
  const field = document.getElementById("find-anything") ?? document.getElementById("find-bar");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});
