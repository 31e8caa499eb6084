// The hands on the board: a pointer that drags, keys that walk and act, and the keyboard's place, which stays with its
// call wherever that goes. What a drag means and what is allowed is the program's to say; here is only how it is done.
//
// A call is `data-call`, one that can be lifted `data-movable`, a place that takes one `data-place`, and has the class
// `takes` while it takes the one that is lifted. `data-do` names what a button does. The program is told `lift` with a
// call, `over` with a place or nothing, `drop`, `end`; and `end-again` with the key that was pressed to end a call.

const KEYS = "switchboard.keys";
/// What each key does until somebody wants it otherwise.
const FIRST_KEYS = {
  answer: "a",
  park: "p",
  hold: "h",
  transfer: "t",
  end: "e",
  retrieve: "r",
  move: "m",
  mute: "u",
  dial: "c",
  filter: "/",
  help: "?",
};

/** The key of each action; with `first`, those that the page comes with. */
function keys(first) {
  try {
    return { ...FIRST_KEYS, ...(first ? {} : JSON.parse(localStorage.getItem(KEYS))) };
  } catch {
    return FIRST_KEYS;
  }
}

export const keysAsJson = (first) => JSON.stringify(keys(first));
export const keysAreKeptAt = () => KEYS;
export const keyOf = (action) => keys()[action];

const FIELDS = "input, textarea, select, [contenteditable]";
const CARDS = ".calls [data-call], [data-place]";
const STEPS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
/// A pointer that moves less than this only presses.
const STEADY_PX = 6;
/// A finger that rests this long lifts; one that moves before scrolls.
const LONG_PRESS_MS = 250;
const EDGE_PX = 56;
/// Of two presses this close, the second may be meant for what was there before.
const DOUBLE_PRESS_MS = 600;
/// More cards than these are not followed with the eyes.
const MANY = 60;

/** Follows the hands on the board in `root`. Returns a function that takes what happens: `drawn`, `end`. */
export function hands(root, tell) {
  const stop = new AbortController();
  const on = (target, name, run, more) => target.addEventListener(name, run, { signal: stop.signal, ...more });
  // The pointer that may be dragging, and is once it has a `ghost`; the call that the keys move, and where it is.
  let drag, moving;
  // Where the keyboard is or was: the card, its place among the others, and the call.
  let last;

  const lists = () =>
    [...root.querySelectorAll("section")]
      .map((section) => [...section.querySelectorAll(CARDS)].filter((card) => card.checkVisibility()))
      .filter((list) => list.length);
  const ofCall = (call) => root.querySelector(`[data-call="${call}"]`);

  // The pointer.

  const lift = () => {
    // Nothing moves under a drag, so what is on its way is there now.
    for (const glide of root.getAnimations({ subtree: true }).filter(isGlide)) glide.finish();
    drag.ghost = document.createElement("p");
    drag.ghost.className = "dragged";
    drag.ghost.ariaHidden = true;
    drag.ghost.textContent = drag.card.ariaLabel;
    document.body.append(drag.ghost);
    tell("lift", drag.card.dataset.call);
    follow();
  };
  const look = () => {
    const at = document.elementFromPoint(drag.x, drag.y)?.closest("[data-place]")?.dataset.place ?? "";
    if (at !== drag.at) tell("over", (drag.at = at));
  };
  const follow = () => {
    if (!drag?.ghost) return;
    drag.ghost.style.translate = `${drag.x}px ${drag.y}px`;
    const by = drag.y < EDGE_PX ? -8 : drag.y > innerHeight - EDGE_PX ? 8 : 0;
    scrollBy(0, by);
    look();
    requestAnimationFrame(follow);
  };
  const release = (verb) => {
    if (!drag) return;
    clearTimeout(drag.wait);
    if (drag.ghost) {
      drag.ghost.remove();
      tell(verb, "");
    }
    drag = undefined;
  };

  on(root, "pointerdown", (event) => {
    if (!event.isPrimary) return release("end");
    if (moving) leave("end");
    const card = event.target.closest("[data-movable=true]");
    const finger = event.pointerType !== "mouse";
    if (event.button || !card || event.target.closest(finger ? `button, ${FIELDS}` : FIELDS)) return;
    drag = { card, id: event.pointerId, x: event.clientX, y: event.clientY };
    if (finger) drag.wait = setTimeout(lift, LONG_PRESS_MS);
  });
  on(window, "pointermove", (event) => {
    if (event.pointerId !== drag?.id) return;
    const { clientX: x, clientY: y } = event;
    if (!drag.ghost) {
      if (Math.hypot(x - drag.x, y - drag.y) < STEADY_PX) return;
      if (drag.wait) return release();
    }
    Object.assign(drag, { x, y });
    if (!drag.ghost) lift();
  });
  on(window, "pointerup", (event) => {
    if (event.pointerId !== drag?.id) return;
    if (drag.ghost) {
      Object.assign(drag, { x: event.clientX, y: event.clientY });
      look();
      // The press that began on a button is not meant for it.
      const still = (click) => click.stopPropagation();
      window.addEventListener("click", still, true);
      setTimeout(() => window.removeEventListener("click", still, true));
    }
    release("drop");
  });
  on(window, "pointercancel", (event) => event.pointerId === drag?.id && release("end"));
  const hold = (event) => drag?.ghost && event.preventDefault();
  on(root, "touchmove", hold, { passive: false });
  on(root, "contextmenu", hold);

  // Whoever answers too late has the next call under the hand at once.
  let answered;
  const once = (event) => {
    const call = event.target.closest?.("[data-do=answer]")?.closest("[data-call]").dataset.call;
    const isTooSoon = call && answered && answered.call !== call && event.timeStamp - answered.at < DOUBLE_PRESS_MS;
    if (isTooSoon) event.stopPropagation();
    else answered = call && { call, at: event.timeStamp };
  };
  on(window, "click", once, { capture: true });

  // The keyboard.

  const places = () => [...root.querySelectorAll(".takes")];
  const choose = (step) => {
    const all = places();
    if (!all.length) return;
    const place = all.at((Math.max(all.indexOf(moving.place), step < 0 ? 0 : -1) + step) % all.length);
    moving.place = place;
    place.focus();
    tell("over", place.dataset.place);
  };
  const leave = (verb) => {
    const { call } = moving;
    moving = undefined;
    tell(verb, "");
    last = { ...last, call, wanted: true };
  };
  const move = (event) => {
    event.preventDefault();
    const step = STEPS[event.key];
    if (event.key === "Escape") leave("end");
    else if (event.key === "Enter" || event.key === " ") leave("drop");
    else if (event.key === "Tab") choose(event.shiftKey ? -1 : 1);
    else if (step) choose(step[0] + step[1]);
  };
  const walk = (from, [aside, along]) => {
    const all = lists();
    const list = all.findIndex((cards) => cards.includes(from));
    const at = all[list]?.indexOf(from);
    const to = all[list + aside];
    to?.[Math.min(Math.max(at + along, 0), to.length - 1)].focus();
  };
  const press = (action, key) => {
    const find = (selector, where = root) => where.querySelector(`${selector} [data-do=${action}]:not(:disabled)`);
    // In another room the bar has what the cards have here.
    const button = root.hidden
      ? find("#voice", document)
      : ({ answer: () => find(".calls"), retrieve: () => find("[data-mine=true]") ?? find(".slots") }[action]?.() ??
        find(".agent-mine"));
    if (!button) return;
    const asked = document.activeElement === button;
    // Muting is said in passing: the keyboard stays where it is.
    if (action !== "mute") button.focus();
    if (action === "end" && !asked) tell("end-again", key);
    else button.click();
  };
  const goTo = (name) => {
    const address = new URL(location);
    address.searchParams.set(name, 1);
    history.pushState(null, "", address);
    dispatchEvent(new PopStateEvent("popstate"));
  };

  on(window, "keydown", (event) => {
    const { target, key } = event;
    if (drag?.ghost && key === "Escape") return release("end");
    if (moving && !(event.ctrlKey || event.metaKey || event.altKey)) return move(event);
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (drag || target.closest?.(FIELDS) || document.querySelector("dialog[open]")) return;
    const done = () => event.preventDefault();
    const choice = target.closest?.(".transfer-menu li");
    if (STEPS[key] && choice) {
      const next = STEPS[key][0] + STEPS[key][1] < 0 ? choice.previousElementSibling : choice.nextElementSibling;
      next?.querySelector("button").focus();
      return done();
    }
    const card = root.contains(target) && target.closest(CARDS);
    if (STEPS[key] && card) {
      walk(card, STEPS[key]);
      return done();
    }
    if (card && target.matches("[data-call], [data-place]") && (key === "Enter" || key === " ")) {
      const button = card.querySelector(".button:not(:disabled)");
      button?.focus();
      // On a member's card there are several: which one is for the next press to say.
      if (!card.matches(".agent")) button?.click();
      return done();
    }
    if (event.repeat || (event.shiftKey && /^[a-z]$/i.test(key))) return;
    const action = Object.entries(keys()).find((entry) => entry[1] === key.toLowerCase())?.[0];
    // The header and the audio are there in every room.
    const room = document.querySelectorAll(".navigation a")[key - 1];
    if (!action && !room) return;
    if (!action) room.click();
    else if (action === "help") goTo("help");
    else if (action === "dial") document.querySelector(".voice-dial input")?.focus();
    else if (root.hidden && ["filter", "move"].includes(action)) return;
    else if (action === "filter") document.getElementById("filter")?.focus();
    else if (action === "move") {
      const call = target.closest?.("[data-call]") ?? (card || root.querySelector(".agent-mine")).querySelector("[data-call]");
      if (call?.dataset.movable === "true") {
        moving = { call: call.dataset.call };
        tell("lift", moving.call);
      }
    } else press(action, key);
    done();
  });

  // The keyboard's place.

  on(root, "focusin", ({ target }) => {
    const card = target.closest(CARDS);
    const list = lists().find((cards) => cards.includes(card));
    last = card && {
      card,
      section: card.closest("section"),
      at: list?.indexOf(card),
      call: target.closest("[data-call]")?.dataset.call,
    };
  });
  // Whoever presses somewhere else has left.
  on(window, "pointerdown", () => (last = undefined), { capture: true });
  const settle = () => {
    if (moving && !places().length) return leave("in-vain");
    const now = document.activeElement;
    const isLost = !now || now === document.body || now.matches(":disabled");
    if (moving || !last || !(isLost || last.wanted)) return;
    const nearby = lists().find((cards) => last.section?.contains(cards[0])) ?? [];
    const kept = last.card?.isConnected && last.card.matches("[data-place]") && last.card;
    const home =
      ofCall(last.call) ?? (kept || nearby[Math.min(last.at, nearby.length - 1)] || root.querySelector(".agent-mine"));
    last.wanted = false;
    home?.focus();
  };

  // What moved is seen to move: a call glides from where it stood in the frame before.

  let stood = new Map();
  let gliding, wide;
  const isGlide = ({ id }) => id === "glide";
  const glide = () => {
    gliding = undefined;
    const cards = [...root.querySelectorAll("[data-call]")];
    // In a window of another width all is elsewhere at once.
    const before = wide === innerWidth ? stood : new Map();
    wide = innerWidth;
    stood = new Map();
    if (cards.length > MANY || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const list = root.querySelector(".calls");
    const scrolled = [scrollX, scrollY, list?.scrollLeft].join();
    for (const card of cards) {
      const isInLine = list?.contains(card);
      // In the line of those who ring it is the place that moves.
      const moved = isInLine ? card.parentElement : card;
      let { left, top, width } = moved.getBoundingClientRect();
      if (!width) continue;
      // One that is on its way counts as being where it goes, and goes on from where it is.
      let [aside, down] = [0, 0];
      if (moved.getAnimations().some(isGlide)) {
        [aside, down] = getComputedStyle(moved).translate.split(" ").map((px) => parseFloat(px) || 0);
        down ??= 0;
        left -= aside;
        top -= down;
      }
      // Within its line a call has gone the way that the line has, however that is scrolled.
      const inLine = isInLine && { left: moved.offsetLeft, top: moved.offsetTop };
      const was = before.get(card.dataset.call);
      stood.set(card.dataset.call, { left, top, inLine, scrolled });
      const [from, to] = was?.inLine && inLine ? [was.inLine, inLine] : [was, { left, top }];
      if (!was || (from === was && was.scrolled !== scrolled)) continue;
      const [x, y] = [from.left - to.left, from.top - to.top];
      if (Math.abs(x) + Math.abs(y) > 1)
        moved.animate({ translate: [`${x + aside}px ${y + down}px`, "0 0"] }, { id: "glide", duration: 240, easing: "ease-out" });
    }
  };

  return (verb) => {
    if (verb === "drawn") {
      gliding ??= requestAnimationFrame(glide);
      return settle();
    }
    stop.abort();
    release();
  };
}
