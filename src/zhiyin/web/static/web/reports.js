// Alt and an arrow move the part of a report that has the focus, as its buttons do.

for (const block of document.querySelectorAll(".blocks > li")) {
  block.addEventListener("keydown", (event) => {
    const doing = { ArrowUp: "up", ArrowDown: "down" }[event.key];
    if (!event.altKey || !doing) return;
    event.preventDefault();
    block.querySelector(`button[value="${doing}"]:enabled`)?.click();
  });
}

// The page comes back to the part that was moved: so it has the focus, and can be moved on.
if (location.hash.startsWith("#b-")) document.getElementById(location.hash.slice(1))?.focus();
