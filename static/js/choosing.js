/* A picture for the text: new ones from this device, or one that the library has. */

import { later } from "./later.js";
import { replace, state } from "./typing.js";

const KINDS = "image/jpeg,image/png,image/gif,image/webp,image/avif";
const DIALOG = `<form method="dialog" class="form"><h2 id="choosing">Picture</h2>
<p class="field"><label for="picture-files">New pictures from this device</label><input id="picture-files" type="file" multiple accept="${KINDS}"></p>
<p class="field"><label for="picture-words">Or search the library</label><input id="picture-words" type="search" dir="auto"></p>
<p class="sub" role="status"></p><div class="shelf"></div>
<div class="row"><button class="button button--quiet">Cancel</button></div></form>`;

/** Returns how to ask for pictures; `upload` takes the new ones. */
export function choosing(body, upload) {
  const box = document.createElement("dialog");
  box.className = "asking";
  box.setAttribute("aria-labelledby", "choosing");
  box.innerHTML = DIALOG;
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
