// The board's query, actions as compare-and-set, and how the server says no.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import test from "node:test";
import { AGENT, COLLEAGUE, answer, client, data, end, member, placeCall, service, signedIn, stranger } from "./client.mjs";

const agent = await member(AGENT);
const colleague = await member(COLLEAGUE);
const board = (from) =>
  from
    .from("calls")
    .select("*,assigned_to_user:voip_users!assigned_to(*)")
    .in("status", ["ringing", "active", "parked"])
    .order("created_at");
const update = ({ client }, call, values) => client.from("calls").update(values).eq("id", call.id).select();

/** Asserts that the rules refused, with that hint and words for a person. */
function assertRefused({ data, error, status }, hint, words) {
  assert.equal(data, null);
  assert.equal(status, 409);
  assert.equal(error.code, "PT409");
  assert.equal(error.hint, hint);
  assert.match(error.message, words);
}

function assertError({ error, status }, expected, code, words) {
  assert.equal(error?.code, code);
  assert.equal(status, expected);
  assert.match(error.message, words);
}

test("the board comes in order, with the member who has each call", async () => {
  const [first, second] = [await placeCall(), await placeCall()];
  data(await answer(agent, second));
  const rows = data(await board(colleague.client)).filter(({ id }) => [first.id, second.id].includes(id));
  assert.deepEqual(rows.map(({ id }) => id), [first.id, second.id]);
  assert.equal(rows[0].assigned_to_user, null);
  assert.equal(rows[1].assigned_to_user.id, agent.id);
  assert.equal(typeof rows[1].assigned_to_user.display_name, "string");
  data(await end(second.id));
  assert.ok(!data(await board(colleague.client)).some(({ id }) => id === second.id));
});

test("two agents answer at once: one has the call, the other an empty list", async () => {
  const call = await placeCall();
  const answers = (await Promise.all([answer(agent, call), answer(colleague, call)])).map(data);
  const [won, lost] = answers[0].length ? answers : answers.toReversed();
  assert.equal(won.length, 1);
  assert.equal(won[0].status, "active");
  assert.ok(won[0].answered_at && won[0].version > call.version);
  assert.deepEqual(lost, []);
  data(await end(call.id));
});

test("who comes late without a filter is told who was first", async () => {
  const call = await placeCall();
  data(await answer(agent, call));
  const late = await update(colleague, call, { status: "active", assigned_to: colleague.id });
  assertRefused(late, "already_answered", /answered this call .* earlier/);
  assert.equal(JSON.parse(late.error.details).by_id, agent.id);
  data(await end(call.id));
  assertRefused(await update(agent, call, { status: "parked", assigned_to: null }), "already_ended", /./);
});

test("an agent has one call at a time, and only their own", async () => {
  const [mine, next] = [await placeCall(), await placeCall()];
  data(await answer(agent, mine));
  assertRefused(await answer(agent, next), "on_another_call", /already on a call/);
  assertRefused(await update(colleague, mine, { on_hold: true }), "not_yours", /'s call$/);
  assertRefused(await update(colleague, next, { status: "active", assigned_to: agent.id }), "not_yours", /for yourself only/);
  assertRefused(await update(agent, mine, { assigned_to: randomUUID() }), "no_such_colleague", /no such colleague/);
  data(await answer(colleague, next));
  assertRefused(await update(agent, mine, { assigned_to: colleague.id }), "colleague_busy", /on another call/);
  for (const { id } of [mine, next]) data(await end(id));
});

test("a slot holds one call and lies within the lot", async () => {
  const [first, second] = [await placeCall(), await placeCall()];
  data(await answer(agent, first));
  data(await answer(colleague, second));
  const into = (slot) => ({ status: "parked", assigned_to: null, parking_slot: slot });
  assertRefused(await update(agent, first, into(9999)), "slot_out_of_range", /slots 1 to/);
  const [parked] = data(await update(agent, first, { status: "parked", assigned_to: null }));
  assert.ok(parked.parking_slot >= 1, "the database chose a slot");
  assertRefused(await update(colleague, second, into(parked.parking_slot)), "slot_taken", /is taken/);
  const retrieve = { status: "active", assigned_to: agent.id };
  const taken = await agent.client.from("calls").update(retrieve).eq("id", first.id).eq("status", "parked").select();
  assert.equal(data(taken)[0].parking_slot, null);
  for (const { id } of [first, second]) data(await end(id));
});

test("agents neither bring calls nor rewrite them, and nobody deletes", async () => {
  const call = await placeCall();
  const row = { twilio_call_sid: `CA${randomUUID()}`, direction: "inbound", from_number: "+1", to_number: "+2" };
  assertError(await agent.client.from("calls").insert(row).select(), 403, "42501", /permission denied/);
  assertError(await update(agent, call, { from_number: "+12025550111" }), 403, "42501", /permission denied/);
  assertError(await agent.client.from("calls").delete().eq("id", call.id), 403, "42501", /permission denied/);
});

test("one statement changes one call", async () => {
  const ids = [];
  // Who parked a call may still write its note.
  for (const call of [await placeCall(), await placeCall()]) {
    data(await answer(agent, call));
    data(await update(agent, call, { status: "parked", assigned_to: null }));
    ids.push(call.id);
  }
  const both = await agent.client.from("calls").update({ note: "mass" }).in("id", ids).select();
  assertError(both, 400, "PT400", /./);
  assert.equal(both.error.hint, "one_call_per_statement");
  data(await agent.client.from("calls").update({ note: "one" }).eq("id", ids[0]).select());
  for (const id of ids) data(await end(id));
});

test("who is no member sees an empty board, who is nobody is refused", async () => {
  await placeCall();
  assert.deepEqual(data(await board(await stranger())), []);
  assertError(await board(client()), 401, "42501", /permission denied/);
});

test("a token that is none, and one of somebody else's making, are refused", async () => {
  const session = data(await agent.client.auth.getSession()).session;
  const [head, claims] = session.access_token.split(".");
  const forged = `${head}.${claims}.${"A".repeat(43)}`;
  for (const token of ["not-a-token", forged]) {
    assertError(await board(client({ token })), 401, "PGRST301", /./);
  }
});

test("one row is asked for and there is none, or there are more", async () => {
  await placeCall();
  await placeCall();
  const calls = () => agent.client.from("calls").select();
  assertError(await calls().eq("id", randomUUID()).single(), 406, "PGRST116", /single JSON object/);
  assertError(await calls().eq("status", "ringing").single(), 406, "PGRST116", /single JSON object/);
  assert.equal(data(await calls().eq("id", randomUUID()).maybeSingle()), null);
});

test("what is not there is named", async () => {
  const { client } = agent;
  assertError(await client.from("nothing").select(), 404, "PGRST205", /nothing/);
  assertError(await client.rpc("nothing"), 404, "PGRST202", /nothing/);
  assertError(await client.from("calls").select("nothing"), 400, "42703", /nothing/);
  assertError(await client.from("calls").update({ nothing: 1 }).eq("id", randomUUID()), 400, "PGRST204", /nothing/);
  assertError(await client.from("calls").select().eq("id", "nothing"), 400, "22P02", /invalid input syntax/);
  // Two foreign keys join the tables, so an embed must say which.
  assertError(await client.from("calls").select("*,voip_users(*)"), 300, "PGRST201", /more than one relationship/);
});

test("a webhook that comes twice changes nothing", async () => {
  const call = await placeCall();
  const { twilio_call_sid, direction, from_number, to_number } = call;
  const row = { twilio_call_sid, direction, from_number, to_number };
  assertError(await service.from("calls").insert(row).select(), 409, "23505", /duplicate key/);
  const options = { onConflict: "twilio_call_sid", ignoreDuplicates: true };
  assert.deepEqual(data(await service.from("calls").upsert(row, options).select()), []);
});

test("a signed-out client falls back to being nobody", async () => {
  const leaving = await signedIn(AGENT);
  data(await board(leaving));
  assert.ifError((await leaving.auth.signOut({ scope: "local" })).error);
  assertError(await board(leaving), 401, "42501", /permission denied/);
});
