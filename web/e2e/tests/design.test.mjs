// The page of all components: each state is there, fits its frame, and has a look of its own in the dark.

import assert from 'node:assert/strict';
import { screenshot, signIn } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { tell } from '../story.mjs';

const WIDTHS = { desk: 1440, tablet: 768, phone: 390, small: 320 };

tell('every component is shown in every state', async (t, stack, browser) => {
  const page = await signIn(browser, stack.url, 'Doug', { reducedMotion: 'reduce' });
  await page.goto(`${stack.url}/design`);
  await page.locator('.specimen').first().waitFor();

  await t.test('cards of every state are there', async () => {
    for (const words of [
      'Ada Moreno', 'Moreno Dental', 'Number withheld', 'Leaving a message', 'Ring here again', 'Talking', 'On hold', 'Connecting…',
      'Calling…', 'No microphone', 'Out of reach', 'Off duty', 'lost the line, reconnecting', 'could not be reached',
      'did not take the transfer', 'Back from', 'The board could not be loaded', 'This board stopped at',
    ]) {
      assert.ok(await page.locator('.design').getByText(words).count(), `${words} is shown`);
    }
    assert.equal(await page.locator('.specimen .button[data-tone]').filter({ hasText: /^Answer$/ }).count() >= 36, true);
  });

  for (const [name, width] of Object.entries(WIDTHS)) {
    await t.test(`nothing leaves its frame at ${width} pixels`, async () => {
      await page.setViewportSize({ width, height: 900 });
      const wide = await page.evaluate(() => {
        const outside = [...document.querySelectorAll('.specimen')].filter((one) => {
          const frame = one.getBoundingClientRect();
          const leaves = (part) => part.getBoundingClientRect().right > frame.right + 1;
          return [...one.querySelectorAll('button, p, h3, span, time')].some((part) => leaves(part) && !part.closest('.spoken'));
        });
        const page = document.documentElement.scrollWidth - document.documentElement.clientWidth;
        return { page, outside: outside.map((one) => one.dataset.specimen) };
      });
      assert.deepEqual(wide, { page: 0, outside: [] });
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await screenshot(page, `design-${name}-${colorScheme}`);
      }
    });
  }

  await t.test('every specimen has a look of its own in the dark', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    // Running times go on.
    const still = page.locator('.specimen').filter({ hasNot: page.locator('time') });
    const look = async (colorScheme) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const looks = [];
      for (const one of await still.all()) {
        const picture = await one.screenshot({ animations: 'disabled' });
        looks.push([await one.getAttribute('data-specimen'), picture.toString('base64')]);
      }
      return looks;
    };
    const light = await look('light');
    const dark = await look('dark');
    assert.ok(light.length > 60, `${light.length} specimens stand still`);
    const same = light.filter(([, picture], index) => picture === dark[index][1]).map(([name]) => name);
    assert.deepEqual(same, [], 'these look alike in light and dark');
  });
  await poll('no complaints', async () => page.complaints.length === 0);
});
