// Starts the dashboard, and sees to it that a dashboard that stopped does not look like a live one.
//
// A fault ends the program at once, while the page goes on showing calls that have long moved. So
// the page is loaded anew, once a minute at most; after that it says what is the case. The rooms
// beside the board are a program of their own: when they stop, the board and its audio go on.
import start, { open } from "./dashboard.js";
import { language } from "./language.js";

const STOPPED_AT = "switchboard.stopped-at";
const A_MINUTE_MS = 60_000;

function stopped() {
  const before = Number(sessionStorage.getItem(STOPPED_AT));
  sessionStorage.setItem(STOPPED_AT, String(Date.now()));
  if (Date.now() - before > A_MINUTE_MS) {
    location.reload();
    return;
  }
  document.getElementById("app").hidden = true;
  document.getElementById("stopped").hidden = false;
}

function fault(error) {
  if (!(error instanceof WebAssembly.RuntimeError)) return;
  const rooms = document.getElementById("rooms");
  // The innermost frame comes first: one program may have been called by the other.
  const [program] = error.stack?.match(/\/(rooms|dashboard)-/) ?? [];
  if (!rooms || program !== "/rooms-") return stopped();
  // It may go on having faults. The words stay as they are.
  if (rooms.querySelector("[data-text]")) return;
  const words = document.getElementById("stopped").cloneNode(true);
  words.removeAttribute("id");
  words.hidden = false;
  rooms.replaceChildren(words);
}

const tongue = language(Object.keys(BOARD_TEXTS));
document.documentElement.lang = tongue;

const texts = fetch(BOARD_TEXTS[tongue]).then(async (answer) => {
  if (!answer.ok) throw new Error(answer.status);
  const texts = await answer.text();
  const lines = texts.split("\n");
  for (const [name, number] of Object.entries(STOPPED_TEXTS))
    document.querySelector(`[data-text=${name}]`).textContent = lines[number];
  return texts;
});

addEventListener("error", (event) => fault(event.error));
addEventListener("unhandledrejection", (event) => fault(event.reason));
addEventListener("click", (event) => event.target.matches?.("[data-text=load_again]") && location.reload());

// A link to join that is pasted over the board's own address would load nothing by itself.
addEventListener("hashchange", () => location.hash.startsWith("#join=") && location.reload());

Promise.all([texts, start({ module_or_path: BOARD_MODULE })])
  .then(([texts]) => open(texts))
  .catch(stopped);
