/* The editor page: gives each part what it works on, and joins them. */

import { alone } from "./alone.js";
import { continuing } from "./continuing.js";
import { counts } from "./counts.js";
import { preview } from "./preview.js";
import { ready, say } from "./saying.js";
import { shortcuts } from "./shortcuts.js";
import { toolbar } from "./toolbar.js";

export default function editor(form) {
  const body = form.elements.namedItem("body");
  const page = { form, body, panes: body.closest(".panes"), person: form.dataset.person };
  ready();
  writing(page);
  counts(body, form.querySelector("[data-counts]"));
}

function writing(page) {
  const special = {};
  const bar = toolbar(page.body, special);
  const button = (name) => bar.querySelector(`[data-format="${name}"]`);
  special.preview = preview(page, button("preview"));
  special.alone = alone(page, button("alone"));
  continuing(page.body, say);
  shortcuts(page, special, {
    s: () => save(page.form),
    "Shift+p": special.preview,
    "Shift+f": special.alone,
  });
}

/** Presses the button that saves. */
function save(form) {
  form.requestSubmit(form.querySelector("[data-save], .savebar button:not([type=button])"));
}
