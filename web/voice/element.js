// What the bar is made of.

/** An element with attributes (listeners by their `on…` names) and children. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** One of the page's icons. */
export function icon(name) {
  const NAMESPACE = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(NAMESPACE, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(NAMESPACE, "use");
  use.setAttribute("href", `#${name}`);
  svg.append(use);
  return svg;
}

/** A quiet button with a picture and a word. */
export const button = (name, label, onclick, more = {}) =>
  element(
    "button",
    { class: "button", type: "button", "data-tone": "quiet", "data-size": "small", onclick, ...more },
    icon(name),
    element("span", { class: "button-word" }, label),
  );
