// What axe-core finds on a page.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { resting } from './browser.mjs';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What keeps somebody from working on the page as it is now: rule, where, and what to do. */
export async function serious(page) {
  // The page's own policy lets no script in but its own; the browser's tools are not the page.
  await page.evaluate(AXE);
  const found = await look(page);
  // A busy machine may still be drawing half of the page in another scheme: what is wrong stays wrong.
  return found.length === 0 ? found : look(page);
}

async function look(page) {
  // Half-way between two schemes no colour is what it will be.
  await resting(page);
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }));
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
}
