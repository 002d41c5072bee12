/* A button that asks the device for a passkey, and sends what it says with the form that the button stands in.

   The server says what is to be signed; the form then goes its usual way, so that an answer is a page like any other. */

import { Refusal, post } from "./asking.js";

const WHY = {
  NotAllowedError: "Nothing was signed: it was cancelled, or took too long.",
  InvalidStateError: "This device has a passkey for your account already.",
  SecurityError: "Passkeys do not work at this address of the site.",
  NotSupportedError: "This device can make no passkey that the site understands.",
};

export default function passkey(button) {
  const place = button.parentElement;
  if (!window.PublicKeyCredential || !navigator.credentials) return cannot(place);
  place.hidden = false;
  if (button.dataset.makes) button.form.addEventListener("submit", (event) => [event.preventDefault(), button.click()]);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      say(place, "");
      send(button, await asked(button));
    } catch (error) {
      say(place, why(error));
      button.disabled = false;
    }
  });
}

function cannot(place) {
  place.hidden = false;
  place.replaceChildren("This browser has no passkeys here: they need a current one, and HTTPS.");
}

function why(error) {
  if (!(error instanceof Refusal)) return WHY[error.name] ?? "That did not work. Try again.";
  if (error.kind === "offline") return "The server does not answer. Try again in a moment.";
  const words = error.answer?.error ?? "";
  return words.includes(" ") ? words : "This page has grown old. Load it again."; // the others are for scripts
}

/** What the device says to what the server asks, as JSON. */
async function asked(button) {
  const options = await (await post(button.dataset.challenge, {})).json();
  options.challenge = bytes(options.challenge);
  for (const known of [...(options.allowCredentials ?? []), ...(options.excludeCredentials ?? [])]) known.id = bytes(known.id);
  if (options.user) options.user.id = bytes(options.user.id);
  const { credentials } = navigator;
  const given = await (button.dataset.makes ? credentials.create({ publicKey: options }) : credentials.get({ publicKey: options }));
  return JSON.stringify({ id: given.id, rawId: text(given.rawId), type: given.type, response: words(given.response) });
}

function words(response) {
  const found = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) found[name] = text(response[name]);
  }
  return found;
}

function send(button, credential) {
  const { form } = button;
  for (const secret of form.querySelectorAll('[type="password"]')) secret.disabled = true; // it is of no use to anybody now
  const field = form.querySelector('[name="credential"]') ?? document.createElement("input");
  Object.assign(field, { type: "hidden", name: "credential", value: credential });
  form.append(field);
  form.action = button.dataset.address;
  form.submit();
}

function say(place, words) {
  const region = place.querySelector("[role=alert]") ?? document.createElement("strong");
  region.className = "field__error";
  region.setAttribute("role", "alert");
  region.hidden = !words;
  region.textContent = words;
  place.append(region);
}

/* Base64 as it stands in addresses, which is how JSON carries bytes here. */

function bytes(words) {
  const plain = atob(words.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
