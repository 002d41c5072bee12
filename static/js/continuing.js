/* Lists and quotations go on by themselves: Enter begins the next item, Tab moves it inward. */

import { linesAround, replace, state } from "./typing.js";

const LINE = /^((?:\s*> ?)*)(\s*)(?:([-*+])( \[[ xX]\])?|(\d{1,9})([.)]))(\s+)/;
const QUOTED = /^(?:\s*> ?)+/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/gm;

/** Whoever presses Escape is let out by the next Tab: a key that only indents would be a trap. */
export function continuing(body, say) {
  let tab_leaves = false;
  advise(body);
  body.addEventListener("blur", () => (tab_leaves = false));
  body.addEventListener("input", () => (tab_leaves = false));
  body.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && inList(body)) {
      tab_leaves = true;
      say("Tab leaves the text now.");
    }
    const change = event.key === "Tab" && !tab_leaves ? indented(state(body), event.shiftKey) : null;
    const next = event.key === "Enter" && !event.shiftKey ? continued(state(body)) : null;
    if (!(change ?? next)) return;
    event.preventDefault();
    replace(body, change ?? next);
  });
}

/** Beside the text, for all to see, and read with the name of the field. */
function advise(body) {
  const words = document.createElement("span");
  words.id = `${body.id}-keys`;
  words.textContent = "In a list Tab moves the item; Escape, then Tab, leaves the text";
  body.closest(".panes").querySelector(".panes__foot").append(words);
  body.setAttribute("aria-describedby", `${body.getAttribute("aria-describedby") ?? ""} ${words.id}`.trim());
}

function inList(body) {
  const text = state(body);
  const { from, to } = linesAround(text);
  return LINE.test(text.value.slice(from, to));
}

/** What Enter does in an item or a quotation: the next one, or none where this one is empty. */
export function continued({ value, start, end }) {
  if (start !== end) return null;
  const { from, to } = linesAround({ value, start, end });
  const line = value.slice(from, to);
  const mark = LINE.exec(line) ?? QUOTED.exec(line);
  if (!mark || start < from + mark[0].length || inCode(value, from)) return null;
  if (line.length === mark[0].length || !line.slice(mark[0].length).trim()) {
    return { from, to, text: mark.length > 1 ? mark[1] + outer(mark[2]) : "" };
  }
  return { from: start, to: start, text: "\n" + following(mark) };
}

/** An empty item of an inner list becomes one of the outer; of the outermost it ends the list. */
function outer(space) {
  return space.length > 1 ? `${space.slice(0, -2)}- ` : "";
}

function following(mark) {
  if (mark.length === 1) return mark[0];
  const [, quotes, space, bullet, box, number, dot, gap] = mark;
  return quotes + space + (bullet ? bullet + (box ? " [ ]" : "") : Number(number) + 1 + dot) + gap;
}

/** What Tab does: it moves items inward or, with Shift, outward. Elsewhere it is the browser's. */
export function indented(text, outward) {
  const { from, to } = linesAround(text);
  const lines = text.value.slice(from, to).split("\n");
  if (!LINE.test(lines[0]) || inCode(text.value, from)) return null;
  const by = lines[0].match(/^\s*\d/) ? "   " : "  ";
  const moved = lines.map((line) => (outward ? line.replace(/^(?: {1,3}|\t)/, "") : line && by + line));
  const written = moved.join("\n");
  if (written === text.value.slice(from, to)) return null;
  const first = Math.max(from, text.start + moved[0].length - lines[0].length);
  return { from, to, text: written, start: first, end: Math.max(first, text.end + written.length - (to - from)) };
}

/** Whether this line stands in a block of code, where nothing is a list. */
function inCode(value, at) {
  let open = "";
  for (const [, fence] of value.slice(0, at).matchAll(FENCE)) {
    if (!open) open = fence;
    else if (fence[0] === open[0] && fence.length >= open.length) open = "";
  }
  return open !== "";
}
