// Sessions.

import assert from "node:assert/strict";
import test from "node:test";
import { AGENT, client, data, service, signedIn, stranger } from "./client.mjs";

test("an agent signs in and is known", async () => {
  const agent = await signedIn(AGENT);
  const { user } = data(await agent.auth.getUser());
  assert.equal(user.email, AGENT);
  assert.equal(user.role, "authenticated");
});

test("a wrong password and an unknown address are refused alike", async () => {
  for (const email of [AGENT, "nobody@example.com"]) {
    const { data, error } = await client().auth.signInWithPassword({ email, password: "wrong" });
    assert.equal(data.session, null);
    assert.equal(error.status, 400);
    assert.equal(error.code, "invalid_credentials");
    assert.equal(error.message, "Invalid login credentials");
  }
});

test("a session is refreshed, and the old refresh token brings the same child again", async () => {
  const agent = await signedIn(AGENT);
  const before = data(await agent.auth.getSession()).session;
  const after = data(await agent.auth.refreshSession()).session;
  assert.notEqual(after.refresh_token, before.refresh_token);
  assert.equal(after.user.id, before.user.id);
  assert.ok(data(await agent.from("voip_users").select("id")).length > 0, "the new token is good");
  const again = data(await client().auth.refreshSession({ refresh_token: before.refresh_token })).session;
  assert.equal(again.refresh_token, after.refresh_token);
});

test("a refresh token that nobody has handed out is refused", async () => {
  const { error } = await client().auth.refreshSession({ refresh_token: "aaaaaaaaaaaa" });
  assert.equal(error.status, 400);
  assert.equal(error.code, "refresh_token_not_found");
});

test("who signed out is nobody any more, and cannot come back by refreshing", async () => {
  const agent = await signedIn(AGENT);
  const { access_token, refresh_token } = data(await agent.auth.getSession()).session;
  assert.ifError((await agent.auth.signOut({ scope: "local" })).error);
  assert.equal(data(await agent.auth.getSession()).session, null);
  const { error } = await client().auth.getUser(access_token);
  // The client's own name for `session_not_found`.
  assert.equal(error.name, "AuthSessionMissingError");
  const refreshed = await client().auth.refreshSession({ refresh_token });
  assert.equal(refreshed.error.code, "refresh_token_not_found");
});

test("signing out here leaves the other devices alone", async () => {
  const [here, there] = [await signedIn(AGENT), await signedIn(AGENT)];
  assert.ifError((await here.auth.signOut({ scope: "local" })).error);
  assert.equal(data(await there.auth.getUser()).user.email, AGENT);
});

test("the service makes an account, finds it, and nobody else may", async () => {
  const { user } = data(await (await stranger()).auth.getUser());
  const { users } = data(await service.auth.admin.listUsers({ perPage: 1000 }));
  assert.ok(users.some(({ id }) => id === user.id));
  const { error } = await (await signedIn(AGENT)).auth.admin.listUsers();
  assert.equal(error.status, 403);
  assert.equal(error.code, "not_admin");
});

test("a token that is none tells nothing", async () => {
  const { error } = await client().auth.getUser("not.a.token");
  assert.equal(error.status, 403);
  assert.equal(error.code, "bad_jwt");
});
