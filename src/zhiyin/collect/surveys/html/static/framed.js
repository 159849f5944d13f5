"use strict";
// The page inside a company's site: it tells the widget around it how high it is, and when it is
// begun and over. It speaks to nobody before one of the allowed origins has spoken to it.
(() => {
  const hosts = document.currentScript.dataset.hosts.split(" ");
  const main = document.querySelector("main");
  let host = "", said = 0;
  if (parent === window) return;
  document.documentElement.classList.add("framed");
  const tell = (type, more) => host && parent.postMessage({ zhiyin: type, ...more }, host);
  const size = () => {
    const height = Math.ceil(main.getBoundingClientRect().height);
    if (height !== said) tell("size", { height: (said = height) });
  };
  const look = () => {
    for (const link of main.querySelectorAll("a[href]"))
      if (link.origin !== location.origin) link.target = "_blank";
    size();
    if (!main.querySelector("form")) tell("over");
  };
  addEventListener("message", (event) => {
    if (event.source !== parent || !hosts.includes(event.origin)) return;
    if (!event.data || event.data.zhiyin !== "hello") return;
    host = event.origin;
    document.documentElement.classList.toggle("card", !!event.data.card);
    said = 0;
    look();
  });
  addEventListener("keydown", (event) => { if (event.key === "Escape") tell("close"); });
  main.addEventListener("change", () => tell("begun"));
  new MutationObserver(look).observe(main, { childList: true });
  new ResizeObserver(size).observe(main);
})();
