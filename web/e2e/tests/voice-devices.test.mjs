// Microphone and speaker: which ones, what the browser allows, and a person at two machines.

import assert from 'node:assert/strict';
import test from 'node:test';
import { button } from '../board.mjs';
import { TEAM, WITH_MICROPHONE, launch, live, screenshot, signIn } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { Stack } from '../stack.mjs';
import { PATIENCE_MS, bar, goOnDuty, ring, says, talks, told } from '../voice.mjs';

/** Lets the page use the microphone or not, as a person does beside the address. */
async function allow(browser, page, setting) {
  const session = await page.context().newCDPSession(page);
  const { targetInfo } = await session.send('Target.getTargetInfo');
  const whole = await browser.newBrowserCDPSession();
  await whole.send('Browser.setPermission', {
    permission: { name: 'microphone' },
    setting,
    origin: new URL(page.url()).origin,
    browserContextId: targetInfo.browserContextId,
  });
}

/** The page as it is on a desk, on a tablet and on a telephone, by day and by night. */
async function photograph(page, name) {
  for (const width of [390, 768, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme });
      await screenshot(page, `${name}-${width}-${colorScheme}`);
    }
  }
}

test('devices are chosen, remembered and missed', async (t) => {
  const stack = await Stack.start({ voice: 'sim' });
  t.after(() => stack.stop());
  const browser = await launch(WITH_MICROPHONE);
  t.after(() => browser.close());
  const doug = await signIn(browser, stack.url, 'Doug', { permissions: ['microphone'] });
  // What is opened, and what is said beside the page.
  await doug.context().addInitScript(() => {
    globalThis.opened = [];
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (wish) => {
      const stream = await open(wish);
      const [track] = stream.getAudioTracks();
      globalThis.opened.push(track.getSettings().deviceId);
      globalThis.track = track;
      return stream;
    };
    const Sounds = AudioContext;
    globalThis.AudioContext = class extends Sounds {
      setSinkId(id) {
        globalThis.speaker = id;
        return super.setSinkId(id);
      }
    };
  });
  await doug.reload();
  await live(doug);
  await goOnDuty(stack, doug, TEAM.Doug);

  const select = (page, name) => bar(page).locator('label', { hasText: name }).locator('select');
  const last = (page) => page.evaluate(() => globalThis.opened.at(-1));
  let microphone;
  let speaker;

  await t.test('another microphone and another speaker can be chosen', async () => {
    await bar(doug).getByText('Devices').click();
    const other = (select) => select.locator('option:not(:checked)').last().getAttribute('value');
    microphone = await other(select(doug, 'Microphone'));
    await select(doug, 'Microphone').selectOption(microphone);
    speaker = await other(select(doug, 'Speaker'));
    await select(doug, 'Speaker').selectOption(speaker);
    await poll('the speaker to be used', () => doug.evaluate((id) => globalThis.speaker === id, speaker), PATIENCE_MS);
    await screenshot(doug, 'voice-devices');
    // Somebody plugs something in, and the bar is drawn anew: what was unfolded stays so, and at hand.
    const devices = doug.locator('.voice-devices');
    await devices.locator('select').first().focus();
    await doug.evaluate(() => {
      globalThis.words = document.querySelector('.voice-words');
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    });
    await poll('the bar to be drawn anew', () => doug.evaluate(() => !globalThis.words.isConnected), PATIENCE_MS);
    assert.equal(await devices.getAttribute('open'), '');
    assert.equal(await doug.evaluate(() => document.activeElement.closest('details')?.className), 'voice-devices');
    const call = await ring(stack);
    await button(doug, call, 'Answer').click();
    await talks(stack, call, TEAM.Doug);
    await poll('that microphone to be open', async () => (await last(doug)) === microphone, PATIENCE_MS);
    await button(doug, call, 'End call').click();
    await says(doug, 'Your audio is ready.');
  });

  await t.test('the choice is remembered', async () => {
    await doug.reload();
    await live(doug);
    await says(doug, 'Your audio is ready.');
    assert.equal(await last(doug), microphone);
    await poll('the speaker to be used', () => doug.evaluate((id) => globalThis.speaker === id, speaker), PATIENCE_MS);
    await bar(doug).getByText('Devices').click();
    assert.equal(await select(doug, 'Microphone').inputValue(), microphone);
    assert.equal(await select(doug, 'Speaker').inputValue(), speaker);
  });

  await t.test('a person at two machines is heard at one of them', async () => {
    const other = await signIn(browser, stack.url, 'Doug', { permissions: ['microphone'] });
    await other.getByRole('button', { name: 'Go on duty' }).click();
    await says(other, 'Your audio is ready.');
    const rings = async () => (await stack.sim('devices')).length === 2 && (await stack.sim('legs')).length > 1;
    // Where the person answers, there is the audio: at the one machine and at the other.
    for (const [here, there] of [[other, doug], [doug, other]]) {
      const call = await ring(stack);
      await poll('both machines to be rung', rings, PATIENCE_MS);
      await button(here, call, 'Answer').click();
      // `talks` wants one leg that talks with the caller, and no second.
      await talks(stack, call, TEAM.Doug);
      const talking = async () => {
        const heard = [doug, other].map((page) => bar(page).getByText('You are talking.').count());
        return (await Promise.all(heard)).reduce((sum, count) => sum + count);
      };
      await poll('one machine to talk', async () => (await talking()) === 1, PATIENCE_MS);
      await says(here, 'You are talking.');
      await says(there, "This call's audio is on your other device.");
      await photograph(there, 'voice-other-machine');
      // Whoever goes over to the other machine goes on there.
      await button(here, call, 'Hold').click();
      await says(here, 'The caller hears music.');
      await says(there, 'The caller hears music.');
      await button(there, call, 'Resume').click();
      await says(there, 'You are talking.');
      await says(here, "This call's audio is on your other device.");
      await talks(stack, call, TEAM.Doug);
      await button(there, call, 'End call').click();
      for (const page of [doug, other]) await says(page, 'Your audio is ready.');
    }
    // One that comes on duty while a call rings is not rung by that call, and may take it all the same.
    const late = await signIn(browser, stack.url, 'Doug', { permissions: ['microphone'] });
    await other.context().close();
    const call = await ring(stack);
    await poll('the desk to be rung', async () => (await stack.sim('legs')).length > 1, PATIENCE_MS);
    await button(late, call, 'Answer').click();
    await talks(stack, call, TEAM.Doug);
    await says(late, "This call's audio is on your other device.");
    await photograph(late, 'voice-talk-here');
    await bar(late).getByRole('button', { name: 'Talk here' }).click();
    await says(late, 'You are talking.');
    await says(doug, "This call's audio is on your other device.");
    await talks(stack, call, TEAM.Doug);
    await button(late, call, 'End call').click();
    assert.deepEqual([...other.complaints, ...late.complaints], []);
    await late.context().close();
  });

  await t.test('a browser that keeps the page silent is told of, until somebody presses', async () => {
    await doug.context().addInitScript(() => {
      // A page that is loaded anew inherits the press of the one before, so this one counts its own.
      let pressed = false;
      addEventListener('pointerdown', () => (pressed = true), true);
      const Sounds = AudioContext;
      globalThis.AudioContext = class extends Sounds {
        constructor() {
          super();
          super.suspend();
        }
        get state() {
          return pressed ? super.state : 'suspended';
        }
        resume() {
          return pressed ? super.resume() : new Promise(() => {});
        }
      };
    });
    await doug.reload();
    await live(doug);
    await says(doug, 'Your browser keeps this page silent.');
    await screenshot(doug, 'voice-blocked');
    await doug.getByTestId('voice').click();
    await says(doug, 'Your audio is ready.');
  });

  await t.test('a microphone that is taken back in a call is missed at once, and on the line again when it is given back', async () => {
    const call = await ring(stack);
    await button(doug, call, 'Answer').click();
    await talks(stack, call, TEAM.Doug);
    await says(doug, 'You are talking.');
    await allow(browser, doug, 'denied');
    await says(doug, 'No microphone: the browser does not allow it.');
    await told(stack, TEAM.Doug, 'no_microphone');
    await allow(browser, doug, 'granted');
    // It may be used, but by the time that the line opens it another program has it.
    await doug.evaluate(() => {
      const { mediaDevices } = navigator;
      const open = mediaDevices.getUserMedia.bind(mediaDevices);
      let times = 0;
      mediaDevices.getUserMedia = async (wish) => {
        if (++times === 2) throw new DOMException('Could not start audio source', 'NotReadableError');
        return open(wish);
      };
    });
    await bar(doug).getByRole('button', { name: 'Try again' }).click();
    await says(doug, 'No microphone: it does not start.');
    await screenshot(doug, 'voice-microphone-fails');
    await bar(doug).getByRole('button', { name: 'Try again' }).click();
    await says(doug, 'You are talking.');
    assert.equal(await doug.evaluate(() => globalThis.track.readyState), 'live');
    await button(doug, call, 'Mute').press('Enter');
    await says(doug, 'You are muted');
    assert.equal(await doug.evaluate(() => document.activeElement.innerText), 'Unmute');
    await doug.keyboard.press('Enter');
    await says(doug, 'You are talking.');
    await button(doug, call, 'End call').click();
    await says(doug, 'Your audio is ready.');
    await told(stack, TEAM.Doug, 'ready');
    assert.deepEqual(doug.complaints, []);
  });
});
