/* Elements out of words. HTML of the server becomes elements here and nowhere else: the page's policy forbids it to all
   other code. The server has sanitised it; what could act is taken out once more, before it comes into the page. */

const AT_ONCE = 30_000; // characters parsed before a key may have its turn
const ACTING =
  "base, button, dialog, embed, form, frame, frameset, iframe, link, math, meta, noscript, object, script, select, slot, style, svg, template, textarea, input:not([type=checkbox][disabled])";
const ACTS = /^(?:on|form|style$|target$|popover|command|autofocus$|contenteditable$|name$|slot$|srcdoc$|ping$)/i;
const ADDRESSES = new Set(["href", "src", "cite"]);
const HARMLESS = /^(?:https?:|mailto:|tel:|[^:]*(?:[/?#]|$))/i;

const policy = globalThis.trustedTypes?.createPolicy("masthead", { createHTML: (html) => html }) ?? { createHTML: (html) => html };

/** The blocks of the server's HTML, parsed piece by piece in a document that runs nothing. */
export async function parsed(html, breath) {
  const inert = document.implementation.createHTMLDocument();
  inert.open();
  inert.write(policy.createHTML("<!doctype html><body>"));
  for (let at = 0; at < html.length; at += AT_ONCE) {
    inert.write(policy.createHTML(html.slice(at, at + AT_ONCE)));
    await breath();
  }
  inert.close();
  const blocks = [...inert.body.childNodes].filter((node) => node.nodeType === 1 || node.textContent.trim());
  const calm = [];
  for (const block of blocks) {
    if (still(block)) calm.push(block);
    await breath();
  }
  return calm;
}

/** Takes out of a block whatever could act. False where that is the block itself. */
function still(block) {
  if (block.nodeType !== 1) return block.nodeType === 3;
  if (block.matches(ACTING)) return false;
  block.querySelectorAll(ACTING).forEach((one) => one.remove());
  for (const one of [block, ...block.querySelectorAll("*")]) {
    for (const { name, value } of [...one.attributes]) {
      if (ACTS.test(name) || (ADDRESSES.has(name) && !HARMLESS.test(value.trim()))) one.removeAttribute(name);
    }
  }
  return true;
}

/** An element with its attributes, and in it words or other elements. */
export function element(name, attributes = {}, ...inside) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value === true ? "" : value);
  made.append(...inside);
  return made;
}
