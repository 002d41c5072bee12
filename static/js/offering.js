/* A text that this device has and the server does not is offered, with a comparison. Nothing is replaced by itself. */

import { comparison } from "./comparing.js";
import { changed, fill, hidden, label, same, setHidden, values } from "./fields.js";
import { say } from "./saying.js";

/** Looks for such texts. Those that the form shows already are of no use any more. */
export async function offering(page, device) {
  for (const entry of await device.found()) {
    const now = values(page.form);
    const differing = entry.changed.filter((name) => name in now && !same(name, entry.fields[name], now[name]));
    if (differing.length) {
      offer(page, device, entry, differing);
    } else {
      // A browser that came back put the text into a page that is newer; what the server sent is of the page's own base.
      if (changed(page.form).length) setHidden(page.form, "base", entry.base);
      device.drop(entry.key);
    }
  }
}

function offer(page, device, entry, differing) {
  const notice = document.createElement("section");
  notice.className = "notice notice--warn kept";
  notice.setAttribute("aria-label", "A text kept on this device");
  const words = document.createElement("p");
  const strong = document.createElement("strong");
  strong.textContent = `This device has a text from ${moment(entry.at)} that the server does not.`;
  words.append(strong, ` It differs in: ${differing.map((name) => label(page.form, name)).join(", ")}.`);
  const done = (...left) => {
    notice.replaceChildren(...left);
    notice.hidden = !left.length;
    page.body.focus();
  };
  const row = document.createElement("div");
  row.className = "row";
  row.append(
    compare(notice, page, entry, differing),
    button("Take it", () => done(...taken(page, device, entry, done))),
    button("Discard it", () => {
      device.drop(entry.key);
      done();
    }),
  );
  notice.append(words, row);
  page.form.querySelector(".writing").prepend(notice);
  say(strong.textContent);
}

function compare(notice, { form }, entry, differing) {
  const press = button("Compare", () => {
    const open = press.getAttribute("aria-expanded") !== "true";
    press.setAttribute("aria-expanded", open);
    notice.querySelector(".kept__difference")?.remove();
    if (open) notice.append(difference(form, entry, differing));
  });
  press.setAttribute("aria-expanded", "false");
  return press;
}

function difference(form, entry, differing) {
  const now = values(form);
  const all = document.createElement("div");
  all.className = "kept__difference";
  all.tabIndex = 0;
  all.setAttribute("role", "region");
  all.setAttribute("aria-label", "Comparison: struck out is only in the form, underlined only on this device");
  for (const name of differing) {
    const heading = document.createElement("h2");
    heading.textContent = label(form, name);
    all.append(heading, comparison(String(now[name]), String(entry.fields[name])));
  }
  return all;
}

/** Takes the text into the form, and says how to have back what stood there. */
function taken(page, device, entry, done) {
  const before = { fields: values(page.form), base: hidden(page.form, "base"), uid: hidden(page.form, "uid") };
  take(page, entry);
  device.taken.push(entry.key);
  const words = document.createElement("p");
  words.textContent = `The text from ${moment(entry.at)} is in the form now. `;
  const back = button("Put back what stood here", () => {
    take(page, before);
    done();
  });
  return [words, back];
}

/** Into the form with the revision it began from, so that what others have saved since is merged, not lost. */
function take({ form, body }, { fields, base, uid }) {
  fill(form, fields);
  setHidden(form, "base", base);
  if (!form.dataset.post && uid) setHidden(form, "uid", uid); // should the server have made the draft after all
  body.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

function button(words, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button--quiet";
  made.textContent = words;
  made.addEventListener("click", press);
  return made;
}

function moment(at) {
  const then = new Date(at);
  const time = then.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (then.toDateString() === new Date().toDateString()) return time;
  return `${then.toLocaleDateString("en-GB", { day: "numeric", month: "long" })}, ${time}`;
}
