// On a phone tabs lie in one line that scrolls: the page's own is brought into sight.

const show = () => {
  for (const tabs of document.querySelectorAll(".tabs")) {
    const own = tabs.querySelector("[aria-current]");
    if (!own) continue;
    const before = (tabs.clientWidth - own.offsetWidth) / 2;
    tabs.scrollLeft = own.offsetLeft - tabs.offsetLeft - before;
  }
};

show();
window.addEventListener("resize", show);
document.addEventListener("htmx:afterSettle", show);
