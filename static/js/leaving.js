/* Whoever leaves the page with something that the server does not have is asked first, and only then. */

export function leaving(form, is_dirty) {
  let is_sent = false;
  form.addEventListener("submit", (event) => (is_sent = !event.defaultPrevented));
  window.addEventListener("pageshow", () => (is_sent = false)); // back on a page that was left
  window.addEventListener("beforeunload", (event) => {
    if (!is_sent && is_dirty()) event.preventDefault();
  });
}
