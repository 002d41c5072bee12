/* Who else has the post open, and whether somebody has saved it meanwhile. It informs, and stands in nobody's way. */

import { post, token } from "./asking.js";
import { say } from "./saying.js";

const BEAT = 45_000;

/** Returns how to take in what an answer of the server says of others. */
export function presence({ form, person }) {
  const place = form.querySelector(".presence") ?? made(form);
  place.removeAttribute("role"); // `say` tells of changes, once
  let known = place.textContent.trim().replace(/\s+/g, " ");
  const take = ({ presence: people, moved }) => {
    const words = [here(people ?? []), moved ? since(moved) : ""].filter(Boolean).join(" ");
    if (words === known) return;
    place.hidden = !words;
    place.replaceChildren(Object.assign(document.createElement("span"), { textContent: words }));
    if (words) say(words);
    known = words;
  };
  place.hidden = !known;
  beat(form, person, take);
  return take;
}

function made(form) {
  const place = document.createElement("p");
  place.className = "presence";
  form.querySelector(".writing").prepend(place);
  return place;
}

/** In the words of the page itself, so that nothing is said to have changed when it is asked for the first time. */
function here(people) {
  if (!people.length) return "";
  const who = people.map(({ name, since }) => `${name} has had this post open since ${since}.`);
  return [...who, "If you both change the same lines, you will be shown both versions."].join(" ");
}

function since({ by, revision, at }) {
  return `${by} saved revision ${revision} at ${at}. When you save, their changes and yours are brought together.`;
}

/** Says now and then that we are here, while the page is to be seen, and that we go. */
function beat(form, person, take) {
  const address = () => `/write/posts/${form.dataset.post}/presence`;
  const copy = form.querySelector('[name="copy"]')?.value ?? "";
  let is_over = false;
  const tell = async () => {
    if (document.hidden || !form.dataset.post || is_over) return;
    try {
      take(await (await post(address(), { copy }, person)).json());
    } catch (refusal) {
      is_over = refusal.kind === "gone";
    }
  };
  setInterval(tell, BEAT);
  document.addEventListener("visibilitychange", tell);
  window.addEventListener("pagehide", () => {
    if (form.dataset.post && !is_over) {
      navigator.sendBeacon(address(), new URLSearchParams({ copy, leaving: "1", csrf_token: token() }));
    }
  });
  tell();
}
