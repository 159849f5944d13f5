/* Zhiyin's script for pages: page views, visits, and what a page says itself.
 *
 *   <script async src="https://zhiyin.example.com/z.js" data-key="wk_…"></script>
 *
 * Before it has loaded a page may already say:
 *   (window.zhiyin = window.zhiyin || []).push(["track", "Order Completed", {total: 9.5}]);
 *
 * An event waits in localStorage until the server has said that it is safe: a reload, a closed
 * window or a dead network lose nothing, and what is sent twice is stored once by its messageId.
 * No cookie is set. Do-Not-Track, Global Privacy Control and a refused consent are obeyed: then
 * nothing is stored and nothing is sent.
 */
(function () {
  "use strict";
  var own = document.currentScript;
  if (!own || !own.dataset.key) return;
  var key = own.dataset.key;
  var host = (own.dataset.host || new URL(own.src, location.href).origin).replace(/\/+$/, "");
  var address = host + "/v1/batch?writeKey=" + encodeURIComponent(key);
  var prefix = "zhiyin." + key.slice(-6) + ".";
  var VISIT = 30 * 60 * 1000; // so long without an event ends a visit
  var MOST = 1000; // events that may wait; older ones go first
  var BATCH = 100;
  var BYTES = 50000; // browsers let some 64 KB go when a page is left
  var pause = 0, timer = 0, isSending = false, isRefused = false;
  var last = ""; // the page that was seen last, for single-page sites
  var lastUrl = "";
  var heard = [], hearers = []; // what was said on this page, and who wants to hear it
  var referrer = document.referrer;

  // Where things are kept. A browser that forbids it keeps them for this page alone.
  var memory = {};
  var store = (function () {
    try {
      localStorage.setItem(prefix + "?", "1");
      localStorage.removeItem(prefix + "?");
      return localStorage;
    } catch (e) {
      return null;
    }
  })();
  function get(name) {
    return store ? store.getItem(prefix + name) : name in memory ? memory[name] : null;
  }
  function put(name, value) {
    memory[name] = value;
    if (!store) return;
    delete memory[name];
    try {
      store.setItem(prefix + name, value);
    } catch (e) {
      // Full: the oldest event makes room for the newest.
      var oldest = waiting()[0];
      if (!oldest || oldest === name) return;
      drop(oldest);
      put(name, value);
    }
  }
  function drop(name) {
    delete memory[name];
    if (store) store.removeItem(prefix + name);
  }
  function names() {
    if (!store) return Object.keys(memory);
    var found = [];
    for (var i = 0; i < store.length; i++) {
      var name = store.key(i);
      if (name.indexOf(prefix) === 0) found.push(name.slice(prefix.length));
    }
    return found;
  }
  // Each event has a name of its own, in order of time, so that two windows never overwrite
  // what the other has put there.
  function waiting() {
    return names().filter(function (name) { return name.indexOf("e.") === 0; }).sort();
  }

  function uuid() {
    var c = window.crypto;
    if (c && c.randomUUID) return c.randomUUID();
    var b = c.getRandomValues(new Uint8Array(16));
    b[6] = (b[6] & 15) | 64;
    b[8] = (b[8] & 63) | 128;
    return Array.from(b, function (x, i) {
      return (i === 4 || i === 6 || i === 8 || i === 10 ? "-" : "") + (x + 256).toString(16).slice(1);
    }).join("");
  }

  function isAllowed() {
    var said = get("consent");
    if (said) return said === "yes";
    if (own.dataset.consent === "required") return false;
    return !(navigator.doNotTrack === "1" || navigator.globalPrivacyControl === true);
  }

  function device() {
    var id = get("device");
    if (!id) put("device", (id = uuid()));
    return id;
  }
  function visit() {
    var now = Date.now();
    var said = (get("visit") || "").split(" ");
    var id = said[0] && now - said[1] < VISIT ? said[0] : uuid();
    put("visit", id + " " + now);
    return id;
  }

  function page() {
    return {
      path: location.pathname, url: location.href, referrer: referrer,
      search: location.search, title: document.title,
    };
  }
  function context() {
    var found = {
      page: page(), sessionId: visit(), locale: navigator.language,
      library: { name: "zhiyin.js", version: "1" },
      device: { type: /Mobi/.test(navigator.userAgent) ? "phone" : "desktop" },
    };
    try {
      found.timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    } catch (e) { /* an old browser does not know it */ }
    var campaign = {};
    new URLSearchParams(location.search).forEach(function (value, name) {
      if (name.indexOf("utm_") === 0) campaign[name === "utm_campaign" ? "name" : name.slice(4)] = value;
    });
    if (Object.keys(campaign).length) found.campaign = campaign;
    return found;
  }

  function tell(what) {
    heard.push(what);
    if (heard.length > 50) heard.shift();
    hearers.forEach(function (hear) { hear(what); });
  }
  function say(type, fields) {
    if (!isAllowed()) return;
    var id = uuid();
    var message = {
      type: type, messageId: id, timestamp: new Date().toISOString(), anonymousId: device(),
      context: context(),
    };
    var customer = get("customer");
    if (customer) message.userId = customer;
    Object.keys(fields).forEach(function (name) { message[name] = fields[name]; });
    var all = waiting();
    if (all.length >= MOST) drop(all[0]);
    put("e." + String(Date.now()).padStart(14, "0") + "." + id, JSON.stringify(message));
    tell(message);
    soon(100);
  }

  function soon(wait) {
    if (timer) return;
    timer = setTimeout(function () {
      timer = 0;
      send();
    }, wait);
  }
  // The next events, as many as one request may have.
  function batch() {
    var taken = [], events = [], size = 0;
    waiting().some(function (name) {
      var text = get(name) || "";
      var bytes = new TextEncoder().encode(text).length;
      if (taken.length && (taken.length >= BATCH || size + bytes > BYTES)) return true;
      taken.push(name);
      if (text) events.push(text);
      size += bytes;
      return false;
    });
    return {
      names: taken,
      body: '{"sentAt":"' + new Date().toISOString() + '","batch":[' + events.join(",") + "]}",
    };
  }
  function send() {
    if (isSending || isRefused || !isAllowed()) return;
    var next = batch();
    if (!next.names.length) return;
    isSending = true;
    fetch(address, {
      method: "POST", body: next.body, credentials: "omit", mode: "cors",
      headers: { "Content-Type": "text/plain" },
    }).then(function (answer) {
      isSending = false;
      if (answer.ok || answer.status === 400 || answer.status === 413) {
        // Taken; or never will be, however often it is sent.
        next.names.forEach(drop);
        pause = 0;
        if (waiting().length) soon(0);
      } else if (answer.status === 401 || answer.status === 403) {
        isRefused = true; // until the page is loaded again: the key may be put right
      } else {
        later(Number(answer.headers.get("Retry-After")) * 1000);
      }
    }, function () {
      isSending = false;
      later(0);
    });
  }
  function later(least) {
    pause = Math.min(Math.max(pause * 2, 1000), 60000);
    soon(Math.max(pause * (0.75 + Math.random() / 2), least || 0));
  }
  // The page is left. Nobody hears the answer, so what is sent here stays until the next page
  // has sent it again; the server stores it once.
  function leave() {
    if (isRefused || !isAllowed()) return;
    var next = batch();
    if (next.names.length && navigator.sendBeacon) navigator.sendBeacon(address, next.body);
  }

  function view() {
    var here = location.pathname + location.search;
    if (here === last) return;
    last = here;
    if (lastUrl) referrer = lastUrl;
    lastUrl = location.href;
    // A single-page site sets its title after the address.
    setTimeout(function () {
      say("page", { properties: page() });
    }, 0);
  }

  var can = {
    track: function (name, properties) {
      say("track", { event: String(name), properties: properties || {} });
    },
    page: function (properties) {
      say("page", { properties: Object.assign(page(), properties) });
    },
    identify: function (id, traits) {
      if (!isAllowed()) return;
      put("customer", String(id));
      say("identify", { traits: traits || {} });
    },
    group: function (id, traits) {
      say("group", { groupId: String(id), traits: traits || {} });
    },
    // She signed out: who comes next on this device is somebody else.
    reset: function () {
      ["customer", "device", "visit"].forEach(drop);
    },
    consent: function (isGiven) {
      if (!isGiven) names().forEach(drop);
      put("consent", isGiven ? "yes" : "no");
      tell({ type: "consent" });
      if (isGiven) {
        last = "";
        view();
      }
    },
    flush: send,
    // The widget hears what is said, also what was said before it had loaded.
    on: function (hear) {
      hearers.push(hear);
      heard.forEach(hear);
    },
  };
  var early = Array.isArray(window.zhiyin) ? window.zhiyin : [];
  can.push = function (call) {
    if (can[call[0]]) can[call[0]].apply(null, Array.prototype.slice.call(call, 1));
  };
  window.zhiyin = can;

  function begin() {
    if (own.dataset.pages !== "off") {
      view();
      ["pushState", "replaceState"].forEach(function (name) {
        var was = history[name];
        history[name] = function () {
          var found = was.apply(this, arguments);
          view();
          return found;
        };
      });
      addEventListener("popstate", view);
    }
    early.forEach(can.push);
    addEventListener("online", function () {
      pause = 0;
      clearTimeout(timer);
      timer = 0;
      send();
    });
    addEventListener("pageshow", function (shown) {
      if (!shown.persisted) return;
      last = "";
      if (own.dataset.pages !== "off") view();
    });
    document.addEventListener("visibilitychange", function () {
      if (document.visibilityState === "hidden") leave();
    });
    addEventListener("pagehide", leave);
    soon(0);
  }
  if (document.prerendering) document.addEventListener("prerenderingchange", begin, { once: true });
  else begin();
})();
