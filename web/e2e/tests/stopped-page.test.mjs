// A page whose program has stopped must not go on looking like a live board.

import assert from 'node:assert/strict';
import { live, screenshot, signIn } from '../browser.mjs';
import { tell } from '../story.mjs';

/** What the browser reports when the program runs into a fault. */
const fault = (page) =>
  page.evaluate(() => {
    setTimeout(() => {
      throw new WebAssembly.RuntimeError('unreachable');
    });
  });

tell('a page that stopped loads itself again once, and then says so', async (t, stack, browser) => {
  const page = await signIn(browser, stack.url, 'Doug');

  const loadedAgain = page.waitForEvent('load');
  await fault(page);
  await loadedAgain;
  await live(page);

  await fault(page);
  await page.getByRole('heading', { name: 'This page has stopped' }).waitFor();
  assert.equal(await page.getByTestId('link-state').isVisible(), false, 'no board is shown any more');
  await screenshot(page, 'stopped');
  await page.getByRole('button', { name: 'Load again' }).click();
  await live(page);
});
