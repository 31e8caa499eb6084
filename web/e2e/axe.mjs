// What axe-core finds on a page.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const source = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What is serious or critical on the page: rule, and where. */
export async function serious(page) {
  // What still moves has other colours than it will have.
  await page.evaluate(async () => {
    // What was just asked of the page begins to move in its next frame.
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
    const ends = (found) => Number.isFinite(found.effect.getComputedTiming().endTime);
    return Promise.allSettled(document.getAnimations().filter(ends).map((found) => found.finished));
  });
  await page.evaluate(await readFile(source, 'utf8'));
  const { violations } = await page.evaluate(() => axe.run(document));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
}
