// Whom a person wants to call: a number, or somebody in the contacts.
import { text as say } from "./words.js";

/** E.164 with a country code, and longer than any code that is none of a telephone. */
const NUMBER = /^\+[1-9][0-9]{6,14}$/;

/**
 * Reads what was typed, with the spaces, dashes and brackets that people put into numbers.
 * `contacts` finds contacts by a part of their names. Returns `{ number }` or `{ problem }`, a sentence;
 * neither of nothing.
 */
export async function whom(typed, contacts) {
  const text = typed.trim();
  if (!text) return {};
  if (!/\p{L}/u.test(text)) {
    const number = text.replaceAll(/[\s\-./()]/g, "");
    return NUMBER.test(number) ? { number } : { problem: say("incomplete") };
  }
  const found = await contacts(text);
  if (!found) return { problem: say("no_answer") };
  const exact = found.find(({ name }) => name.toLowerCase() === text.toLowerCase());
  const one = exact ?? (found.length === 1 ? found[0] : undefined);
  if (one) return { number: one.number };
  return { problem: found.length ? say("several", { names: found.map(({ name }) => name).join(", ") }) : say("nobody", { name: text }) };
}
