/* The headings of the text, to jump to. */

import { idle, later } from "./later.js";

const HEADING = /^ {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;

export function outline({ form, body }) {
  const panel = form.querySelector("#outline") ?? made(form);
  const list = panel.querySelector("ol") ?? panel.appendChild(Object.assign(document.createElement("ol"), { className: "outline" }));
  let shown = null;
  const refresh = () => {
    if (!panel.open) return;
    const found = headings(body.value);
    const now = JSON.stringify(found);
    if (now === shown) return;
    shown = now;
    list.replaceChildren(...(found.length ? found.map((one) => item(one, body)) : [none()]));
  };
  panel.addEventListener("toggle", refresh);
  body.addEventListener("input", later(() => idle(refresh), 700));
  refresh();
}

/** Each heading with its depth and where it begins; lines in blocks of code are none. */
export function headings(text) {
  const found = [];
  let at = 0;
  let fence = "";
  for (const line of text.split("\n")) {
    const mark = FENCE.exec(line)?.[1];
    const heading = fence ? null : HEADING.exec(line);
    if (mark && !fence) fence = mark;
    else if (mark && mark[0] === fence[0] && mark.length >= fence.length) fence = "";
    if (heading?.[2]) found.push({ depth: heading[1].length, words: heading[2].replace(/[*_`]/g, ""), at });
    at += line.length + 1;
  }
  return found;
}

function item({ depth, words, at }, body) {
  const made = document.createElement("li");
  const jump = document.createElement("button");
  jump.type = "button";
  jump.textContent = words;
  jump.dir = "auto";
  jump.addEventListener("click", () => go(body, at));
  made.className = `outline__${Math.min(Math.max(depth, 2), 4)}`;
  made.append(jump);
  return made;
}

function none() {
  const made = document.createElement("li");
  made.className = "sub";
  made.textContent = "No headings yet. A line that begins with ## is one.";
  return made;
}

/** Browsers scroll to the caret when the field takes the focus, not when the caret moves. */
function go(body, at) {
  body.blur();
  body.setSelectionRange(at, at);
  body.scrollTop = (at / Math.max(1, body.value.length)) * body.scrollHeight; // near enough for the rest
  body.focus();
}

function made(form) {
  const panel = document.createElement("details");
  panel.className = "panel";
  panel.id = "outline";
  panel.append(Object.assign(document.createElement("summary"), { textContent: "Outline" }));
  (form.querySelector(".aside") ?? form).append(panel);
  return panel;
}
