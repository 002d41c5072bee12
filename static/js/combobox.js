/* A field with suggestions, as ARIA's pattern of an editable combobox with a list has it. */

import { later } from "./later.js";

let number = 0;

/** `find` promises rows of { value, words, hint } for what is typed; `choose` puts one of them in. */
export function combobox(input, { find, choose, name }) {
  const list = listbox(name);
  const told = count();
  let rows = [];
  let active = -1;
  let asked = 0;

  const close = () => {
    asked++;
    rows = [];
    list.hidden = true;
    set(-1);
    input.setAttribute("aria-expanded", "false");
  };
  const set = (at) => {
    active = at;
    [...list.children].forEach((option, n) => option.setAttribute("aria-selected", n === at));
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", list.children[at].id);
      list.children[at].scrollIntoView({ block: "nearest" });
    }
  };
  const open = async () => {
    const mine = ++asked;
    const found = await find(input.value).catch(() => []); // without suggestions one types it out
    if (mine !== asked || document.activeElement !== input) return;
    rows = found;
    list.replaceChildren(...rows.map((row, n) => option(list, row, n)));
    list.hidden = !rows.length;
    input.setAttribute("aria-expanded", String(rows.length > 0));
    told.textContent = rows.length ? `${rows.length} ${rows.length === 1 ? "suggestion" : "suggestions"}` : "";
    set(-1);
  };
  const take = (at) => {
    const row = rows[at];
    close();
    choose(row);
  };

  attributes(input, list);
  input.after(list, told);
  input.addEventListener("input", later(open, 150));
  input.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const at = [...list.children].indexOf(event.target.closest("li"));
    if (at >= 0) take(at);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || !rows.length) return;
    const moves = { ArrowDown: (active + 2) % (rows.length + 1) - 1, ArrowUp: ((active + 1 + rows.length) % (rows.length + 1)) - 1 };
    if (event.key in moves) set(moves[event.key]);
    else if (event.key === "Enter" && active >= 0) take(active);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

function attributes(input, list) {
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);
  input.autocomplete = "off";
}

function listbox(name) {
  const list = document.createElement("ul");
  list.id = `suggestions-${++number}`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", name);
  return list;
}

function option(list, { words, hint = "" }, n) {
  const made = document.createElement("li");
  made.id = `${list.id}-${n}`;
  made.setAttribute("role", "option");
  made.setAttribute("aria-selected", "false");
  const title = document.createElement("span");
  title.dir = "auto";
  title.textContent = words;
  made.append(title);
  if (hint) made.append(Object.assign(document.createElement("small"), { textContent: hint }));
  return made;
}

/** How many there are, for who does not see the list. */
function count() {
  const made = document.createElement("span");
  made.className = "out-of-sight";
  made.setAttribute("role", "status");
  return made;
}
