/* The line that says what has become of the text, in words that are true. */

import { say } from "./saying.js";

const KEPT = " The text is kept on this device.";
const NOWHERE = " It is not kept on this device either: copy it to a safe place.";

/** Returns how to say each state. What is read aloud is only that saving failed, and that it works again. */
export function status(line) {
  line.removeAttribute("role"); // a screen reader would hear of every save
  let failed = "";
  const show = (kind, strong, rest, ...more) => {
    line.className = `saved${kind && ` saved--${kind}`}`;
    const words = document.createElement("span");
    const first = document.createElement("b");
    first.textContent = strong;
    words.append(first, rest, ...more);
    line.replaceChildren(words);
  };
  const fail = (strong, rest, is_kept, ...more) => {
    show(is_kept ? "kept" : "failed", strong, rest, ...more, is_kept ? KEPT : NOWHERE);
    if (failed !== strong + rest) say(line.textContent);
    failed = strong + rest;
  };
  return {
    typing: () => show("busy", "Not saved yet.", ""),
    saving: () => show("busy", "Saving…", ""),
    saved(at) {
      show("", "Saved to your working copy", ` at ${at}. Readers do not see it yet.`);
      if (failed) say(`Saved again, at ${at}.`);
      failed = "";
    },
    incomplete(at, faults) {
      show("kept", "Saved to your working copy", `${at && ` at ${at}`}. Before more can be done with it: ${faults}`);
      if (failed !== faults) say(faults);
      failed = faults;
    },
    refused: (refusal, is_kept) => fail("Not saved: ", ...reason(refusal).slice(0, 1), is_kept, ...reason(refusal).slice(1)),
  };
}

function reason({ kind, message }) {
  switch (kind) {
    case "offline":
      return [navigator.onLine ? "the server does not answer." : "offline."];
    case "signed out":
      return ["you are signed out. ", signInElsewhere(), ", then it goes on by itself."];
    case "somebody else":
      return [`${message} is signed in in this browser now, and this text is not theirs.`];
    case "gone":
      return ["this post is gone, or no longer yours to change."];
    case "busy":
      return ["the server is busy, and will be asked again."];
    default:
      return [message === kind || message === "broken" ? "something broke on the server, which will be asked again." : message];
  }
}

function signInElsewhere() {
  const link = document.createElement("a");
  link.href = "/auth/login?next=/write";
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = "Sign in in another tab";
  return link;
}
