/* Suggestions: tags where tags are typed, and posts of this site where a link is wanted. */

import { combobox } from "./combobox.js";
import { element } from "./markup.js";
import { link } from "./marks.js";
import { replace, state } from "./typing.js";

async function suggested(kind, words) {
  const answer = await fetch(`/write/suggestions?${new URLSearchParams({ [kind]: words })}`, {
    headers: { Accept: "application/json" },
  });
  return answer.ok && !answer.redirected ? answer.json() : [];
}

/** Tags are parted by commas: the last is the one being typed. */
export function tags(input) {
  if (!input) return;
  const parts = () => input.value.split(",").map((part) => part.trim());
  combobox(input, {
    name: "Tags",
    find: async (typed) => {
      const last = typed.split(",").at(-1).trim();
      const used = new Set(parts().slice(0, -1).map((tag) => tag.toLowerCase()));
      const found = last ? await suggested("tags", last) : [];
      return found.filter((tag) => !used.has(tag.toLowerCase())).map((tag) => ({ value: tag, words: tag }));
    },
    choose: ({ value }) => {
      const whole = [...parts().slice(0, -1), value].join(", ");
      replace(input, { from: 0, to: input.value.length, text: `${whole}, ` });
    },
  });
}

/** Returns how to ask for a link; two opening brackets ask for one too. */
export function linking(body) {
  const asking = dialog();
  const ask = (brackets = 0) => {
    const text = state(body);
    const from = text.start - brackets;
    asking.open(brackets ? "" : text.value.slice(from, text.end), (address, words) => {
      body.focus();
      replace(body, { from, to: text.end, text: link(words || address, address) });
    });
  };
  body.addEventListener("input", (event) => {
    const { value, start } = state(body);
    if (event.data === "[" && value.slice(start - 2, start) === "[[" && value[start - 3] !== "[") ask(2);
  });
  return () => ask();
}

function dialog() {
  const field = (id, label, attributes) =>
    element("p", { class: "field" }, element("label", { for: id }, label), element("input", { id, dir: "auto", ...attributes }));
  const form = element(
    "form",
    { method: "dialog", class: "form" },
    element("h2", { id: "linking" }, "Link"),
    field("link-address", "Address, or words of a title", { required: true }),
    field("link-words", "Words that link there"),
    element(
      "div",
      { class: "row" },
      element("button", { class: "button", value: "put" }, "Put it in"),
      element("button", { class: "button button--quiet", value: "", formnovalidate: true }, "Cancel"),
    ),
  );
  const box = element("dialog", { class: "asking", "aria-labelledby": "linking" }, form);
  document.body.append(box);
  const address = box.querySelector("#link-address");
  const words = box.querySelector("#link-words");
  let put = () => {};
  combobox(address, {
    name: "Posts",
    find: async (typed) => {
      if (!typed.trim() || isAddress(typed)) return [];
      const found = await suggested("links", typed);
      return found.map(({ title, address, state }) => ({ value: address, words: title, hint: state }));
    },
    choose: ({ value, words: title }) => {
      address.value = value;
      words.value ||= title;
      words.focus();
    },
  });
  box.addEventListener("close", () => box.returnValue === "put" && put(whole(address.value.trim()), words.value.trim()));
  return {
    open(selected, then) {
      put = then;
      box.returnValue = "";
      address.value = isAddress(selected) ? selected : "";
      words.value = isAddress(selected) ? "" : selected.replace(/\s+/g, " ");
      box.showModal();
      address.focus();
    },
  };
}

function isAddress(words) {
  return /^(?:[a-z][a-z0-9+.-]*:|\/|#|[\w-]+(?:\.[\w-]+)+(?:[/?#]|$))\S*$/i.test(words.trim());
}

/** A domain that was typed without its scheme. */
function whole(address) {
  return /^[\w-]+(\.[\w-]+)+([/?#]|$)/.test(address) ? `https://${address}` : address;
}
