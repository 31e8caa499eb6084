// A call for somebody who looks elsewhere: a notification with the caller's name, and a telephone
// that shakes. Both end with the ringing.
import { text } from "./words.js";

const WORKER = "/sw.js";
/** Shake, rest, shake; as long as one ring of the ringtone. */
const SHAKE_MS = [300, 150, 300];
const EVERY_MS = 3_000;

export class Alert {
  #call = "";
  #caller = "";
  #worker;
  #timer;
  /** The call whose notification is there, or was before somebody put it away. */
  #shown = "";
  #plain;
  #settled = Promise.resolve();

  /**
   * `press` takes the id of a call that is answered in the notification, or nothing where somebody only wants to see
   * the page; it returns whether this tab is the one that rings. Nothing is heard after `life`.
   */
  constructor(press, life) {
    document.addEventListener("visibilitychange", () => this.#settle(), { signal: life });
    navigator.serviceWorker?.addEventListener(
      "message",
      ({ data, ports }) => "answer" in data && press(data.answer) && ports[0]?.postMessage("here"),
      { signal: life },
    );
    // Whoever was asked before is not asked again, and may never press anything on this page.
    if (globalThis.Notification?.permission === "granted") this.#hire();
  }

  /** In the hand of the person. */
  ask() {
    if (globalThis.Notification?.permission === "default") Notification.requestPermission();
    this.#hire();
  }

  ring(call, caller) {
    this.stop();
    [this.#call, this.#caller] = [call, caller];
    const shake = () => navigator.vibrate?.(SHAKE_MS);
    shake();
    this.#timer = setInterval(shake, EVERY_MS);
    this.#settle();
  }

  stop() {
    if (!this.#call) return;
    this.#call = "";
    clearInterval(this.#timer);
    navigator.vibrate?.(0);
    this.#settle();
  }

  /** Takes away what a page that ended while it rang has left. For the tab that rings from now on. */
  sweep() {
    this.#shown = undefined;
    this.#settle();
  }

  /** Without a worker a notification has no button, and is as good otherwise. It can show one once it is active. */
  #hire() {
    this.#worker ??= navigator.serviceWorker
      ?.register(WORKER)
      .then((registration) => registration && navigator.serviceWorker.ready)
      .catch(() => undefined);
  }

  /** One after the other: what is asked for while another one is being shown could neither be found nor closed. */
  #settle() {
    this.#settled = this.#settled.then(() => this.#notify()).catch(() => {});
  }

  /** Shows the call that rings now if nobody looks, and no other. */
  async #notify() {
    const isWanted = document.hidden && globalThis.Notification?.permission === "granted";
    const [call, caller] = isWanted ? [this.#call, this.#caller] : ["", ""];
    if (call === this.#shown) return;
    this.#shown = call;
    const registration = await this.#worker;
    this.#plain?.close();
    this.#plain = undefined;
    for (const shown of (await registration?.getNotifications()) ?? []) if (shown.tag !== call) shown.close();
    if (!call) return;
    const title = text("rings_title", { caller });
    const options = { body: text("rings_body"), tag: call, icon: "/icon-192.png", requireInteraction: true };
    try {
      const actions = [{ action: "answer", title: text("rings_answer") }];
      if (!registration) throw new Error("no worker");
      await registration.showNotification(title, { ...options, actions, data: { call } });
    } catch {
      this.#plain = new Notification(title, options);
      this.#plain.onclick = () => window.focus();
    }
  }
}
