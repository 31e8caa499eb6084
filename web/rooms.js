// Fetches the rooms beside the board when one is entered; see `rooms/index.js`.

// A note that could not be saved is kept under such a name; the rooms save it as soon as that is possible.
const LEFT = "switchboard.note.";
export const notesAreLeft = () => Object.keys(localStorage).some((key) => key.startsWith(LEFT));

/** What stands in place of a room that did not come, until somebody presses `again`. */
const pressed = (root, sorry, again) =>
  new Promise((done) => {
    const [box, button] = ["div", "button"].map((name) => document.createElement(name));
    Object.assign(box, { className: "empty", role: "alert", textContent: sorry });
    Object.assign(button, { className: "button", textContent: again, onclick: done });
    Object.assign(button.dataset, { tone: "tonal", size: "medium" });
    box.append(button);
    root.replaceChildren(box);
  });

export async function openRooms(root, host, sorry, again) {
  let tries = 0;
  for (;;) {
    try {
      // Some browsers remember by its address that a script did not come.
      const { default: open } = await import(tries ? `${ROOMS_SCRIPT}?${tries}` : ROOMS_SCRIPT).catch((error) => {
        tries += 1;
        throw error;
      });
      root.replaceChildren();
      return await open(root, host);
    } catch {
      host("say", sorry);
      await pressed(root, sorry, again);
    }
  }
}
