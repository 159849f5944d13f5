// How much of a file is sent, while it is sent. Without this the form sends it just the same.

const form = document.getElementById("upload");
const words = form.dataset;
const error = document.getElementById("upload-error");
const state = document.getElementById("upload-state");
const bar = state.querySelector("progress");
const button = form.querySelector("button.go");

function fail(said) {
  error.textContent = said;
  error.hidden = !said;
  state.hidden = true;
  button.disabled = false;
}

function say(done, of) {
  state.hidden = false;
  bar.value = (100 * done) / of;
  const percent = `${Math.floor((100 * done) / of)}%`;
  state.querySelector("span").textContent = done < of ? `${words.sending} ${percent}` : words.reading;
  if (done >= of) bar.removeAttribute("value");
}

function isTooLarge() {
  const file = form.elements.file.files[0];
  return file && file.size > Number(words.most);
}

form.elements.file.addEventListener("change", () => fail(isTooLarge() ? words.tooLarge : ""));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (isTooLarge()) {
    fail(words.tooLarge);
    return;
  }
  fail("");
  button.disabled = true;
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (at) => at.lengthComputable && say(at.loaded, at.total));
  request.addEventListener("error", () => fail(words.failed));
  request.addEventListener("load", () => {
    if (request.status < 400) {
      location.assign(request.responseURL);
      return;
    }
    // The answer says what is wrong, as a page or as the form with the problem in it.
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    const said = page.querySelector(".error.block") ?? page.querySelector("main") ?? page.body;
    fail(said.textContent.trim());
  });
  request.open("POST", form.getAttribute("action") || location.pathname);
  request.send(new FormData(form));
});
