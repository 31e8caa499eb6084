// The field to call out with: a number, or somebody in the contacts, who are listed as one types. A combobox with a
// listbox, as the WAI-ARIA Authoring Practices describe it: the keyboard stays in the field.
import { button, element } from "./element.js";
import { text as say } from "./words.js";

/** E.164 with a country code, and longer than any code that is none of a telephone. */
const NUMBER = /^\+[1-9][0-9]{6,14}$/;
/** One who types on is not answered letter by letter. */
const PAUSE_MS = 150;
const LIST = "voice-contacts";

/** What is dialled before a country code, and before an area code at home. */
const ABROAD = /^00(?=[1-9])/;
const AT_HOME = /^0+/;
/** Numbers that mean something only where a telephone stands. */
const SHORT = /^[0-9]{1,5}$/;

/**
 * Reads what was typed, with the spaces, dashes and brackets that people put into numbers: `{ number }`, a `{ name }` to
 * look for, `{ local }`, digits without a country code, or `{ problem }`, a sentence; nothing of nothing.
 */
export function read(typed) {
  const text = typed.trim();
  if (!text) return {};
  if (/\p{L}/u.test(text)) return { name: text };
  const digits = text.replaceAll(/[\s\-./()]/g, "");
  const number = digits.replace(ABROAD, "+");
  if (NUMBER.test(number)) return { number };
  if (SHORT.test(digits)) return { problem: say("short") };
  return /^[0-9]{6,14}$/.test(digits) ? { local: digits } : { problem: say("incomplete") };
}

/** The number that local digits are in the country of that code, or nothing. */
export function abroad(local, code) {
  // In North America the code itself is dialled in front.
  const rest = code === "+1" ? local.replace(/^1(?=[0-9]{10}$)/, "") : local.replace(AT_HOME, "");
  const number = code + rest;
  return code && NUMBER.test(number) ? number : undefined;
}

/** Whom somebody means who chose nobody: the only one, or the one of exactly that name. Returns the place in `found`. */
export function meant(found, name) {
  if (found.length === 1) return 0;
  return found.findIndex((contact) => contact.name.toLowerCase() === name.toLowerCase());
}

export class Dial {
  form;
  #contacts;
  #call;
  #problem;
  #code;
  #spaced;
  #input;
  #button;
  #list;
  /** Whom the list shows, for which `#name`. */
  #found = [];
  #name;
  #chosen = -1;
  /** What was asked last, so that an older answer is none. */
  #asked;
  #pause;

  /**
   * `contacts` finds the first few whose names contain a text, or nothing if the server does not say. `call` takes the
   * number to be called. `problem` is where sentences stand. `code` finds the country code of those who call from here,
   * and `spaced` writes a number as people read it.
   */
  constructor(contacts, call, problem, code, spaced) {
    this.#code = code;
    this.#spaced = spaced;
    this.#contacts = contacts;
    this.#call = call;
    this.#problem = problem;
    this.#input = element("input", {
      maxlength: "80",
      autocomplete: "off",
      placeholder: say("whom"),
      "aria-label": say("whom"),
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": LIST,
      oninput: () => this.#follow(),
      onkeydown: (event) => this.#press(event),
    });
    this.#button = button("phone", say("call"), () => {}, { type: "submit", "data-size": "medium" });
    this.#list = element("ul", {
      id: LIST,
      class: "voice-contacts",
      role: "listbox",
      "aria-label": say("contacts"),
      // The bar tells how the audio is; rows are told one by one as they are chosen.
      "aria-live": "off",
      hidden: "",
    });
    const below = element("div", { class: "voice-below" }, problem, this.#list);
    this.form = element("form", { class: "voice-dial", onsubmit: (event) => this.#submit(event) }, this.#input, this.#button, below);
    // The bar is drawn anew when a call rings, and the keyboard is back in the field at once.
    this.form.addEventListener("focusout", () => setTimeout(() => this.form.contains(document.activeElement) || this.#close()));
  }

  /** Nobody can be called. */
  set isStopped(isStopped) {
    this.#button.disabled = isStopped;
  }

  clear() {
    this.form.reset();
    this.#close();
  }

  /** The text has changed. */
  #follow() {
    this.#problem.textContent = "";
    this.#asked = undefined;
    clearTimeout(this.#pause);
    const { name } = read(this.#input.value);
    if (!name) return this.#close();
    // Whoever was chosen is not meant by another text.
    this.#choose(-1);
    this.#pause = setTimeout(() => this.#find(name), PAUSE_MS);
  }

  /** Lists who is called like that. Whether that is still what is wanted. */
  async #find(name) {
    clearTimeout(this.#pause);
    const asked = (this.#asked = {});
    const found = await this.#contacts(name);
    if (asked !== this.#asked) return false;
    this.#name = found && name;
    this.#found = found ?? [];
    this.#open();
    return true;
  }

  async #submit(event) {
    event.preventDefault();
    const typed = this.#input.value;
    const { number, name, local, problem } = read(typed);
    const contact = this.#found[this.#chosen];
    this.#problem.textContent = problem ?? "";
    if (number) return this.#call(number);
    if (local) {
      const guessed = abroad(local, await this.#code());
      if (this.#input.value !== typed) return;
      // Nobody is called who was not seen.
      if (guessed) this.#input.value = this.#spaced(guessed);
      this.#problem.textContent = say(guessed ? "code_added" : "incomplete");
    }
    if (!name) return;
    if (contact) return this.#take(contact);
    if (this.#name !== name && !(await this.#find(name))) return;
    this.#open();
    // Nobody is called who was not seen.
    this.#choose(meant(this.#found, name));
    if (this.#chosen < 0) this.#problem.textContent = this.#why(name);
  }

  #why(name) {
    if (this.#name !== name) return say("no_answer");
    return this.#found.length ? say("several") : say("nobody", { name });
  }

  #take({ name, number }) {
    if (this.#button.disabled) return;
    this.#input.value = name;
    this.#close();
    return this.#call(number);
  }

  #press(event) {
    const { key } = event;
    if (event.isComposing || !this.#found.length) return;
    const isOpen = !this.#list.hidden;
    if (key === "Escape" && isOpen) this.#hide();
    else if (key === "ArrowDown" || key === "ArrowUp") {
      this.#problem.textContent = "";
      this.#open();
      const count = this.#found.length;
      const step = key === "ArrowDown" ? 1 : -1;
      // From nobody to the first, or to the last.
      this.#choose(this.#chosen < 0 ? (step > 0 ? 0 : count - 1) : (this.#chosen + step + count) % count);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Shows who was found, if anybody was. */
  #open() {
    const chosen = this.#chosen;
    const rows = this.#found.map((contact, place) => this.#row(contact, place));
    this.#list.replaceChildren(...rows);
    this.#list.hidden = !rows.length;
    this.#input.setAttribute("aria-expanded", !this.#list.hidden);
    this.#choose(chosen < rows.length ? chosen : -1);
  }

  #row({ name, company, shown }, place) {
    return element(
      "li",
      {
        id: `${LIST}-${place}`,
        role: "option",
        // The keyboard stays in the field.
        onpointerdown: (event) => event.preventDefault(),
        onmousedown: (event) => event.preventDefault(),
        onclick: () => this.#take(this.#found[place]),
      },
      element("span", { class: "voice-contact-name" }, name),
      element("span", { class: "voice-contact-number" }, shown),
      ...(company ? [element("span", { class: "voice-contact-company" }, company)] : []),
    );
  }

  #choose(place) {
    this.#chosen = place;
    for (const [at, row] of [...this.#list.children].entries()) row.setAttribute("aria-selected", at === place);
    const row = this.#list.children[place];
    if (row) this.#input.setAttribute("aria-activedescendant", row.id);
    else this.#input.removeAttribute("aria-activedescendant");
    row?.scrollIntoView({ block: "nearest" });
  }

  /** The list, until somebody wants it again. */
  #hide() {
    this.#list.hidden = true;
    this.#input.setAttribute("aria-expanded", "false");
    this.#choose(-1);
  }

  /** Nothing is looked for any more. */
  #close() {
    this.#asked = undefined;
    clearTimeout(this.#pause);
    this.#found = [];
    this.#name = undefined;
    this.#hide();
  }
}
