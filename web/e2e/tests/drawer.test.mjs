// The details of a call beside the board: what three people see of one call, and write about it.

import assert from 'node:assert/strict';
import test from 'node:test';
import { button, callCard, expectBoardsEqual, slot } from '../board.mjs';
import { launch, live, screenshot, signIn } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { Stack } from '../stack.mjs';
import { steps, tell } from '../story.mjs';
import { placeCall } from '../twilio.mjs';
import { PATIENCE_MS, becomes, leg, ring, rowOf } from '../voice.mjs';

const drawer = (page) => page.getByTestId('drawer');
const title = (page) => drawer(page).getByRole('heading', { level: 2 });
const timeline = (page) => drawer(page).getByRole('region', { name: 'Timeline' });
const note = (page) => drawer(page).getByLabel('What was said');
const within = { timeout: PATIENCE_MS };

/** Waits until the details say that. */
const says = (page, words) => drawer(page).getByText(words).first().waitFor(within);

/** Opens the details by the caller's name on the card. */
async function open(page, call) {
  await callCard(page, call).getByRole('link').click();
  await title(page).waitFor(within);
}

/** Waits until the row's notes are these. */
const noted = (stack, call, words) => becomes(stack, call, { note: words });

tell('the details of a call: live, written by several, found again', story);

async function story(t, stack, browser) {
  const doug = await signIn(browser, stack.url, 'Doug');
  const rhonda = await signIn(browser, stack.url, 'Rhonda');
  const sue = await signIn(browser, stack.url, 'Sue');
  const people = [doug, rhonda, sue];
  let call;
  let second;

  const step = steps(t, async () => {
    for (const page of people) await screenshot(page, `failed-drawer-${page.person.toLowerCase()}`);
  });

  await step('the name on a ringing card opens them beside the board, whose actions stay in reach', async () => {
    call = await placeCall(stack, { from: '+12025550101' });
    await callCard(doug, call).waitFor(within);
    await open(doug, call);
    await title(doug).getByText('Ada Moreno').waitFor(within);
    await says(doug, 'Moreno Dental');
    await says(doug, '+1 (202) 555-0101');
    await timeline(doug).getByText(/The call came in · ringing for \d+\u00a0s/).waitFor(within);
    assert.equal(new URL(doug.url()).search, `?call=${call.id}`);
    await poll('the title to have the keyboard', () => title(doug).evaluate((h2) => h2 === document.activeElement));
    // Playwright presses only what nothing covers.
    await button(doug, call, 'Answer').click({ trial: true });
    await slot(doug, 4).click({ trial: true });
  });

  await step('a link to them works for a colleague, and everything that happens is told at once', async () => {
    await sue.goto(`${stack.url}/?call=${call.id}`);
    await title(sue).getByText('Ada Moreno').waitFor(within);
    await drawer(doug).getByRole('button', { name: 'Answer' }).click();
    await says(sue, 'With Doug');
    await timeline(sue).getByText('Doug answered').waitFor(within);
    await open(rhonda, call);
    await says(rhonda, 'Doug has this call, and writes its notes.');
    assert.equal(await note(rhonda).count(), 0);
    await rhonda.keyboard.press('Escape');
    await drawer(rhonda).waitFor({ state: 'hidden' });
    await timeline(sue).getByText(/The call came in · rang for (under 1\u00a0s|[1-9]\d*\u00a0s)/).waitFor(within);
    await drawer(doug).getByRole('button', { name: 'Park' }).click();
    await timeline(sue).getByText('Doug parked it in 1').waitFor(within);
    await says(sue, 'Parked in 1');
    await button(rhonda, call, 'Retrieve').click();
    await timeline(sue).getByText('Rhonda took it from the parking lot').waitFor(within);
    await timeline(sue).getByText(/Doug parked it in 1 · (under 1\u00a0s|[1-9]\d*\u00a0s)/).waitFor(within);
    // Who had it has something to note as well.
    await says(doug, 'With Rhonda');
    await note(doug).waitFor(within);
  });

  await step('notes are saved as they are typed, and appear where nobody types', async () => {
    await open(rhonda, call);
    await note(rhonda).fill('Wants a quote for the roof.');
    await drawer(rhonda).getByLabel('What came of it').fill('Call back');
    await says(rhonda, 'Saved');
    await becomes(stack, call, { note: 'Wants a quote for the roof.', disposition: 'Call back' });
    await poll('Sue to read it', async () => (await note(sue).inputValue()) === 'Wants a quote for the roof.');
    await timeline(sue).getByText('Rhonda wrote notes').waitFor(within);
    assert.equal(await timeline(sue).getByText('Rhonda wrote notes').count(), 1);
    await poll('Doug to read it', async () => (await note(doug).inputValue()) === 'Wants a quote for the roof.');
  });

  await step('two who write at once both keep their words, and choose', async () => {
    let release;
    const held = new Promise((resolve) => (release = resolve));
    await rhonda.route('**/rest/v1/calls?*', async (route) => {
      if (route.request().method() === 'PATCH') await held;
      await route.continue();
    });
    await note(rhonda).fill('Wants a quote for the roof. Rhonda calls on Monday.');
    await rhonda.waitForRequest((request) => request.method() === 'PATCH' && request.url().includes('/calls?'), within);
    await note(sue).fill('Wants a quote for the roof. Sue sends the price list.');
    await noted(stack, call, 'Wants a quote for the roof. Sue sends the price list.');
    release();
    await rhonda.unroute('**/rest/v1/calls?*', { behavior: 'ignoreErrors' });
    const clash = drawer(rhonda).getByRole('alert').filter({ hasText: 'Somebody else changed this' });
    await clash.getByText('Sue sends the price list.').waitFor(within);
    assert.match(await note(rhonda).inputValue(), /Rhonda calls on Monday\.$/);
    await screenshot(rhonda, 'drawer-clash');
    assert.equal((await rowOf(stack, call)).note, 'Wants a quote for the roof. Sue sends the price list.');
    await clash.getByRole('button', { name: 'Keep both' }).click();
    const both = 'Wants a quote for the roof. Sue sends the price list.\nRhonda calls on Monday.';
    await noted(stack, call, both);
    await clash.waitFor({ state: 'detached', ...within });
    await poll('Sue to read both', async () => (await note(sue).inputValue()) === both);
  });

  await step('without a server they are kept in the browser, over a closed panel, and saved later', async () => {
    await rhonda.route('**/rest/v1/calls?*', (route) =>
      route.request().method() === 'PATCH' ? route.abort() : route.continue(),
    );
    await note(rhonda).fill('Typed in a tunnel.');
    await says(rhonda, 'Not saved yet: the server cannot be reached.');
    await rhonda.keyboard.press('Escape');
    await drawer(rhonda).waitFor({ state: 'detached', ...within });
    await poll('the keyboard to be back on the name', () =>
      callCard(rhonda, call).getByRole('link').evaluate((link) => link === document.activeElement),
    );
    await rhonda.reload();
    await live(rhonda);
    await open(rhonda, call);
    await poll('the words to be there', async () => (await note(rhonda).inputValue()) === 'Typed in a tunnel.');
    assert.match((await rowOf(stack, call)).note, /Monday/);
    // Closed before the server is back: they are saved though nobody looks.
    await rhonda.keyboard.press('Escape');
    await drawer(rhonda).waitFor({ state: 'detached', ...within });
    await rhonda.unroute('**/rest/v1/calls?*');
    await noted(stack, call, 'Typed in a tunnel.');
    await poll('nothing to be kept', () =>
      rhonda.evaluate(() => !Object.keys(localStorage).some((key) => key.startsWith('switchboard.note.'))),
    );
  });

  await step('a contact is written down once and named on every board', async () => {
    second = await placeCall(stack, { from: '+14155550123' });
    await callCard(doug, second).waitFor(within);
    await open(doug, second);
    const contact = drawer(doug).getByRole('region', { name: 'Contact' });
    await contact.getByRole('button', { name: 'Add to contacts' }).click();
    await contact.getByRole('button', { name: 'Save contact' }).click();
    await contact.getByText('A contact needs a name.').waitFor(within);
    await contact.getByLabel('Name').fill('Nora Lindgren');
    await contact.getByLabel('Company').fill('Lindgren Optics');
    await contact.getByLabel('About them').fill('Speaks Swedish.');
    await contact.getByLabel('About them').press('Tab');
    await contact.getByRole('button', { name: 'Save contact' }).press('Enter');
    await expectBoardsEqual(people, 'Nora Lindgren');
    await title(doug).getByText('Nora Lindgren').waitFor(within);
    await contact.getByText('Lindgren Optics').waitFor(within);
    await timeline(doug).getByText('The caller is now known as Nora Lindgren').waitFor(within);
    await contact.getByRole('button', { name: 'Edit contact' }).click();
    await stack.rest('contacts?number=eq.%2B14155550123', { method: 'PATCH', body: { name: 'Nora Berg' } });
    await contact.getByLabel('Company').fill('Berg Optics');
    await contact.getByRole('button', { name: 'Save contact' }).click();
    await contact.getByText('it now says “Nora Berg').waitFor(within);
    // Nor is what is saved while mine is on its way written over.
    let sent;
    const wait = new Promise((resolve) => (sent = resolve));
    await doug.route('**/rest/v1/contacts?*', (route) => (route.request().method() === 'PATCH' ? sent(route) : route.continue()));
    await contact.getByRole('button', { name: 'Save contact' }).click();
    const mine = await wait;
    assert.equal(await contact.getByLabel('Company').isEditable(), false, 'what would be typed now would be lost');
    await stack.rest('contacts?number=eq.%2B14155550123', { method: 'PATCH', body: { name: 'Nora Berg-Lind' } });
    await mine.continue();
    await contact.getByText('it now says “Nora Berg-Lind').waitFor(within);
    await doug.unroute('**/rest/v1/contacts?*');
    assert.equal(await contact.getByLabel('Company').inputValue(), 'Berg Optics');
    await stack.rest('contacts?number=eq.%2B14155550123', { method: 'PATCH', body: { name: 'Nora Berg' } });
    await contact.getByRole('button', { name: 'Cancel' }).click();
    await title(doug).getByText('Nora Berg').waitFor(within);
  });

  await step('an end is told, and the next call of that number knows the earlier one', async () => {
    await button(rhonda, call, 'End call').click();
    await timeline(sue).getByText('Ended: Rhonda hung up').waitFor(within);
    await says(sue, /in all/);
    await drawer(sue).getByRole('button', { name: 'Call again' }).waitFor(within);
    const again = await placeCall(stack, { from: '+12025550101' });
    await callCard(sue, again).waitFor(within);
    await open(sue, again);
    const earlier = drawer(sue).getByRole('region', { name: 'Earlier calls' });
    await earlier.getByRole('link', { name: /Talked .*Doug, Rhonda.*Call back · Typed in a tunnel\./ }).click();
    await timeline(sue).getByText('Ended: Rhonda hung up').waitFor(within);
    assert.equal(new URL(sue.url()).search, `?call=${call.id}`);
    // Also an ended call is live: its notes are still written.
    await note(sue).fill('Quote sent.');
    await noted(stack, call, 'Quote sent.');
    await timeline(sue).getByText('Sue wrote notes').last().waitFor(within);
    await sue.goBack();
    await timeline(sue).getByText(/The call came in · ringing for/).waitFor(within);
    assert.equal(new URL(sue.url()).search, `?call=${again.id}`);
    await drawer(sue).getByRole('button', { name: 'Close details' }).click();
    await drawer(sue).waitFor({ state: 'detached', ...within });
    assert.equal(new URL(sue.url()).search, '');
    await sue.goBack();
    await title(sue).getByText('Ada Moreno').waitFor(within);
  });

  await step('a call that is not there is said to be not there', async () => {
    for (const id of ['nonsense', '99999999-0000-4000-8000-000000000001']) {
      await rhonda.goto(`${stack.url}/?call=${id}`);
      await says(rhonda, 'There is no such call');
    }
    await rhonda.keyboard.press('Escape');
    await drawer(rhonda).waitFor({ state: 'detached', ...within });
  });

  await step('it fits a desk, a tablet and a telephone, in light and dark', async () => {
    await open(sue, second);
    await says(sue, 'Speaks Swedish.');
    for (const colorScheme of ['light', 'dark']) {
      await sue.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const [width, height] of [[1440, 900], [768, 1024], [390, 844]]) {
        await sue.setViewportSize({ width, height });
        await screenshot(sue, `drawer-${width}-${colorScheme}`);
        const overflows = await sue.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        assert.equal(overflows, false, `${width} scrolls sideways`);
      }
    }
    // Behind the sheet of a telephone nothing takes the keyboard.
    assert.equal(await sue.getByRole('button', { name: 'Sign out' }).count(), 0);
  });

  await step('and no page has complained', async () => {
    for (const page of people) {
      // The browser's own word for what the tunnel did.
      const own = page.complaints.filter((line) => !/net::ERR_FAILED/.test(line));
      assert.deepEqual(own, [], page.person);
    }
  });
}

test('a message that a caller left is played', async (t) => {
  const stack = await Stack.start({ voice: 'sim' });
  t.after(() => stack.stop());
  const browser = await launch(['--autoplay-policy=no-user-gesture-required']);
  t.after(() => browser.close());
  await stack.rest('board_settings?id=eq.true', { method: 'PATCH', body: { business_hours: { mon: [] } } });
  const call = await ring(stack, '+12025550104');
  const began = await poll(
    'the message to begin',
    async () => (await leg(stack, call.sid))?.hears.kind === 'recording' && performance.now(),
    PATIENCE_MS,
  );
  const doug = await signIn(browser, stack.url, 'Doug');
  await doug.goto(`${stack.url}/?call=${call.id}`);
  await timeline(doug).getByText('The caller began to leave a message').waitFor(within);
  await poll('a message that is long enough', () => performance.now() - began > 4_000, PATIENCE_MS);
  await stack.sim(`calls/${call.sid}/press`, { method: 'POST', body: { digit: '#' } });
  await timeline(doug).getByText('Ended: the caller left a message').waitFor(within);
  const listen = drawer(doug).getByRole('button', { name: 'Listen' });
  await listen.waitFor(within);
  await doug.route('**/api/recordings/*', (route) => route.fulfill({ status: 502 }), { times: 1 });
  await listen.click();
  await says(doug, 'The message could not be fetched just now.');
  await listen.click();
  const player = drawer(doug).locator('audio');
  await player.waitFor(within);
  await poll(
    'the message to be ready to play',
    () => player.evaluate((audio) => audio.readyState >= 2 && audio.duration > 1),
    PATIENCE_MS,
  );
  await screenshot(doug, 'drawer-message');
  assert.equal(await player.getAttribute('aria-label'), 'The caller’s message');
});
