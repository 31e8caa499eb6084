// The microphone: whether it may be used, which ones there are, and how loud one speaks.

const LOOK_MS = 100;
const MICROPHONE = "switchboard.microphone";
const SPEAKER = "switchboard.speaker";

/** Shows on the page how loud one speaks, from 0 to 1. */
export function showLevel(level) {
  const meter = document.getElementById("voice-level");
  if (meter) meter.value = level;
}

export class Microphone {
  /** Whether a machine that has none is no good. */
  isNeeded = true;
  /** Ids and names of what can be chosen. */
  inputs = [];
  outputs = [];
  /** Called when those have changed. */
  onDevices = () => {};
  /** Called with what was chosen, for a device that opens the microphone itself. */
  onChoice = () => {};
  /** Called when it may be used again, for a device that opens it itself. */
  onReturn = () => {};
  #emit;
  #permission;
  #stream;
  /** What it listens for: another thing each time, and nothing after `stop`. */
  #listening;
  #isMuted = false;
  #stopMeter = () => {};

  /** Nothing is heard or told after `life`. */
  constructor(emit, life) {
    this.#emit = emit;
    // What was allowed can be taken back at any time, also in a call.
    navigator.permissions
      ?.query({ name: "microphone" })
      .then((permission) => {
        // Kept, or the browser would forget that it is listened to.
        this.#permission = permission;
        const tell = () => permission.state !== "granted" && emit({ type: "microphone", state: "denied" });
        permission.addEventListener("change", tell, { signal: life });
      })
      .catch(() => {});
    navigator.mediaDevices?.addEventListener("devicechange", () => this.#lookAround(), { signal: life });
  }

  /** `ready`, or what is wrong with it (see `#fault`). `meanwhile` is called while it is open. */
  async check(meanwhile) {
    try {
      const stream = await this.#get();
      await meanwhile();
      await this.#lookAround();
      stop(stream);
      return "ready";
    } catch (error) {
      await meanwhile();
      return this.#fault(error);
    }
  }

  /** `missing`, `failing` or `denied`; `ready` if that does no harm here. */
  #fault({ name }) {
    if (["NotFoundError", "OverconstrainedError"].includes(name)) return this.isNeeded ? "missing" : "ready";
    return name === "NotAllowedError" ? "denied" : "failing";
  }

  /** Tells it if that goes wrong. */
  async #tell(opening) {
    await opening.catch((error) => this.#emit({ type: "microphone", state: this.#fault(error) }));
  }

  /** Listens, until `stop`, and shows how loud it is. For a device that does not do so itself. */
  start() {
    this.#isMuted = false;
    return this.#tell(this.#listen());
  }

  async #listen() {
    this.stop();
    const listening = (this.#listening = {});
    const stream = await this.#get();
    if (listening !== this.#listening) return stop(stream);
    this.#stream = stream;
    this.mute(this.#isMuted);
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
      showLevel(Math.min(1, Math.sqrt(power) * 4));
    }, LOOK_MS);
    this.#stopMeter = () => {
      clearInterval(timer);
      context.close();
      showLevel(0);
    };
  }

  stop() {
    this.#listening = undefined;
    this.#stopMeter();
    this.#stopMeter = () => {};
    stop(this.#stream);
    this.#stream = undefined;
  }

  mute(muted) {
    this.#isMuted = muted;
    for (const track of this.#stream?.getTracks() ?? []) track.enabled = !muted;
  }

  /** Which microphone and speaker were chosen in this browser; "" is what the system says. */
  get chosen() {
    return localStorage.getItem(MICROPHONE) ?? "";
  }

  get speaker() {
    return localStorage.getItem(SPEAKER) ?? "";
  }

  set speaker(id) {
    localStorage.setItem(SPEAKER, id);
  }

  choose(id) {
    localStorage.setItem(MICROPHONE, id);
    return this.#tell(this.#listenAnew(() => this.onChoice(id)));
  }

  /**
   * Listens again if a call needs it: what was taken away does not come back by itself when it is allowed again.
   * Returns the same as `check`.
   */
  reopen() {
    return this.#listenAnew(this.onReturn).then(
      () => "ready",
      (error) => this.#fault(error),
    );
  }

  async #listenAnew(then) {
    if (this.#listening) await this.#listen();
    await then();
  }

  #get() {
    // Absent on a page that came by plain http from another machine.
    if (!navigator.mediaDevices) return Promise.reject(new DOMException("", "NotAllowedError"));
    const open = (audio) => navigator.mediaDevices.getUserMedia({ audio });
    if (!this.chosen) return open(true);
    return open({ deviceId: { exact: this.chosen } }).catch((error) => {
      // Another one is better than none if the chosen one has been unplugged.
      if (error.name === "OverconstrainedError") return open(true);
      throw error;
    });
  }

  async #lookAround() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    const list = (kind) =>
      devices
        .filter((device) => device.kind === kind && device.deviceId)
        .map(({ deviceId, label }) => [deviceId, label || deviceId.slice(0, 8)]);
    const canChoose = "setSinkId" in HTMLMediaElement.prototype;
    this.inputs = list("audioinput");
    this.outputs = canChoose ? list("audiooutput") : [];
    this.onDevices();
  }
}

function stop(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
