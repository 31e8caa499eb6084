// What happens to a person's session, seen from outside the page.

import { ANON_KEY } from './stack.mjs';
import { poll } from './poll.mjs';

/** Every renewal that the tabs of this context ask for from now on, in the order of asking. */
export function renewals(context) {
  const seen = [];
  context.on('request', (request) => {
    if (isRenewal(request)) seen.push({ token: request.postDataJSON().refresh_token, at: performance.now() });
  });
  return seen;
}

/** Whether the request spends a refresh token. */
export const isRenewal = (request) =>
  request.method() === 'POST' && request.url().includes('/auth/v1/token?grant_type=refresh_token');

/** What the browser keeps of the session: its name there and its content, or nothing. */
export const kept = (page) =>
  page.evaluate(() => {
    const key = Object.keys(localStorage).find((key) => key.startsWith('switchboard.session'));
    return key ? { key, ...JSON.parse(localStorage.getItem(key)) } : null;
  });

/** Auth's answer to a request with that access token. */
export const asSignedIn = (stack, accessToken, path, method = 'GET') =>
  fetch(`${stack.supabaseUrl}/auth/v1/${path}`, {
    method,
    headers: { apikey: ANON_KEY, authorization: `Bearer ${accessToken}` },
  });

/** Auth's answer to that refresh token. */
export const renew = (stack, refreshToken) =>
  fetch(`${stack.supabaseUrl}/auth/v1/token?grant_type=refresh_token`, {
    method: 'POST',
    headers: { apikey: ANON_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ refresh_token: refreshToken }),
  });

/** Waits until Auth says that this access token has expired. */
export const expired = (stack, accessToken) =>
  poll(
    'the access token to expire',
    async () => !(await asSignedIn(stack, accessToken, 'user')).ok,
    60_000,
  );

/**
 * Gives every page of the context a wall clock that is off by `offMs`, and a machine that can sleep:
 * meanwhile the wall clock goes on, and neither `performance.now` nor any timer does, as on most
 * systems.
 */
export const setClock = (context, offMs) =>
  context.addInitScript((offMs) => {
    const Right = Date;
    const { performance: watch, setTimeout: after } = globalThis;
    const rightNow = watch.now.bind(watch);
    const state = { offMs, sleptMs: 0 };
    const now = () => Right.now() + state.offMs;
    const awake = () => rightNow() - state.sleptMs;
    globalThis.Date = new Proxy(Right, {
      construct: (_, given, target) => Reflect.construct(Right, given.length ? given : [now()], target),
      apply: () => new Right(now()).toString(),
      get: (_, name) => (name === 'now' ? now : Reflect.get(Right, name)),
    });
    watch.now = awake;
    const cancelled = new Set();
    globalThis.setTimeout = (work, ms = 0, ...given) => {
      const due = awake() + ms;
      const run = () => {
        const left = due - awake();
        // What was planned before the machine slept has as much time to wait as it had then.
        if (left > 1) after(() => cancelled.has(id) || run(), left);
        else work(...given);
      };
      const id = after(run, ms);
      return id;
    };
    const { clearTimeout: stop } = globalThis;
    globalThis.clearTimeout = (id) => {
      cancelled.add(id);
      stop(id);
    };
    globalThis.machineSlept = (realMs, wallMs) => {
      state.sleptMs += realMs;
      state.offMs += wallMs;
    };
  }, offMs);

/**
 * Puts the page to sleep: it computes nothing until `wake`, after what its wall clock then says were
 * `wallMs`. The page hears that the network is back. `kept` is the session that it sleeps with.
 */
export async function sleep(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Debugger.enable');
  const paused = new Promise((resolve) => devtools.once('Debugger.paused', resolve));
  await devtools.send('Debugger.pause');
  // Some timer comes by within a second.
  await paused;
  const began = performance.now();
  const evaluate = async (expression) => (await devtools.send('Runtime.evaluate', { expression })).result.value;
  const session = await evaluate(
    "localStorage.getItem(Object.keys(localStorage).find((key) => key.startsWith('switchboard.session')))",
  );
  const wake = async (wallMs) => {
    await evaluate(`machineSlept(${performance.now() - began}, ${wallMs})`);
    await devtools.send('Debugger.resume');
    await devtools.detach();
    await page.evaluate(() => dispatchEvent(new Event('online')));
  };
  return { wake, kept: JSON.parse(session) };
}
