/* The text is on this device too, until the server has it: a crash, a dead network or a lost session costs nothing.

   IndexedDB and not localStorage, which browsers write to disk seconds or, for long texts, a minute later. Each page
   keeps one entry of its own, marked with the person: nobody else on this device is ever shown it. */

import { changed, hidden, values } from "./fields.js";
import { later } from "./later.js";

const MOST = 20;

export class Device {
  constructor(page) {
    this.page = page;
    this.key = `${page.person}/${hidden(page.form, "copy") || `${Date.now()}-${Math.random()}`}`;
    this.soon = later(() => this.keep(), 400, 2000);
    this.taken = []; // entries of earlier pages whose text is in the form now
    this.is_wanted = () => false; // whether there is anything the server does not have
  }

  begin() {
    this.page.form.addEventListener("input", this.soon);
    this.page.form.addEventListener("change", this.soon);
    this.page.form.addEventListener("submit", () => this.keep());
    window.addEventListener("pagehide", () => this.keep());
    document.addEventListener("visibilitychange", () => document.hidden && this.keep());
  }

  /** Whether the text is on the device now. */
  async keep() {
    this.soon.cancel();
    if (!this.is_wanted()) return true;
    const { form, person } = this.page;
    const entry = {
      key: this.key,
      person,
      post: form.dataset.post ?? "",
      uid: hidden(form, "uid"),
      base: hidden(form, "base"),
      at: Date.now(),
      fields: values(form),
      changed: changed(form),
    };
    return done(store("readwrite", (texts) => texts.put(entry)));
  }

  /** The server has the text now. */
  forget() {
    this.soon.cancel();
    for (const key of [this.key, ...this.taken.splice(0)]) this.drop(key);
  }

  drop(key) {
    return done(store("readwrite", (texts) => texts.delete(key)));
  }

  /** What earlier pages left of this person's text for this post, or for new ones; the oldest of all go. */
  async found() {
    const all = await store("readonly", (texts) => texts.getAll()).catch(() => []);
    all.sort((one, other) => other.at - one.at);
    for (const old of all.slice(MOST)) this.drop(old.key);
    const post = this.page.form.dataset.post ?? "";
    return all.filter((one) => one.person === this.page.person && one.post === post && one.key !== this.key);
  }
}

function done(work) {
  return work.then(() => true, () => false);
}

let database;

function opened() {
  database ??= new Promise((resolve, reject) => {
    const asking = indexedDB.open("masthead", 1);
    asking.onupgradeneeded = () => asking.result.createObjectStore("texts", { keyPath: "key" });
    asking.onsuccess = () => resolve(asking.result);
    asking.onerror = () => reject(asking.error);
  });
  return database;
}

let ready = null; // the database itself, once it is open: a page that goes cannot wait for promises

async function store(mode, work) {
  const open = ready ?? (ready = await opened());
  return new Promise((resolve, reject) => {
    const transaction = open.transaction("texts", mode);
    const asking = work(transaction.objectStore("texts"));
    transaction.oncomplete = () => resolve(asking.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
    transaction.commit?.();
  });
}
