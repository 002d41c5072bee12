/* A picture for the text: new ones from this device, or one that the library has. */

import { later } from "./later.js";
import { element } from "./markup.js";
import { replace, state } from "./typing.js";

const KINDS = "image/jpeg,image/png,image/gif,image/webp,image/avif";

/** Returns how to ask for pictures; `upload` takes the new ones. */
export function choosing(body, upload) {
  const box = dialog();
  document.body.append(box);
  const files = box.querySelector("#picture-files");
  const words = box.querySelector("#picture-words");
  const look = later(() => show(box, words.value, put), 250);
  const put = ({ alt, address }) => {
    box.close();
    body.focus();
    const { start, end } = state(body);
    replace(body, { from: start, to: end, text: `![${alt.replace(/([[\]\\])/g, "\\$1")}](${address})` });
  };
  files.addEventListener("change", () => {
    box.close();
    body.focus();
    if (files.files.length) upload([...files.files]);
  });
  words.addEventListener("input", look);
  words.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  return () => {
    files.value = words.value = "";
    box.showModal();
    show(box, "", put);
  };
}

function dialog() {
  const field = (id, label, attributes) =>
    element("p", { class: "field" }, element("label", { for: id }, label), element("input", { id, ...attributes }));
  const form = element(
    "form",
    { method: "dialog", class: "form" },
    element("h2", { id: "choosing" }, "Picture"),
    field("picture-files", "New pictures from this device", { type: "file", multiple: true, accept: KINDS }),
    field("picture-words", "Or search the library", { type: "search", dir: "auto" }),
    element("p", { class: "sub", role: "status" }),
    element("div", { class: "shelf" }),
    element("div", { class: "row" }, element("button", { class: "button button--quiet" }, "Cancel")),
  );
  return element("dialog", { class: "asking", "aria-labelledby": "choosing" }, form);
}

async function show(box, words, put) {
  const shelf = box.querySelector(".shelf");
  const told = box.querySelector("[role=status]");
  const items = await found(words);
  if (!items) return void (told.textContent = "The library does not answer.");
  shelf.replaceChildren(...items.map((one) => picture(one, put)));
  told.textContent = items.length ? `${items.length === 1 ? "1 picture" : `${items.length} pictures`}, the newest first` : "No picture is described so.";
}

/** The newest pictures that are described so; nothing where the server does not answer. */
async function found(words) {
  try {
    const answer = await fetch(`/write/media?${new URLSearchParams({ q: words })}`, { headers: { Accept: "application/json" } });
    return answer.ok && !answer.redirected ? (await answer.json()).items : null;
  } catch {
    return null;
  }
}

function picture(one, put) {
  const made = document.createElement("button");
  made.type = "button";
  made.append(Object.assign(new Image(), { src: one.thumb, alt: one.alt || `Not described, ${one.width} by ${one.height}`, loading: "lazy" }));
  made.addEventListener("click", () => put(one));
  return made;
}
