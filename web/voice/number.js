// Telephone numbers as people read them: the same as the board's, see `PhoneNumber::spaced` in `crates/model`.

/** Country codes of E.164: of one digit, of two, and all others of three. */
export const CODE = /^\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;

/** Country, first digits, how many digits are in each group. */
const GROUPS =
  "7::3322 31:6:18 32:4:3222 33::12222 34::333 39:3:334 41::2322 44:2:244 44:7:46 44::46 45::2222 46:7:2322 47::2222 " +
  "48::333 49:1:344 49:1:334 52::244 55::254 55::244 61:4:333 61::144 81:3:144 81:6:144 81::244 86:1:344 91::55 " +
  "351::333 353:8:234 420::333";

/** An E.164 number, spaced. */
export function spaced(number) {
  const us = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  if (us) return `+1 (${us[1]}) ${us[2]}-${us[3]}`;
  const [code, country] = CODE.exec(number) ?? [number, ""];
  const national = number.slice(code.length);
  const known = GROUPS.split(" ")
    .map((one) => one.split(":"))
    .find(([of, first, lengths]) => of === country && national.startsWith(first) && sum(lengths) === national.length);
  // A last group of one digit would look lost, so four digits stay together at the end.
  const groups = known
    ? national.match(new RegExp(`^${[...known[2]].map((length) => `(\\d{${length}})`).join("")}$`)).slice(1)
    : national.match(/\d{4}$(?<=^(?:\d{3})*\d{4})|\d{3}|\d{1,2}/g);
  return [code, ...(groups ?? [])].join(" ");
}

const sum = (lengths) => [...lengths].reduce((all, length) => all + Number(length), 0);
