// Two tabs of one person: one has the audio, both show the board, and neither harms the other.

import assert from 'node:assert/strict';
import test from 'node:test';
import { button } from '../board.mjs';
import { TEAM, WITH_MICROPHONE, launch, live, screenshot, signIn, tab } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { Stack } from '../stack.mjs';
import { PATIENCE_MS, goOnDuty, ring, says, talks, told } from '../voice.mjs';

test('one tab of a person has the audio, and the next one takes it over', async (t) => {
  const stack = await Stack.start({ voice: 'sim' });
  t.after(() => stack.stop());
  const browser = await launch(WITH_MICROPHONE);
  t.after(() => browser.close());
  const first = await signIn(browser, stack.url, 'Doug', { permissions: ['microphone'] });
  await goOnDuty(stack, first, TEAM.Doug);

  // The browser allows the microphone already, so the second tab is on duty without a press.
  const second = await tab(first.context(), 'Doug');
  await second.goto(stack.url);
  await live(second);
  await says(second, 'Audio is in another tab.');
  const devices = await stack.sim('devices');
  assert.equal(devices.length, 1, JSON.stringify(devices));
  await screenshot(second, 'voice-other-tab');

  const useHere = (page) => page.getByRole('button', { name: 'Use this tab' }).click();
  // A device that closes is gone a moment later.
  const oneDevice = () => poll('one device', async () => (await stack.sim('devices')).length === 1, PATIENCE_MS);

  await t.test('the audio moves to the tab where somebody wants it, and back', async () => {
    for (const [here, there] of [[second, first], [first, second]]) {
      await useHere(here);
      await says(here, 'Your audio is ready.');
      await says(there, 'Audio is in another tab.');
      await oneDevice();
      await told(stack, TEAM.Doug, 'ready');
      // It rings in one of them, and there is the voice.
      const call = await ring(stack);
      await says(here, 'Ringing here:');
      await says(there, 'Audio is in another tab.');
      await button(here, call, 'Answer').click();
      await talks(stack, call, TEAM.Doug);
      await says(here, 'You are talking.');
      await button(here, call, 'End call').click();
      await says(here, 'Your audio is ready.');
    }
  });

  await t.test('a tab that is asleep is not waited for', async () => {
    const sleep = await first.context().newCDPSession(first);
    await sleep.send('Debugger.enable');
    await sleep.send('Debugger.pause');
    // It stands still at the next thing that it would do.
    const asleep = new Promise((resolve) => sleep.once('Debugger.paused', resolve));
    sleep.send('Runtime.evaluate', { expression: '1' }).catch(() => {});
    await asleep;
    await useHere(second);
    await says(second, 'Your audio is ready.');
    await sleep.send('Debugger.resume');
    await sleep.detach();
    await says(first, 'Audio is in another tab.');
    await oneDevice();
    await useHere(first);
    await says(first, 'Your audio is ready.');
  });

  await t.test('a call that is answered in the second tab is heard in the first', async () => {
    const call = await ring(stack);
    await button(second, call, 'Answer').click();
    await talks(stack, call, TEAM.Doug);
    await says(first, 'You are talking.');
    await says(second, 'Audio is in another tab.');
    // It is not cut off for another tab's sake.
    await useHere(second);
    await says(second, 'You are on a call in the other tab.');
    await screenshot(second, 'voice-tab-kept');
    await talks(stack, call, TEAM.Doug);
    await says(first, 'You are talking.');
  });

  await t.test('when the first is closed the second takes the audio and the call', async () => {
    const [row] = await stack.rest('calls?status=eq.active');
    const call = { id: row.id, sid: row.twilio_call_sid };
    await first.close();
    await talks(stack, call, TEAM.Doug);
    await says(second, 'You are talking.');
    assert.equal((await stack.sim('devices')).length, 1);
    await button(second, call, 'End call').click();
    await says(second, 'Your audio is ready.');
  });

  await t.test('off duty in one tab is off duty in all', async () => {
    const third = await tab(second.context(), 'Doug');
    await third.goto(stack.url);
    await live(third);
    await says(third, 'Audio is in another tab.');
    await third.getByRole('switch', { name: 'On duty' }).click();
    await second.getByRole('button', { name: 'Go on duty' }).waitFor({ timeout: PATIENCE_MS });
    assert.deepEqual([...second.complaints, ...third.complaints], []);
  });
});
