// My own hand: what I ask for is there at once and goes back with a reason, and a finger drags as a mouse does.

import assert from 'node:assert/strict';
import { agentCard, button, callCard, settled, slot } from '../board.mjs';
import { TEAM, resting, screenshot, signIn } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { tell } from '../story.mjs';
import { placeCall } from '../twilio.mjs';

const PATIENCE_MS = 30_000;

tell('the board follows my hand at once', story);

async function story(t, stack, browser) {
  const row = async (call) => (await stack.rest(`calls?id=eq.${call.id}&select=*`))[0];
  const state = (what, call, is) => poll(what, async () => is(await row(call)), PATIENCE_MS);
  const mine = (page, call) => agentCard(page, TEAM.Doug).getByTestId(`call-${call.id}`);

  await t.test('what I ask for is shown before the database knows of it, and goes back with the reason', async () => {
    const page = await signIn(browser, stack.url, 'Doug');
    const first = await placeCall(stack, { from: '+14155550111' });
    const second = await placeCall(stack, { from: '+14155550112' });
    await callCard(page, second).waitFor();
    // A link so slow that nothing leaves until it is let go.
    const held = [];
    await page.route('**/rest/v1/calls?*', (route) =>
      route.request().method() === 'PATCH' ? held.push(route) : route.continue(),
    );
    const leave = async () => {
      await poll('a request', () => held.length > 0, PATIENCE_MS);
      await held.shift().continue();
    };

    await button(page, first, 'Answer').click();
    await mine(page, first).waitFor();
    assert.equal((await row(first)).status, 'ringing');
    // The next things can be asked for meanwhile, and leave one after the other.
    await button(page, first, 'Park').click();
    await slot(page, 1).getByTestId(`call-${first.id}`).waitFor();
    await button(page, second, 'Answer').click();
    await mine(page, second).waitFor();
    await screenshot(page, 'at-once');
    assert.equal(await slot(page, 1).getByTestId(`call-${first.id}`).getAttribute('data-pending'), 'true');

    // Where each card is whenever the page changes: an action that succeeds never goes back and forth.
    await page.evaluate((calls) => {
      window.ways = calls.map(() => []);
      const look = () =>
        calls.forEach((call, index) => {
          const card = document.querySelector(`[data-testid="call-${call}"]`);
          const where = card?.parentElement.closest('[data-testid], section').dataset.testid ?? (card ? 'rings' : 'gone');
          if (window.ways[index].at(-1) !== where) window.ways[index].push(where);
        });
      look();
      new MutationObserver(look).observe(document.querySelector('main'), { childList: true, subtree: true });
    }, [first.id, second.id]);
    await leave();
    await state('the answer', first, ({ status }) => status === 'active');
    await leave();
    await state('the parking', first, ({ status }) => status === 'parked');
    // The second one is lost: Rhonda answers it while my answer is on its way.
    await poll('my second answer', () => held.length > 0, PATIENCE_MS);
    const rhonda = await signIn(browser, stack.url, 'Rhonda');
    await button(rhonda, second, 'Answer').click();
    await agentCard(page, TEAM.Rhonda).getByTestId(`call-${second.id}`).waitFor();
    await leave();
    await page.getByTestId('notice').getByText(/Rhonda answered .*earlier/).waitFor();
    await settled(page);
    assert.deepEqual(await page.evaluate(() => window.ways), [
      ['slot-1'],
      ['agent-agent_doug', 'agent-agent_rhonda'],
    ]);

    // One that the database refuses goes back to where it was.
    const third = await placeCall(stack, { from: '+14155550113' });
    await button(page, third, 'Answer').click();
    await mine(page, third).waitFor();
    await poll('the request', () => held.length > 0, PATIENCE_MS);
    await held.shift().fulfill({
      status: 409,
      contentType: 'application/json',
      body: JSON.stringify({ code: 'PT409', hint: 'on_another_call', message: 'you are on another call' }),
    });
    await page.getByTestId('notice').getByText('You are on another call.').waitFor();
    await page.locator('section[aria-labelledby=incoming]').getByTestId(`call-${third.id}`).waitFor();
    assert.equal((await row(third)).status, 'ringing');

    // Whoever was too late has the next call under the hand at once: a second press does not answer that one.
    const fourth = await placeCall(stack, { from: '+14155550114' });
    const offers = async (call) => (await button(page, call, 'Answer').elementHandle()) ?? assert.fail(call.id);
    await callCard(page, fourth).waitFor();
    await page.evaluate(([one, next]) => (one.click(), next.click()), [await offers(third), await offers(fourth)]);
    await poll('the request', () => held.length > 0, PATIENCE_MS);
    await held.shift().fulfill({
      status: 409,
      contentType: 'application/json',
      body: JSON.stringify({ code: 'PT409', hint: 'wrong_state', message: 'too late' }),
    });
    await settled(page);
    await poll('a press that counts', async () => {
      await button(page, fourth, 'Answer').click();
      return held.length > 0;
    });
    assert.equal(held.length, 1, 'the early press has asked for nothing');
    const asked = held[0].request().url();
    assert.ok(asked.includes(fourth.id), asked);
    await leave();
    await state('the answer', fourth, ({ status }) => status === 'active');
    await page.unroute('**/rest/v1/calls?*');
    // Chromium says of every refusal that a request failed.
    const faults = page.complaints.filter((words) => !words.includes('Failed to load resource'));
    assert.deepEqual(faults, []);
    await rhonda.context().close();
    await page.context().close();
    for (const call of [first, second, third, fourth]) {
      await stack.rest(`calls?id=eq.${call.id}`, { method: 'PATCH', body: { status: 'ended', end_reason: 'failed' } });
    }
  });

  await t.test('a mouse drags: nothing moves under it, Escape leaves the call where it was', async () => {
    const page = await signIn(browser, stack.url, 'Doug');
    const call = await placeCall(stack, { from: '+14155550121' });
    const later = await placeCall(stack, { from: '+14155550122' });
    await button(page, call, 'Answer').click();
    await mine(page, call).waitFor();
    await state('the answer', call, ({ status }) => status === 'active');
    await resting(page);
    const middle = async (found) => {
      const box = await found.boundingBox();
      return [box.x + box.width / 2, box.y + box.height / 2];
    };
    await page.mouse.move(...(await middle(callCard(page, call).getByRole('heading'))));
    await page.mouse.down();
    await page.mouse.move(...(await middle(slot(page, 4))), { steps: 8 });
    await page.locator('[data-testid=slot-4].over').waitFor();
    await screenshot(page, 'drag');
    const boxes = () => page.evaluate(() => [...document.querySelectorAll('main [data-testid]')].map((card) => card.getBoundingClientRect().top));
    const before = await boxes();
    await stack.rest(`calls?id=eq.${later.id}`, { method: 'PATCH', body: { status: 'ended', end_reason: 'abandoned' } });
    await page.getByTestId('board-sum').getByText('1 call').waitFor();
    assert.deepEqual(await boxes(), before, 'nothing moves under a drag');
    await page.keyboard.press('Escape');
    await callCard(page, later).waitFor({ state: 'detached' });
    await page.mouse.up();
    assert.equal((await row(call)).status, 'active');
    assert.equal(await page.locator('.dragged').count(), 0);
    await callCard(page, call).dragTo(slot(page, 4));
    await state('the parking in 4', call, ({ parking_slot }) => parking_slot === 4);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
    await stack.rest(`calls?id=eq.${call.id}`, { method: 'PATCH', body: { status: 'ended', end_reason: 'failed' } });
  });

  await t.test('on a phone a finger that rests drags, and one that moves scrolls', async () => {
    const page = await signIn(browser, stack.url, 'Doug', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    const call = await placeCall(stack, { from: '+14155550131' });
    await button(page, call, 'Answer').tap();
    await mine(page, call).waitFor();
    await state('the answer', call, ({ status }) => status === 'active');
    await resting(page);
    const cdp = await page.context().newCDPSession(page);
    const touch = (type, x, y) =>
      cdp.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] });
    const heading = callCard(page, call).getByRole('heading');
    await heading.scrollIntoViewIfNeeded();

    // A finger that moves at once scrolls and lifts nothing.
    let box = await heading.boundingBox();
    const [x, y] = [box.x + 20, box.y + box.height / 2];
    const from = await page.evaluate(() => scrollY);
    await touch('touchStart', x, y);
    for (let step = 1; step <= 8; step += 1) await touch('touchMove', x, y - step * 20);
    await poll('the page to scroll', async () => (await page.evaluate(() => scrollY)) > from, PATIENCE_MS);
    assert.equal(await page.locator('.dragged').count(), 0);
    await touch('touchEnd');
    let rested = -1;
    await poll('the page to rest', async () => {
      const before = rested;
      rested = await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(scrollY)))));
      return rested === before;
    }, PATIENCE_MS);

    // One that rests lifts, and near the edge the page comes along.
    await heading.evaluate((element) => element.scrollIntoView({ block: 'center', behavior: 'instant' }));
    box = await heading.boundingBox();
    const start = [box.x + 20, box.y + box.height / 2];
    await touch('touchStart', ...start);
    await page.locator('.dragged').waitFor({ timeout: PATIENCE_MS });
    await touch('touchMove', start[0], 830);
    const target = slot(page, 2);
    await poll('the slot to come', async () => (await target.boundingBox()).y < 700, PATIENCE_MS).catch(async (error) => {
      await screenshot(page, 'failed-drag-390');
      throw error;
    });
    await screenshot(page, 'drag-390');
    await poll('the slot to be below the finger', async () => {
      const { x, y, height } = await target.boundingBox();
      await touch('touchMove', x + 60, y + height / 2);
      return (await page.locator('[data-testid=slot-2].over').count()) === 1;
    }, PATIENCE_MS);
    await touch('touchEnd');
    await state('the parking in 2', call, ({ parking_slot }) => parking_slot === 2);
    await slot(page, 2).getByTestId(`call-${call.id}`).waitFor();
    assert.deepEqual(page.complaints, []);
  });
}
