// Staying signed in: with two tabs, after sleep, with a wrong clock, and while Auth has trouble.

import assert from 'node:assert/strict';
import test from 'node:test';
import { agentCard, button, callCard, settled } from '../board.mjs';
import { TEAM, enter, launch, live, resting, tab } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { asSignedIn, expired, isRenewal, kept, renew, renewals, setClock, sleep } from '../session.mjs';
import { Stack } from '../stack.mjs';
import { placeCall } from '../twilio.mjs';

/** In seconds. A page renews such a token halfway. */
const TOKENS_LIVE = 8;
const TEN_MINUTES_MS = 600_000;
const AN_HOUR_MS = 3_600_000;
/** Longer than anything here takes. */
const LIMIT_MS = 60_000;

test('people stay signed in', { concurrency: true }, async (t) => {
  const browser = await launch();
  t.after(() => browser.close());
  const stack = await Stack.start({ tokensLive: TOKENS_LIVE });
  t.after(() => stack.stop());
  const stories = {
    'one may type at once, where no keyboard would cover the page': atTheDoor,
    'two tabs renew once for both, and leave together': twoTabs,
    'with a clock ten minutes behind': () => wrongClock(stack, browser, 'Rhonda', -TEN_MINUTES_MS),
    'with a clock ten minutes ahead': () => wrongClock(stack, browser, 'Sue', TEN_MINUTES_MS),
    'after an hour of sleep': asleep,
    'while Auth has trouble, and not after it has ended the session': trouble,
    'a tab that leaves while the other renews is not brought back': leaving,
    'a tab that the system suspends while it renews holds nobody up for long': suspended,
  };
  // Most of the time is spent waiting for tokens to grow old, which they do side by side.
  let failed = false;
  const told = Object.entries(stories).map(([name, story]) =>
    t.test(name, async () => {
      try {
        await story(stack, browser);
      } catch (error) {
        failed = true;
        throw error;
      }
    }),
  );
  await Promise.all(told);
  if (failed) t.diagnostic(stack.logs());
});

async function atTheDoor(stack, browser) {
  const isReady = (page) => page.evaluate(() => document.activeElement.id === 'email');
  for (const [width, atOnce] of [[1440, true], [390, false]]) {
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    await page.goto(stack.url);
    await page.getByLabel('Email').waitFor();
    if (atOnce) await poll('the email field to be ready', () => isReady(page));
    // Whatever is done after the first drawing is done by then.
    await resting(page);
    assert.equal(await isReady(page), atOnce, `${width} px`);
    await page.close();
  }
}

async function twoTabs(stack, browser) {
  const context = await browser.newContext();
  const first = await tab(context, 'Doug');
  await enter(first, stack.url);
  const second = await tab(context, 'Doug');
  const renewed = renewals(context);
  await second.goto(stack.url);
  await live(second);

  await poll('three renewals', () => renewed.length >= 3, LIMIT_MS);
  assertEachSpentOnce(renewed);
  for (const page of [first, second]) {
    await live(page);
    assert.deepEqual(page.complaints, []);
  }

  const { refresh_token } = await kept(first);
  await second.getByRole('button', { name: 'Sign out' }).click();
  await second.getByRole('button', { name: 'Sign in' }).waitFor();
  await first.getByText('You signed out in another window.').waitFor();
  await poll('nothing to be kept', async () => !(await kept(first)) && !(await kept(second)));
  await poll('Auth to know', async () => (await renew(stack, refresh_token)).status === 400);
  await context.close();
}

async function wrongClock(stack, browser, name, offMs) {
  const call = await placeCall(stack, { from: '+14155550101' });
  const context = await browser.newContext();
  await setClock(context, offMs);
  const renewed = renewals(context);
  const page = await tab(context, name);
  await enter(page, stack.url);
  assert.ok(Math.abs((await page.evaluate(() => Date.now())) - Date.now() - offMs) < TEN_MINUTES_MS / 2);

  // The call is a few seconds old: neither ten minutes nor not yet there.
  const running = callCard(page, call).getByRole('timer');
  await poll('the running time to be right', async () => {
    const [minutes, seconds] = (await running.textContent()).split(':').map(Number);
    return minutes * 60 + seconds > 0 && minutes < 5;
  });

  await poll('three renewals', () => renewed.length >= 3, LIMIT_MS);
  assertEachSpentOnce(renewed);
  // A page that believes its clock renews all the time, or too late.
  const halves = (renewed.at(-1).at - renewed[0].at) / (TOKENS_LIVE * 500);
  assert.ok(renewed.length - 1 <= 2 * halves, `${renewed.length} renewals in ${halves} half lives`);
  await live(page);
  assert.deepEqual(page.complaints, []);
  await context.close();
}

async function asleep(stack, browser) {
  const context = await browser.newContext();
  await setClock(context, 0);
  const page = await tab(context, 'Rhonda');
  const renewed = renewals(context);
  await enter(page, stack.url);
  const { wake, kept: { access_token } } = await sleep(page);
  const call = await placeCall(stack, { from: '+14155550102' });
  await expired(stack, access_token);

  const spoken = [];
  page.on('request', (request) => {
    if (/\/(rest|auth)\/v1\//.test(request.url()) && request.method() !== 'OPTIONS') {
      // Read at once: the page may be closed before an answer comes.
      spoken.push(isRenewal(request) ? 'renewal' : request.headers().authorization);
    }
  });
  await wake(AN_HOUR_MS);
  await callCard(page, call).waitFor({ timeout: LIMIT_MS });
  await live(page);
  assertEachSpentOnce(renewed);
  assert.equal(spoken[0], 'renewal', 'the session comes first');
  assert.ok(!spoken.includes(`Bearer ${access_token}`), 'the token of yesterday is not shown to anybody');
  assert.ok(spoken.some((words) => words?.startsWith('Bearer ')), 'and another one is');
  await button(page, call, 'Answer').click();
  await agentCard(page, TEAM.Rhonda).getByTestId(`call-${call.id}`).waitFor();
  await settled(page);
  assert.deepEqual(page.complaints, []);
  await context.close();
}

async function trouble(stack, browser) {
  const context = await browser.newContext();
  const page = await tab(context, 'Doug');
  await enter(page, stack.url);
  const renewed = renewals(context);
  const answers = ['abort', 401];
  await context.route(isRenewalUrl, (route) => {
    const answer = answers.shift();
    if (answer === undefined) return route.continue();
    if (answer === 'abort') return route.abort();
    // As a gateway would say it, not as Auth would.
    const headers = { 'access-control-allow-origin': '*' };
    return route.fulfill({ status: answer, headers, body: '{"message":"no"}' });
  });
  await poll('Auth to be asked until it answers', () => renewed.length >= 3, LIMIT_MS);
  const spent = renewed.slice(0, 3).map(({ token }) => token);
  assert.deepEqual(spent, Array(3).fill(spent[0]), 'the token was kept for later');
  await poll('a new token', async () => (await kept(page)).refresh_token !== spent[0], LIMIT_MS);
  await live(page);

  const { access_token } = await kept(page);
  assert.ok((await asSignedIn(stack, access_token, 'logout?scope=local', 'POST')).ok);
  await page.getByText('Your session has ended. Sign in again to go on.').waitFor({ timeout: LIMIT_MS });
  assert.equal(await kept(page), null);
  await context.close();
}

async function leaving(stack, browser) {
  const context = await browser.newContext();
  const first = await tab(context, 'Sue');
  await enter(first, stack.url);
  const second = await tab(context, 'Sue');
  await second.goto(stack.url);
  await live(second);
  const { key } = await kept(first);

  // Auth has granted the renewal, and its answer is still on its way.
  let arrive;
  let asking;
  const onItsWay = new Promise((resolve) => (arrive = resolve));
  await context.route(isRenewalUrl, async (route) => {
    const response = await route.fetch();
    asking = route.request().frame().page();
    await onItsWay;
    await route.fulfill({ response });
  });
  await poll('a renewal', () => asking, LIMIT_MS);
  const other = asking === first ? second : first;
  await other.getByRole('button', { name: 'Sign out' }).click();
  await other.getByRole('button', { name: 'Sign in' }).waitFor();
  arrive();
  // Nobody renews any more once the lock is free.
  await other.evaluate((key) => navigator.locks.request(key, () => {}), key);
  for (const page of [first, second]) {
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    assert.equal(await kept(page), null);
  }
  await context.close();
}

async function suspended(stack, browser) {
  const context = await browser.newContext();
  const page = await tab(context, 'Doug');
  await enter(page, stack.url);
  const { key, refresh_token } = await kept(page);
  // What such a tab leaves to the others: the lock, taken and not given back.
  await page.evaluate(
    (key) => new Promise((taken) => navigator.locks.request(key, () => new Promise(() => taken()))),
    key,
  );
  await poll('a new token', async () => (await kept(page)).refresh_token !== refresh_token, LIMIT_MS);
  await live(page);
  await context.close();
}

const isRenewalUrl = (url) => url.searchParams.get('grant_type') === 'refresh_token';

function assertEachSpentOnce(renewed) {
  const tokens = renewed.map(({ token }) => token);
  assert.deepEqual(tokens, [...new Set(tokens)], 'each refresh token is spent once');
}
