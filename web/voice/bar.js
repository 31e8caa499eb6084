// The bar below the header: how the audio is, in words, and what can be done about it. It draws
// into the element that the page leaves empty for it.
import { Dial } from "./dial.js";
import { button, element, icon } from "./element.js";
import { text, words } from "./words.js";

const PICTURES = { rings: "phone", well: "microphone", uneasy: "warning", bad: "microphone-off" };
/** The sentence about the audio, which describes the switch as well. */
const WORDS = "voice-words";
/** For how long after a call its note is a press away. */
const NOTE_MS = 60_000;
/** For how long it is said who handed a call over. */
const GIVEN_MS = 12_000;

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
      () => out.code(),
      desk.spaced,
    );
  }

  #last = ["away", ""];
  #ringing = "";
  #caller = "";
  #mine = "";
  #other = "";
  #isHeld = false;
  #time;
  /** The call before, of which something may be left to write. */
  #left;
  /** Who has just handed over the call, as a sentence. */
  #given;
  /** Whether the board has said what call there is: a page that is loaded anew is handed nothing. */
  #isTold = false;
  /** The call that is to be heard here: put on hold, it is taken up again at this machine. */
  #fetched = "";
  /** The transfer that the person is asked about. */
  #doubt;
  #isStopped = false;
  #isKeptAway = false;

  /** Says who rings at this device, or that nobody does. */
  ring(call, caller) {
    [this.#ringing, this.#caller] = [call, call && caller];
    this.#showAgain();
  }

  /**
   * Which call is this person's; or that there is none. In lines: since when they have it, whether it is on hold, with
   * whom they talk, and who handed it over. What is shown next says it. Returns whether they were just handed it.
   */
  mine(call, lines) {
    const [since, held, other, giver] = lines.split("\n");
    const isNew = call !== this.#mine;
    const isGiven = Boolean(isNew && call && giver && this.#isTold);
    this.#isTold = true;
    if (isNew) {
      clearTimeout(this.#given?.timer);
      this.#given = undefined;
      clearTimeout(this.#left?.timer);
      this.#left = this.#mine && !call ? { call: this.#mine, other: this.#other } : undefined;
      if (this.#left) this.#left.timer = setTimeout(() => this.#forget(), NOTE_MS);
    }
    if (this.#doubt?.call === this.#mine && call !== this.#mine) this.#doubt = undefined;
    if (isGiven) {
      const over = () => {
        this.#given = undefined;
        this.#showAgain();
      };
      this.#given = { sentence: text("given", { name: giver, caller: other }), timer: setTimeout(over, GIVEN_MS) };
    }
    if (this.#time?.dataset.since !== since) {
      this.#time = element("time", { "data-since": since, role: "timer" }, "\u00a0");
    }
    [this.#mine, this.#isHeld, this.#other] = [call, Boolean(held), other];
    if (this.#fetched !== call) this.#fetched = "";
    if (this.#fetched && this.#isHeld) {
      this.#fetched = "";
      this.#emit({ type: "act", call, intent: "resume" });
    }
    return isGiven;
  }

  /** Asks before a call goes to somebody who cannot be rung. */
  doubt(call, lines) {
    const [to, name] = lines.split("\n");
    this.#doubt = { call, to, name };
    this.#showAgain();
    document.querySelector(".voice-doubt .button")?.focus();
  }

  #forget() {
    this.#left = undefined;
    this.#showAgain();
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
    const call = [this.#doubt?.to, this.#mine, this.#other, this.#isHeld, this.#time?.dataset.since, this.#left?.call, this.#given?.sentence];
    const signature = `${state} ${said} ${call} ${this.#isStopped}`;
    if (!place || (this.#shown === signature && place.firstChild)) return;
    this.#shown = signature;
    place.dataset.state = state;
    const before = place.contains(document.activeElement) ? document.activeElement : null;
    place.replaceChildren(...(said ? this.#parts(state, said) : []));
    // Whoever uses the keyboard goes on where they were.
    const after = place.contains(before) ? before : place.querySelector(`[data-part="${before?.dataset.part}"]`);
    // What was pressed may be gone with the call.
    if (before) (after ?? place.querySelector("[data-part]"))?.focus();
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
    if (["talking", "muted"].includes(state)) {
      parts.push(element("meter", { id: "voice-level", class: "voice-level", "aria-label": text("level") }));
    }
    if (this.#given) parts.push(element("p", { class: "voice-given", role: "alert" }, icon("transfer"), this.#given.sentence));
    if (this.#mine) parts.push(this.#card(state));
    if (this.#doubt) parts.push(this.#question());
    if (this.#left) {
      const { call, other } = this.#left;
      parts.push(this.#details(call, text("note_on", { caller: other }), icon("note")));
    }
    if (["denied", "no-microphone", "microphone-fails"].includes(state)) {
      parts.push(button("resume", text("try_again"), () => this.#emit({ type: "again" }), { "data-tone": "tonal" }));
    }
    // A press away in every room; on the board it has a card.
    if (mood === "rings") {
      const more = { "data-tone": "primary", "data-call": this.#ringing };
      parts.push(this.#act("answer", "phone", "rings_answer", this.#ringing, "answer", more));
    }
    if (state === "other-machine" && !this.#isStopped) {
      const fetch = () => {
        this.#fetched = this.#mine;
        this.#emit({ type: "act", call: this.#mine, intent: "hold" });
      };
      parts.push(button("microphone", text("talk_here"), fetch, { "data-tone": "tonal", "data-part": "here" }));
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

  /** What a call's card has on the board, for every other room: with whom one talks, for how long, and what can be done. */
  #card(state) {
    const card = element("div", { class: "voice-mine" }, this.#details(this.#mine, this.#other), this.#time);
    if (["talking", "muted"].includes(state)) {
      const muted = state === "muted";
      const mute = () => this.#emit({ type: "mute", muted: !muted });
      // The picture is how it is, the word what a press does.
      const [picture, word] = muted ? ["microphone-off", "unmute"] : ["microphone", "mute"];
      card.append(button(picture, text(word), mute, { "data-part": "mute", "data-do": "mute" }));
    }
    // Nobody acts on what was.
    if (this.#isStopped) return card;
    if (state !== "calling") {
      const hold = this.#isHeld ? "resume" : "hold";
      card.append(this.#act("hold", hold, hold, this.#mine), this.#act("park", "park", "park", this.#mine));
      // To whom is chosen beside the details.
      const transfer = this.#details(this.#mine, icon("transfer"), text("transfer"));
      Object.assign(transfer.dataset, { part: "transfer", do: "transfer", tone: "quiet", size: "small" });
      transfer.className = "button details voice-transfer";
      card.append(transfer);
    }
    card.append(this.#act("end", "hang-up", "end_call", this.#mine, "end", { "data-tone": "ending" }));
    return card;
  }

  /** Of two answers the first is the safe one. */
  #question() {
    const { call, to, name } = this.#doubt;
    const answer = (intent) => () => {
      this.#doubt = undefined;
      this.#showAgain();
      if (intent) this.#emit({ type: "act", call, intent, to });
    };
    return element(
      "div",
      { class: "notice voice-doubt", role: "alert", "data-testid": "doubt" },
      element("p", {}, text("would_come_back", { name })),
      button("park", text("park"), answer("park"), { "data-tone": "primary" }),
      button("transfer", text("transfer_anyway"), answer("transfer"), { "data-tone": "tonal" }),
      button("close", text("dismiss"), answer()),
    );
  }

  /** A button that does `intent` with `call`; a key that does it presses the button of that `part`. */
  #act(part, picture, word, call, intent = word, more = {}) {
    const act = () => this.#emit({ type: "act", call, intent });
    return button(picture, text(word), act, { "data-part": part, "data-do": part, ...more });
  }

  /** A link to what is known of the call, beside what is shown. */
  #details(call, ...words) {
    const aim = ({ currentTarget }) => {
      const query = new URLSearchParams(location.search);
      query.set("call", call);
      currentTarget.setAttribute("href", `?${query}`);
    };
    const link = { class: "details voice-call", href: `?call=${call}`, "data-part": "call", onclick: aim };
    return element("a", link, ...words);
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
