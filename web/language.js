// The reader's language: what was chosen here, else the first of the browser's that the page speaks.
const KEPT = "switchboard.language";

export function language(spoken) {
  const wanted = [localStorage.getItem(KEPT), ...navigator.languages];
  return wanted.map((tag) => tag?.slice(0, 2)).find((tag) => spoken.includes(tag)) ?? spoken[0];
}
