// A board with many calls and a large team is as easy to read: what is looked for is found, the rest is near.

import assert from 'node:assert/strict';
import { TEAM, screenshot, signIn } from '../browser.mjs';
import { AGENTS, CALLS, hire, ringAll } from '../crowd.mjs';
import { poll } from '../poll.mjs';
import { tell } from '../story.mjs';

const PATIENCE_MS = 60_000;

tell('a board with 500 calls and 100 colleagues can be worked at', async (t, stack, browser) => {
  await hire(stack);
  await ringAll(stack, CALLS, (index) => (index === 400 ? 'Zoë Needle' : `Caller ${index}`));
  const page = await signIn(browser, stack.url, 'Doug');
  const cards = page.locator('.incoming');
  const people_ = page.locator('.agent');
  const filter = page.locator('#filter');

  await t.test('those that have waited longest are drawn, the others are one press away', async () => {
    await poll('the first cards', async () => (await cards.count()) === 30, PATIENCE_MS);
    await page.getByText('and 470 more').waitFor();
    assert.equal(await people_.count(), AGENTS + 3);
    for (const group of ['Available', 'Off duty']) await page.locator('.group').filter({ hasText: group }).waitFor();
    await screenshot(page, 'many');
  });

  await t.test('a caller is found by name or number, a colleague by name; Escape shows all again', async () => {
    await page.keyboard.press('/');
    assert.ok(await filter.evaluate((input) => input === document.activeElement));
    await filter.fill('zoë');
    await poll('one card', async () => (await cards.count()) === 1, PATIENCE_MS);
    await cards.getByText('Zoë Needle').waitFor();
    assert.equal(await cards.getAttribute('data-first'), 'false', 'others have waited longer');
    await page.locator('[data-area=incoming] .count').getByText('500').waitFor();
    assert.ok(await page.locator('.slot').count(), 'there is still where to park');
    assert.equal(await people_.count(), 1, 'my own card stays');
    await screenshot(page, 'many-found');
    await filter.fill('555-1007');
    await poll('the card of that number', async () => (await cards.count()) === 1, PATIENCE_MS);
    await cards.getByText('Caller 7', { exact: true }).waitFor();
    await filter.fill('agent 42');
    await page.getByText('No waiting call fits.').waitFor();
    await poll('Doug and Agent 42', async () => (await people_.count()) === 2, PATIENCE_MS);
    await filter.press('Escape');
    await poll('all again', async () => (await cards.count()) === 30, PATIENCE_MS);
  });

  await t.test('what was found can be answered', async () => {
    await filter.fill('zoë');
    await poll('one card', async () => (await cards.count()) === 1, PATIENCE_MS);
    await cards.getByRole('button', { name: /^Answer/ }).click();
    await poll('the row', async () => {
      const [row] = await stack.rest('calls?caller_name=eq.Zo%C3%AB%20Needle&select=status,assigned_to');
      return row.status === 'active' && row.assigned_to === TEAM.Doug.id;
    }, PATIENCE_MS);
    await filter.fill('');
    await page.getByRole('button', { name: 'Show all' }).click();
    await poll('all of them', async () => (await cards.count()) === CALLS - 1, PATIENCE_MS);
  });
  assert.deepEqual(page.complaints, []);
});
