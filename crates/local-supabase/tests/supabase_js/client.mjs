// Supabase's own client against the project that the environment names, with this repository's schema and seed.
//
// SUPABASE_URL, SUPABASE_ANON_KEY, SUPABASE_SERVICE_ROLE_KEY: the project.
// AGENT_EMAIL, COLLEAGUE_EMAIL, AGENTS_PASSWORD: two members who may be called at this moment [default: the seed's].

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after } from "node:test";
import { createClient } from "@supabase/supabase-js";
import WebSocket from "ws";

const setTimer = globalThis.setTimeout;
// The official client leaves timers behind for answers that nobody waits for; they must not hold up the end.
globalThis.setTimeout = (...given) => setTimer(...given).unref();

export const URL = process.env.SUPABASE_URL;
const { SUPABASE_ANON_KEY, SUPABASE_SERVICE_ROLE_KEY } = process.env;
assert.ok(URL && SUPABASE_ANON_KEY && SUPABASE_SERVICE_ROLE_KEY, "SUPABASE_URL and its two keys are set");
export const AGENT = process.env.AGENT_EMAIL ?? "doug@example.com";
export const COLLEAGUE = process.env.COLLEAGUE_EMAIL ?? "rhonda@example.com";
export const PASSWORD = process.env.AGENTS_PASSWORD ?? "switchboard";
// Long enough for a slow machine; what works never waits for it.
const PATIENCE_MS = 60_000;

const clients = [];
const calls = [];
const accounts = [];

/** A client of its own: nobody, or whoever the key or the token says. */
export function client({ key = SUPABASE_ANON_KEY, token } = {}) {
  const made = createClient(URL, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: WebSocket },
    ...(token && { global: { headers: { Authorization: `Bearer ${token}` } } }),
  });
  clients.push(made);
  return made;
}

export const service = client({ key: SUPABASE_SERVICE_ROLE_KEY });

/** The data of an answer that must not be an error. */
export function data({ data, error }) {
  assert.ifError(error);
  return data;
}

/** A client with that person signed in. */
export async function signedIn(email, password = PASSWORD) {
  const made = client();
  data(await made.auth.signInWithPassword({ email, password }));
  return made;
}

/** That person's client, and the id of the member who it is. */
export async function member(email) {
  const made = await signedIn(email);
  const { user } = data(await made.auth.getUser());
  const { id } = data(await made.from("voip_users").select("id").eq("user_id", user.id).single());
  return { client: made, id };
}

/** An account that is no member of the team. */
export async function stranger() {
  const email = `stranger-${randomUUID()}@example.com`;
  const password = randomUUID();
  const { user } = data(await service.auth.admin.createUser({ email, password, email_confirm: true }));
  accounts.push(user.id);
  return signedIn(email, password);
}

/** A row for a call that rings; it is ended when the file's tests are over. */
export async function placeCall() {
  const numbers = { from_number: "+12025550101", to_number: "+12025550199" };
  const call = { twilio_call_sid: `CA${randomUUID().replaceAll("-", "")}`, direction: "inbound", status: "ringing" };
  const [row] = data(await service.from("calls").insert({ ...call, ...numbers }).select());
  calls.push(row.id);
  return row;
}

/** The compare-and-set by which that member takes a call that rings. */
export const answer = ({ client, id }, call) =>
  client.from("calls").update({ status: "active", assigned_to: id }).eq("id", call.id).eq("status", "ringing").select();

/** Ends a call, whosever it is. */
export const end = (id) => service.from("calls").update({ status: "ended" }).eq("id", id).neq("status", "ended").select();

/** A list that can be waited on. */
export class Inbox {
  #waiting = [];
  all = [];

  push(item) {
    this.all.push(item);
    this.#waiting = this.#waiting.filter(({ wanted, resolve }) => !(wanted(item) && (resolve(item), true)));
  }

  /** The first item that is wanted, after the first `past` ones. */
  first(what, wanted, past = 0) {
    const already = this.all.slice(past).find(wanted);
    return already ?? within(what, new Promise((resolve) => this.#waiting.push({ wanted, resolve })));
  }
}

export function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimer(() => reject(new Error(`${what} did not come within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const isSubscribed = ({ extension, status }) => extension === "postgres_changes" && status === "ok";

/** Joins a channel with one binding on calls; resolves when changes really flow. */
export async function watch(from, topic, { isPrivate }) {
  const [changes, broadcasts, systems] = [new Inbox(), new Inbox(), new Inbox()];
  const channel = from
    .channel(topic, { config: { private: isPrivate } })
    .on("postgres_changes", { event: "*", schema: "public", table: "calls" }, (change) => changes.push(change))
    .on("broadcast", { event: "change" }, (message) => broadcasts.push(message))
    .on("system", {}, (message) => systems.push(message));
  const joined = new Promise((resolve, reject) => {
    channel.subscribe((status, error) => {
      if (status === "SUBSCRIBED") resolve();
      if (status === "CHANNEL_ERROR" || status === "TIMED_OUT") reject(error ?? new Error(status));
    });
  });
  await within(`the join of ${topic}`, joined);
  await systems.first("system ok", isSubscribed);
  /** Waits until the channel flows again; `past` is how many system messages there were before. */
  const again = (past) => systems.first("another system ok", isSubscribed, past);
  return { channel, changes, broadcasts, systems, again };
}

after(async () => {
  for (const id of calls) data(await end(id));
  for (const id of accounts) data(await service.auth.admin.deleteUser(id));
  for (const made of clients) {
    await made.removeAllChannels();
    await made.realtime.disconnect();
  }
});
