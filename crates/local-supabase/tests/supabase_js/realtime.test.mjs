// Both lanes, who may hear them, and a server that restarts.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import test from "node:test";
import { AGENT, COLLEAGUE, URL, answer, data, end, member, placeCall, stranger, watch, within } from "./client.mjs";

const agent = await member(AGENT);
const colleague = await member(COLLEAGUE);

test("a change comes by both lanes with the same version", async () => {
  const board = await watch(colleague.client, "board", { isPrivate: true });
  const call = await placeCall();
  const inserted = await board.changes.first("the insert", ({ new: row }) => row.id === call.id);
  assert.equal(inserted.eventType, "INSERT");
  data(await answer(agent, call));
  const isAnswered = (row) => row?.id === call.id && row.status === "active";
  const slow = await board.changes.first("postgres_changes", ({ new: row }) => isAnswered(row));
  const fast = await board.broadcasts.first("the broadcast", ({ payload }) => isAnswered(payload.record));
  assert.equal(slow.eventType, "UPDATE");
  assert.equal(slow.new.assigned_to, agent.id);
  assert.deepEqual(Object.keys(slow.old), ["id"], "row level security leaves the key of the old row");
  assert.equal(fast.payload.table, "calls");
  assert.equal(fast.payload.version, slow.new.version);
  data(await end(call.id));
  await colleague.client.removeChannel(board.channel);
});

test("row level security keeps changes from who is no member", async () => {
  const outsider = await stranger();
  const [inside, outside] = [
    await watch(agent.client, "corridor", { isPrivate: false }),
    await watch(outsider, "corridor", { isPrivate: false }),
  ];
  const call = await placeCall();
  await inside.changes.first("the member's change", ({ new: row }) => row.id === call.id);
  data(await end(call.id));
  await inside.changes.first("the call's end", ({ new: row }) => row.id === call.id && row.status === "ended");
  assert.deepEqual(outside.changes.all, []);
  await agent.client.removeChannel(inside.channel);
});

test("only members enter the private channel, and only the database speaks there", async () => {
  const outsider = await stranger();
  await assert.rejects(watch(outsider, "board", { isPrivate: true }), /Unauthorized|permission/);

  const [speaker, listener] = [
    await watch(agent.client, "board", { isPrivate: true }),
    await watch(colleague.client, "board", { isPrivate: true }),
  ];
  const forged = { table: "calls", type: "UPDATE", version: 1, record: { id: "forged" } };
  await speaker.channel.send({ type: "broadcast", event: "change", payload: forged });
  const call = await placeCall();
  await listener.broadcasts.first("the real change", ({ payload }) => payload.record?.id === call.id);
  assert.ok(!listener.broadcasts.all.some(({ payload }) => payload.record?.id === "forged"));
  for (const { client } of [agent, colleague]) await client.removeAllChannels();
});

test("members speak to each other on a channel that is not private", async () => {
  const [speaker, listener] = [
    await watch(agent.client, "lobby", { isPrivate: false }),
    await watch(colleague.client, "lobby", { isPrivate: false }),
  ];
  await speaker.channel.send({ type: "broadcast", event: "change", payload: { hello: "there" } });
  const heard = await listener.broadcasts.first("the greeting", ({ payload }) => payload.hello === "there");
  assert.equal(heard.event, "change");
  for (const { client } of [agent, colleague]) await client.removeAllChannels();
});

// A connection to this port restarts the server, and ends when that is done.
const restartPort = process.env.RESTART_PORT;

test("after a restart of Realtime the client joins again and hears what happens", async (t) => {
  if (!restartPort) return t.skip(`RESTART_PORT is not set: nobody restarts ${URL} for this suite`);
  const board = await watch(colleague.client, "board", { isPrivate: true });
  const before = board.systems.all.length;
  const request = connect(Number(restartPort), "127.0.0.1").resume();
  await within("the restart", once(request, "close"));
  await board.again(before);
  const call = await placeCall();
  await board.changes.first("the call after the restart", ({ new: row }) => row.id === call.id);
  await board.broadcasts.first("its broadcast", ({ payload }) => payload.record?.id === call.id);
});
