/* Pictures on their way to the server, with a place kept for each in the text. */

import { renewToken, token } from "./asking.js";
import { exchange } from "./pasting.js";
import { say } from "./saying.js";
import { replace, state, whenCalm } from "./typing.js";

/** Returns what takes files, and whether any is still on its way. */
export function uploading({ body, panes, person }) {
  const list = document.createElement("ul");
  list.className = "uploads";
  list.setAttribute("aria-label", "Uploads");
  panes.after(list);
  let under_way = 0;
  const take = async (files) => {
    const marks = files.map((file) => placeholder(body, file));
    put(body, marks);
    for (const [n, file] of files.entries()) {
      under_way++;
      upload(file, marks[n]).finally(() => under_way--);
    }
  };
  const upload = async (file, mark) => {
    const row = rowOf(list, file);
    try {
      const { markdown } = await sent(file, person, row);
      await whenCalm();
      if (!exchange(body, mark, markdown)) return row.failed(`${file.name} is in the library; its place in the text is gone.`);
      row.done();
    } catch (error) {
      await whenCalm();
      exchange(body, mark, "");
      row.failed(error.message);
    }
  };
  return { take, is_busy: () => under_way > 0 };
}

/** What stands in the text meanwhile; no two of them alike. */
function placeholder(body, file) {
  const name = file.name.replace(/[[\]()\\\s]+/g, " ").trim().slice(0, 60) || "picture";
  return `![Uploading ${name} ${Math.random().toString(36).slice(2, 6)}…]()`;
}

function put(body, marks) {
  const { value, start, end } = state(body);
  const before = start === 0 || value[start - 1] === "\n" || marks.length === 1 ? "" : "\n\n";
  replace(body, { from: start, to: end, text: before + marks.join("\n\n") });
}

async function sent(file, person, row) {
  if (!file.type.startsWith("image/")) throw new Error(`${file.name} is no picture.`);
  let answer = await request(file, row);
  if (answer.status === 400 || answer.status === 401) {
    await renewToken(person).catch(() => {
      throw new Error(`${file.name} was not taken: you are signed out.`);
    });
    answer = await request(file, row);
  }
  if (answer.status === 201) return answer.said;
  const why = answer.status === 413 ? "it is too large." : answer.said?.error || "the server did not answer.";
  throw new Error(`${file.name} was not taken: ${why}`);
}

/** XMLHttpRequest, since it alone tells how far an upload is. */
function request(file, row) {
  const fields = new FormData();
  fields.set("file", file);
  fields.set("csrf_token", token());
  return new Promise((resolve, reject) => {
    const asking = new XMLHttpRequest();
    asking.open("POST", "/write/media");
    asking.setRequestHeader("Accept", "application/json");
    asking.setRequestHeader("X-CSRFToken", token());
    asking.responseType = "json";
    asking.upload.addEventListener("progress", ({ loaded, total }) => row.progress(loaded / total));
    asking.addEventListener("loadend", () => resolve({ status: asking.status, said: asking.response }));
    asking.addEventListener("abort", () => reject(new Error(`${file.name} was cancelled.`)));
    row.cancel = () => asking.abort();
    asking.send(fields);
  });
}

/** One line of the list: how far it is, a button to give it up and, if it comes to nothing, why. */
function rowOf(list, file) {
  const line = document.createElement("li");
  const name = Object.assign(document.createElement("span"), { textContent: file.name, dir: "auto" });
  const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  bar.setAttribute("aria-label", `Uploading ${file.name}`);
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button button--bare" });
  button.textContent = "Cancel";
  button.setAttribute("aria-label", `Cancel ${file.name}`);
  const row = {
    cancel: () => {},
    progress: (part) => (bar.value = part),
    done() {
      line.remove();
      say(`${file.name} was uploaded. Say in its brackets what it shows.`);
    },
    failed(why) {
      bar.remove();
      name.textContent = why;
      line.className = "uploads__failed";
      button.textContent = "Dismiss";
      button.setAttribute("aria-label", `Dismiss: ${why}`);
      row.cancel = () => line.remove();
      say(why);
    },
  };
  button.addEventListener("click", () => row.cancel());
  line.append(name, bar, button);
  list.append(line);
  return row;
}
