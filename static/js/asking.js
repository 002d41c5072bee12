/* Requests to our own server. A form token that has grown old is renewed, once, if the person is still the same. */

/** A request that came to nothing. `kind` is offline, signed out, somebody else, gone, busy or refused. */
export class Refusal extends Error {
  constructor(kind, words = "", answer = null) {
    super(words || kind);
    this.kind = kind;
    this.answer = answer;
  }
}

const KINDS = { 401: "signed out", 403: "gone", 404: "gone", 410: "gone", 429: "busy", 502: "busy", 503: "busy", 504: "busy" };

/** The answer to fields sent by POST; a Refusal where there is none worth having. */
export async function post(address, fields, person, options = {}) {
  let response = await sent(address, fields, options);
  if (response.status === 400 || response.status === 401) {
    await renewToken(person);
    response = await sent(address, fields, options);
  }
  if (response.ok) return response;
  throw new Refusal(KINDS[response.status] ?? "refused", await reason(response), response.answer);
}

async function sent(address, fields, options) {
  const form = fields instanceof FormData ? fields : asForm(fields);
  const headers = { Accept: "application/json", "X-CSRFToken": token() };
  if (form.has("csrf_token")) form.set("csrf_token", token());
  try {
    return await fetch(address, { method: "POST", body: form, headers, ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal("offline");
  }
}

/** As parts, since a long text takes several times as long to be written with percent signs. */
function asForm(fields) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

/** Why not, in the server's words where it has any. */
async function reason(response) {
  const words = await response.text();
  if (!response.headers.get("Content-Type")?.includes("json")) {
    return response.headers.get("Content-Type")?.startsWith("text/plain") ? words : "";
  }
  response.answer = JSON.parse(words);
  return typeof response.answer.error === "string" ? response.answer.error : "";
}

export function token() {
  return document.querySelector('input[name="csrf_token"]')?.value ?? "";
}

/** Asks who is signed in now, and takes their token into all forms of the page. */
export async function renewToken(person) {
  let response;
  try {
    response = await fetch("/write/session", { headers: { Accept: "application/json" } });
  } catch {
    throw new Refusal("offline");
  }
  if (response.status === 401 || response.redirected) throw new Refusal("signed out");
  if (!response.ok) throw new Refusal("busy");
  const session = await response.json();
  if (String(session.person) !== String(person)) throw new Refusal("somebody else", session.name);
  for (const field of document.querySelectorAll('input[name="csrf_token"]')) field.value = session.token;
}
