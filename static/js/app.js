/* Runs what a page asks for: data-behaviour="editor" on an element means the module below, for that element.
   Every page works without; a behaviour only makes it nicer. */

const BEHAVIOURS = {
  editor: () => import("./editor.js"),
  passkey: () => import("./passkey.js"),
  printing: () => import("./printing.js"),
  passage: () => import("./merging.js"),
};

for (const element of document.querySelectorAll("[data-behaviour]")) {
  for (const name of element.dataset.behaviour.split(" ")) {
    BEHAVIOURS[name]?.().then((module) => module.default(element));
  }
}
