// A call out: whether the team's settings allow it, and in words why it was not placed or not answered. What is said
// before dialling is what the service would refuse; it decides for itself all the same.
import { text } from "./words.js";

/** Country codes of E.164: of one digit, of two, and all others of three. */
const CODE = /^\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;
/** Nobody reads more than a few. */
const NAMED = 5;

/**
 * Why that number may not be called, as a sentence; nothing if it may. `rules` are the row of `board_settings`, and
 * `hasNumber`, which is false where the service has no number of its own to call from.
 */
export function refusal(number, { outbound_prefixes: prefixes, caller_id: own, hasNumber }) {
  if (!prefixes.some((prefix) => number.startsWith(prefix))) {
    const code = CODE.exec(number)?.[0] ?? number;
    const others = prefixes.filter((prefix) => prefix.startsWith(code));
    if (!others.length) return text("code_not_allowed", { code });
    const more = others.length > NAMED ? "…" : "";
    return text("number_not_allowed", { code, prefixes: others.slice(0, NAMED).join(", ") + more });
  }
  return own || hasNumber !== false ? undefined : text("no_own_number");
}

/** The country code that those who call from here leave out: that of the office's own number, or the only one allowed. */
export function codeOf({ outbound_prefixes: prefixes, caller_id: own }) {
  const from = own || (prefixes.length === 1 && prefixes[0]);
  return from ? CODE.exec(from)?.[0] : undefined;
}

export class Out {
  #desk;
  #say;
  /** What was allowed a moment ago, and is not asked again. */
  #allowed;
  #number;
  #leg;

  /** `say` takes a sentence. */
  constructor(desk, say) {
    this.#desk = desk;
    this.#say = say;
  }

  /** Why that number may not be called. If nobody can tell, the service will. */
  async problem(number) {
    if (this.#allowed === number) return undefined;
    const rules = await this.#desk.rules();
    const problem = rules && refusal(number, rules);
    if (!problem) this.#allowed = number;
    return problem;
  }

  /** The country code to add to a number that has none, if anybody can tell. */
  async code() {
    const rules = await this.#desk.rules();
    return rules && codeOf(rules);
  }

  /** That number is dialled now. */
  dials(number) {
    this.#number = number;
    this.#allowed = undefined;
    this.#leg = undefined;
  }

  /** Follows the call by what the device says. */
  async hear({ type, call_sid: leg, sid = leg }) {
    if (!this.#number) return;
    if (type === "connecting") this.#leg ??= leg;
    // Nobody knows what became of it, and the bar says why.
    if (type === "closed" && !this.#leg) this.#number = undefined;
    const isUnplaced = !this.#leg && type === "error";
    if (!isUnplaced && (type !== "disconnected" || leg !== this.#leg)) return;
    const number = this.#number;
    this.#number = undefined;
    const sentence = await this.#why(number, isUnplaced ? undefined : sid);
    if (sentence) this.#say(sentence);
  }

  /** What became of it is in its row; without a row it was never placed. */
  async #why(number, sid) {
    const rows = sid ? await this.#desk.callOut(sid) : [];
    const [row] = rows ?? [{}];
    if (!row) return (await this.problem(number)) ?? text("not_placed");
    if (row.connected_at) return undefined;
    if (row.end_reason === "missed") return text("not_answered", { number });
    return row.end_reason === "failed" ? text("not_reached", { number }) : undefined;
  }
}
