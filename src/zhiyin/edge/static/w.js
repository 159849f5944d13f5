/* Zhiyin's widget: asks a survey on a company's own site, by the rules of its workspace.
 *
 *   <script async src="https://zhiyin.example.com/w.js" data-key="wk_…"></script>
 *
 * It hears the events of z.js; a site with another SDK tells it:
 *   zhiyinWidget.event("Order Completed", {order_id: "7"}); zhiyinWidget.identify("ana", proof);
 *
 * The survey is a frame of Zhiyin's address: the site's scripts see no answer. Nothing is styled by
 * attributes or style elements, so that a strict content security policy may stay as it is. What is
 * kept in localStorage is named in docs/widget.md; no cookie is set.
 */
(function () {
  "use strict";
  var own = document.currentScript;
  if (!own || !own.dataset.key || window.zhiyinWidget) return;
  var key = own.dataset.key;
  var host = (own.dataset.host || new URL(own.src, location.href).origin).replace(/\/+$/, "");
  var origin = new URL(host, location.href).origin;
  var prefix = "zhiyin." + key.slice(-6) + ".";
  var DAY = 86400000, RESUME = 30 * 60000, TICK = 250, PATIENCE = 15000, RETRY = 30000;
  var customer = own.dataset.customer || "", proof = own.dataset.proof || "";
  var consent = ""; // said to this script, where there is no z.js
  var rules = [], events = [], tried = {}, attempts = {}, choices = {}, open = null;
  var entered = Date.now(), url = location.href, scrolled = 0, isLoading = false;

  // What is kept; where a browser forbids it, for this page alone.
  var memory = {}, store = null;
  try {
    localStorage.setItem(prefix + "?", "1");
    localStorage.removeItem(prefix + "?");
    store = localStorage;
  } catch (e) { /* forbidden, or full */ }
  function get(name) {
    return store ? store.getItem(prefix + name) : name in memory ? memory[name] : null;
  }
  function put(name, value) {
    memory[name] = value;
    try { if (store) store.setItem(prefix + name, value); } catch (e) { store = null; }
  }
  function drop(name) {
    delete memory[name];
    if (store) store.removeItem(prefix + name);
  }
  function read(name, usual) {
    try { return JSON.parse(get(name)) || usual; } catch (e) { return usual; }
  }
  function write(name, value) { put(name, JSON.stringify(value)); }
  function uuid() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), function (x) {
      return (x + 256).toString(16).slice(1);
    }).join("");
  }

  function isAllowed(needsConsent) {
    var said = consent || get("consent");
    if (said) return said === "yes";
    if (needsConsent || own.dataset.consent === "required") return false;
    return !(navigator.doNotTrack === "1" || navigator.globalPrivacyControl === true);
  }
  function who(more) {
    var device = get("device");
    if (!device) put("device", (device = uuid()));
    var known = customer || get("customer") || "";
    return Object.assign({ device: device, customer: known, proof: proof }, more);
  }
  function call(what, body) {
    return fetch(host + "/v1/widget/" + what + "?writeKey=" + encodeURIComponent(key), {
      method: body ? "POST" : "GET", body: body && JSON.stringify(body), credentials: "omit",
      mode: "cors", keepalive: !!body, headers: body ? { "Content-Type": "text/plain" } : {},
    }).then(function (answer) {
      if (!answer.ok) throw new Error("zhiyin " + answer.status);
      return answer.json();
    });
  }

  // Rules.
  function kind() {
    var agent = navigator.userAgent;
    if (/iPad|Tablet/.test(agent) || (/Android/.test(agent) && !/Mobi/.test(agent))) return "tablet";
    return /Mobi/.test(agent) ? "phone" : "desktop";
  }
  function path() {
    try { return decodeURI(location.pathname); } catch (e) { return location.pathname; }
  }
  function fits(pattern, here) {
    var parts = pattern.split("*").map(function (part) {
      return part.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
    });
    return new RegExp("^" + parts.join(".*") + "$").test(here);
  }
  function isHere(patterns, here) {
    var wanted = patterns.filter(function (one) { return one[0] !== "!"; });
    var unwanted = patterns.filter(function (one) { return one[0] === "!"; });
    return (!wanted.length || wanted.some(function (one) { return fits(one, here); })) &&
      !unwanted.some(function (one) { return fits(one.slice(1), here); });
  }
  // The text of a property, null where it is missing: as the filter language has it.
  function held(properties, steps) {
    var found = properties;
    for (var i = 0; i < steps.length; i++) {
      var isMapping = found && typeof found === "object" && !Array.isArray(found);
      found = isMapping && Object.prototype.hasOwnProperty.call(found, steps[i]) ? found[steps[i]] : null;
    }
    if (found === null || found === undefined) return null;
    return typeof found === "string" ? found : JSON.stringify(found);
  }
  var NUMBER = /^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;
  // Below 0, 0 or above; NaN where the two are of two kinds.
  function against(text, value) {
    if (text === null) return NaN;
    if (value[1] === null) return text < value[0] ? -1 : text > value[0] ? 1 : 0;
    return NUMBER.test(text) ? Number(text) - value[1] : NaN;
  }
  function holds(condition, properties) {
    var op = condition[0];
    function also(one) { return holds(one, properties); }
    if (op === "and") return condition.slice(1).every(also);
    if (op === "or") return condition.slice(1).some(also);
    if (op === "not") return !also(condition[1]);
    var text = held(properties, condition[1]);
    if (op === "no") return text === null;
    if (op === "has") return text !== null && text.toLowerCase().indexOf(condition[2]) >= 0;
    if (op === "in") return condition[2].some(function (one) { return against(text, one) === 0; });
    var found = against(text, condition[2]);
    if (op === "!=") return found !== 0;
    return op === "=" ? found === 0 : op === "<" ? found < 0 : op === "<=" ? found <= 0
      : op === ">" ? found > 0 : found >= 0;
  }
  function cause(rule) {
    return events.filter(function (one) {
      return one.name === rule.event && (!rule.where || holds(rule.where, one.properties));
    })[0];
  }
  function isRested(rule, now) {
    var asked = read("asked", {}), mine = asked[rule.name];
    if (mine && (now - mine.at < rule.days * DAY || (rule.times && mine.n >= rule.times))) return false;
    return Object.keys(asked).every(function (name) {
      return name === rule.name || now - asked[name].at >= rule.pause * DAY;
    });
  }
  // Whether all that a browser can tell of lets the rule ask now.
  function isDue(rule, now, isLeaving) {
    if (tried[rule.name] > now || !isAllowed(rule.consent) || !!rule.exit !== !!isLeaving) return false;
    if (rule.place === "popover" ? open : !place(rule) || place(rule).zhiyin) return false;
    if (rule.devices.length && rule.devices.indexOf(kind()) < 0) return false;
    if (!isHere(rule.pages, path()) || scrolled < rule.scroll) return false;
    var event = rule.event ? cause(rule) : { at: entered };
    return !!event && now - event.at >= rule.seconds * 1000 && isRested(rule, now);
  }
  function place(rule) {
    try { return document.querySelector(rule.element); } catch (e) { return null; }
  }

  // Asking.
  function choose(rule) {
    var one = choices[rule.name], me = who();
    var said = me.device + " " + me.customer + " " + me.proof;
    if (one && one.said === said && one.until > Date.now()) return Promise.resolve(one);
    return call("choose", who({ rules: [rule.name] })).then(function (answer) {
      var found = answer.rules[rule.name] || { chosen: false, says: "" };
      return (choices[rule.name] = {
        said: said, until: Date.now() + answer.seconds * 1000, chosen: found.chosen, says: found.says,
      });
    });
  }
  function ask(rule, now) {
    var event = rule.event ? cause(rule) : null;
    tried[rule.name] = Infinity; // until the next page
    attempts[rule.name] = attempts[rule.name] || uuid();
    if (rule.place === "popover") open = rule; // nobody else's turn meanwhile
    function not() { if (open === rule) open = null; }
    (rule.chooses ? choose(rule) : Promise.resolve({ chosen: true, says: "" })).then(function (one) {
      if (!one.chosen) return not();
      return call("ask", who({
        rule: rule.name, attempt: attempts[rule.name], says: one.says, path: path(), kind: kind(),
        language: document.documentElement.lang || navigator.language,
        event: event && {
          at: event.at, about: (rule.about && held(event.properties, rule.about)) || "",
        },
      })).then(function (answer) {
        if (!answer.shown || !isAllowed(rule.consent)) return not();
        var asked = read("asked", {}), mine = asked[rule.name] || { n: 0 };
        asked[rule.name] = { at: now, n: mine.n + 1, open: answer };
        write("asked", asked);
        show(rule, answer);
      });
    }).catch(function () {
      not();
      tried[rule.name] = Date.now() + RETRY;
    });
  }
  function note(rule, change) {
    var asked = read("asked", {});
    if (!asked[rule.name]) return;
    Object.assign(asked[rule.name], change);
    write("asked", asked);
  }
  // What was shown and is not over goes on: an embedded one always, a popover when it was begun.
  function resume() {
    var asked = read("asked", {}), now = Date.now();
    rules.forEach(function (rule) {
      var mine = asked[rule.name];
      if (!mine || !mine.open || !isAllowed(rule.consent) || !isHere(rule.pages, path())) return;
      if (rule.place === "embedded") {
        if (place(rule) && !place(rule).zhiyin) show(rule, mine.open);
      } else if (!open && mine.begun && now - mine.begun < RESUME) show(rule, mine.open);
    });
  }

  // Showing.
  var STYLE =
    ":host{all:initial}" +
    "*{box-sizing:border-box}" +
    "iframe{display:block;width:100%;border:0;color-scheme:light;background:#fff}" +
    ".card{position:fixed;bottom:12px;z-index:var(--z);width:min(400px,calc(100vw - 24px));" +
    "max-height:min(600px,calc(100vh - 24px));overflow:hidden;background:#fff;border:1px solid #868d97;" +
    "border-radius:10px;box-shadow:0 8px 32px rgba(21,24,28,.2);visibility:hidden}" +
    ".end{inset-inline-end:12px}.start{inset-inline-start:12px}" +
    ".on{visibility:visible}" +
    ".card iframe{max-height:min(598px,calc(100vh - 26px))}" +
    "@supports(height:1dvh){.card{max-height:min(600px,calc(100dvh - 24px))}" +
    ".card iframe{max-height:min(598px,calc(100dvh - 26px))}}" +
    "button{position:absolute;top:4px;inset-inline-end:4px;width:44px;height:44px;padding:0;border:0;" +
    "border-radius:8px;background:#fff;color:#474d56;font:24px/44px system-ui,sans-serif;cursor:pointer}" +
    "button:hover{color:#15181c;background:#f1f2f4}" +
    ".in{position:relative}" +
    "button:focus-visible{outline:3px solid var(--c,#1a5fb4);outline-offset:-3px}" +
    ".sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}" +
    "@media(prefers-reduced-motion:no-preference){.on{animation:in .25s ease-out}" +
    "@keyframes in{from{opacity:0;transform:translateY(12px)}}}" +
    "@media print{.card{display:none}}";
  var sheet = null;
  function dress(root) {
    // A constructed sheet is no inline style for the site's policy.
    if (window.CSSStyleSheet && "replaceSync" in CSSStyleSheet.prototype && root.adoptedStyleSheets) {
      if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } else {
      var old = document.createElement("style");
      old.textContent = STYLE;
      root.appendChild(old);
    }
  }
  function make(tag, said) {
    var made = document.createElement(tag);
    Object.keys(said).forEach(function (name) { made.setAttribute(name, said[name]); });
    return made;
  }
  function show(rule, answer) {
    var isCard = rule.place === "popover", into = isCard ? document.body : place(rule);
    if (!into) return;
    var outer = make("zhiyin-widget", { lang: answer.language });
    var root = outer.attachShadow({ mode: "open" });
    dress(root);
    outer.style.setProperty("--z", rule.z);
    if (answer.colour) outer.style.setProperty("--c", answer.colour);
    if (!isCard) outer.style.display = "block";
    var box = make(isCard ? "div" : "section", {
      role: isCard ? "dialog" : "region", "aria-label": answer.title,
      class: isCard ? "card " + rule.corner : "",
    });
    var inner = make("div", { class: "in", dir: answer.rtl ? "rtl" : "ltr" });
    var frame = make("iframe", {
      title: answer.title, referrerpolicy: "no-referrer", allow: "",
      sandbox: "allow-scripts allow-forms allow-same-origin allow-popups",
    });
    var status = make("p", { role: "status", class: "sr" });
    var before = null, isReady = false, isOver = false;
    function hear(message) {
      if (message.source !== frame.contentWindow || message.origin !== origin) return;
      var said = message.data || {};
      if (said.zhiyin === "size" && said.height > 0 && said.height < 100000) {
        frame.style.height = Math.ceil(said.height) + "px";
        if (!isReady) ready();
      } else if (said.zhiyin === "begun") note(rule, { begun: Date.now() });
      else if (said.zhiyin === "over") {
        isOver = true;
        note(rule, { open: null });
      } else if (said.zhiyin === "close" && isCard) close();
    }
    function ready() {
      isReady = true;
      box.classList.add("on");
      if (isCard) status.textContent = answer.title;
    }
    function remove() {
      removeEventListener("message", hear);
      document.removeEventListener("keydown", escape);
      if (into.zhiyin === outer) into.zhiyin = null;
      if (open && open.close === close) open = null;
      outer.remove();
    }
    function close() {
      var isInside = document.activeElement === outer;
      remove();
      note(rule, { open: null });
      if (isInside && before && before.isConnected) before.focus();
      if (!isOver) {
        var closed = read("closed", []);
        closed.push({ rule: rule.name, survey: answer.survey, invitation: answer.invitation });
        write("closed", closed);
        sendClosed();
      }
    }
    function escape(event) {
      var busy = /^(INPUT|TEXTAREA|SELECT)$/.test((document.activeElement || {}).tagName);
      if (event.key === "Escape" && !event.defaultPrevented && !busy) close();
    }
    if (isCard) {
      box.addEventListener("focusin", function (event) {
        if (event.relatedTarget && !root.contains(event.relatedTarget)) before = event.relatedTarget;
      });
      var button = make("button", { type: "button", "aria-label": answer.close });
      button.textContent = "×";
      button.addEventListener("click", close);
      document.addEventListener("keydown", escape);
      inner.appendChild(button);
      open = { close: close };
    } else into.zhiyin = outer;
    addEventListener("message", hear);
    frame.addEventListener("load", function () {
      if (frame.contentWindow) frame.contentWindow.postMessage({ zhiyin: "hello", card: isCard }, origin);
    });
    frame.src = host + answer.address;
    inner.appendChild(frame);
    box.appendChild(inner);
    root.appendChild(box);
    root.appendChild(status);
    into.appendChild(outer);
    setTimeout(function () {
      if (isReady || !outer.isConnected) return;
      console.warn("zhiyin: the survey did not load; the site's policy needs frame-src " + origin);
      remove();
    }, PATIENCE);
  }
  function sendClosed() {
    if (isLoading || !isAllowed()) return;
    var one = read("closed", [])[0];
    if (!one) return;
    isLoading = true;
    call("close", who(one)).then(function () {
      write("closed", read("closed", []).filter(function (other) {
        return other.invitation !== one.invitation;
      }));
      isLoading = false;
      sendClosed();
    }).catch(function () { isLoading = false; });
  }

  // Watching.
  function enter() {
    url = location.href;
    entered = Date.now();
    scrolled = 0;
    events = [];
    tried = {};
    measure();
  }
  function measure() {
    var all = document.documentElement.scrollHeight;
    scrolled = Math.max(scrolled, all ? ((scrollY + innerHeight) / all) * 100 : 100);
  }
  function look(isLeaving) {
    if (location.href !== url) enter();
    if (document.visibilityState === "hidden") return;
    resume();
    rules.forEach(function (rule) {
      if (isDue(rule, Date.now(), isLeaving)) ask(rule, Date.now());
    });
  }
  function hear(said) {
    if (said.type === "track") can.event(said.event, said.properties, Date.parse(said.timestamp));
    else if (said.type === "consent") {
      if (isAllowed()) return begin();
      can.close();
      document.querySelectorAll("zhiyin-widget").forEach(function (one) { one.remove(); });
      ["asked", "closed"].forEach(drop);
    }
  }
  var hasBegun = false;
  function begin() {
    if (hasBegun || !isAllowed()) return;
    hasBegun = true;
    call("rules").then(function (answer) {
      rules = answer.rules;
      if (!rules.length) return;
      sendClosed();
      measure();
      setInterval(look, TICK);
      look();
      addEventListener("scroll", measure, { passive: true });
      addEventListener("online", sendClosed);
      document.addEventListener("mouseout", function (event) {
        if (!event.relatedTarget && event.clientY <= 0) look(true);
      });
    }).catch(function () { hasBegun = false; });
  }
  var can = (window.zhiyinWidget = {
    event: function (name, properties, at) {
      if (location.href !== url) enter();
      events.push({ name: String(name), properties: properties || {}, at: at || Date.now() });
      if (events.length > 50) events.shift();
    },
    identify: function (id, itsProof) {
      customer = String(id || "");
      proof = String(itsProof || "");
    },
    consent: function (isGiven) {
      consent = isGiven ? "yes" : "no";
      hear({ type: "consent" });
    },
    close: function () { if (open && open.close) open.close(); },
  });
  (window.zhiyin = window.zhiyin || []).push(["on", hear]);
  begin();
})();
