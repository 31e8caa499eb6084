// What axe-core finds on every page: nothing serious.

import assert from 'node:assert/strict';
import { agentCard, button, callCard, slot } from '../board.mjs';
import { TEAM, live, signIn } from '../browser.mjs';
import { flaws } from '../legible.mjs';
import { tell } from '../story.mjs';
import { placeCall } from '../twilio.mjs';

const PATIENCE_MS = 30_000;

/**
 * The pages besides the board: where each is, and what is there once it is all there. Add yours. `{call}` in an address
 * is a call's id.
 */
const PAGES = [
  { name: 'the keys', address: '/?help=1', ready: (page) => page.getByRole('dialog', { name: 'Keyboard' }) },
  {
    name: 'the details of a call',
    address: '/?call={call}',
    ready: (page) => page.getByTestId('drawer').getByText('The call came in'),
  },
  { name: 'the wallboard', address: '/wallboard', ready: (page) => page.getByTestId('figure-waiting') },
  { name: 'the replay', address: '/replay', ready: (page) => page.getByRole('slider', { name: 'Moment' }) },
  { name: 'nothing', address: '/nowhere', ready: (page) => page.getByText('There is nothing here') },
];

/** The two widths at which pages are laid out differently; all are looked at for what stands beyond the edge. */
const widths = [1440, 390];

tell('axe finds nothing serious on any page', { hasLink: true }, async (t, stack, browser, link) => {
  const check = (page, name) => t.test(name, async () => assert.deepEqual(await flaws(page, name, { widths }), []));

  const door = await (await browser.newContext()).newPage();
  await door.goto(stack.url);
  await door.getByLabel('Email').waitFor({ timeout: PATIENCE_MS });
  await check(door, 'the sign-in');
  await door.getByRole('button', { name: 'Sign in' }).click();
  await door.getByText('Enter your email').waitFor();
  await check(door, 'a sign-in that is refused');
  await door.context().close();

  const page = await signIn(browser, await stack.webhook(link.url), 'Sue');
  await check(page, 'an empty board');

  const calls = [];
  for (const last of [1, 2, 3, 4, 5]) calls.push(await placeCall(stack, { from: `+1415555014${last}` }));
  const [mine, parked, colleague] = calls;
  await button(page, parked, 'Answer').click();
  await button(page, parked, 'Park').click();
  await slot(page, 1).getByTestId(`call-${parked.id}`).waitFor();
  await button(page, colleague, 'Answer').click();
  await button(page, colleague, 'Transfer').click();
  await page.getByRole('group', { name: 'Transfer to' }).waitFor();
  await check(page, 'a list of colleagues');
  await page.getByRole('button', { name: /Rhonda/ }).click();
  await agentCard(page, TEAM.Rhonda).getByTestId(`call-${colleague.id}`).waitFor();
  await button(page, mine, 'Answer').click();
  await button(page, mine, 'Hold').click();
  await button(page, mine, 'Resume').waitFor();
  await check(page, 'a full board');
  await callCard(page, mine).focus();
  await page.keyboard.press('m');
  await page.keyboard.press('ArrowDown');
  await page.locator('.takes.over').waitFor();
  await check(page, 'a call that is moved');
  await page.keyboard.press('Escape');

  for (const { name, address, ready } of PAGES) {
    await page.goto(new URL(address.replace('{call}', mine.id), page.url()).href);
    await live(page);
    await ready(page).waitFor({ timeout: PATIENCE_MS });
    await check(page, name);
  }

  await page.goto(new URL('/', page.url()).href);
  await live(page);
  link.cut();
  await page.getByText(/This board stopped at/).waitFor({ timeout: PATIENCE_MS });
  await check(page, 'a stale board');
});
