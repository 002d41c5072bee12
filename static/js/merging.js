/* The page of a merge: a choice of whose passage to take fills in the result, which can be edited all the same. */

import { leaving } from "./leaving.js";
import { replace } from "./typing.js";

const guarded = new WeakSet();

export default function passage(section) {
  const result = section.querySelector('textarea[name^="segment-"]');
  const choices = [...section.querySelectorAll('input[type="radio"][name^="take-"]')];
  if (!result || !choices.length) return;
  guard(result.form);
  const choose = (value) => {
    for (const choice of choices) choice.checked = choice.value === value;
  };
  let own = null; // what was typed, should they come back to it
  let filling = false;
  result.addEventListener("input", () => {
    if (filling) return;
    own = result.value;
    choose("written");
  });
  section.addEventListener("change", (event) => {
    if (!choices.includes(event.target)) return;
    const text = event.target.value === "written" ? own : taken(section, event.target.value);
    if (text === null) return;
    filling = true;
    replace(result, { from: 0, to: result.value.length, text });
    filling = false;
  });
}

/** What was decided here is nowhere else yet. */
function guard(form) {
  if (guarded.has(form)) return;
  guarded.add(form);
  let is_touched = false;
  form.addEventListener("input", () => (is_touched = true));
  leaving(form, () => is_touched);
}

/** The passage as one of the two has it, or both, theirs first. */
function taken(section, whose) {
  const version = (name) => section.querySelector(`[data-version="${name}"]`)?.textContent ?? "";
  if (whose === "both") return [version("theirs"), version("mine")].filter(Boolean).join(joint(version("theirs")));
  return version(whose);
}

/** Lines that end in a break need none between them. */
function joint(text) {
  return text.endsWith("\n") ? "" : "\n";
}
