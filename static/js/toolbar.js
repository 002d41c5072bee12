/* The row of buttons above the text. It is made here, so that without scripts there is no button that does nothing. */

import * as marks from "./marks.js";
import { replace, state } from "./typing.js";

/** What is written on the button, what it is called, its key, and what it does to the text. */
export const FORMATS = {
  bold: ["B", "Bold", "b", (text) => marks.emphasis(text, 2)],
  italic: ["I", "Italic", "i", (text) => marks.emphasis(text, 1)],
  heading: ["H2", "H2, heading", "", marks.heading],
  quotation: ["“ ”", "Quotation", "", marks.quotation],
  bullets: ["•", "List", "", (text) => marks.list(text, "bullets")],
  numbers: ["1.", "1. Numbered list", "", (text) => marks.list(text, "numbers")],
  tasks: ["☑", "Task list", "", (text) => marks.list(text, "tasks")],
  link: ["Link", "Link", "k"],
  image: ["Image", "Image", ""],
  code: ["</>", "Code", "", marks.code],
  table: ["Table", "Table", "", marks.table],
  footnote: ["¹", "Footnote", "", marks.footnote],
  alone: ["Full screen", "Full screen", "Shift+f"],
  preview: ["Preview", "Preview beside the text", "Shift+p"],
};
const RULED = new Set(["quotation", "tasks", "footnote"]); // a line stands after these
const ALWAYS = new Set(["alone", "preview"]); // also where the preview hides the text
const COMMAND = navigator.platform.startsWith("Mac") ? "⌘" : "Ctrl+";

/** Applies a format to the text, and goes on there. */
export function format(body, change) {
  body.focus();
  replace(body, change(state(body)));
}

/** The toolbar, in front of the text. `special` says what the buttons do that change no words by themselves. */
export function toolbar(body, special) {
  const bar = document.createElement("div");
  bar.className = "toolbar";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Formatting");
  bar.setAttribute("aria-controls", body.id);
  const buttons = Object.keys(FORMATS).flatMap((name) => (RULED.has(name) ? [button(name), ruler()] : [button(name)]));
  bar.append(...buttons);
  bar.addEventListener("click", (event) => {
    const name = event.target.closest("button")?.dataset.format;
    if (name in special) special[name]();
    else if (name) format(body, FORMATS[name][3]);
  });
  rove(bar);
  body.closest(".panes").prepend(bar);
  return bar;
}

function button(name) {
  const [sign, label, key] = FORMATS[name];
  const shown = key.replace(/\w$/, (letter) => letter.toUpperCase());
  const made = document.createElement("button");
  made.type = "button";
  made.dataset.format = name;
  made.textContent = sign;
  made.className = ALWAYS.has(name) ? "toolbar__always" : "";
  made.setAttribute("aria-label", label);
  made.title = key ? `${label} (${COMMAND}${shown})` : label;
  if (key) made.setAttribute("aria-keyshortcuts", `Control+${shown} Meta+${shown}`);
  return made;
}

function ruler() {
  return document.createElement("hr");
}

/** One stop for Tab; the arrows go from button to button. */
function rove(bar) {
  const seen = () => [...bar.querySelectorAll("button")].filter((one) => one.offsetParent && !one.disabled);
  const stop = (chosen) => {
    for (const one of bar.querySelectorAll("button")) one.tabIndex = one === chosen ? 0 : -1;
  };
  stop(bar.querySelector("button"));
  bar.addEventListener("focusin", (event) => stop(event.target));
  bar.addEventListener("keydown", (event) => {
    const all = seen();
    const at = all.indexOf(document.activeElement);
    const forward = getComputedStyle(bar).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = forward === "ArrowRight" ? "ArrowLeft" : "ArrowRight";
    const to = { [forward]: (at + 1) % all.length, [back]: (at - 1 + all.length) % all.length, Home: 0, End: all.length - 1 };
    if (!(event.key in to) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    all[to[event.key]].focus();
  });
}
