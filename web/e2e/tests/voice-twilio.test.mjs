// Twilio's own SDK, as npm has it: it loads, takes our token, and its trouble is told in words.

import assert from 'node:assert/strict';
import test from 'node:test';
import { agentCard } from '../board.mjs';
import { TEAM, WITH_MICROPHONE, launch, screenshot, signIn } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { Stack } from '../stack.mjs';
import { PATIENCE_MS, bar, says, told } from '../voice.mjs';

test('the Voice SDK is given our token, and says in words that Twilio cannot be reached', async (t) => {
  const stack = await Stack.start({ voice: 'twilio' });
  t.after(() => stack.stop());
  const browser = await launch(WITH_MICROPHONE);
  t.after(() => browser.close());
  const doug = await signIn(browser, stack.url, 'Doug', { permissions: ['microphone'] });
  const rhonda = await signIn(browser, stack.url, 'Rhonda');

  // Nothing of the audio is fetched by somebody who is not on duty.
  const fetched = [];
  doug.on('request', (request) => fetched.push(new URL(request.url()).pathname));
  // The SDK adds itself to a `Twilio` that is there already: this one remembers what devices are made with.
  await doug.evaluate(() => {
    const construct = (target, given) => {
      globalThis.deviceMadeWith = given[0];
      globalThis.theDevice = Reflect.construct(target, given);
      return globalThis.theDevice;
    };
    globalThis.Twilio = new Proxy({}, {
      set: (sdk, name, value) => Reflect.set(sdk, name, name === 'Device' ? new Proxy(value, { construct }) : value),
    });
  });
  await doug.getByRole('button', { name: 'Go on duty' }).click();

  const token = await poll('a device to be made', () => doug.evaluate(() => globalThis.deviceMadeWith), PATIENCE_MS);
  const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  assert.equal(claims.grants.identity, TEAM.Doug.identity);
  assert.equal(await doug.evaluate(() => globalThis.theDevice.token), token);
  assert.ok(fetched.some((path) => /^\/assets\/voice-[0-9a-f]+\.js$/.test(path)), fetched.join('\n'));
  assert.ok(fetched.some((path) => /^\/assets\/twilio-[0-9a-f]+\.min\.js$/.test(path)), fetched.join('\n'));

  // Twilio is out of reach of a test machine, and does not know these keys.
  await says(doug, /Out of reach: the telephone service does not answer/);
  await told(stack, TEAM.Doug, 'unreachable');
  await agentCard(rhonda, TEAM.Doug).getByText('Out of reach').waitFor({ timeout: PATIENCE_MS });
  await screenshot(doug, 'voice-out-of-reach');
  // As if Twilio had answered: a call out is the SDK's to place, and an error that it tells meanwhile is not that call's.
  await stack.rest('board_settings?id=eq.true', {
    method: 'PATCH',
    body: { outbound_prefixes: ['+1'], caller_id: '+12025550199' },
  });
  await doug.evaluate(() => {
    globalThis.theDevice.connect = () => new Promise((_, refuse) => (globalThis.refuse = refuse));
    globalThis.theDevice.emit('registered');
  });
  await says(doug, 'Your audio is ready.');
  await bar(doug).getByLabel('Number or contact').fill('+1 202 555 0104');
  await bar(doug).getByRole('button', { name: 'Call' }).click();
  await poll('the SDK to be asked', () => doug.evaluate(() => Boolean(globalThis.refuse)), PATIENCE_MS);
  await says(doug, 'Calling…');
  await doug.evaluate(() => globalThis.theDevice.emit('error', { code: 31000, message: 'of something else' }));
  await doug.evaluate(() => new Promise((done) => setTimeout(done)));
  assert.match(await bar(doug).textContent(), /Calling…/);
  await doug.evaluate(() => globalThis.refuse({ code: 31400, message: 'no such call' }));
  await says(doug, 'The call was not placed: the telephone service refused it.');
  assert.match(await bar(doug).textContent(), /Your audio is ready\./);
  await screenshot(doug, 'voice-twilio-not-placed');

  assert.deepEqual(
    doug.complaints.filter((complaint) => /Content.Security.Policy|switchboard|wasm/i.test(complaint)),
    [],
  );
});
