// What is said of the audio, in words that a person would use. The states are those of
// `Softphone::state` in `web/src/voice/softphone.rs`.

/** `mood`: well, uneasy (worth a look) or bad (calls cannot be taken like this). */
const STATES = {
  off: ["uneasy", "Your audio is off in this browser. Go on duty to be rung here."],
  "needs-press": [
    "uneasy",
    "The page was loaded anew, and your browser wants a press before it lets you listen. Go on duty again.",
  ],
  elsewhere: ["well", "Audio is in another tab."],
  connecting: ["uneasy", "Connecting your audio… If the browser asks for the microphone, allow it."],
  denied: ["bad", "No microphone: the browser does not allow it. Allow it beside the address, then try again."],
  "no-microphone": ["bad", "No microphone: this computer has none. Plug one in, then try again."],
  blocked: ["bad", "Your browser keeps this page silent. Press anywhere to hear your callers."],
  muted: ["uneasy", "You are muted: nobody hears you."],
  talking: ["well", "You are talking."],
  held: ["well", "On hold. The caller hears music."],
  calling: ["well", "Calling… It rings at the other side."],
  "line-connects": ["uneasy", "Connecting you with the caller…"],
  ready: ["well", "Your audio is ready."],
};

const WARNINGS = {
  "constant-audio-input-level": "Your microphone picks up nothing. Is it switched off?",
  "constant-audio-output-level": "Nothing is heard from the other side.",
  reconnecting: "The line was lost for a moment. Connecting again…",
  "ice-connectivity-lost": "The connection is interrupted. It may come back by itself.",
};
const WEAK = "The connection is weak: you may not hear each other well.";

export const MUTE = "Mute";
export const UNMUTE = "Unmute";
export const TRY_AGAIN = "Try again";
export const LEVEL = "How loud you speak";
export const DEVICES = "Devices";
export const MICROPHONE = "Microphone";
export const SPEAKER = "Speaker";
export const CALL = "Call";
export const WHOM = "Number or contact";
export const INCOMPLETE = "A number starts with + and the country code, such as +1\u00a0202\u00a0555\u00a00123.";
export const NO_ANSWER = "The server did not answer. Try again in a moment.";
export const nobody = (name) => `Nobody in the contacts is called ${name}. Type the number instead.`;
export const several = (names) => `Several contacts match: ${names.join(", ")}. Type more of the name.`;

/** Mood and sentence of a state; none of one that needs no words. `detail` is a warning's name or an error's number. */
export function words(state, detail) {
  if (state === "lost") {
    const number = detail === "0" ? "" : ` (error ${detail})`;
    return ["bad", `Out of reach: the telephone service does not answer${number}. Trying again…`];
  }
  if (state === "talking" && detail) return ["uneasy", WARNINGS[detail] ?? WEAK];
  return STATES[state];
}
