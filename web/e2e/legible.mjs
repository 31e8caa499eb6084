// A page as people with other eyes and other screens meet it: wide and narrow, light and dark.

import assert from 'node:assert/strict';
import { serious } from './axe.mjs';
import { beyond, screenshot } from './browser.mjs';

const WIDTHS = [1440, 768, 390, 320];
/** At 200 % zoom a wide screen is as narrow as this. */
const ZOOMED = 720;

/**
 * Everything that is wrong with the page in any width and scheme: what axe-core finds serious, and what stands beyond
 * the edge. Leaves a picture of each under that name if `pictures` are wanted, and the page wide and light.
 */
export async function flaws(page, name, { widths = WIDTHS, pictures = false } = {}) {
  const found = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const flaw of await serious(page)) found.push(`${name}, ${width}, ${colorScheme}: ${flaw}`);
      if (pictures) await screenshot(page, `${name}-${width}-${colorScheme}`);
    }
  }
  for (const width of new Set([...WIDTHS, ZOOMED])) {
    await page.setViewportSize({ width, height: 900 });
    const over = await beyond(page);
    if (over > 0) found.push(`${name}, ${width}: ${over} px stand beyond the edge`);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light' });
  return found;
}

/** Looks at the page in every width and both schemes, with pictures: nothing is wrong with it. */
export async function expectLegible(page, name) {
  assert.deepEqual(await flaws(page, name, { pictures: true }), []);
}
