// The rooms beside the board: their own program, texts and style. What came is kept, what failed is fetched again.
import { language } from "../language.js";
import start, { mount } from "./rooms.js";

const arrived = (answer) => (answer.ok ? answer.text() : Promise.reject(new Error(answer.status)));

const style = () =>
  new Promise((done, failed) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: ROOMS_STYLE });
    link.onload = done;
    link.onerror = () => {
      link.remove();
      failed(new Error(ROOMS_STYLE));
    };
    document.head.append(link);
  });

function kept(load) {
  let loaded;
  return () => {
    loaded ??= load().catch((error) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
}

const parts = [
  () => fetch(ROOMS_TEXTS[language(Object.keys(ROOMS_TEXTS))]).then(arrived),
  () => start({ module_or_path: ROOMS_MODULE }),
  style,
].map(kept);

// A fault ends the program that has it and not the one that called: the page hears of it (`boot.js`), the caller goes on.
function apart(call) {
  let stopped = false;
  return (verb, detail) => {
    if (stopped) return undefined;
    try {
      return call(verb, detail);
    } catch (error) {
      stopped = error instanceof WebAssembly.RuntimeError;
      queueMicrotask(() => {
        throw error;
      });
      return undefined;
    }
  };
}

export default async function open(root, host) {
  const [texts] = await Promise.all(parts.map((load) => load()));
  return apart(mount(root, apart(host), texts));
}
