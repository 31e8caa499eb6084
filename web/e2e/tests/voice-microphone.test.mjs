// A browser that does not give the microphone.

import assert from 'node:assert/strict';
import test from 'node:test';
import { agentCard, button } from '../board.mjs';
import { serious } from '../axe.mjs';
import { MICROPHONE_DENIED, TEAM, launch, resting, screenshot, signIn } from '../browser.mjs';
import { Stack } from '../stack.mjs';
import { PATIENCE_MS, ring, rowOf, says, told } from '../voice.mjs';

test('without a microphone nothing is answered, everybody sees why, and it can be mended', async (t) => {
  const stack = await Stack.start({ voice: 'sim' });
  t.after(() => stack.stop());
  const browser = await launch(MICROPHONE_DENIED);
  t.after(() => browser.close());
  const doug = await signIn(browser, stack.url, 'Doug');
  const rhonda = await signIn(browser, stack.url, 'Rhonda');

  await doug.getByRole('button', { name: 'Go on duty' }).click();
  await says(doug, 'No microphone: the browser does not allow it.');
  await told(stack, TEAM.Doug, 'no_microphone');
  await agentCard(rhonda, TEAM.Doug).getByText('No microphone').waitFor({ timeout: PATIENCE_MS });
  await screenshot(doug, 'voice-denied');

  // On duty is what Doug wants to be, and not what it looks like.
  const duty = doug.getByRole('switch', { name: 'On duty', exact: true, checked: true });
  const look = () =>
    duty.evaluate((element) => ({
      colour: getComputedStyle(element.querySelector('.duty-track')).backgroundColor,
      sign: getComputedStyle(element.querySelector('.duty-track'), '::after').content,
      description: document.getElementById(element.getAttribute('aria-describedby'))?.textContent,
    }));
  await resting(doug);
  const denied = await look();
  assert.match(denied.description, /^No microphone: the browser does not allow it/);
  assert.match(denied.sign, /!/);
  assert.deepEqual(await serious(doug), []);
  await doug.emulateMedia({ colorScheme: 'dark' });
  await screenshot(doug, 'voice-denied-dark');
  await doug.emulateMedia({ colorScheme: 'light' });

  const call = await ring(stack);
  await button(doug, call, 'Answer').click();
  await doug.getByTestId('notice').getByText('This needs your microphone').waitFor({ timeout: PATIENCE_MS });
  assert.equal((await rowOf(stack, call)).status, 'ringing');

  await doug.context().grantPermissions(['microphone']);
  await doug.getByRole('button', { name: 'Try again' }).click();
  await says(doug, 'Your audio is ready.');
  await told(stack, TEAM.Doug, 'ready');
  await resting(doug);
  const mended = await look();
  assert.notEqual(mended.colour, denied.colour);
  assert.doesNotMatch(mended.sign, /!/);
  assert.equal(mended.description, 'Your audio is ready.');
  assert.deepEqual(doug.complaints, []);
});
