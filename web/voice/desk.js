// What the audio asks of the server and tells it, as the person who is signed in: a token for the
// device, how it is with the device, that somebody is there, and who is in the contacts.

/** The server counts a member as there for 75 s after each. */
const BEAT_MS = 30_000;
const PATIENCE_MS = 10_000;

export class Desk {
  /** The access token of the person's session; the page keeps it fresh. */
  access = "";
  #emit;
  #url;
  #key;
  #member;
  /** Writes a number as people read it. */
  spaced;
  #timer;
  #told = Promise.resolve();

  /** `spaced` writes a number as people read it. */
  constructor(emit, { supabaseUrl, supabaseKey, member, spaced }) {
    this.#emit = emit;
    this.#url = supabaseUrl;
    this.#key = supabaseKey;
    this.#member = member;
    this.spaced = spaced;
  }

  /** A token for the device, or nothing. */
  async token() {
    const answer = await this.#ask("POST", "/api/voice-token");
    return answer?.token;
  }

  /** Says how it is with the device. One after the other: of two at once the older could win. */
  report(state) {
    this.#told = this.#told.then(async () => {
      const answer = await this.#rest("PATCH", `voip_users?id=eq.${this.#member}`, { device_state: state });
      this.#emit({ type: "reported", came: answer !== undefined });
    });
    return this.#told;
  }

  /** Says now and from time to time that somebody is there. */
  beat() {
    if (this.#timer) return;
    const beat = () => {
      this.#rest("POST", "presence?on_conflict=member_id", { member_id: this.#member });
      // What could not be told is told now.
      this.#emit({ type: "beat" });
    };
    this.#timer = setInterval(beat, BEAT_MS);
    this.#rest("POST", "presence?on_conflict=member_id", { member_id: this.#member });
  }

  leave() {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** The first few contacts whose names contain that, each also with its number `shown`; nothing if the server does not say. */
  async contacts(name) {
    // PostgREST's wildcard, and what LIKE takes for one.
    const plain = name.replaceAll(/[*%_\\]/g, "").trim();
    const like = encodeURIComponent(`ilike.*${plain}*`);
    const rows = await this.#rest("GET", `contacts?select=name,company,number&name=${like}&order=name&limit=6`);
    return rows?.map((row) => ({ ...row, shown: this.spaced(row.number) }));
  }

  /** Whom the team may call and as whom, or nothing if the server does not say. See `refusal` in `out.js`. */
  async rules() {
    const [rows, config] = await Promise.all([
      this.#rest("GET", "board_settings?select=outbound_prefixes,caller_id"),
      this.#ask("GET", "/config.json"),
    ]);
    return rows?.[0] && { ...rows[0], hasNumber: config?.has_number };
  }

  /** How the call out of that CallSid went: its row, no row, or nothing if the server does not say. */
  callOut(sid) {
    return this.#rest("GET", `calls?select=end_reason,connected_at&twilio_call_sid=eq.${encodeURIComponent(sid)}`);
  }

  #rest(method, path, body) {
    return this.#ask(method, `${this.#url}/rest/v1/${path}`, body, {
      apikey: this.#key,
      prefer: "return=minimal,resolution=merge-duplicates",
    });
  }

  /** The answer's body, or nothing if it was refused or did not come. */
  async #ask(method, url, body, headers = {}) {
    try {
      const answer = await fetch(url, {
        method,
        headers: { ...headers, authorization: `Bearer ${this.access}`, "content-type": "application/json" },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (!answer.ok) return undefined;
      const text = await answer.text();
      return text ? JSON.parse(text) : {};
    } catch {
      return undefined;
    }
  }
}
