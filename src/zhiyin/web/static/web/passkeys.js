// The browser's part of passkeys: a form that asks the device before it is sent. What is asked
// stands in the form, or is fetched from where the form goes; the answer goes into its field
// `credential`. A browser that knows no passkeys does not show the form.

const isKnown =
  "PublicKeyCredential" in window &&
  "parseRequestOptionsFromJSON" in PublicKeyCredential &&
  "parseCreationOptionsFromJSON" in PublicKeyCredential;

async function asked(form) {
  if (form.dataset.asked) return JSON.parse(form.dataset.asked).publicKey;
  return (await (await fetch(form.action)).json()).publicKey;
}

async function answered(form) {
  const options = await asked(form);
  if (form.dataset.passkey === "make") {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return navigator.credentials.create({ publicKey });
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return navigator.credentials.get({ publicKey });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !isKnown;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const failed = form.querySelector("[role=alert]");
    failed.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(await answered(form));
      form.submit();
    } catch {
      failed.hidden = false;
    }
  });
}

for (const said of document.querySelectorAll("[data-no-passkeys]")) said.hidden = isKnown;
