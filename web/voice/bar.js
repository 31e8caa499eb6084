// The bar below the header: how the audio is, in words, and what can be done about it. It draws
// into the element that the page leaves empty for it.
import { whom } from "./dial.js";
import { text, words } from "./words.js";

/** An element with attributes (listeners by their `on…` names) and children. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** One of the page's icons. */
function icon(name) {
  const NAMESPACE = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(NAMESPACE, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(NAMESPACE, "use");
  use.setAttribute("href", `#${name}`);
  svg.append(use);
  return svg;
}

const button = (name, label, onclick, more = {}) =>
  element(
    "button",
    { class: "button", type: "button", "data-tone": "quiet", "data-size": "small", onclick, ...more },
    icon(name),
    element("span", { class: "button-word" }, label),
  );

const PICTURES = { rings: "phone", well: "microphone", uneasy: "warning", bad: "microphone-off" };

export class Bar {
  #emit;
  #desk;
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
    this.#emit = emit;
    this.#desk = desk;
    this.#microphone = microphone;
    this.#out = out;
    this.#speakTo = speakTo;
    this.#ask = ask;
    microphone.onDevices = () => {
      this.#shown = "";
      this.#showAgain();
    };
    this.#problem = element("p", { class: "voice-problem", role: "alert" });
    this.#dial = this.#makeDial();
  }

  #last = ["away", ""];
  #caller = "";
  #isStopped = false;
  #isKeptAway = false;
  #callButton;

  /** Says who rings at this device, or that nobody does. */
  ring(caller) {
    this.#caller = caller;
    this.#showAgain();
  }

  /** A board that has stopped shows no call, so nobody can place one. */
  set isStopped(isStopped) {
    if (this.#isStopped === isStopped) return;
    this.#isStopped = isStopped;
    this.#callButton.disabled = isStopped;
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
    const signature = `${state} ${said}`;
    if (!place || (this.#shown === signature && place.firstChild)) return;
    this.#shown = signature;
    place.dataset.state = state;
    const before = place.contains(document.activeElement) ? document.activeElement : null;
    place.replaceChildren(...(said ? this.#parts(state, said) : []));
    // Whoever uses the keyboard goes on where they were.
    const after = place.contains(before) ? before : place.querySelector(`[data-part="${before?.dataset.part}"]`);
    after?.focus();
  }

  #parts(state, [mood, sentence]) {
    const parts = [
      element("p", { class: "voice-words", "data-mood": mood }, icon(PICTURES[mood]), element("span", {}, sentence)),
    ];
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
    if (state === "elsewhere") {
      parts.push(button("microphone", text("use_this_tab"), this.#ask, { "data-tone": "tonal", "data-part": "here" }));
    }
    if (state === "ready") parts.push(this.#dial);
    // Whoever is heard was called well.
    if (["talking", "muted"].includes(state)) {
      this.#problem.textContent = "";
      this.#dial.reset();
    }
    if (["ready", "talking", "muted", "held", "microphone-fails"].includes(state)) parts.push(...this.#choices());
    return parts;
  }

  #makeDial() {
    const input = element("input", {
      maxlength: "80",
      autocomplete: "off",
      placeholder: text("whom"),
      "aria-label": text("whom"),
      oninput: () => this.complain(""),
    });
    const onsubmit = async (event) => {
      event.preventDefault();
      const { number, problem } = await whom(input.value, (name) => this.#desk.contacts(name));
      const forbidden = number && (await this.#out.problem(number));
      this.complain(problem ?? forbidden ?? "");
      if (number && !forbidden) this.#emit({ type: "dial", number });
    };
    const call = button("phone", text("call"), () => {}, { type: "submit", "data-size": "medium" });
    this.#callButton = call;
    return element("form", { class: "voice-dial", onsubmit }, input, call, this.#problem);
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
