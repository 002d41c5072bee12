/* A button that prints the page. Without scripts, the browser's own menu does. */

export default function printing(button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
