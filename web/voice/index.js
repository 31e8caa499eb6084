// The audio of one tab: microphone, sounds, the device, which tab of the person has them, and what
// the page shows of them.
//
// Loaded when somebody goes on duty, so that a board without audio does not pay for it. The page
// gives orders (a verb, the leg that it is about, a detail) and hears signals: objects with a
// `type`, which are those of the simulator's socket and a few of our own. What to do with a call is
// decided in `web/src/voice`; nothing here knows what a row is.
import { Alert } from "./alert.js";
import { Bar } from "./bar.js";
import { Desk } from "./desk.js";
import { Microphone } from "./microphone.js";
import { Out } from "./out.js";
import { Simulator } from "./simulator.js";
import { Sound } from "./sound.js";
import { Turn } from "./turn.js";
import { Twilio } from "./twilio.js";
import { learn } from "./words.js";

const DEVICES = { sim: Simulator, twilio: Twilio };
/** For how long a call is left to another machine before it is looked at again. */
const WAIT_MS = 1_000;
/** However often a device was lost, it is looked for again after this. */
const LONGEST_RETRY_MS = 30_000;

export class Voice {
  #emit;
  #device;
  #sound;
  #alert;
  #microphone;
  #turn;
  #desk;
  #bar;
  /** Aborted once nobody listens any more. */
  #life = new AbortController();
  #out;
  #dialling;
  #retry;
  #retryMs;
  #registration;

  /** `emit` takes each signal as a JSON text; `spaced` writes a number as people read it. */
  constructor({ kind, voiceUrl, supabaseUrl, supabaseKey, member, texts, spaced }, emit) {
    this.#emit = (signal) => {
      if (this.#life.signal.aborted) return;
      this.#watch(signal);
      emit(JSON.stringify(signal));
    };
    learn(texts);
    const { signal } = this.#life;
    this.#sound = new Sound(this.#emit, signal);
    this.#alert = new Alert((call) => this.#press(call), signal);
    this.#microphone = new Microphone(this.#emit, signal);
    this.#turn = new Turn(this.#emit, `switchboard.voice ${member}`, () => this.#bar.keptAway());
    this.#desk = new Desk(this.#emit, { supabaseUrl, supabaseKey, member, spaced });
    this.#out = new Out(this.#desk, (sentence) => this.#bar.complain(sentence));
    this.#bar = new Bar(this.#emit, this.#desk, this.#microphone, this.#out, (id) => this.#speakTo(id), () => this.#come(), signal);
    this.#device = new DEVICES[kind](voiceUrl, this.#emit, this.#sound, this.#microphone);
    this.#retryMs = this.#device.retryMs;
  }

  order(verb, leg, detail) {
    const doing = this[verb] ? this[verb](leg, detail) : this.#device[verb]?.(leg, detail);
    // What goes wrong in an order is told by signals; this is for what nobody thought of.
    Promise.resolve(doing).catch(() => this.#emit({ type: "error", code: 0 }));
  }

  /** What requests are made with. */
  access(token) {
    this.#desk.access = token;
  }

  /** Whether the person can be on duty again without being asked, after the page was loaded anew. */
  async resume() {
    const permission = await navigator.permissions?.query({ name: "microphone" }).catch(() => null);
    this.#emit({ type: "resumable", granted: permission?.state === "granted", free: !(await this.#turn.isTaken()) });
  }

  /** In the hand of the person: what browsers allow only then. */
  unlock() {
    this.#alert.ask();
    return this.#sound.unlock();
  }

  lead() {
    return this.#turn.wait();
  }

  claim(call) {
    this.#turn.claim(call);
  }

  wait() {
    setTimeout(() => this.#emit({ type: "waited" }), WAIT_MS);
  }

  /** Opens the microphone once, to see whether it may be used and what devices there are. */
  async open() {
    this.#desk.beat();
    const state = await this.#microphone.check(() => this.#sound.unlock());
    if (this.#microphone.speaker) await this.#sound.speakTo(this.#microphone.speaker).catch(() => {});
    // In a call the line must have it before anybody says that it does.
    this.#emit({ type: "microphone", state: state === "ready" ? await this.#microphone.reopen() : state });
  }

  async register() {
    const registration = (this.#registration = {});
    const token = await this.#desk.token();
    // Nobody wants it any more, or somebody has asked again.
    if (registration !== this.#registration) return;
    if (token) await this.#device.register(token);
    else this.#emit({ type: "closed" });
  }

  /** Calls that number, unless the team's settings forbid it. */
  async connect(leg, number) {
    const dialling = (this.#dialling = {});
    const problem = await this.#out.problem(number);
    // The audio was closed meanwhile.
    if (dialling !== this.#dialling) return;
    if (problem) {
      // For the page a call that was over at once.
      this.#emit({ type: "connecting", call_sid: "unplaced" });
      this.#emit({ type: "disconnected", call_sid: "unplaced" });
      return this.#bar.complain(problem);
    }
    this.#out.dials(number);
    return this.#device.connect(leg, number);
  }

  report(_, state) {
    return this.#desk.report(state);
  }

  /** Rings for that call, or for none. */
  ring(call, caller) {
    this.#sound.ring(Boolean(call));
    this.#bar.ring(call, caller);
    if (call) this.#alert.ring(call, caller);
    else this.#alert.stop();
  }

  /** Which call is this person's, and what is shown of it. */
  mine(call, lines) {
    // Whoever is handed a call is heard at once, and is to look up before.
    if (this.#bar.mine(call, lines)) this.#sound.gong();
  }

  /** That call would go to somebody who cannot be rung: in lines, whose row that is and the name. */
  doubt(call, lines) {
    this.#bar.doubt(call, lines);
  }

  show(state, detail) {
    this.#bar.show(state, detail);
  }

  /** Whether the board goes on, or shows what was. */
  board(state) {
    this.#bar.isStopped = state === "stopped";
  }

  close() {
    this.#registration = undefined;
    this.#dialling = undefined;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.ring("", "");
    this.#microphone.stop();
    this.#device.close();
    this.#desk.leave();
    this.#turn.end();
  }

  /** The person wants the audio here, and not in the tab that has it. */
  #come() {
    this.unlock();
    this.#turn.ask();
  }

  /** Another tab has the audio: this one waits for its next turn. */
  stepAside() {
    this.close();
    return this.lead();
  }

  /** Another tab wants the audio, and a call is on here. */
  keep() {
    this.#turn.keep();
  }

  /** Nobody listens any more. */
  end() {
    this.#life.abort();
    // Whoever signs out is not to be rung for as long as the last sign of life is young.
    if (this.#turn.isHere) this.#desk.report("off");
    this.close();
    this.#turn.leave();
  }

  /** A press on a notification, which every tab hears. Returns whether this one is meant. */
  #press(call) {
    if (call && this.#turn.isHere) this.#emit({ type: "act", call, intent: "answer" });
    return this.#turn.isHere;
  }

  #speakTo(id) {
    this.#microphone.speaker = id;
    return Promise.all([this.#device.speakTo?.(id), this.#sound.speakTo(id)]);
  }

  /** What this side does by itself on a signal. */
  #watch(signal) {
    const { type } = signal;
    if (type === "led") this.#alert.sweep();
    this.#out.hear(signal);
    if (type === "registered") this.#retryMs = this.#device.retryMs;
    if (type === "tokenWillExpire") {
      // A token that does not come leaves the old one, which is good for a while.
      this.#desk.token().then((token) => token && this.#device.token("", token));
    }
    if (["closed", "unregistered", "error"].includes(type) && !this.#retry) {
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        this.#emit({ type: "retry" });
      }, this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    }
  }
}
