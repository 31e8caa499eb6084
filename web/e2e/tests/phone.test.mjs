// The board in one hand: everything in reach of a thumb, and nothing moves by itself.

import assert from 'node:assert/strict';
import { agentCard, button, callCard, settled, slot } from '../board.mjs';
import { TEAM, beyond, live, resting, screenshot, signIn } from '../browser.mjs';
import { member } from '../member.mjs';
import { poll } from '../poll.mjs';
import { tell } from '../story.mjs';
import { placeCall } from '../twilio.mjs';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const FINGER = 44;

/** Sums up what moves without anybody having asked for it. */
function watchShifts() {
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const { hadRecentInput, value } of list.getEntries()) if (!hadRecentInput) window.shifted += value;
  }).observe({ type: 'layout-shift', buffered: true });
}

const noSidewaysScroll = async (page) => assert.equal(await beyond(page), 0, `at ${page.viewportSize().width} px`);

/** What a finger put in the middle of the element would meet is the element itself. */
const isUnderFinger = (locator) =>
  locator.evaluate((element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    const met = document.elementFromPoint(left + width / 2, top + height / 2);
    return met !== null && element.contains(met);
  });

/** Wherever the page is scrolled to, the element is whole within the window and large enough for a finger. */
async function expectInReach(page, locator, what) {
  const { y, width, height } = await locator.boundingBox();
  const size = page.viewportSize();
  assert.ok(y >= 0 && y + height <= size.height, `${what} stands at ${y}, outside of ${size.height} px`);
  assert.ok(height >= FINGER && width >= FINGER, `${what} is ${width} × ${height} px`);
  assert.ok(await isUnderFinger(locator), `something lies over ${what}`);
}

tell('the board on a phone', async (t, stack, browser) => {
  await t.test('a call is answered, parked, retrieved and ended by tapping', () => thumb(stack, browser));
  for (const [width, height] of [[390, 844], [768, 1024], [1440, 900]]) {
    await t.test(`at ${width} px nothing moves while calls come and go`, () => steady(stack, browser, { width, height }));
  }
});

async function thumb(stack, browser) {
  const page = await signIn(browser, stack.url, 'Doug', PHONE);
  const call = await placeCall(stack, { from: '+12025550101' });
  const mine = agentCard(page, TEAM.Doug).getByTestId(`call-${call.id}`);
  await expectInReach(page, button(page, call, 'Answer'), 'Answer');
  await button(page, call, 'Answer').tap();
  await mine.waitFor();
  await settled(page);
  const others = [];
  for (const from of ['+12025550102', '+12025550103', '+12025550104']) others.push(await placeCall(stack, { from }));
  for (const other of others) await callCard(page, other).waitFor();

  // Who begins to leave a message goes to the end of the line; what is under the thumb is who has waited longest.
  await stack.rest(`calls?id=eq.${others[0].id}`, { method: 'PATCH', body: { voicemail_at: new Date().toISOString() } });
  await callCard(page, others[0]).getByText('Leaving a message').waitFor();
  await resting(page);
  const line = page.locator('.calls');
  assert.equal(await line.evaluate((element) => element.scrollLeft), 0, 'the line stays where it was');
  assert.equal(await line.locator('[data-call]').first().getAttribute('data-call'), others[1].id);

  const links = page.locator('.navigation a');
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 568 });
    for (const top of [0, 100_000]) {
      await page.evaluate((top) => scrollTo(0, top), top);
      for (const name of ['Hold', 'Park', 'Transfer', 'End call']) {
        await expectInReach(page, button(page, call, name), `${name} at ${width} px`);
      }
      for (const link of await links.all()) await expectInReach(page, link, `${await link.innerText()} at ${width} px`);
      const bar = await page.locator('.navigation').boundingBox();
      assert.equal(bar.y + bar.height, page.viewportSize().height, 'the way to the rooms is at the bottom');
    }
    // The end of the page is not hidden below what is fixed there.
    assert.ok(await isUnderFinger(page.getByTestId('link-state')), 'the footer is in sight at the end of the page');
    await page.evaluate(() => scrollTo(0, 0));
    const header = await page.locator('.header').boundingBox();
    assert.ok(header.height <= 64, `the header is one line, not ${header.height} px`);
    await noSidewaysScroll(page);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await screenshot(page, `phone-${width}-${colorScheme}`);
    }
  }
  await page.setViewportSize(PHONE.viewport);
  await page.emulateMedia({ colorScheme: 'light' });

  await button(page, call, 'Transfer').tap();
  await page.locator('.transfer-menu').waitFor();
  await expectInReach(page, page.locator('.transfer-choice').first(), 'a colleague');
  await screenshot(page, 'phone-transfer');
  await page.keyboard.press('Escape');

  await button(page, call, 'Park').tap();
  await slot(page, 1).getByTestId(`call-${call.id}`).waitFor();
  await settled(page);
  await screenshot(page, 'phone-free');
  await button(page, call, 'Retrieve').tap();
  await mine.waitFor();
  await settled(page);

  // To a room and back.
  await page.getByRole('link', { name: 'History' }).tap();
  await page.waitForURL('**/history');
  await page.getByRole('heading', { name: 'History' }).first().waitFor();
  await noSidewaysScroll(page);
  await screenshot(page, 'phone-history');
  await page.goBack();
  await mine.waitFor();
  await page.goto(`${stack.url}/history`);
  await live(page);
  await page.getByRole('heading', { name: 'History' }).first().waitFor();
  await page.getByRole('link', { name: 'Board', exact: true }).tap();

  await button(page, call, 'End call').tap();
  await callCard(page, call).waitFor({ state: 'detached' });
  await settled(page);
  // The card goes before the database knows.
  await poll(
    'the call to end',
    async () => (await stack.rest(`calls?id=eq.${call.id}&select=status`))[0].status === 'ended',
    30_000,
  );
  assert.deepEqual(page.complaints, []);
  for (const { id } of others) await stack.rest(`calls?id=eq.${id}`, { method: 'PATCH', body: { status: 'ended', end_reason: 'abandoned' } });
  await page.context().close();
}

/** What moved by itself since the last time, once the frame that is being made is drawn. */
const shifted = (page) =>
  page.evaluate(
    () =>
      new Promise((done) =>
        requestAnimationFrame(() =>
          setTimeout(() => {
            done(window.shifted);
            window.shifted = 0;
          }),
        ),
      ),
  );

async function steady(stack, browser, viewport) {
  const page = await signIn(browser, stack.url, 'Doug', { viewport });
  const [doug, rhonda] = [await member(stack, 'Doug'), await member(stack, 'Rhonda')];
  // From a session that is known, the board comes by itself, and that is watched too.
  await page.context().addInitScript(watchShifts);
  await page.reload();
  await live(page);
  const moved = { loading: await shifted(page) };
  const watch = async (what, act) => {
    await act();
    // Each begins on a board that has come to rest.
    await resting(page);
    moved[what] = await shifted(page);
  };
  const calls = [];
  const comes = (from) => async () => {
    calls.push(await placeCall(stack, { from }));
    await callCard(page, calls.at(-1)).waitFor();
  };
  const takes = (act, name, call) => async () => {
    await act(`calls?id=eq.${call.id}&status=eq.ringing`, { status: 'active', assigned_to: TEAM[name].id });
    await agentCard(page, TEAM[name]).getByTestId(`call-${call.id}`).waitFor();
  };
  const ends = (call) => async () => {
    await stack.rest(`calls?id=eq.${call.id}`, { method: 'PATCH', body: { status: 'ended', end_reason: 'abandoned' } });
    await callCard(page, call).waitFor({ state: 'detached' });
  };
  await watch('a first caller', comes('+12025550105'));
  await watch('a second caller', comes('+12025550106'));
  await watch('a third caller', comes('+12025550107'));
  await watch('a fourth caller', comes('+12025550108'));
  await screenshot(page, `steady-${viewport.width}`);
  const [first, second, third, fourth] = calls;
  await watch('a colleague answers', takes(rhonda, 'Rhonda', first));
  // From elsewhere: no hand on this page asked for it.
  await watch('I answer', takes(doug, 'Doug', second));
  await screenshot(page, `steady-${viewport.width}-taken`);
  await watch('the first of two hangs up', ends(third));
  await watch('the colleague is done', ends(first));
  await watch('I am done', ends(second));
  await watch('the last hangs up', ends(fourth));
  for (const [what, value] of Object.entries(moved)) {
    assert.ok(value <= 0.05, `${what}: the page shifts by ${value} at ${viewport.width} px ${JSON.stringify(moved)}`);
  }
  const sum = Object.values(moved).reduce((sum, value) => sum + value, 0);
  assert.ok(sum <= 0.05, `layout shifts sum up to ${sum} at ${viewport.width} px: ${JSON.stringify(moved)}`);
  await page.context().close();
}
