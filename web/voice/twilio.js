// A device of Twilio's Voice SDK 2.18, told apart from the simulator's by nobody else.
import { showLevel } from "./microphone.js";

/** The SDK reports a token that is about to expire this long before. */
const TOKEN_REFRESH_MS = 60_000;
/** Why a call gets no microphone, by the SDK's numbers. */
const MICROPHONE_TROUBLE = { 31401: "denied", 31402: "failing" };

let sdk;

/** The SDK is a script of the old kind, which leaves `Twilio` behind. */
function load() {
  sdk ??= new Promise((loaded, failed) => {
    const script = document.createElement("script");
    script.src = TWILIO_SDK;
    script.onload = () => loaded(globalThis.Twilio);
    script.onerror = () => {
      sdk = undefined;
      failed(new Error("the Voice SDK could not be loaded"));
    };
    document.head.append(script);
  });
  return sdk;
}

export class Twilio {
  #emit;
  #device;
  #calls = new Map();
  #outbound = 0;
  #microphone;
  #wanted;

  /** The SDK connects again by itself; this is for when it has given up. */
  retryMs = 15_000;

  constructor(_, emit, __, microphone) {
    this.#emit = emit;
    this.#microphone = microphone;
    microphone.onChoice = (id) => this.#listenTo(id);
    microphone.onReturn = () => this.#reopen();
  }

  async register(token) {
    this.close();
    const wanted = (this.#wanted = {});
    const sdk = await load().catch(() => null);
    // It was closed while the script was on its way.
    if (wanted !== this.#wanted) return;
    if (!sdk) return this.#emit({ type: "closed" });
    const { Device } = sdk;
    const device = new Device(token, { appName: "switchboard", tokenRefreshMs: TOKEN_REFRESH_MS });
    this.#device = device;
    // We ring ourselves; the SDK would fetch its sounds from elsewhere.
    for (const sound of ["incoming", "outgoing", "disconnect"]) device.audio?.[sound](false);
    const mine = (tell) => (given) => device === this.#device && tell(given);
    device.on("registered", mine(() => this.#emit({ type: "registered" })));
    device.on("unregistered", mine(() => this.#emit({ type: "unregistered" })));
    device.on("tokenWillExpire", mine(() => this.#emit({ type: "tokenWillExpire" })));
    device.on("error", mine((error) => this.#fail(error)));
    device.on("incoming", mine((call) => this.#meet(call.parameters.CallSid, call)));
    // The SDK goes on trying by itself, and tells of each failure by `error`.
    await device.register().catch(mine((error) => this.#fail(error)));
    await this.#prefer(device);
  }

  token(_, token) {
    this.#device?.updateToken(token);
    if (this.#device?.state === "unregistered") return this.#device.register();
  }

  accept(leg) {
    this.#calls.get(leg)?.accept();
  }

  disconnect(leg) {
    this.#calls.get(leg)?.disconnect();
  }

  mute(leg, muted) {
    this.#calls.get(leg)?.mute(muted === "on");
  }

  async connect(_, number) {
    const leg = `out-${++this.#outbound}`;
    const device = this.#device;
    // It has a name before the SDK has it: an error that is told meanwhile may be about anything.
    this.#emit({ type: "connecting", call_sid: leg });
    try {
      const call = await device.connect({ params: { To: number } });
      if (device === this.#device) this.#meet(leg, call);
      // It was closed meanwhile.
      else call.disconnect();
    } catch (error) {
      this.#emit({ type: "disconnected", call_sid: leg });
      this.#fail(error);
    }
  }

  speakTo(id) {
    if (this.#device?.audio?.isOutputSelectionSupported) return this.#device.audio.speakerDevices.set(id || "default");
  }

  /** What was chosen in this browser, as far as it is still plugged in. */
  async #prefer({ audio }) {
    const { chosen, speaker } = this.#microphone;
    if (chosen) await audio?.setInputDevice(chosen).catch(() => {});
    if (speaker) await this.speakTo(speaker)?.catch(() => {});
  }

  /** Gives a call that runs a new track. To choose the same device again does nothing, so its constraints are set anew. */
  #reopen() {
    if (!this.#calls.size) return;
    const audio = this.#device?.audio;
    return audio?.inputDevice ? audio.unsetAudioConstraints() : this.#listenTo("");
  }

  /** Not every browser has a device of the name that means the system's own; then it is the first. */
  #listenTo(id) {
    const audio = this.#device?.audio;
    if (id || !audio) return audio?.setInputDevice(id);
    const [first] = audio.availableInputDevices.keys();
    return audio.setInputDevice(audio.availableInputDevices.has("default") || !first ? "default" : first);
  }

  close() {
    this.#wanted = undefined;
    const device = this.#device;
    this.#device = undefined;
    device?.destroy();
    this.#calls.clear();
  }

  #meet(leg, call) {
    this.#calls.set(leg, call);
    const tell = (type, more = {}) => this.#emit({ type, call_sid: leg, ...more });
    const over = (type) => () => {
      this.#calls.delete(leg);
      showLevel(0);
      tell(type, { sid: call.parameters.CallSid });
    };
    call.on("accept", () => tell("accepted"));
    call.on("ringing", () => tell("ringing"));
    call.on("cancel", over("cancel"));
    call.on("reject", over("cancel"));
    call.on("disconnect", over("disconnected"));
    call.on("volume", (spoken) => showLevel(spoken));
    call.on("warning", (name) => tell("warning", { name, cleared: false }));
    call.on("warning-cleared", (name) => tell("warning", { name, cleared: true }));
    call.on("reconnecting", () => tell("warning", { name: "reconnecting", cleared: false }));
    call.on("reconnected", () => tell("warning", { name: "reconnecting", cleared: true }));
    call.on("error", (error) => this.#fail(error));
    if (call.direction === "INCOMING") tell("incoming", { parameters: Object.fromEntries(call.customParameters) });
  }

  #fail({ code = 0, message = "" }) {
    const state = MICROPHONE_TROUBLE[code];
    if (state) this.#emit({ type: "microphone", state });
    else this.#emit({ type: "error", code, message });
  }
}
