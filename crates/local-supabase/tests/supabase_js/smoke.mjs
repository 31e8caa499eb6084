// Drives a running stand-in as the dashboard and the webhook do, with Supabase's own client.
// Environment: SUPABASE_URL, SUPABASE_ANON_KEY, SUPABASE_SERVICE_ROLE_KEY. Ends with 0 if everything held.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import WebSocket from "ws";

const { SUPABASE_URL, SUPABASE_ANON_KEY, SUPABASE_SERVICE_ROLE_KEY } = process.env;
const PASSWORD = "switchboard";
const DOUG = "11111111-0000-4000-8000-000000000001";
const RHONDA = "11111111-0000-4000-8000-000000000002";
// Long enough for a slow machine; a step that works never waits for it.
const PATIENCE_MS = 60_000;

const clients = [];
function client(key = SUPABASE_ANON_KEY) {
  const made = createClient(SUPABASE_URL, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: WebSocket },
  });
  clients.push(made);
  return made;
}

/** A list that can be waited on. */
class Inbox {
  #seen = [];
  #waiting = [];
  push(item) {
    this.#seen.push(item);
    this.#waiting = this.#waiting.filter(({ wanted, resolve }) => !(wanted(item) && (resolve(item), true)));
  }
  get all() {
    return this.#seen;
  }
  first(what, wanted) {
    const already = this.#seen.find(wanted);
    if (already) return Promise.resolve(already);
    return within(what, new Promise((resolve) => this.#waiting.push({ wanted, resolve })));
  }
}

function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function step(name, work) {
  const began = performance.now();
  try {
    const result = await work();
    console.log(`ok ${name} (${Math.round(performance.now() - began)} ms)`);
    return result;
  } catch (error) {
    console.log(`FAILED ${name}`);
    throw error;
  }
}

function data({ data, error }) {
  assert.ifError(error);
  return data;
}

async function signedIn(email, password = PASSWORD) {
  const made = client();
  data(await made.auth.signInWithPassword({ email, password }));
  return made;
}

/** Joins a channel with one binding on calls; resolves when changes really flow. */
async function watch(from, topic, isPrivate) {
  const changes = new Inbox();
  const broadcasts = new Inbox();
  const systems = new Inbox();
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
  await within(`join of ${topic}`, joined);
  await systems.first("system ok", ({ extension, status }) => extension === "postgres_changes" && status === "ok");
  return { channel, changes, broadcasts };
}

const service = client(SUPABASE_SERVICE_ROLE_KEY);

async function placeCall() {
  const call = { twilio_call_sid: `CA${randomUUID().replaceAll("-", "")}`, direction: "inbound" };
  const numbers = { from_number: "+12025550101", to_number: "+12025550199" };
  const rows = data(await service.from("calls").insert({ ...call, ...numbers, status: "ringing" }).select());
  assert.equal(rows.length, 1);
  return rows[0];
}

function answer(from, call, member) {
  const taken = { status: "active", assigned_to: member };
  return from.from("calls").update(taken).eq("id", call.id).eq("status", "ringing").select();
}

async function main() {
  await step("a wrong password is refused by its code", async () => {
    const { error } = await client().auth.signInWithPassword({ email: "doug@example.com", password: "wrong" });
    assert.equal(error.code, "invalid_credentials");
    assert.equal(error.status, 400);
  });

  const doug = await step("an agent signs in and is known", async () => {
    const made = await signedIn("doug@example.com");
    const { user } = data(await made.auth.getUser());
    assert.equal(user.email, "doug@example.com");
    return made;
  });
  const rhonda = await signedIn("rhonda@example.com");
  const call = await placeCall();

  await step("the board comes with the members embedded", async () => {
    const rows = data(
      await doug
        .from("calls")
        .select("*,assigned_to_user:voip_users!assigned_to(*)")
        .in("status", ["ringing", "active", "parked"])
        .order("created_at"),
    );
    const row = rows.find(({ id }) => id === call.id);
    assert.equal(row.status, "ringing");
    assert.equal(row.assigned_to_user, null);
  });

  const board = await step("an agent joins the private channel of the board", () => watch(doug, "board", true));

  const stranger = await step("the service makes a user who is no member", async () => {
    const email = `stranger-${randomUUID()}@example.com`;
    const password = randomUUID();
    const { user } = data(await service.auth.admin.createUser({ email, password, email_confirm: true }));
    const { users } = data(await service.auth.admin.listUsers());
    assert.ok(users.some(({ id }) => id === user.id));
    return signedIn(email, password);
  });
  const strangers = await step("who is no member may watch, and may not enter the private channel", async () => {
    const watching = await watch(stranger, "corridor", false);
    await assert.rejects(watch(stranger, "board", true), /Unauthorized|permission/);
    return watching;
  });

  await step("two agents answer at once: one has the call, one gets an empty list", async () => {
    const answers = await Promise.all([answer(doug, call, DOUG), answer(rhonda, call, RHONDA)]);
    const rows = answers.map(data).sort((one, other) => other.length - one.length);
    assert.equal(rows[0].length, 1);
    assert.deepEqual(rows[1], []);
  });

  await step("the change comes by both lanes with the same version", async () => {
    const isAnswered = (row) => row?.id === call.id && row.status === "active";
    const slow = await board.changes.first("postgres_changes", ({ new: row }) => isAnswered(row));
    const fast = await board.broadcasts.first("broadcast", ({ payload }) => isAnswered(payload.record));
    assert.equal(slow.eventType, "UPDATE");
    assert.equal(fast.payload.table, "calls");
    assert.equal(fast.payload.version, slow.new.version);
  });

  await step("row level security keeps changes from who is no member", async () => {
    const later = await placeCall();
    await board.changes.first("the later call", ({ new: row }) => row.id === later.id);
    assert.deepEqual(strangers.changes.all, []);
    assert.deepEqual(data(await stranger.from("calls").select()), []);
    for (const { id } of [call, later]) {
      const ended = data(await service.from("calls").update({ status: "ended" }).eq("id", id).select());
      assert.equal(ended[0].status, "ended");
    }
  });

  await step("a session is refreshed, and its old token is good for a moment", async () => {
    const before = data(await doug.auth.getSession()).session;
    const after = data(await doug.auth.refreshSession()).session;
    assert.notEqual(after.refresh_token, before.refresh_token);
    const again = data(await client().auth.refreshSession({ refresh_token: before.refresh_token })).session;
    assert.equal(again.refresh_token, after.refresh_token);
  });

  await step("who signed out is nobody any more", async () => {
    const { access_token } = data(await doug.auth.getSession()).session;
    assert.ifError((await doug.auth.signOut()).error);
    const { error } = await client().auth.getUser(access_token);
    // The client's own name for `session_not_found`.
    assert.equal(error.name, "AuthSessionMissingError");
  });
}

try {
  await main();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
for (const made of clients) made.realtime.disconnect();
// The client keeps timers for ten more seconds, for answers that nobody waits for.
process.exit();
