// Starts the dashboard, and sees to it that a dashboard that stopped does not look like a live one.
//
// A fault ends the program at once, while the page goes on showing calls that have long moved. So
// the page is loaded anew, once a minute at most; after that it says what is the case.
import start from "./dashboard.js";

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

function isFault(error) {
  return error instanceof WebAssembly.RuntimeError;
}

addEventListener("error", (event) => isFault(event.error) && stopped());
addEventListener("unhandledrejection", (event) => isFault(event.reason) && stopped());
document.getElementById("reload").addEventListener("click", () => location.reload());

start({ module_or_path: "{{wasm}}" }).catch(stopped);
