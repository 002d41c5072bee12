/* What the buttons of the toolbar do to a text. Pure: each takes { value, start, end } and returns the change to make. */

import { linesAround } from "./typing.js";

const ITEM = /^(\s*)(?:[-*+] \[[ xX]\] |[-*+] |\d{1,9}[.)] )/;
const TABLE = "| Column | Column |\n| --- | --- |\n| Words | Words |";

/** Bold, italic: around the selection or the word, or away if they are there already. */
export function emphasis(text, stars) {
  const { value, start, end } = wordOrSelection(text);
  const run = Math.min(starsBefore(value, start), starsAfter(value, end));
  const is_there = stars === 2 ? run >= 2 : run % 2 === 1;
  return is_there ? unwrapped({ value, start, end }, stars, stars) : wrapped({ value, start, end }, "*".repeat(stars));
}

/** Code: in the line, or as a block where the selection has several lines. */
export function code(text) {
  if (text.value.slice(text.start, text.end).includes("\n")) return fenced(text);
  const { value, start, end } = wordOrSelection(text);
  const is_there = value[start - 1] === "`" && value[end] === "`";
  return is_there ? unwrapped({ value, start, end }, 1, 1) : wrapped({ value, start, end }, "`");
}

/** A note at the foot, written where it is called for. */
export function footnote({ value, start, end }) {
  if (value.slice(start - 2, start) === "^[" && value[end] === "]") return unwrapped({ value, start, end }, 2, 1);
  return wrapped({ value, start, end }, "^[", "]");
}

/** A link as Markdown writes it. */
export function link(words, address) {
  const target = /[\s()]/.test(address) ? `<${address.replace(/[<>\n]/g, encodeURIComponent)}>` : address;
  return `[${words.replace(/([[\]\\])/g, "\\$1")}](${target})`;
}

export function heading(text) {
  return eachLine(text, (line) => {
    const marks = /^(#{1,6}) +/.exec(line);
    if (!marks) return `## ${line}`;
    return marks[1] === "##" ? `### ${line.slice(marks[0].length)}` : line.slice(marks[0].length);
  });
}

export function quotation(text) {
  const lines = touched(text);
  const is_there = lines.every((line) => line.startsWith(">"));
  return eachLine(text, (line) => (is_there ? line.replace(/^> ?/, "") : `> ${line}`.trimEnd() + (line ? "" : " ")));
}

/** A list of one kind; of another kind it becomes this, and of this it becomes plain lines again. */
export function list(text, kind) {
  const mark = { bullets: () => "- ", numbers: (n) => `${n}. `, tasks: () => "- [ ] " }[kind];
  const is_kind = { bullets: /^\s*[-*+] (?!\[[ xX]\] )/, numbers: /^\s*\d{1,9}[.)] /, tasks: /^\s*[-*+] \[[ xX]\] / }[kind];
  const lines = touched(text);
  const is_there = lines.filter((line) => line.trim()).every((line) => is_kind.test(line)) && lines.some((l) => l.trim());
  let number = 0;
  return eachLine(text, (line) => {
    if (!line.trim() && lines.length > 1) return line;
    const bare = line.replace(ITEM, "$1");
    return is_there ? bare : bare.replace(/^\s*/, (space) => space + mark(++number));
  });
}

export function table({ value, start, end }) {
  const lead = start === 0 || value.slice(0, start).endsWith("\n\n") ? "" : value[start - 1] === "\n" ? "\n" : "\n\n";
  const tail = value.slice(end, end + 2) === "\n\n" || end === value.length ? "" : "\n\n";
  const first = start + lead.length + 2;
  return { from: start, to: end, text: lead + TABLE + tail, start: first, end: first + "Column".length };
}

function fenced({ value, start, end }) {
  const { from, to } = linesAround({ value, start, end });
  const code = value.slice(from, to);
  const fence = "`".repeat(Math.max(3, ...(code.match(/`+/g) ?? []).map((run) => run.length + 1)));
  return { from, to, text: `${fence}\n${code}\n${fence}`, start: from + fence.length };
}

function eachLine(text, change) {
  const { from, to } = linesAround(text);
  const lines = text.value.slice(from, to).split("\n");
  const changed = lines.map(change);
  const written = changed.join("\n");
  if (lines.length > 1) return { from, to, text: written, start: from, end: from + written.length };
  const caret = Math.max(from, text.start + changed[0].length - lines[0].length);
  return { from, to, text: written, start: caret, end: Math.max(caret, text.end + changed[0].length - lines[0].length) };
}

function touched(text) {
  const { from, to } = linesAround(text);
  return text.value.slice(from, to).split("\n");
}

function wordOrSelection({ value, start, end }) {
  if (start !== end) {
    const chosen = value.slice(start, end);
    const lead = chosen.length - chosen.trimStart().length;
    const tail = chosen.length - chosen.trimEnd().length;
    return lead + tail < chosen.length ? { value, start: start + lead, end: end - tail } : { value, start, end };
  }
  const before = /[\p{L}\p{M}\p{N}'’_-]*$/u.exec(value.slice(Math.max(0, start - 60), start))[0].length;
  const after = /^[\p{L}\p{M}\p{N}'’_-]*/u.exec(value.slice(start, start + 60))[0].length;
  return before && after ? { value, start: start - before, end: end + after } : { value, start, end };
}

function wrapped({ value, start, end }, open, close = open) {
  const words = value.slice(start, end);
  return { from: start, to: end, text: open + words + close, start: start + open.length, end: end + open.length };
}

function unwrapped({ value, start, end }, before, after) {
  const words = value.slice(start, end);
  return { from: start - before, to: end + after, text: words, start: start - before, end: end - before };
}

function starsBefore(value, at) {
  return /\**$/.exec(value.slice(Math.max(0, at - 3), at))[0].length;
}

function starsAfter(value, at) {
  return /^\**/.exec(value.slice(at, at + 3))[0].length;
}
