// Which tab of this browser has the person's audio: the one that holds a lock of that name. The
// browser gives it to the next tab when that one is closed, however it ends. And what the tabs tell
// each other: that a call was taken in this browser and not at another machine, and that the person
// wants the audio in another tab.

/** A tab that has not answered by then is asleep, and is not asked any more. */
const ANSWER_MS = 1_500;

export class Turn {
  #emit;
  #name;
  #refused;
  #end;
  #waiting;
  #asking;
  #tabs;

  /** `refused` is called when the tab that has the audio keeps it. */
  constructor(emit, name, refused) {
    this.#emit = emit;
    this.#name = name;
    this.#refused = refused;
    this.#tabs = new BroadcastChannel(name);
    this.#tabs.onmessage = ({ data }) => this.#hear(data);
  }

  /** That call was taken in this tab, wherever its audio is. */
  claim(call) {
    this.#tabs.postMessage({ claim: call });
  }

  /** The person wants the audio here, and not in the tab that has it. */
  ask() {
    clearTimeout(this.#asking);
    this.#asking = setTimeout(() => this.#take({ steal: true }), ANSWER_MS);
    this.#tabs.postMessage({ ask: true });
  }

  /** The tab that asks is told that the audio stays here. */
  keep() {
    this.#tabs.postMessage({ kept: true });
  }

  #hear({ claim, ask, kept }) {
    if (claim) this.#emit({ type: "claimed", call: claim });
    if (kept && this.#asking) {
      clearTimeout(this.#asking);
      this.#asking = undefined;
      this.#refused();
    }
    if (!ask) return;
    if (this.isHere) this.#emit({ type: "asked" });
    // Whoever waits too waits behind the tab that asks.
    else if (this.#waiting && !this.#asking) this.wait();
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
    this.#waiting?.abort();
    this.#waiting = new AbortController();
    // A page that came neither by https nor from this machine has no locks: it has the audio.
    if (!navigator.locks) {
      this.#emit({ type: "led" });
      return;
    }
    const { signal } = this.#waiting;
    if ((await this.#take({ ifAvailable: true })) || signal.aborted) return;
    this.#emit({ type: "waiting" });
    await this.#take({ signal });
  }

  /** Asks the browser for the turn. Returns, at the end of it, whether there was one. */
  async #take(how) {
    const { signal } = this.#waiting;
    let led = false;
    const turn = (lock) =>
      lock &&
      !signal.aborted &&
      new Promise((end) => {
        led = true;
        clearTimeout(this.#asking);
        this.#asking = undefined;
        this.#end = end;
        this.#emit({ type: "led" });
      });
    try {
      await navigator.locks.request(this.#name, how, turn);
    } catch {
      // Nobody waits for it any more, or another tab has taken it.
      if (led && this.isHere) this.#emit({ type: "ousted" });
    }
    return led;
  }

  /** Whether this tab has its turn, where tabs take turns. */
  get isHere() {
    return this.#end !== undefined;
  }

  end() {
    this.#waiting?.abort();
    clearTimeout(this.#asking);
    this.#asking = undefined;
    this.#end?.();
    this.#end = undefined;
  }
}
