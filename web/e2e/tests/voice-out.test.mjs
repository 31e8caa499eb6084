// Calling out: what may not be dialled is said before anything is, and what comes to nothing is said after.

import assert from 'node:assert/strict';
import test from 'node:test';
import { serious } from '../axe.mjs';
import { TEAM, WITH_MICROPHONE, beyond, launch, screenshot, signIn } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { Stack } from '../stack.mjs';
import { PATIENCE_MS, bar, goOnDuty, ring, says } from '../voice.mjs';

test('a call out says why it does not come about', async (t) => {
  const stack = await Stack.start({ voice: 'sim', callerId: '' });
  t.after(() => stack.stop());
  const browser = await launch(WITH_MICROPHONE);
  t.after(() => browser.close());
  const doug = await signIn(browser, stack.url, 'Doug', { permissions: ['microphone'] });
  // Everything that the bar ever says; from before the first call.
  await doug.evaluate(() => {
    globalThis.said = [];
    const note = () => globalThis.said.push(document.querySelector('.voice-words')?.textContent ?? '');
    new MutationObserver(note).observe(document.getElementById('voice'), { childList: true, subtree: true });
  });
  const said = () => doug.evaluate(() => globalThis.said.splice(0));
  await goOnDuty(stack, doug, TEAM.Doug);
  await said();
  const settings = (body) => stack.rest('board_settings?id=eq.true', { method: 'PATCH', body });
  const dial = async (number) => {
    await bar(doug).getByLabel('Number or contact').fill(number);
    await bar(doug).getByRole('button', { name: 'Call' }).click();
  };
  const nothingPlaced = async () => {
    assert.deepEqual(await stack.rest('calls?direction=eq.outbound'), []);
    assert.deepEqual((await said()).filter((words) => /Calling|talking/.test(words)), []);
  };

  await t.test('a country that nobody may call is named before dialling', async () => {
    await settings({ outbound_prefixes: [], caller_id: null });
    await dial('+44 20 7946 0999');
    await says(doug, 'Nobody may call +44. A supervisor allows it in Settings, Calls out.');
    await screenshot(doug, 'voice-out-forbidden');
    // To be mended, and not to be typed again.
    assert.equal(await bar(doug).getByLabel('Number or contact').inputValue(), '+44 20 7946 0999');
    await nothingPlaced();
  });

  await t.test('where part of a country may be called, that part is named', async () => {
    await settings({ outbound_prefixes: ['+4420', '+1'] });
    await dial('+44 79 1112 3456');
    await says(doug, 'In +44 only numbers that begin with +4420 may be called.');
    await nothingPlaced();
  });

  await t.test('a team without a number is told so before dialling', async () => {
    await dial('+1 202 555 0104');
    await says(doug, 'Your team has no number to show. A supervisor sets it in Settings, Calls out.');
    await nothingPlaced();
  });

  await t.test('while it rings nobody is said to talk, and a busy line is said in words', async () => {
    await settings({ caller_id: '+12025550199' });
    await stack.sim('callees/+12025550104', { method: 'PUT', body: { does: 'busy' } });
    await dial('+1 202 555 0104');
    await says(doug, '+12025550104 is busy or does not answer.');
    const words = await said();
    assert.ok(words.some((one) => one.startsWith('Calling…')), words.join('\n'));
    assert.ok(!words.some((one) => one.includes('You are talking')), words.join('\n'));
    await screenshot(doug, 'voice-out-busy');
  });

  await t.test('contacts are listed as one types, and nobody is called who was not seen', async () => {
    const field = bar(doug).getByLabel('Number or contact');
    const rows = bar(doug).getByRole('option');
    const lists = (...names) =>
      poll(
        `the list to be ${names}`,
        async () => {
          const shown = await rows.evaluateAll((all) => all.filter((row) => row.checkVisibility()).map((row) => row.firstChild.textContent));
          return shown.join() === names.join();
        },
        PATIENCE_MS,
      );
    const chosen = (name) => bar(doug).getByRole('option', { name, selected: true }).waitFor({ timeout: PATIENCE_MS });
    const calls = async () => (await stack.rest('calls?direction=eq.outbound&select=id')).length;
    const before = await calls();
    await stack.rest('contacts', { method: 'POST', body: { number: '+442079460123', name: 'Ben Adler' } });
    await says(doug, 'Your audio is ready.');

    await field.fill('');
    await field.pressSequentially('ben');
    await lists('Ben Adler', 'Ben Okafor');
    assert.equal(await field.getAttribute('aria-expanded'), 'true');
    assert.equal(await rows.nth(0).textContent(), 'Ben Adler+44 20 7946 0123');
    assert.equal(await rows.nth(1).textContent(), 'Ben Okafor+1 (202) 555-0102Okafor & Sons Roofing');
    await field.press('Enter');
    await says(doug, 'Several contacts match. Choose one with the arrow keys or a press.');
    await field.press('ArrowDown');
    await chosen(/^Ben Adler/);
    await field.press('ArrowUp');
    await chosen(/^Ben Okafor/);
    const active = await field.getAttribute('aria-activedescendant');
    assert.equal(await rows.nth(1).getAttribute('id'), active);
    assert.deepEqual(await serious(doug), []);
    await screenshot(doug, 'voice-contacts');
    await doug.emulateMedia({ colorScheme: 'dark' });
    await screenshot(doug, 'voice-contacts-dark');
    await doug.setViewportSize({ width: 390, height: 844 });
    assert.equal(await beyond(doug), 0);
    assert.deepEqual(await serious(doug), []);
    await screenshot(doug, 'voice-contacts-390-dark');
    await doug.emulateMedia({ colorScheme: 'light' });
    await screenshot(doug, 'voice-contacts-390');
    await doug.setViewportSize({ width: 1440, height: 900 });

    await field.press('Escape');
    await lists();
    assert.equal(await field.inputValue(), 'ben');
    assert.equal(await field.getAttribute('aria-expanded'), 'false');
    await field.press('ArrowDown');
    await chosen(/^Ben Adler/);

    // One that matches is shown by the first Enter, and called by the second.
    await field.pressSequentially(' oka');
    await lists('Ben Okafor');
    await field.press('Enter');
    await chosen(/^Ben Okafor/);
    assert.equal(await calls(), before, 'nobody was called so far');
    await stack.sim('callees/+12025550102', { method: 'PUT', body: { does: 'busy' } });
    await field.press('Enter');
    await says(doug, '+12025550102 is busy or does not answer.');

    // By a press on the row.
    await says(doug, 'Your audio is ready.');
    await stack.sim('callees/+12025550105', { method: 'PUT', body: { does: 'busy' } });
    await field.fill('wal');
    await bar(doug).getByRole('option', { name: /Erin Walsh/ }).click();
    await says(doug, '+12025550105 is busy or does not answer.');
    await says(doug, 'Your audio is ready.');
    assert.equal(await calls(), before + 2);

    // An answer that comes late is none.
    const held = [];
    await doug.route('**/rest/v1/contacts?*dev*', (route) => held.push(route));
    await field.fill('dev');
    await poll('the first question', () => held.length === 1, PATIENCE_MS);
    await field.fill('clara');
    await lists('Clara Lindqvist');
    const late = doug.waitForResponse((response) => response.url().includes('dev'));
    await held[0].continue();
    await (await late).finished();
    await doug.evaluate(() => new Promise((done) => setTimeout(done)));
    await lists('Clara Lindqvist');

    await field.fill('zoe');
    await field.press('Enter');
    await says(doug, 'Nobody in the contacts is called zoe. Type the number instead.');
    await doug.route('**/rest/v1/contacts?*', (route) => route.abort(), { times: 1 });
    await field.fill('yves');
    await field.press('Enter');
    await says(doug, 'The server did not answer.');
    await field.fill('');
    await said();
  });

  await t.test('what the service refuses after all is said in words', async () => {
    // The page asks, and the settings change before the service does.
    const once = { times: 1 };
    const late = async (route) => {
      const answer = await route.fetch();
      await settings({ outbound_prefixes: ['+49'] });
      await route.fulfill({ response: answer });
    };
    await doug.route('**/rest/v1/board_settings*prefixes*', late, once);
    await dial('+1 202 555 0107');
    await says(doug, 'Nobody may call +1. A supervisor allows it in Settings, Calls out.');
    const words = await said();
    assert.ok(words.some((one) => one.startsWith('Calling…')), words.join('\n'));
    assert.ok(!words.some((one) => one.includes('You are talking')), words.join('\n'));
    assert.deepEqual(await stack.rest('calls?to_number=eq.%2B12025550107'), []);
  });

  await t.test('the bar says who rings here, while the device rings', async () => {
    await says(doug, 'Your audio is ready.');
    const call = await ring(stack, '+12025550188');
    await bar(doug).getByText(/Ringing here: .*555.*0188/).waitFor({ timeout: PATIENCE_MS });
    const legs = await stack.sim('legs');
    assert.ok(legs.some((leg) => leg.identity === TEAM.Doug.identity && leg.status === 'ringing'));
    await screenshot(doug, 'voice-rings');
    await stack.sim(`calls/${call.sid}/hangup`, { method: 'POST', body: {} });
    await says(doug, 'Your audio is ready.');
    await poll('nobody to be rung', async () => (await stack.sim('legs')).length === 0, PATIENCE_MS);
  });

  await t.test('a board that has stopped offers no call that cannot be placed', async () => {
    await doug.context().setOffline(true);
    await doug.route('**/rest/v1/**', (route) => route.abort());
    await poll('the Call button to be off', () => bar(doug).getByRole('button', { name: 'Call' }).isDisabled(), PATIENCE_MS);
  });
});
