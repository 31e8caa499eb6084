// What is done from the details of a call: acting, copying, calling again, and what happens without a link.

import assert from 'node:assert/strict';
import { agentCard, callCard } from '../board.mjs';
import { TEAM, WITH_MICROPHONE, live, screenshot, signIn } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { tell } from '../story.mjs';
import { placeCall } from '../twilio.mjs';
import { PATIENCE_MS, becomes, goOnDuty, ring } from '../voice.mjs';

const within = { timeout: PATIENCE_MS };
const drawer = (page) => page.getByTestId('drawer');
const act = (page, name) => drawer(page).getByRole('button', { name, exact: true });
const timeline = (page) => drawer(page).getByRole('region', { name: 'Timeline' });
const note = (page) => drawer(page).getByLabel('What was said');

async function open(page, call) {
  await callCard(page, call).getByRole('link').click(within);
  await drawer(page).getByRole('heading', { level: 2 }).waitFor(within);
}

tell('the details act as the board does, and say what becomes of it', async (t, stack, browser) => {
  const permissions = ['clipboard-read', 'clipboard-write'];
  const doug = await signIn(browser, stack.url, 'Doug', { permissions });
  const call = await placeCall(stack, { from: '+12025550101' });
  await open(doug, call);

  await t.test('the number is copied from beside it', async () => {
    await act(doug, 'Copy number').click();
    await doug.getByText('The number is copied.').waitFor(within);
    assert.equal(await doug.evaluate(() => navigator.clipboard.readText()), '+12025550101');
    assert.equal(await drawer(doug).locator('.drawer-actions').getByText('Copy number').count(), 0);
  });

  await t.test('a refusal frees the button as soon as it is said', async () => {
    await act(doug, 'Answer').click();
    await act(doug, 'Park').waitFor(within);
    // A button that waits for its own time to be up would wait for ever.
    await doug.evaluate(() => {
      const later = globalThis.setTimeout;
      globalThis.setTimeout = (work, ms, ...given) => (ms === 4_000 ? 0 : later(work, ms, ...given));
    });
    const problem = { code: 'PT409', hint: 'lot_full', message: 'the parking lot is full' };
    await doug.route('**/rest/v1/calls?*', (route) =>
      route.request().method() === 'PATCH' ? route.fulfill({ status: 409, json: problem }) : route.continue(),
    );
    await act(doug, 'Park').click();
    await doug.getByText('The parking lot is full.').waitFor(within);
    await poll('the button to be free', async () => (await act(doug, 'Park').getAttribute('aria-busy')) === 'false', 30_000);
    assert.ok(await act(doug, 'Hold').isEnabled());
    await doug.unroute('**/rest/v1/calls?*');
    await doug.reload();
    await live(doug);
  });

  await t.test('no step lasts 0 s, and one of a moment ago says when', async () => {
    await timeline(doug).getByText(/The call came in · rang for (under 1\u00a0s|[1-9]\d*\u00a0s)/).waitFor(within);
    const lines = await timeline(doug).getByRole('listitem').allTextContents();
    assert.equal(lines.length, 2);
    for (const line of lines) {
      assert.doesNotMatch(line, /\b0\ss|now/);
      assert.match(line, /\d+:\d\d:\d\d/, 'to the second');
    }
  });

  await t.test('a call is handed over', async () => {
    await act(doug, 'Transfer').click();
    await drawer(doug).getByRole('group', { name: 'Transfer to' }).getByRole('button', { name: 'Rhonda' }).click();
    await becomes(stack, call, { assigned_to: TEAM.Rhonda.id });
    await timeline(doug).getByText('Doug transferred it to Rhonda').waitFor(within);
    assert.equal(await act(doug, 'Transfer').count(), 0, 'it is not his any more');
  });

  await t.test('a call that is over is called again, unless one is on a call', async () => {
    await stack.rest(`calls?id=eq.${call.id}`, { method: 'PATCH', body: { status: 'ended', end_reason: 'completed' } });
    await act(doug, 'Call again').click(within);
    await doug.getByText('Calls out need audio, which this board does not have.').waitFor(within);
    const other = await placeCall(stack, { from: '+12025550105' });
    await stack.rest(`calls?id=eq.${other.id}`, { method: 'PATCH', body: { status: 'active', assigned_to: TEAM.Doug.id } });
    await poll('nobody to be called', () => act(doug, 'Call again').isDisabled(), PATIENCE_MS);
    assert.match(await act(doug, 'Call again').getAttribute('title'), /^You are on a call/);
  });
});

tell('without a link the details cannot act, say since when, and keep what is written', { hasLink: true }, async (t, stack, browser, link) => {
  const doug = await signIn(browser, await stack.webhook(link.url), 'Doug');
  const call = await placeCall(stack, { from: '+12025550101' });
  await open(doug, call);
  await act(doug, 'Answer').click();
  await act(doug, 'Park').waitFor(within);
  await note(doug).fill('Before the tunnel.');
  await becomes(stack, call, { note: 'Before the tunnel.' });

  await t.test('cut off', async () => {
    link.cut();
    await drawer(doug).getByText(/This page has been cut off since \d+:\d\d:\d\d/).waitFor(within);
    for (const name of ['Park', 'Hold', 'Transfer', 'End call']) assert.equal(await act(doug, name).count(), 0, name);
    await screenshot(doug, 'drawer-stale');
    await note(doug).fill('In the tunnel.');
    await drawer(doug).getByText('Not saved yet: the server cannot be reached.').waitFor(within);
    await act(doug, 'Close details').click();
    await doug.getByText('It is kept in this browser and saved when the connection is back.').waitFor(within);
  });

  await t.test('back again, though the details are closed', async () => {
    link.restore();
    await becomes(stack, call, { note: 'In the tunnel.' });
    await doug.getByText('The note that was waiting is saved now.').waitFor(within);
    await live(doug);
  });

  await t.test('what was left is saved after the page was loaded anew, and nothing was opened', async () => {
    await open(doug, call);
    await act(doug, 'Park').waitFor(within);
    link.cut();
    await drawer(doug).getByText(/cut off since/).waitFor(within);
    await note(doug).fill('Loaded anew.');
    await drawer(doug).getByText('Not saved yet: the server cannot be reached.').waitFor(within);
    await act(doug, 'Close details').click();
    const board = new URL(doug.url()).origin;
    await doug.goto('about:blank');
    link.restore();
    await doug.goto(board);
    await becomes(stack, call, { note: 'Loaded anew.' });
    await doug.getByText('The note that was waiting is saved now.').waitFor(within);
    assert.equal(await drawer(doug).count(), 0);
  });
});

tell('a room that cannot be fetched says so and is tried again, while the board goes on', async (t, stack, browser) => {
  const doug = await signIn(browser, stack.url, 'Doug');
  await doug.route('**/assets/rooms-*.wasm', (route) => route.abort());
  await doug.getByRole('link', { name: 'History' }).click();
  const sorry = doug.locator('#rooms').getByRole('alert');
  await sorry.getByText('This room could not be opened.').waitFor(within);
  await screenshot(doug, 'room-failed');
  await sorry.getByRole('button', { name: 'Try again' }).click();
  await sorry.getByText('This room could not be opened.').waitFor(within);
  await doug.getByRole('link', { name: 'Board', exact: true }).click();
  const call = await placeCall(stack, { from: '+12025550101' });
  await callCard(doug, call).waitFor(within);
  assert.equal(await sorry.isVisible(), false, 'the board is whole');
  await doug.getByRole('link', { name: 'History' }).click();
  await doug.unroute('**/assets/rooms-*.wasm');
  await sorry.getByRole('button', { name: 'Try again' }).click();
  await doug.getByRole('heading', { name: 'History' }).waitFor(within);
  assert.equal(await sorry.count(), 0);
});

tell('who talks can mute and choose devices beside the details', { voice: 'sim', flags: WITH_MICROPHONE }, async (t, stack, browser) => {
  const doug = await signIn(browser, stack.url, 'Doug', { permissions: ['microphone'] });
  await goOnDuty(stack, doug, TEAM.Doug);
  const call = await ring(stack);
  await callCard(doug, call).getByRole('button', { name: /^Answer/ }).click(within);
  await agentCard(doug, TEAM.Doug).getByText('Talking').waitFor(within);
  await open(doug, call);
  await act(doug, 'Park').waitFor(within);
  for (const [width, height] of [[1440, 900], [768, 1024], [390, 844], [320, 700]]) {
    await doug.setViewportSize({ width, height });
    await screenshot(doug, `drawer-audio-${width}`);
    // Playwright presses only what nothing covers.
    const audio = doug.getByTestId('voice');
    const card = width < 768 ? audio : callCard(doug, call);
    await card.getByText('Mute', { exact: true }).click({ trial: true, ...within });
    await audio.getByText('Devices', { exact: true }).click({ trial: true, ...within });
    await act(doug, 'Close details').click({ trial: true, ...within });
  }
});
