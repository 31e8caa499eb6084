// What is said of the audio, in the reader's language: `web/texts/<language>/voice.json`. The states are those of
// `switchboard_softphone::STATES`.

/** `well`, `uneasy` (worth a look) or `bad` (calls cannot be taken like this). */
const MOODS = {
  off: "uneasy",
  "needs-press": "uneasy",
  elsewhere: "well",
  connecting: "uneasy",
  denied: "bad",
  "no-microphone": "bad",
  "microphone-fails": "bad",
  blocked: "bad",
  muted: "uneasy",
  talking: "well",
  held: "well",
  calling: "well",
  "line-connects": "uneasy",
  "other-machine": "well",
  ready: "well",
  lost: "bad",
};

let TEXTS = {};

/** Takes the texts, before anything is said. */
export function learn(texts) {
  TEXTS = texts;
}

/** The text of that name, its places filled. */
export function text(name, places = {}) {
  return TEXTS[name].replaceAll(/\{(\w+)\}/g, (_, place) => places[place]);
}

const key = (kind, name) => `${kind}_${name.replaceAll("-", "_")}`;

/**
 * Mood and sentence of a state; none of one that needs no words. `detail` is a warning's name, an error's number, or that it cannot be otherwise,
 * `caller` whoever rings at this device, `isStopped` that the board shows what was.
 */
export function words(state, detail, caller, isStopped) {
  if (state === "ready" && caller) return ["rings", text("rings_here", { caller })];
  if (state === "ready" && isStopped) return ["uneasy", text("ready_but_stopped")];
  if (state === "lost" && detail !== "0") return ["bad", text("mood_lost_by", { code: detail })];
  if (state === "elsewhere" && detail) return ["uneasy", text("other_tab_has_call")];
  if (state === "other-machine" && detail) return ["uneasy", text("other_machine_unsure")];
  if (state === "talking" && detail) {
    const warning = key("warning", detail);
    return ["uneasy", text(warning in TEXTS ? warning : "warning_weak")];
  }
  const mood = MOODS[state];
  return mood && [mood, text(key("mood", state))];
}
