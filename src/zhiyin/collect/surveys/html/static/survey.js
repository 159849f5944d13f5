"use strict";
// Keeps what is answered: each answer is sent as it is given, and waits in the browser while there is
// no network. A page is sent from here too, so that the next one comes when the network is back.
(() => {
  const main = document.querySelector("main");
  let form, key, timer = 0, busy = false, pause = 1000;
  const read = () => { try { return JSON.parse(localStorage.getItem(key)) || []; } catch { return []; } };
  const write = (queue) => {
    try { queue.length ? localStorage.setItem(key, JSON.stringify(queue)) : localStorage.removeItem(key); memory = null; } catch { memory = queue; }
  };
  let memory = null;
  const queue = () => memory || read();
  const say = (word) => {
    const place = document.getElementById("kept");
    if (place) place.textContent = main.dataset[word] || "";
  };

  function values(item) {
    const data = new FormData(form), found = {};
    for (const [name, value] of data)
      if (name === "a." + item || name === "t." + item || name.startsWith("k." + item + "."))
        (found[name] = found[name] || []).push(value);
    return found;
  }

  function itemOf(name) {
    if (/^[at]\./.test(name)) return name.slice(2);
    return /^k\./.test(name) ? name.slice(2, name.lastIndexOf(".")) : "";
  }

  function keep(item) {
    const entry = { item, values: values(item), page: form.elements.p.value };
    write([...queue().filter((one) => one.item !== item), entry]);
    flush();
  }

  async function flush() {
    if (busy || !queue().length) return;
    busy = true;
    clearTimeout(timer);
    timer = 0;
    try {
      while (queue().length) {
        const [one] = queue();
        const answer = one.form ? await sendPage(one) : await sendAnswer(one);
        if (answer.status >= 500 || answer.status === 429) throw new Error(answer.status);
        write(queue().filter((other) => JSON.stringify(other) !== JSON.stringify(one)));
        if (one.form) show(await answer.text());
        else if (answer.ok) say("kept");
      }
      pause = 1000;
    } catch {
      say("waits");
      timer = setTimeout(flush, pause);
      pause = Math.min(pause * 2, 60000);
    }
    busy = false;
    if (!timer && queue().length) flush();
  }

  const sendAnswer = (one) => {
    const fields = {};
    for (const [name, value] of new FormData(form)) if (name.startsWith("f.")) fields[name.slice(2)] = value;
    return fetch(form.action + "/answers", {
      method: "POST", keepalive: true, headers: { "content-type": "application/json" },
      body: JSON.stringify({ response: form.elements.r.value, language: form.elements.l.value,
        invitation: form.elements.i ? form.elements.i.value : "", fields, ...one }),
    });
  };
  const sendPage = (one) => fetch(form.action, {
    method: "POST", body: new URLSearchParams(one.form), headers: { "content-type": "application/x-www-form-urlencoded" },
  });

  // A file is too large to wait in the browser: the page stays as it is until it has arrived.
  async function sendFiles(button) {
    const data = new FormData(form);
    if (button && button.name) data.append(button.name, button.value);
    const page = form.elements.p.value;
    try {
      const answer = await fetch(form.action, { method: "POST", body: data });
      if (answer.status !== 422 && answer.status >= 400) throw new Error(answer.status);
      write(queue().filter((one) => one.page !== page));
      show(await answer.text());
    } catch {
      say("waits");
    }
  }

  function show(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const next = fresh.querySelector("main");
    if (!next) return location.reload();
    main.replaceChildren(...next.childNodes);
    document.title = fresh.title;
    const on = main.querySelector("a[data-go]");
    if (on) return location.assign(on.href);
    begin();
    window.scrollTo(0, 0);
    (main.querySelector("[role=alert], h1, legend, .lg") || main).focus();
  }

  function begin() {
    form = main.querySelector("form");
    if (!form) return;
    key = "zhiyin " + form.elements.r.value;
    form.addEventListener("change", (event) => {
      const item = event.target.type === "file" ? "" : itemOf(event.target.name || "");
      if (item) keep(item);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const files = [...form.querySelectorAll("[type=file]")].some((one) => one.files.length);
      if (files) return sendFiles(event.submitter);
      const data = [...new FormData(form)].filter((one) => typeof one[1] === "string");
      if (event.submitter && event.submitter.name) data.push([event.submitter.name, event.submitter.value]);
      // The page says all that single answers of it said.
      const page = form.elements.p.value;
      write([...queue().filter((one) => one.page !== page), { form: String(new URLSearchParams(data)), page }]);
      flush();
    });
    if (queue().length) flush();
  }

  window.addEventListener("online", () => { pause = 1000; flush(); });
  begin();
})();
