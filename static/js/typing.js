/* Changes to a text area that the browser's own undo takes back. */

const LONG = 20_000; // characters
const TOO_MUCH = 2_000_000; // lines put in, times characters there: as if typed, it takes browsers 10 ms for each line

let composing = false; // somebody is in the middle of a character: ô, 漢
document.addEventListener("compositionstart", () => (composing = true));
document.addEventListener("compositionend", () => (composing = false));

/** Puts words in the place of those from one position to another, and selects within. */
export function replace(field, { from, to, text, start = from + text.length, end = start }) {
  if (document.activeElement === field && isQuick(field, text)) {
    field.setSelectionRange(from, to);
    typed(field, text) || overwrite(field, from, to, text);
  } else {
    overwrite(field, from, to, text);
  }
  if (document.activeElement === field) field.setSelectionRange(start, end);
}

function isQuick(field, text) {
  const breaks = text.split("\n", 2000).length - 1;
  return text.length < LONG && breaks * field.value.length < TOO_MUCH;
}

// Deprecated, and still the only way by which what a script writes can be undone.
function typed(field, text) {
  if (text) return document.execCommand("insertText", false, text);
  return field.selectionStart === field.selectionEnd || document.execCommand("delete");
}

function overwrite(field, from, to, text) {
  field.setRangeText(text, from, to, "preserve");
  field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertReplacementText" }));
}

/** Resolves when no character is half typed: to change the text before would break it. */
export function whenCalm() {
  if (!composing) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("compositionend", () => setTimeout(resolve), { once: true });
  });
}

/** The text of the field, and what is selected of it. */
export function state(field) {
  return { value: field.value, start: field.selectionStart, end: field.selectionEnd };
}

/** Where the lines that the selection touches begin and end. */
export function linesAround({ value, start, end }) {
  const from = value.lastIndexOf("\n", start - 1) + 1;
  const last = end > start && value[end - 1] === "\n" ? end - 1 : end;
  const next = value.indexOf("\n", last);
  return { from, to: next < 0 ? value.length : next };
}
