// What this page itself plays: the ring, and in place of a real line soft tones that tell talk, hold
// music and a number that rings apart.

// Hertz, when it begins and how long it sounds (seconds), how loud (0 to 1).
const SOUNDS = {
  gong: {
    notes: [
      [784, 0, 0.3, 0.06],
      [1047, 0.18, 0.5, 0.06],
    ],
  },
  ring: {
    every: 3,
    notes: [0, 0.45].flatMap((at) => [
      [660, at, 0.35, 0.05],
      [830, at, 0.35, 0.03],
    ]),
  },
  ringback: { every: 4, notes: [[425, 0, 1, 0.025]] },
  talk: {
    every: 2.4,
    notes: [
      [196, 0, 0.5, 0.02],
      [220, 0.6, 0.4, 0.02],
      [175, 1.2, 0.6, 0.015],
    ],
  },
  voice: { every: 1, notes: [[150, 0, 0.7, 0.02]] },
  music: {
    every: 3.2,
    notes: [262, 330, 392, 523, 392, 330, 294, 247].map((hertz, index) => [hertz, index * 0.4, 0.38, 0.015]),
  },
};

/** However long it rings: so many times as loud as it began. */
const LOUDEST = 4;
/** How loud it rings here, 0 to 2, as the person has chosen it in this browser's settings; 1 before. */
const VOLUME = "switchboard.ring-volume";
const volume = () => {
  const chosen = Number.parseFloat(localStorage.getItem(VOLUME));
  return Number.isNaN(chosen) ? 1 : Math.min(Math.max(chosen, 0), 2);
};

export class Sound {
  #emit;
  #life;
  #context;
  #line = null;
  #ring = null;

  /** Nothing is played after `life`. */
  constructor(emit, life) {
    this.#emit = emit;
    this.#life = life;
    // A browser has only so many of them.
    life?.addEventListener("abort", () => this.#context?.close());
  }

  /** Browsers let a page play after a press, or while it listens to the microphone. */
  async unlock() {
    if (this.#life?.aborted) return;
    if (!this.#context) {
      this.#context = new AudioContext();
      const tell = () => this.#emit({ type: "blocked", blocked: this.#context.state !== "running" });
      this.#context.addEventListener("statechange", tell);
      for (const press of ["pointerdown", "keydown"]) {
        const resume = () => this.#context.state === "suspended" && this.#context.resume();
        addEventListener(press, resume, { signal: this.#life });
      }
    }
    if (this.#context.state !== "suspended") return;
    // A browser that does not let us leaves this open for as long as nobody presses anything.
    const refused = new Promise((resolve) => setTimeout(resolve, 500));
    await Promise.race([this.#context.resume(), refused]);
    this.#emit({ type: "blocked", blocked: this.#context.state !== "running" });
  }

  ring(isOn) {
    this.#ring = this.#swap(this.#ring, isOn ? "ring" : null);
  }

  /** Once, for somebody who has just been handed a call. */
  gong() {
    const context = this.#context;
    for (const [hertz, at, length, loud] of context ? SOUNDS.gong.notes : []) {
      note(context, context.destination, hertz, at, length, loud * volume());
    }
  }

  /** What the line sounds like; anything that is not in the list is silence. */
  line(name) {
    this.#line = this.#swap(this.#line, name);
  }

  async speakTo(id) {
    await this.#context?.setSinkId?.(id);
  }

  #swap(playing, name) {
    if (playing?.name === name) return playing;
    playing?.stop();
    const sound = SOUNDS[name];
    if (!sound || !this.#context) return null;
    const context = this.#context;
    const out = context.createGain();
    out.connect(context.destination);
    let times = 0;
    const play = () => {
      // A ring that nobody hears grows from ring to ring.
      const grown = name === "ring" ? Math.min(1 + 0.35 * times++, LOUDEST) * volume() : 1;
      for (const [hertz, at, length, loud] of sound.notes) note(context, out, hertz, at, length, loud * grown);
    };
    play();
    const timer = setInterval(play, sound.every * 1000);
    const stop = () => {
      clearInterval(timer);
      out.disconnect();
    };
    return { name, stop };
  }
}

let tried;

/** Rings once, as loud as it is chosen, for somebody who chooses it. */
export async function tryRing() {
  clearTimeout(tried?.over);
  tried?.sound.ring(false);
  tried ??= { sound: new Sound(() => {}) };
  await tried.sound.unlock();
  tried.sound.ring(true);
  tried.over = setTimeout(() => tried.sound.ring(false), (SOUNDS.ring.every * 1000) / 2);
}

function note(context, out, hertz, at, length, loud) {
  const begin = context.currentTime + at;
  const tone = context.createOscillator();
  tone.frequency.value = hertz;
  const gain = context.createGain();
  // Without a slope it would click.
  gain.gain.setValueAtTime(0, begin);
  gain.gain.linearRampToValueAtTime(loud, begin + 0.04);
  gain.gain.setValueAtTime(loud, begin + length - 0.08);
  gain.gain.linearRampToValueAtTime(0, begin + length);
  tone.connect(gain).connect(out);
  tone.start(begin);
  tone.stop(begin + length);
}
