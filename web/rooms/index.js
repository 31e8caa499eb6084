// The rooms beside the board: their own program, texts and style, fetched once.
import { language } from "../language.js";
import start, { mount } from "./rooms.js";

const arrived = (answer) => (answer.ok ? answer.text() : Promise.reject(new Error(answer.status)));

const style = () =>
  new Promise((done, failed) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: ROOMS_STYLE });
    link.onload = done;
    link.onerror = failed;
    document.head.append(link);
  });

let ready;

export default async function open(root, host) {
  ready ??= Promise.all([
    fetch(ROOMS_TEXTS[language(Object.keys(ROOMS_TEXTS))]).then(arrived),
    start({ module_or_path: ROOMS_MODULE }),
    style(),
  ]);
  try {
    const [texts] = await ready;
    return mount(root, host, texts);
  } catch (error) {
    ready = undefined;
    throw error;
  }
}
