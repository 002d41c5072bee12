/* The usual keys. What the browser does with others stays. */

import { FORMATS, format } from "./toolbar.js";

/** `anywhere` holds what works on the whole page, as { "s": …, "Shift+p": … }; formats need the text. */
export function shortcuts({ form, body }, special, anywhere) {
  const formats = Object.entries(FORMATS).filter(([, [, , key]]) => key);
  const in_text = Object.fromEntries(
    formats.map(([name, [, , key, change]]) => [key, special[name] ?? (() => format(body, change))]),
  );
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.isComposing) return;
    const key = (event.shiftKey ? "Shift+" : "") + event.key.toLowerCase();
    const work = anywhere[key] ?? (event.target === body ? in_text[key] : undefined);
    if (!work || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    work();
  });
}
