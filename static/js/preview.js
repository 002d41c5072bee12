/* The text as readers will see it, beside the text or in its place. The server renders it; here it is only put in. */

import { post } from "./asking.js";
import { breaths, later } from "./later.js";
import { parsed } from "./markup.js";

const WIDE = matchMedia("(width >= 48rem)");
const REMEMBERED = "masthead:preview";

/** Returns how to open and close it. */
export function preview({ body, person, panes }, button) {
  const pane = made();
  body.closest(".panes__text").after(pane);
  let shown = null; // the text that the pane shows
  let asking = null;
  let took = 0; // milliseconds the last answer took: a long text is asked for less often
  let blocks = []; // the HTML of each block in the pane
  let patching = Promise.resolve(); // one at a time, each to its end

  const refresh = async () => {
    if (pane.hidden || body.value === shown) return;
    asking?.abort();
    const mine = (asking = new AbortController());
    const text = body.value;
    const began = performance.now();
    try {
      const answer = await post("/write/preview", { body: text }, person, { signal: mine.signal });
      const html = await answer.text();
      took = performance.now() - began;
      if (mine !== asking) return;
      shown = text;
      await (patching = patching.then(async () => (blocks = await patch(pane, blocks, html))));
    } catch (error) {
      if (error.name !== "AbortError" && mine === asking) stale(pane, true);
      return;
    }
    stale(pane, false);
    step();
  };
  const step = inStep(body, pane);
  const soon = later(refresh, () => Math.max(400, Math.min(5000, took * 2)));
  const show = (open) => {
    pane.hidden = !open;
    panes.classList.toggle("panes--single", !open);
    panes.classList.toggle("panes--preview", open);
    button.setAttribute("aria-pressed", open);
    if (open) refresh();
    else if (!WIDE.matches) body.focus();
  };
  body.addEventListener("input", soon);
  show(remembered() ?? WIDE.matches);
  return () => {
    show(pane.hidden);
    remember(!pane.hidden);
  };
}

function made() {
  const pane = document.createElement("section");
  pane.className = "preview prose";
  pane.tabIndex = 0;
  pane.setAttribute("aria-label", "Preview");
  pane.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.getAttribute("href").startsWith("#")) return;
    event.preventDefault(); // to follow it here would be to leave the text
    window.open(link.href, "_blank", "noopener");
  });
  return pane;
}

function stale(pane, is_so) {
  pane.classList.toggle("preview--stale", is_so);
}

/** Changes the blocks that have changed and no other, so that a long text neither jumps nor holds up a key. */
async function patch(pane, before, html) {
  const breath = breaths();
  const nodes = await parsed(html, breath);
  const after = [];
  for (const node of nodes) {
    after.push(node.outerHTML ?? node.textContent);
    await breath();
  }
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const gone = [...pane.childNodes].slice(head, before.length - tail);
  const next = pane.childNodes[before.length - tail] ?? null;
  const wanted = nodes.slice(head, nodes.length - tail);
  for (let at = 0; at < wanted.length || at < gone.length; at++) {
    gone[at]?.remove();
    if (wanted[at]) pane.insertBefore(wanted[at], next);
    await breath();
  }
  return after;
}

/** Where the text is scrolled to, the preview is, roughly: as far down in proportion. Not while somebody reads it. */
function inStep(body, pane) {
  let asked = false;
  const step = () => {
    if (asked || pane.hidden || pane.matches(":hover, :focus-within")) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      const way = body.scrollTop / Math.max(1, body.scrollHeight - body.clientHeight);
      pane.scrollTop = way * (pane.scrollHeight - pane.clientHeight);
    });
  };
  body.addEventListener("scroll", step);
  return step;
}

function remembered() {
  try {
    return { on: true, off: false }[localStorage.getItem(REMEMBERED)];
  } catch {
    return undefined; // storage is switched off
  }
}

function remember(open) {
  try {
    localStorage.setItem(REMEMBERED, open ? "on" : "off");
  } catch {
    // Nothing is lost but the wish.
  }
}
