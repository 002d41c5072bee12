/* Words and minutes, as blog/text.py counts them, but of the Markdown, and whenever there is time. */

import { bitByBit, later } from "./later.js";

const CJK = /[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]/g;
const WORD = /[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu;
const NOT_READ = /\]\([^()\n]*\)|<[^<>\n]*>|^ {0,3}(?:`{3,}|~{3,}).*$|^\[\^[^\]\n]*\]:|https?:\/\/[^\s<>()]+/gm;
const WORDS_A_MINUTE = 230;
const PIECE = 20_000;

export function counts(body, place) {
  let give_up = () => {};
  const recount = () => {
    give_up();
    give_up = bitByBit(counted(body.value), (words) => (place.textContent = told(words)));
  };
  body.addEventListener("input", later(recount, 500));
  recount();
}

/** Counts piece by piece, each cut at the end of a line. */
export function* counted(text) {
  let words = 0;
  for (let at = 0; at < text.length; ) {
    const line_end = text.indexOf("\n", at + PIECE);
    const to = line_end < 0 || line_end > at + 3 * PIECE ? at + 3 * PIECE : line_end;
    words += count(text.slice(at, to));
    at = to;
    yield;
  }
  return words;
}

export function count(text) {
  const read = text.replace(NOT_READ, " ");
  let unparted = 0;
  const parted = read.replace(CJK, () => (unparted++, " "));
  return (parted.match(WORD)?.length ?? 0) + Math.ceil(unparted / 2);
}

function told(words) {
  const minutes = Math.max(1, Math.round(words / WORDS_A_MINUTE));
  return `${words.toLocaleString("en")} ${words === 1 ? "word" : "words"} · ${minutes} min read`;
}
