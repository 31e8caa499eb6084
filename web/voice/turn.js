// Which tab of this browser has the person's audio: the one that holds a lock of that name. The
// browser gives it to the next tab when that one is closed, however it ends. And what the tabs tell
// each other: that a call was taken in this browser, and not at another machine.

export class Turn {
  #emit;
  #name;
  #end;
  #waiting;
  #tabs;

  constructor(emit, name) {
    this.#emit = emit;
    this.#name = name;
    this.#tabs = new BroadcastChannel(name);
    this.#tabs.onmessage = ({ data }) => emit({ type: "claimed", call: data });
  }

  /** That call was taken in this tab, wherever its audio is. */
  claim(call) {
    this.#tabs.postMessage(call);
  }

  /** This tab is nobody's any more. */
  leave() {
    this.end();
    this.#tabs.close();
  }

  async isTaken() {
    const locks = await navigator.locks?.query();
    return Boolean(locks?.held.some((lock) => lock.name === this.#name));
  }

  /** Says `led` as soon as this tab has its turn, and `waiting` if that is not at once. */
  async wait() {
    const waiting = new AbortController();
    this.#waiting = waiting;
    // A page that came neither by https nor from this machine has no locks: it has the audio.
    if (!navigator.locks) {
      this.#emit({ type: "led" });
      return;
    }
    const turn = () =>
      new Promise((end) => {
        if (waiting.signal.aborted) return end();
        this.#end = end;
        this.#emit({ type: "led" });
      });
    const taken = await navigator.locks.request(this.#name, { ifAvailable: true }, (lock) => (lock ? turn() : true));
    if (!taken || waiting.signal.aborted) return;
    this.#emit({ type: "waiting" });
    await navigator.locks.request(this.#name, { signal: waiting.signal }, turn).catch(() => {});
  }

  /** Whether this tab has its turn, where tabs take turns. */
  get isHere() {
    return this.#end !== undefined;
  }

  end() {
    this.#waiting?.abort();
    this.#end?.();
    this.#end = undefined;
  }
}
