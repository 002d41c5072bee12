/* The editor page: gives each part what it works on, and joins them. */

import { alone } from "./alone.js";
import { Autosave } from "./autosave.js";
import { choosing } from "./choosing.js";
import { continuing } from "./continuing.js";
import { counts } from "./counts.js";
import { Device } from "./device.js";
import { changed } from "./fields.js";
import { leaving } from "./leaving.js";
import { offering } from "./offering.js";
import { outline } from "./outline.js";
import { pasting } from "./pasting.js";
import { presence } from "./presence.js";
import { preview } from "./preview.js";
import { ready, say } from "./saying.js";
import { shortcuts } from "./shortcuts.js";
import { status } from "./status.js";
import { linking, tags } from "./suggesting.js";
import { toolbar } from "./toolbar.js";
import { uploading } from "./uploading.js";

export default function editor(form) {
  const body = form.elements.namedItem("body");
  const page = { form, body, panes: body.closest(".panes"), person: form.dataset.person };
  ready();
  const uploads = uploading(page);
  writing(page, uploads);
  keeping(page, uploads);
  counts(body, form.querySelector("[data-counts]"));
  outline(page);
}

function writing(page, uploads) {
  const special = {};
  const bar = toolbar(page.body, special);
  const button = (name) => bar.querySelector(`[data-format="${name}"]`);
  special.link = linking(page.body);
  special.image = choosing(page.body, uploads.take);
  special.preview = preview(page, button("preview"));
  special.alone = alone(page, button("alone"));
  continuing(page.body, say);
  pasting(page, uploads.take);
  tags(page.form.elements.namedItem("tags"));
  shortcuts(page, special, {
    s: () => save(page.form),
    "Shift+p": special.preview,
    "Shift+f": special.alone,
  });
}

/** All that sees to it that nothing typed is lost. */
function keeping(page, uploads) {
  const { form } = page;
  if (location.search) history.replaceState(history.state, "", location.pathname); // the device knows what began from where
  const device = new Device(page);
  const saving = new Autosave(page, { show: status(line(form)), device, others: presence(page) });
  device.is_wanted = () => saving.is_dirty;
  device.begin();
  saving.begin();
  leaving(form, () => saving.is_dirty || uploads.is_busy() || hasFiles(form));
  offering(page, device);
  if (isUnknownToTheServer(form)) saving.touched();
}

function hasFiles(form) {
  return [...form.querySelectorAll('input[type="file"]')].some((field) => field.files.length > 0);
}

/** Refused, or put back by the browser after a crash: then the page shows what the server may not have. */
function isUnknownToTheServer(form) {
  return "unsaved" in form.dataset || form.querySelector('[aria-invalid="true"]') || changed(form).length > 0;
}

function line(form) {
  const place = form.querySelector(".saved");
  if (place) return place;
  const made = document.createElement("p");
  form.prepend(made);
  return made;
}

/** Presses the button that saves. */
function save(form) {
  form.requestSubmit(form.querySelector("[data-save]") ?? form.querySelector(".savebar button"));
}
