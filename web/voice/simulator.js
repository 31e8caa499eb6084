// A device at the simulator: a socket whose frames are our signals and orders as they are.

export class Simulator {
  #url;
  #emit;
  #sound;
  #microphone;
  #socket;

  constructor(url, emit, sound, microphone) {
    this.#url = new URL(url);
    if (this.#url.pathname === "/") this.#url.pathname = "/device";
    this.#emit = emit;
    this.#sound = sound;
    this.#microphone = microphone;
    // Its callers hear nothing, so a machine without any is good enough.
    microphone.isNeeded = false;
  }

  /** It is looked for again after this, twice as long each time. */
  retryMs = 1_000;

  register(token) {
    this.close();
    this.#url.searchParams.set("token", token);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#send({ type: "register" }));
    socket.addEventListener("message", ({ data }) => socket === this.#socket && this.#hear(JSON.parse(data)));
    socket.addEventListener("close", () => {
      if (socket !== this.#socket) return;
      this.#quiet();
      this.#emit({ type: "closed" });
    });
  }

  token(_, token) {
    this.#send({ type: "token", token });
  }

  accept(leg) {
    this.#send({ type: "accept", call_sid: leg });
  }

  disconnect(leg) {
    this.#send({ type: "disconnect", call_sid: leg });
  }

  mute(leg, muted) {
    this.#microphone.mute(muted === "on");
    this.#send({ type: "mute", call_sid: leg, muted: muted === "on" });
  }

  connect(_, number) {
    this.#send({ type: "connect", request: number, params: { To: number } });
  }

  /** What the caller hears meanwhile, so that it can be heard here as well. */
  music(_, isOn) {
    this.#sound.line(isOn ? "music" : null);
  }

  close() {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    this.#quiet();
  }

  #hear(frame) {
    if (frame.type === "audio") this.#sound.line(frame.hears.kind);
    if (frame.type === "accepted") this.#microphone.start();
    if (frame.type === "disconnected") this.#quiet();
    this.#emit(frame);
  }

  #quiet() {
    this.#sound.line(null);
    this.#microphone.stop();
  }

  #send(frame) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }
}
