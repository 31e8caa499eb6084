// A browser that does not give the microphone.

import assert from 'node:assert/strict';
import test from 'node:test';
import { agentCard, button } from '../board.mjs';
import { MICROPHONE_DENIED, TEAM, launch, screenshot, signIn } from '../browser.mjs';
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

  const call = await ring(stack);
  await button(doug, call, 'Answer').click();
  await doug.getByTestId('notice').getByText('This needs your microphone').waitFor({ timeout: PATIENCE_MS });
  assert.equal((await rowOf(stack, call)).status, 'ringing');

  await doug.context().grantPermissions(['microphone']);
  await doug.getByRole('button', { name: 'Try again' }).click();
  await says(doug, 'Your audio is ready.');
  await told(stack, TEAM.Doug, 'ready');
  assert.deepEqual(doug.complaints, []);
});
