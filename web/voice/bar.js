// The bar below the header: how the audio is, in words, and what can be done about it. It draws
// into the element that the page leaves empty for it.
import { Dial } from "./dial.js";
import { button, element, icon } from "./element.js";
import { text, words } from "./words.js";

const PICTURES = { rings: "phone", well: "microphone", uneasy: "warning", bad: "microphone-off" };
/** The sentence about the audio, which describes the switch as well. */
const WORDS = "voice-words";

export class Bar {
  #emit;
  #microphone;
  #out;
  #speakTo;
  #ask;
  #life;
  #shown = "";
  #dial;
  /** The choices stay what they are while there is the same to choose from: open, and in the hand of the person. */
  #devices;
  #offered = "";
  #problem;

  /** Nothing is drawn after `life`: the place may be somebody else's by then. */
  constructor(emit, desk, microphone, out, speakTo, ask, life) {
    this.#life = life;
    life.addEventListener("abort", () => delete document.documentElement.dataset.audio);
    this.#emit = emit;
    this.#microphone = microphone;
    this.#out = out;
    this.#speakTo = speakTo;
    this.#ask = ask;
    microphone.onDevices = () => {
      this.#shown = "";
      this.#showAgain();
    };
    this.#problem = element("p", { class: "voice-problem", role: "alert" });
    this.#dial = new Dial(
      (name) => desk.contacts(name),
      (number) => this.#call(number),
      this.#problem,
    );
  }

  #last = ["away", ""];
  #ringing = "";
  #caller = "";
  #mine = "";
  #other = "";
  #isStopped = false;
  #isKeptAway = false;

  /** Says who rings at this device, or that nobody does. */
  ring(call, caller) {
    [this.#ringing, this.#caller] = [call, call && caller];
    this.#showAgain();
  }

  /** Which call is this person's, and with whom; or that there is none. What is shown next says it. */
  mine(call, other) {
    [this.#mine, this.#other] = [call, other];
  }

  /** A board that has stopped shows no call, so nobody can place one. */
  set isStopped(isStopped) {
    if (this.#isStopped === isStopped) return;
    this.#isStopped = isStopped;
    this.#dial.isStopped = isStopped;
    this.#showAgain();
  }

  /** The tab that has the audio keeps it. */
  keptAway() {
    this.#isKeptAway = true;
    this.#showAgain();
  }

  /** Says why there is no call. */
  complain(sentence) {
    this.#problem.textContent = sentence;
  }

  #showAgain() {
    this.show(...this.#last);
  }

  show(state, detail) {
    if (this.#life.aborted) return;
    this.#last = [state, detail];
    this.#isKeptAway &&= state === "elsewhere";
    const place = document.getElementById("voice");
    const said = words(state, this.#isKeptAway ? "kept" : detail, this.#caller, this.#isStopped);
    this.#tell(said?.[0]);
    const signature = `${state} ${said} ${this.#mine} ${this.#other}`;
    if (!place || (this.#shown === signature && place.firstChild)) return;
    this.#shown = signature;
    place.dataset.state = state;
    const before = place.contains(document.activeElement) ? document.activeElement : null;
    place.replaceChildren(...(said ? this.#parts(state, said) : []));
    // Whoever uses the keyboard goes on where they were.
    const after = place.contains(before) ? before : place.querySelector(`[data-part="${before?.dataset.part}"]`);
    after?.focus();
  }

  /** Lets the switch in the header look as the audio is: whoever cannot be rung is not well on duty. */
  #tell(mood) {
    document.documentElement.dataset.audio = mood ?? "";
    document.querySelector(".header .duty")?.setAttribute("aria-describedby", WORDS);
  }

  #parts(state, [mood, sentence]) {
    const parts = [
      element("p", { id: WORDS, class: "voice-words", "data-mood": mood }, icon(PICTURES[mood]), element("span", {}, sentence)),
    ];
    // Wherever somebody is, they see with whom they talk; the details can hold, transfer and end the call.
    if (this.#mine) {
      parts.push(element("a", { class: "details voice-call", href: `?call=${this.#mine}`, "data-part": "call" }, this.#other));
    }
    if (["talking", "muted"].includes(state)) {
      const muted = state === "muted";
      parts.push(
        element("meter", { id: "voice-level", class: "voice-level", "aria-label": text("level") }),
        // The picture is how it is, the word what a press does.
        button(
          muted ? "microphone-off" : "microphone",
          muted ? text("unmute") : text("mute"),
          () => this.#emit({ type: "mute", muted: !muted }),
          { "data-part": "mute" },
        ),
      );
    }
    if (["denied", "no-microphone", "microphone-fails"].includes(state)) {
      parts.push(button("resume", text("try_again"), () => this.#emit({ type: "again" }), { "data-tone": "tonal" }));
    }
    // A press away in every room; on the board it has a card.
    if (mood === "rings") {
      const answer = () => this.#emit({ type: "answer", call: this.#ringing });
      parts.push(button("phone", text("rings_answer"), answer, { "data-tone": "primary", "data-part": "answer" }));
    }
    if (state === "elsewhere") {
      parts.push(button("microphone", text("use_this_tab"), this.#ask, { "data-tone": "tonal", "data-part": "here" }));
    }
    if (state === "ready") parts.push(this.#dial.form);
    // Whoever is heard was called well.
    if (["talking", "muted"].includes(state)) {
      this.#problem.textContent = "";
      this.#dial.clear();
    }
    if (["ready", "talking", "muted", "held", "microphone-fails"].includes(state)) parts.push(...this.#choices());
    return parts;
  }

  async #call(number) {
    const forbidden = await this.#out.problem(number);
    this.complain(forbidden ?? "");
    if (!forbidden) this.#emit({ type: "dial", number });
  }

  #choices() {
    const { inputs, outputs, chosen } = this.#microphone;
    const offered = JSON.stringify([inputs, outputs]);
    if (this.#offered === offered) return this.#devices;
    this.#offered = offered;
    const choice = (label, all, current, choose) => {
      // One is no choice.
      if (all.length < 2) return [];
      const options = all.map(([id, name]) => element("option", { value: id, ...(id === current && { selected: "" }) }, name));
      const select = element("select", { onchange: (event) => choose(event.target.value) }, ...options);
      return [element("label", {}, element("span", {}, label), select)];
    };
    const choices = [
      ...choice(text("microphone"), inputs, chosen, (id) => this.#microphone.choose(id)),
      ...choice(text("speaker"), outputs, this.#microphone.speaker, (id) => this.#speakTo(id)),
    ];
    const isOpen = this.#devices?.some((details) => details.open);
    const summary = element("summary", { "data-part": "devices" }, text("devices"));
    const details = element("details", { class: "voice-devices", ...(isOpen && { open: "" }) }, summary, ...choices);
    this.#devices = choices.length ? [details] : [];
    return this.#devices;
  }
}
