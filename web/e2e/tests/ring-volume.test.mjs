// How loud it rings: chosen in one browser, heard at once, kept there.

import assert from 'node:assert/strict';
import { screenshot, signIn } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { tell } from '../story.mjs';
import { PATIENCE_MS } from '../voice.mjs';

/** How loud the first note of a ring is at the volume 1. */
const FIRST_NOTE = 0.05;

tell('how loud it rings is chosen, tried and kept', { voice: 'sim' }, async (t, stack, browser) => {
  const doug = await signIn(browser, stack.url, 'Doug');
  await doug.context().addInitScript(() => {
    globalThis.loud = [];
    const ramp = AudioParam.prototype.linearRampToValueAtTime;
    AudioParam.prototype.linearRampToValueAtTime = function (value, at) {
      globalThis.loud.push(value);
      return ramp.call(this, value, at);
    };
  });
  await doug.goto(`${stack.url}/settings`);
  const volume = doug.getByLabel('How loud it rings');
  await volume.waitFor({ timeout: PATIENCE_MS });
  assert.equal(await volume.inputValue(), '1');
  const rings = async (loudest) => {
    await doug.evaluate(() => (globalThis.loud = []));
    await doug.getByRole('button', { name: 'Ring once' }).click();
    await poll(
      `a ring as loud as ${loudest}`,
      () => doug.evaluate((wanted) => globalThis.loud.length > 0 && Math.max(...globalThis.loud) === wanted, loudest),
      PATIENCE_MS,
    );
  };
  await rings(FIRST_NOTE);
  await volume.fill('2');
  await rings(FIRST_NOTE * 2);
  await volume.fill('0');
  await doug.getByText('Silent: callers appear here').waitFor();
  await rings(0);
  await screenshot(doug, 'ring-volume');
  await doug.reload();
  await volume.waitFor({ timeout: PATIENCE_MS });
  assert.equal(await volume.inputValue(), '0');
  assert.deepEqual(doug.complaints, []);
});
