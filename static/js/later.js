/* Work that can wait. A key must show at once, so whatever follows from it is done afterwards, a little at a time. */

/** The work, once nobody has asked for it for so many milliseconds, or at the latest after so many. */
export function later(work, wait, at_latest = Infinity) {
  let timer;
  let first = 0;
  const due = () => {
    first = 0;
    work();
  };
  const ask = () => {
    const now = performance.now();
    first ||= now;
    clearTimeout(timer);
    timer = setTimeout(due, Math.min(typeof wait === "function" ? wait() : wait, Math.max(0, first + at_latest - now)));
  };
  ask.cancel = () => {
    first = 0;
    clearTimeout(timer);
  };
  return ask;
}

/** When the browser has nothing better to do. */
export function idle(work) {
  if (window.requestIdleCallback) window.requestIdleCallback(work, { timeout: 3000 });
  else setTimeout(() => work({ timeRemaining: () => 8 }), 60);
}

/** Takes the steps of a generator while there is time, and goes on another time. Returns how to give up. */
export function bitByBit(steps, done = () => {}) {
  let given_up = false;
  const go = (deadline) => {
    if (given_up) return;
    do {
      const { value, done: at_end } = steps.next();
      if (at_end) return void done(value);
    } while (deadline.timeRemaining() > 2);
    idle(go);
  };
  idle(go);
  return () => (given_up = true);
}

/** Lets keys have their turn in the midst of long work, if it has gone on for long enough. Call it at each step. */
export function breaths() {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < 8) return;
    await new Promise((resolve) => setTimeout(resolve));
    since = performance.now();
  };
}
