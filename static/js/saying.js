/* What a screen reader is told, besides what it reads anyway: seldom, and never twice the same in a row. */

let place;
let last = "";

/** Politely, when the reader pauses. */
export function say(words) {
  if (words === last) return;
  last = words;
  place ??= region();
  place.textContent = words;
}

function region() {
  const made = document.createElement("p");
  made.className = "out-of-sight";
  made.setAttribute("role", "status");
  document.querySelector("main").append(made);
  return made;
}

/** A region must be there before the first words come into it. */
export function ready() {
  place ??= region();
}
