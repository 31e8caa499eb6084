// Rooms that do not come, or stop: the board and its audio go on, and the rooms come when they can.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { callCard } from '../board.mjs';
import { TEAM, launch, live, screenshot, signIn } from '../browser.mjs';
import { Stack } from '../stack.mjs';
import { placeCall } from '../twilio.mjs';

const PATIENCE = { timeout: 60_000 };
const PARTS = { script: '**/assets/rooms-*.js*', program: '**/assets/rooms-*.wasm', style: '**/assets/rooms-*.css' };

describe('rooms that fail', { timeout: 300_000 }, () => {
  let stack, browser;

  before(async () => {
    stack = await Stack.start();
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  const says = (page) => page.locator('#rooms').getByText('This room could not be opened');
  const history = (page) => page.getByRole('heading', { name: 'History', exact: true });
  const room = (page, name) => page.getByRole('link', { name, exact: true });
  /** The first `times` requests of that part are refused. */
  const refuse = async (page, part, times = 1) => {
    const seen = { count: 0 };
    await page.route(PARTS[part], (route) => {
      seen.count += 1;
      return seen.count > times ? route.continue() : route.fulfill({ status: 503, body: 'busy' });
    });
    return seen;
  };

  for (const part of Object.keys(PARTS)) {
    test(`a ${part} that does not come once comes when it is asked for again`, async () => {
      const page = await signIn(browser, stack.url, 'Doug');
      const seen = await refuse(page, part);
      await room(page, 'History').click();
      await says(page).waitFor(PATIENCE);
      await live(page);
      if (part === 'script') await screenshot(page, 'room-failed');
      await page.getByRole('button', { name: 'Try again' }).click();
      await history(page).waitFor(PATIENCE);
      assert.equal(await says(page).count(), 0);
      assert.equal(seen.count, 2, 'it was fetched again, and once');
      assert.equal(await page.locator('head link[href*="/rooms-"]').count(), 1, 'one style');
      await page.context().close();
    });
  }

  test('the board goes on while a room does not come', async () => {
    const page = await signIn(browser, stack.url, 'Doug');
    await refuse(page, 'program', 2);
    await room(page, 'History').click();
    await says(page).waitFor(PATIENCE);
    const call = await placeCall(stack, { from: '+12025550131' });
    await room(page, 'Board').click();
    await callCard(page, call).waitFor(PATIENCE);
    await page.context().close();
  });

  test("a board that did not come is read again, and so is one that is not the page's", async () => {
    const page = await signIn(browser, stack.url, 'Doug');
    let asked = 0;
    await page.route(/\/rest\/v1\/voip_users\?.*retired_at=is\.null/, async (route) => {
      asked += 1;
      if (asked === 1) return route.fulfill({ status: 503, body: '{}' });
      if (asked > 2) return route.continue();
      const answer = await route.fetch();
      const members = await answer.json();
      return route.fulfill({ response: answer, json: members.filter((member) => member.id !== TEAM.Sue.id) });
    });
    await room(page, 'Team').click();
    await page.locator('.team').getByText('Sue').first().waitFor(PATIENCE);
    assert.ok(asked > 2, `${asked} readings`);
    await page.context().close();
  });

  test('a board that does not come twice is said to be missing, and asked for at once when somebody wants it', async () => {
    const page = await signIn(browser, stack.url, 'Doug');
    const seen = { count: 0, fails: true };
    await page.route(/\/rest\/v1\/voip_users\?.*retired_at=is\.null/, (route) => {
      seen.count += 1;
      return seen.fails ? route.fulfill({ status: 503, body: '{}' }) : route.continue();
    });
    await room(page, 'Team').click();
    const missing = page.getByRole('alert').filter({ hasText: 'The team and its calls could not be loaded' });
    await missing.waitFor(PATIENCE);
    assert.ok(seen.count > 1, 'one lost answer is asked for again first');
    await screenshot(page, 'room-without-board');
    // What needs no board is there.
    await room(page, 'History').click();
    await history(page).waitFor(PATIENCE);
    await page.goBack();
    await missing.waitFor(PATIENCE);
    seen.fails = false;
    await missing.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.team').getByText('Sue').first().waitFor(PATIENCE);
    assert.equal(await missing.count(), 0);
    await page.context().close();
  });

  test('a room that stops says so, and the board is there as before', async () => {
    const page = await signIn(browser, stack.url, 'Doug');
    await room(page, 'History').click();
    await history(page).waitFor(PATIENCE);
    const fault = (frames) =>
      page.evaluate((frames) => {
        const error = new WebAssembly.RuntimeError('unreachable');
        error.stack = `RuntimeError: unreachable\n${frames.map((frame) => `    at ${frame}`).join('\n')}`;
        setTimeout(() => {
          throw error;
        });
      }, frames);
    // The board had called the room.
    await fault(['http://x/assets/rooms-1.wasm:wasm-function[7]:0x1', 'http://x/assets/dashboard-1.wasm:wasm-function[8]:0x2']);
    await page.locator('#rooms').getByText('This page has stopped').waitFor(PATIENCE);
    await live(page);
    await screenshot(page, 'room-stopped');
    const call = await placeCall(stack, { from: '+12025550132' });
    await room(page, 'Board').click();
    await callCard(page, call).waitFor(PATIENCE);
    // The other way round it is the board's fault, and the page is loaded again.
    const again = page.waitForEvent('load', PATIENCE);
    await fault(['http://x/assets/dashboard-1.wasm:wasm-function[8]:0x2', 'http://x/assets/rooms-1.wasm:wasm-function[7]:0x1']);
    await again;
    await live(page);
    await page.context().close();
  });
});
