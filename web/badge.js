// How many callers wait, told by the tab: its title, its icon, and the icon of the installed page.
let shown = 0;

export function badge(waiting) {
  if (waiting === shown) return;
  shown = waiting;
  document.title = waiting ? `(${waiting}) Switchboard` : "Switchboard";
  document.querySelector("link[rel=icon]").href = waiting ? "/favicon-ringing.svg" : "/favicon.svg";
  // Where there is no such badge, nobody misses it.
  navigator.setAppBadge?.(waiting).catch(() => {});
}
