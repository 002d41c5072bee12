/* Nothing but the text on the screen. Escape, the button or the keys bring the rest back. */

/** Returns how to switch it on and off. */
export function alone({ form, body }, button) {
  const root = document.documentElement;
  const set = (on) => {
    root.classList.toggle("alone", on);
    button.setAttribute("aria-pressed", on);
    body.focus();
  };
  const leave = () => {
    set(false);
    if (document.fullscreenElement) document.exitFullscreen();
  };
  button.setAttribute("aria-pressed", "false");
  document.addEventListener("fullscreenchange", () => document.fullscreenElement || set(false));
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && root.classList.contains("alone") && !event.defaultPrevented) leave();
  });
  return () => {
    if (root.classList.contains("alone")) return leave();
    set(true);
    root.requestFullscreen?.().catch(() => {}); // where that is not allowed, the window is enough
  };
}
