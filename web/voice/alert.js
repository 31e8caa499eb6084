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
  #shown;
  #worker;
  #timer;

  /** `answer` takes the id of a call that is answered in the notification. */
  constructor(answer) {
    document.addEventListener("visibilitychange", () => this.#notify());
    navigator.serviceWorker?.addEventListener("message", ({ data }) => data.answer && answer(data.answer));
  }

  /** In the hand of the person. */
  ask() {
    if (globalThis.Notification?.permission === "default") Notification.requestPermission();
    // Without one a notification has no button, and is as good otherwise.
    this.#worker ??= navigator.serviceWorker?.register(WORKER).catch(() => undefined);
  }

  ring(call, caller) {
    this.stop();
    [this.#call, this.#caller] = [call, caller];
    const shake = () => navigator.vibrate?.(SHAKE_MS);
    shake();
    this.#timer = setInterval(shake, EVERY_MS);
    this.#notify();
  }

  stop() {
    if (!this.#call) return;
    this.#call = "";
    clearInterval(this.#timer);
    navigator.vibrate?.(0);
    this.#close();
  }

  async #notify() {
    if (!document.hidden) return this.#close();
    const call = this.#call;
    if (!call || this.#shown === call || globalThis.Notification?.permission !== "granted") return;
    this.#shown = call;
    const options = {
      body: text("rings_body"),
      tag: call,
      icon: "/icon-192.png",
      requireInteraction: true,
      data: { call, url: location.href },
    };
    const title = text("rings_title", { caller: this.#caller });
    const registration = await this.#worker;
    try {
      const actions = [{ action: "answer", title: text("rings_answer") }];
      if (!registration) throw new Error("no worker");
      await registration.showNotification(title, { ...options, actions });
    } catch {
      const plain = new Notification(title, options);
      plain.onclick = () => window.focus();
    }
    // It may have stopped ringing meanwhile.
    if (this.#call !== call) this.#close();
  }

  async #close() {
    if (!this.#shown) return;
    const tag = this.#shown;
    this.#shown = undefined;
    const registration = await this.#worker;
    for (const shown of (await registration?.getNotifications({ tag })) ?? []) shown.close();
  }
}
