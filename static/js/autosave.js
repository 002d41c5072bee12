/* The working copy: what is typed is with the server a moment later, and never more than one request is on its way. */

import { post, Refusal } from "./asking.js";
import { hidden, label, setHidden } from "./fields.js";
import { later } from "./later.js";

const A_MOMENT = 1500;
const AT_LATEST = 20_000;
const PATIENCE = 30_000; // for one answer
const AGAIN = [2, 4, 8, 15, 30, 60]; // seconds, while it fails
const SLOW = 400; // what takes less is not worth a word
const SMALL = 60_000; // bytes that browsers still send when the page has gone

export class Autosave {
  constructor(page, { show, device, others }) {
    Object.assign(this, { page, show, device, others });
    this.typed = 0; // goes up with everything typed
    this.saved = 0; // what it was when that text was sent which the server has
    this.seq = Number(hidden(page.form, "seq")) || 0;
    this.failures = 0;
    this.soon = later(() => this.failures || this.save(), A_MOMENT, AT_LATEST);
  }

  get is_dirty() {
    return this.typed !== this.saved;
  }

  begin() {
    const { form } = this.page;
    for (const kind of ["input", "change"]) form.addEventListener(kind, ({ target }) => this.touched(target));
    form.addEventListener("submit", (event) => this.handIn(event));
    window.addEventListener("pageshow", () => (this.is_handed_in = false)); // back on a page that was sent
    window.addEventListener("online", () => this.again());
    window.addEventListener("focus", () => this.again());
    document.addEventListener("visibilitychange", () => (document.hidden ? this.save({ last: true }) : this.again()));
  }

  touched(field) {
    if (field && (!field.name || field.type === "file")) return; // a working copy holds no files
    this.typed++;
    if (!this.failures && this.typed === this.saved + 1) this.show.typing();
    this.soon();
  }

  /** The form is being sent: not into the void, where the server is known to be away. */
  async handIn(event) {
    if (this.refused !== "offline") {
      this.soon.cancel();
      this.is_handed_in = true; // its answer is the next page, which must not find a newer working copy of this
      setHidden(this.page.form, "seq", ++this.seq); // so that, sent twice or late, it is known for what it is
      this.seq += 2; // the server counts on; should this page come back, it must not count the same again
      return;
    }
    event.preventDefault();
    await this.save();
    if (!this.failures) this.page.form.requestSubmit(event.submitter);
  }

  /** At once, where it failed before: something may have changed. */
  again() {
    if (this.failures) this.save();
  }

  async save({ last = false } = {}) {
    if (this.sending || !this.is_dirty || this.is_handed_in) return;
    this.soon.cancel();
    clearTimeout(this.retry);
    this.sending = true;
    const at = this.typed;
    const slow = setTimeout(() => this.failures || this.show.saving(), SLOW);
    try {
      this.acknowledged(at, await this.send(last));
    } catch (refusal) {
      await this.failed(at, refusal);
    } finally {
      clearTimeout(slow);
      this.sending = false;
    }
    if (this.is_dirty && !this.failures) this.soon();
  }

  async send(last) {
    const { form, person } = this.page;
    const sent = ++this.seq;
    setHidden(form, "seq", sent);
    const fields = new FormData(form);
    for (const [name, value] of [...fields]) if (value instanceof File) fields.delete(name);
    const keepalive = last && this.page.body.value.length * 3 < SMALL;
    const address = `/write/posts/${form.dataset.post || "new"}/working-copy`;
    const response = await post(address, fields, person, { keepalive, signal: AbortSignal.timeout(PATIENCE) });
    const answer = await response.json();
    if (answer.seq > sent) {
      this.seq = answer.seq; // it has one that it takes for newer, and has not kept this
      throw new Refusal("busy");
    }
    return answer;
  }

  acknowledged(at, answer) {
    this.failures = 0;
    this.refused = "";
    this.saved = at;
    if (answer.post && !this.page.form.dataset.post) {
      adopt(this.page, answer);
      this.seq += 2;
    }
    if (!this.is_dirty) this.device.forget();
    this.show.saved(answer.saved_at);
    this.others(answer);
  }

  async failed(at, refusal) {
    const faults = refusal.answer?.errors;
    if (faults && "seq" in refusal.answer) {
      // What is wrong with a title or a tag may stand in the way of a revision, and not of the working copy.
      this.failures = 0;
      this.refused = "";
      this.saved = at;
      if (!this.is_dirty) this.device.forget();
      return this.show.incomplete(refusal.answer.saved_at ?? "", told(this.page.form, faults));
    }
    if (faults) refusal.message = told(this.page.form, faults);
    const wait = refusal.kind === "signed out" ? 15 : AGAIN[Math.min(this.failures, AGAIN.length - 1)];
    this.failures++;
    this.refused = refusal.kind;
    this.retry = setTimeout(() => this.save(), wait * 1000);
    this.show.refused(refusal, await this.device.keep());
  }
}

function told(form, faults) {
  return Object.entries(faults).map(([name, why]) => `${label(form, name)}: ${why}`).join(" ");
}

/** The new post is a draft by now: from here on the page is that draft's. */
function adopt({ form }, { post: number, address, base }) {
  form.dataset.post = number;
  form.setAttribute("action", address);
  for (const button of form.querySelectorAll("[formaction]")) {
    button.setAttribute("formaction", button.getAttribute("formaction").replace(/^\/write\/posts\/new(?=\/|$)/, address));
  }
  setHidden(form, "base", base);
  history.replaceState(history.state, "", address);
}
