/* Rich text that is pasted becomes Markdown; pictures that are pasted or dropped are uploaded. */

import { post } from "./asking.js";
import { link } from "./marks.js";
import { say } from "./saying.js";
import { replace, state, whenCalm } from "./typing.js";

const MOST = 1_000_000; // characters of HTML; more comes in as plain text
const RICH = /<(?:a\s[^>]*href|b|strong|i|em|h[1-6]|li|blockquote|table|img|pre|code|del|s|sup|sub)\b/i;
const ADDRESS = /^(?:https?:\/\/|mailto:)\S+$/i;

/** `upload` takes files; with Ctrl+Shift+V the browser gives no rich text, and all stays plain. */
export function pasting({ body, person }, upload) {
  body.addEventListener("paste", (event) => {
    const clip = event.clipboardData;
    const plain = clip.getData("text/plain").replace(/\r\n?/g, "\n");
    const html = clip.getData("text/html");
    const { value, start, end } = state(body);
    if (clip.files.length && !plain.trim()) {
      event.preventDefault();
      upload([...clip.files]);
    } else if (start < end && ADDRESS.test(plain) && !value.slice(start, end).includes("\n")) {
      event.preventDefault();
      replace(body, { from: start, to: end, text: link(value.slice(start, end), plain) });
    } else if (plain && html.length <= MOST && RICH.test(html)) {
      // The browser puts the plain text in, at once and so that it can be undone.
      const put = ({ inputType }) => inputType === "insertFromPaste" && rich(body, person, plain, html, start);
      body.addEventListener("input", put, { once: true });
    }
  });
  dropping(body, upload);
}

/** The Markdown takes the place of the plain text when it is there: nothing is lost in between. */
async function rich(body, person, plain, html, start) {
  try {
    const answer = await post("/write/markdown", { html: withoutWrapper(html) }, person, { signal: AbortSignal.timeout(20_000) });
    const markdown = await answer.text();
    await whenCalm();
    if (markdown !== plain) exchange(body, plain, markdown, start);
  } catch {
    say("Pasted as plain text.");
  }
}

/** Around all that it copies, Google Docs puts a bold that is not bold. */
function withoutWrapper(html) {
  return html.replace(/<b\s[^>]*font-weight:\s*normal[^>]*>/gi, "<span>");
}

/** Puts words in the place of others that were typed at a place, wherever that is by now; not if they were changed. */
export function exchange(body, before, after, near = 0) {
  const { value, start, end } = state(body);
  const from = value.startsWith(before, near) ? near : value.indexOf(before);
  if (from < 0 || !before) return false;
  const to = from + before.length;
  const moved = (at) => (at <= from ? at : at >= to ? at + after.length - before.length : from + after.length);
  replace(body, { from, to, text: after, start: moved(start), end: moved(end) });
  return true;
}

function dropping(body, upload) {
  const has_files = (event) => event.dataTransfer?.types.includes("Files");
  // A picture dropped beside the text would be opened in its place.
  for (const kind of ["dragover", "drop"]) {
    document.addEventListener(kind, (event) => {
      if (has_files(event) && event.target.type !== "file") event.preventDefault();
    });
  }
  body.addEventListener("drop", (event) => {
    if (!has_files(event)) return;
    const place = document.caretPositionFromPoint?.(event.clientX, event.clientY);
    if (place?.offsetNode === body) body.setSelectionRange(place.offset, place.offset);
    body.focus();
    upload([...event.dataTransfer.files]);
  });
}
