/* What differs between two texts: by lines, and inside of lines by words. */

const FARTHEST = 600; // changes looked for; texts that differ in more are shown whole, one after the other
const AROUND = 2; // lines shown on each side of a change

/** An element that shows how the one became the other. */
export function comparison(before, after) {
  const whole = document.createElement("div");
  whole.className = "reading";
  const steps = lines(before.split("\n"), after.split("\n"));
  steps.forEach((step, at) => {
    if (step.kind !== "same") return whole.append(paragraph(...shown(step)));
    const near = steps.slice(Math.max(0, at - AROUND), at + AROUND + 1).some((other) => other.kind !== "same");
    if (near) whole.append(paragraph(step.text));
    else if (steps[at - 1]?.kind === "same" && whole.lastChild?.textContent !== "…") whole.append(paragraph("…"));
  });
  return whole;
}

function paragraph(...content) {
  const made = document.createElement("p");
  made.dir = "auto";
  made.append(...content);
  return made;
}

function shown({ kind, text, became }) {
  if (kind === "del" || kind === "ins") return [marked(kind, text || " ")];
  const words = changes(apart(text), apart(became));
  return words.map(({ kind, text }) => (kind === "same" ? text : marked(kind, text)));
}

function marked(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

function apart(line) {
  return line.match(/[\p{L}\p{M}\p{N}]+|\s+|[^\p{L}\p{M}\p{N}\s]/gu) ?? [];
}

/** Lines, where one that is gone and one that came in its place are one step. */
function lines(before, after) {
  const steps = [];
  let gone = [];
  for (const step of [...changes(before, after), { kind: "same", end: true }]) {
    if (step.kind === "del") gone.push(step);
    else if (step.kind === "ins" && gone.length) steps.push({ kind: "both", text: gone.shift().text, became: step.text });
    else {
      steps.push(...gone, step);
      gone = [];
    }
  }
  return steps.slice(0, -1);
}

/** The least steps from one list to the other, after Myers (1986). */
export function changes(before, after) {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const same = (items) => items.map((text) => ({ kind: "same", text }));
  const a = before.slice(head, before.length - tail);
  const b = after.slice(head, after.length - tail);
  return [...same(before.slice(0, head)), ...middle(a, b), ...same(before.slice(before.length - tail))];
}

function middle(a, b) {
  const found = a.length && b.length ? reached(a, b) : null;
  if (!found) return [...a.map((text) => ({ kind: "del", text })), ...b.map((text) => ({ kind: "ins", text }))];
  const steps = [];
  let x = a.length;
  let y = b.length;
  for (let d = found.length - 1; d >= 0; d--) {
    const far = found[d];
    const k = x - y;
    const down = k === -d || (k !== d && (far.get(k - 1) ?? -1) < (far.get(k + 1) ?? -1));
    const from = d === 0 ? 0 : down ? far.get(k + 1) : far.get(k - 1) + 1;
    const from_y = from - k;
    for (; x > from && y > from_y; y--) steps.push({ kind: "same", text: a[--x] });
    if (d === 0) break;
    if (down) steps.push({ kind: "ins", text: b[--y] });
    else steps.push({ kind: "del", text: a[--x] });
  }
  return steps.reverse();
}

/** For each number of changes, how far on each diagonal one came with one less; null where there are too many. */
function reached(a, b) {
  const before = [];
  let far = new Map([[1, 0]]);
  for (let d = 0; d <= Math.min(FARTHEST, a.length + b.length); d++) {
    before.push(far);
    far = new Map(far);
    for (let k = -d; k <= d; k += 2) {
      const last = before[d];
      const down = k === -d || (k !== d && (last.get(k - 1) ?? -1) < (last.get(k + 1) ?? -1));
      let x = down ? last.get(k + 1) : last.get(k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      far.set(k, x);
      if (x >= a.length && x - k >= b.length) return before;
    }
  }
  return null;
}
