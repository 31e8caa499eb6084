// Nobody misses a call: what rings, where, and that it stops everywhere with the row.

import assert from 'node:assert/strict';
import { button, callCard } from '../board.mjs';
import { TEAM, WITH_MICROPHONE, live, screenshot, signIn, tab } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { tell } from '../story.mjs';
import { PATIENCE_MS, becomes, goOnDuty, ring, talks } from '../voice.mjs';

/** Keeps what the page does to be noticed: notes of the ring, shakes of the telephone, notifications. */
function watch() {
  window.noticed = { notes: 0, loudest: 0, shakes: [], shown: [] };
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    if (this.frequency.value > 600) window.noticed.notes += 1;
    return start.apply(this, when);
  };
  const ramp = AudioParam.prototype.linearRampToValueAtTime;
  AudioParam.prototype.linearRampToValueAtTime = function (value, when) {
    window.noticed.loudest = Math.max(window.noticed.loudest, value);
    return ramp.call(this, value, when);
  };
  navigator.vibrate = (pattern) => Boolean(window.noticed.shakes.push(pattern));
  ServiceWorkerRegistration.prototype.showNotification = async (title, options) => {
    window.noticed.shown.push({ title, options });
  };
}

const noticed = (page) => page.evaluate(() => window.noticed);
const rings = async (page) => {
  const { shakes } = await noticed(page);
  return shakes.length > 0 && shakes.at(-1) !== 0;
};
const hide = (page, hidden) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
const icon = (page) => page.locator('link[rel=icon]').getAttribute('href');

tell('nobody misses a call, and nobody hears one that is answered', { voice: 'sim', flags: WITH_MICROPHONE }, story);

async function story(t, stack, browser) {
  const permissions = ['microphone', 'notifications'];
  const doug = await signIn(browser, stack.url, 'Doug', { permissions });
  const rhonda = await signIn(browser, stack.url, 'Rhonda', { permissions });
  const second = await tab(doug.context(), 'Doug');
  for (const page of [doug, rhonda, second]) await page.context().addInitScript(watch);
  for (const page of [doug, rhonda]) await page.reload();
  await second.goto(stack.url);
  await live(second);
  await goOnDuty(stack, doug, TEAM.Doug);
  await goOnDuty(stack, rhonda, TEAM.Rhonda);

  // It rings where the audio is, and every tab says how many wait.
  const first = await ring(stack);
  for (const page of [doug, rhonda]) await poll('it to ring', () => rings(page), PATIENCE_MS);
  for (const page of [doug, second, rhonda]) {
    await page.waitForFunction(() => document.title === '(1) Switchboard', undefined, { timeout: PATIENCE_MS });
    assert.equal(await icon(page), '/favicon-ringing.svg');
  }
  assert.equal((await noticed(second)).notes, 0, 'the other tab is silent');
  await poll('the ring to be heard', async () => (await noticed(doug)).notes > 0, PATIENCE_MS);
  const gentle = (await noticed(doug)).loudest;
  await poll('it to grow louder', async () => (await noticed(doug)).loudest > gentle * 1.3, PATIENCE_MS);
  await screenshot(doug, 'ringing');

  // Not me: silent and pale for Doug alone, said in whichever of his tabs.
  await callCard(second, first).getByRole('button', { name: 'Not me' }).click();
  await poll('it to be silent at Doug', async () => !(await rings(doug)), PATIENCE_MS);
  await callCard(doug, first).and(doug.locator('[data-hushed=true]')).waitFor();
  assert.ok(await rings(rhonda), 'it rings at Rhonda all the same');
  assert.ok(await button(doug, first, 'Answer').isEnabled(), 'Doug may answer it after all');
  await screenshot(doug, 'not-me');
  await callCard(doug, first).getByRole('button', { name: 'Ring here again' }).click();
  await poll('it to ring at Doug again', () => rings(doug), PATIENCE_MS);

  // It is silent within a frame of the card's going.
  const silence = (page) =>
    page.waitForFunction(
      (id) => {
        const left = document.querySelector(`.incoming[data-testid="call-${id}"]`);
        // Seen gone in one frame, silent in the next.
        window.noticed.framesGone = left ? 0 : (window.noticed.framesGone ?? 0) + 1;
        return window.noticed.framesGone > 1 ? { shake: window.noticed.shakes.at(-1) } : null;
      },
      first.id,
      { polling: 'raf', timeout: PATIENCE_MS },
    );
  const silent = silence(doug);
  await button(rhonda, first, 'Answer').click();
  assert.deepEqual(await (await silent).jsonValue(), { shake: 0 });
  for (const page of [doug, second, rhonda]) {
    await page.waitForFunction(() => document.title === 'Switchboard', undefined, { timeout: PATIENCE_MS });
    assert.equal(await icon(page), '/favicon.svg');
  }
  await talks(stack, first, TEAM.Rhonda);

  // Somebody who looks elsewhere is told who calls, and answers there.
  await stack.rest('contacts', { method: 'POST', body: { number: '+12025550142', name: 'Anna Berg' } });
  await hide(doug, true);
  const next = await ring(stack, '+12025550142');
  const shown = await poll('the notification', async () => (await noticed(doug)).shown[0], PATIENCE_MS);
  assert.equal(shown.title, 'Anna Berg is calling');
  assert.deepEqual(shown.options.actions, [{ action: 'answer', title: 'Answer' }]);
  assert.equal(shown.options.data.call, next.id);
  await doug.evaluate((answer) => {
    navigator.serviceWorker.dispatchEvent(new MessageEvent('message', { data: { answer } }));
  }, shown.options.data.call);
  await becomes(stack, next, { status: 'active', assigned_to: TEAM.Doug.id });
  await talks(stack, next, TEAM.Doug);
  assert.ok(!(await rings(doug)));
  for (const page of [doug, rhonda, second]) assert.deepEqual(page.complaints, []);
}
