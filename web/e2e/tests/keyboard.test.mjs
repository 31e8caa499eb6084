// A call's whole way by the keyboard alone, and the keyboard's place, which is never lost.

import assert from 'node:assert/strict';
import { agentCard, button, callCard, slot } from '../board.mjs';
import { TEAM, live, screenshot, signIn } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { steps, tell } from '../story.mjs';
import { placeCall } from '../twilio.mjs';

const PATIENCE_MS = 30_000;

tell('the board is worked by the keyboard alone', story);

async function story(t, stack, browser) {
  const page = await signIn(browser, stack.url, 'Doug');
  const press = (key) => page.keyboard.press(key);
  const row = async (call) => (await stack.rest(`calls?id=eq.${call.id}&select=*`))[0];
  const state = (what, call, is) => poll(what, async () => is(await row(call)), PATIENCE_MS);
  /** Where the keyboard is: the card's name, and the button's if it is on one. */
  const place = () =>
    page.evaluate(() => {
      const now = document.activeElement;
      const card = now.closest('[data-testid]')?.dataset.testid ?? now.tagName;
      return now.dataset.do ? `${card} ${now.dataset.do}` : card;
    });
  const at = (where) =>
    poll(`the keyboard to be at ${where}`, async () => (await place()) === where, PATIENCE_MS).catch(async (error) => {
      assert.equal(await place(), where, error.message);
    });
  const says = (words) =>
    poll(`"${words}"`, async () => (await page.getByTestId('changes').textContent()).includes(words), PATIENCE_MS);
  const step = steps(t, () => screenshot(page, 'failed-keyboard'));

  const first = await placeCall(stack, { from: '+14155550101' });
  const second = await placeCall(stack, { from: '+14155550102' });
  await callCard(page, second).waitFor();

  await step('A answers who has waited longest, and the keyboard goes with the call', async () => {
    await press('a');
    await agentCard(page, TEAM.Doug).getByTestId(`call-${first.id}`).waitFor();
    await at(`call-${first.id}`);
    await state('the answer', first, ({ status, assigned_to }) => status === 'active' && assigned_to === TEAM.Doug.id);
    await says('Doug, Talking');
  });

  await step('H holds and resumes, and the keyboard stays on the button', async () => {
    await press('h');
    await state('the holding', first, ({ on_hold }) => on_hold);
    await at(`call-${first.id} hold`);
    await says('On hold');
    await button(page, first, 'Resume').waitFor();
    await press('h');
    await state('the resuming', first, ({ on_hold }) => !on_hold);
    await at(`call-${first.id} hold`);
  });

  await step('P parks, and the keyboard goes to the slot', async () => {
    await press('p');
    await slot(page, 1).getByTestId(`call-${first.id}`).waitFor();
    await at(`call-${first.id}`);
    await state('the parking', first, ({ status }) => status === 'parked');
    await says('Parking Lot 1');
  });

  await step('R takes back what I parked', async () => {
    await press('r');
    await agentCard(page, TEAM.Doug).getByTestId(`call-${first.id}`).waitFor();
    await at(`call-${first.id}`);
    await state('the retrieving', first, ({ status }) => status === 'active');
  });

  await step('M moves: arrows choose a place that takes the call, Escape leaves it, Enter drops', async () => {
    await press('m');
    await says('Choose a place with the arrow keys');
    const { width } = await page.getByTestId('changes').boundingBox();
    assert.ok(width > 200, 'whoever sees it reads it as well');
    await screenshot(page, 'keyboard-lifted');
    await at(`call-${first.id}`);
    await press('ArrowDown');
    await at('agent-agent_rhonda');
    await screenshot(page, 'keyboard-move');
    await says('Drop to transfer to Rhonda');
    await press('ArrowLeft');
    await at('slot-12');
    await says('Drop to park in 12');
    await press('Escape');
    await at(`call-${first.id}`);
    assert.equal((await row(first)).status, 'active');
    await press('m');
    await says('Choose a place with the arrow keys');
    for (const next of ['agent-agent_rhonda', 'agent-supervisor_sue', 'slot-1', 'slot-2']) {
      await press('ArrowDown');
      await at(next);
    }
    await press('Enter');
    await state('the parking in 2', first, ({ parking_slot }) => parking_slot === 2);
    await at(`call-${first.id}`);
    // A parked call moves on the same way.
    await press('m');
    await says('Choose a place with the arrow keys');
    await press('ArrowDown');
    await at('agent-agent_doug');
    await press('ArrowDown');
    await at('slot-1');
    await press('ArrowDown');
    await at('slot-3');
    await press(' ');
    await state('the move to 3', first, ({ parking_slot }) => parking_slot === 3);
    await at(`call-${first.id}`);
  });

  await step('arrows walk from card to card, Enter does what a card offers first', async () => {
    await press('ArrowUp');
    await at('slot-2');
    await press('ArrowLeft');
    await at('agent-agent_rhonda');
    await press('ArrowUp');
    await at('agent-agent_doug');
    await press('ArrowLeft');
    await at(`call-${second.id}`);
    await press('Enter');
    await agentCard(page, TEAM.Doug).getByTestId(`call-${second.id}`).waitFor();
    await at(`call-${second.id}`);
  });

  await step('T opens the list of colleagues, arrows choose one, Enter hands over', async () => {
    await state('the answer', second, ({ status }) => status === 'active');
    await press('t');
    const chosen = () => page.evaluate(() => document.activeElement.textContent);
    await poll('the first colleague', async () => (await chosen()).includes('Rhonda'));
    await press('ArrowDown');
    await poll('the second colleague', async () => (await chosen()).includes('Sue'));
    await press('Escape');
    await at(`call-${second.id} transfer`);
    await press('t');
    await poll('the first colleague', async () => (await chosen()).includes('Rhonda'));
    await press('Enter');
    await state('the hand-over', second, ({ assigned_to }) => assigned_to === TEAM.Rhonda.id);
    await at(`call-${second.id}`);
  });

  await step('E asks once more, then ends; the keyboard is on my card, never lost', async () => {
    await press('r');
    await state('the retrieving', first, ({ status }) => status === 'active');
    await press('e');
    await page.getByTestId('notice').getByText('Press E again').waitFor();
    await at(`call-${first.id} end`);
    assert.equal((await row(first)).status, 'active');
    await press('e');
    await state('the end', first, ({ status }) => status === 'ended');
    await at('agent-agent_doug');
  });

  await step('keys mean nothing while one types, nor with Ctrl', async () => {
    const third = await placeCall(stack, { from: '+14155550103' });
    await callCard(page, third).waitFor();
    await page.evaluate(() => {
      const field = Object.assign(document.createElement('input'), { id: 'a-field' });
      document.querySelector('main.board').prepend(field);
      field.focus();
    });
    await page.keyboard.type('apt');
    assert.equal(await page.locator('#a-field').inputValue(), 'apt');
    await page.evaluate(() => document.getElementById('a-field').remove());
    await press('Control+a');
    await page.evaluate(() => getSelection().removeAllRanges());
    await press('Shift+A');
    // What a key does is shown in the next frame.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    assert.equal(await page.locator('section[aria-labelledby=incoming]').getByTestId(`call-${third.id}`).count(), 1);
    await press('a');
    await state('the answer', third, ({ status }) => status === 'active');
    await press('e');
    await at(`call-${third.id} end`);
    await press('Enter');
    await state('the end', third, ({ status }) => status === 'ended');
  });

  await step('digits go from room to room', async () => {
    const here = (path) => poll(`the page ${path}`, () => new URL(page.url()).pathname === path, PATIENCE_MS);
    await press('2');
    await here('/history');
    await page.getByRole('searchbox').fill('1');
    await page.getByRole('heading', { level: 2 }).first().click();
    await press('1');
    await here('/');
  });

  await step('the sheet shows the keys, changes one, refuses one that is taken, and gives the keyboard back', async () => {
    await agentCard(page, TEAM.Doug).focus();
    await press('?');
    const sheet = page.getByRole('dialog', { name: 'Keyboard' });
    await sheet.waitFor({ timeout: PATIENCE_MS });
    assert.match(page.url(), /[?]help=1$/);
    for (const scheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: scheme });
      await screenshot(page, `help-${scheme}`);
    }
    await page.emulateMedia({ colorScheme: 'light' });
    const parking = sheet.getByTestId('key-park');
    await parking.focus();
    await press('Enter');
    await press('a');
    await sheet.getByText('A is taken: Answer whoever has waited longest.').waitFor();
    await press('F5');
    await sheet.getByText('This key cannot be used').waitFor();
    await press('k');
    await sheet.getByText('K is set: Park my call.').waitFor();
    await screenshot(page, 'help-changed');
    await press('Escape');
    await sheet.waitFor({ state: 'detached' });
    await at('agent-agent_doug');
    await poll('the address to be the board’s', () => !page.url().includes('help'), PATIENCE_MS);
  });

  await step('the new key works, the old one does not, also after a reload; the first ones come back', async () => {
    await page.reload();
    await live(page);
    const fourth = await placeCall(stack, { from: '+14155550104' });
    await button(page, fourth, 'Answer').waitFor();
    assert.equal(await button(page, fourth, 'Answer').getAttribute('aria-keyshortcuts'), 'a');
    await press('a');
    await state('the answer', fourth, ({ status }) => status === 'active');
    assert.equal(await button(page, fourth, 'Park').getAttribute('aria-keyshortcuts'), 'k');
    await press('p');
    await press('k');
    await state('the parking', fourth, ({ status }) => status === 'parked');
    await page.getByRole('button', { name: 'Keyboard' }).click();
    const sheet = page.getByRole('dialog', { name: 'Keyboard' });
    await sheet.getByRole('button', { name: 'Back to the first keys' }).click();
    await sheet.getByText('All keys are what they were').waitFor();
    assert.match(await sheet.getByTestId('key-park').textContent(), /^P$/);
    await page.goBack();
    await sheet.waitFor({ state: 'detached' });
    await press('r');
    await state('the retrieving', fourth, ({ status }) => status === 'active');
    await press('p');
    await state('the parking', fourth, ({ status }) => status === 'parked');
  });

  await step('and the board has not complained', () => assert.deepEqual(page.complaints, []));
}
