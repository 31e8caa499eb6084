// What callers and agents hear, through a call's whole way: the simulator says who hears whom.

import assert from 'node:assert/strict';
import test from 'node:test';
import { agentCard, button, callCard, slot } from '../board.mjs';
import { TEAM, WITH_MICROPHONE, launch, live, screenshot, signIn } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { Stack } from '../stack.mjs';
import { steps } from '../story.mjs';
import { PATIENCE_MS, bar, becomes, goOnDuty, leg, ring, rowOf, says, talks, told, waits } from '../voice.mjs';

test('callers hear what the board says', async (t) => {
  const stack = await Stack.start({ voice: 'sim' });
  t.after(() => stack.stop());
  const browser = await launch(WITH_MICROPHONE);
  t.after(() => browser.close());
  const doug = await signIn(browser, stack.url, 'Doug', { permissions: ['microphone'] });
  const rhonda = await signIn(browser, stack.url, 'Rhonda', { permissions: ['microphone'] });
  const does = (name) => bar(doug).getByRole('button', { name });
  const step = steps(t, async () => {
    t.diagnostic(stack.logs());
    t.diagnostic(JSON.stringify(await stack.sim('legs')));
    for (const page of [doug, rhonda]) await screenshot(page, `failed-voice-${page.person.toLowerCase()}`);
  });
  let call;

  await step('going on duty tells the team who can really be rung', async () => {
    await agentCard(rhonda, TEAM.Doug).getByText('Off duty').waitFor();
    await goOnDuty(stack, doug, TEAM.Doug);
    await agentCard(rhonda, TEAM.Doug).getByText('On duty').waitFor();
    await goOnDuty(stack, rhonda, TEAM.Rhonda);
    await screenshot(doug, 'voice-ready');
  });

  await step('answer: the caller talks with who answered', async () => {
    call = await ring(stack);
    // Whoever is on duty and was heard of a moment ago is rung.
    const rings = (legs, { identity }) => legs.some((leg) => leg.identity === identity && leg.status === 'ringing');
    await poll(
      'both to be rung',
      async () => {
        const legs = await stack.sim('legs');
        return rings(legs, TEAM.Doug) && rings(legs, TEAM.Rhonda) && !rings(legs, TEAM.Sue);
      },
      PATIENCE_MS,
    );
    await button(doug, call, 'Answer').click();
    await talks(stack, call, TEAM.Doug);
    await says(doug, 'You are talking.');
    await callCard(rhonda, call).getByText('Talking').waitFor({ timeout: PATIENCE_MS });
    await screenshot(doug, 'voice-talking');
  });

  await step('the level meter moves, and mute is said and heard', async () => {
    await poll('the meter to move', () => bar(doug).locator('meter').evaluate((meter) => meter.value > 0), PATIENCE_MS);
    await button(doug, call, 'Mute').click();
    await says(doug, 'You are muted');
    await callCard(doug, call).getByText('Muted', { exact: true }).waitFor();
    const muted = async () => (await leg(stack, call.sid)).hears.muted;
    await poll('the caller to hear nothing of Doug', muted, PATIENCE_MS);
    await screenshot(doug, 'voice-muted');
    await doug.keyboard.press('u');
    await poll('the caller to hear Doug again', async () => !(await muted()), PATIENCE_MS);
  });

  await step('a bad connection is told in words', async () => {
    const warn = (cleared) =>
      stack.sim(`devices/${TEAM.Doug.identity}/warn`, { method: 'POST', body: { name: 'low-mos', cleared } });
    await warn(false);
    await says(doug, 'The connection is weak');
    await screenshot(doug, 'voice-warning');
    await warn(true);
    await says(doug, 'You are talking.');
  });

  await step('hold: the caller hears music; resume: they talk again', async () => {
    await button(doug, call, 'Hold').click();
    await waits(stack, call);
    await says(doug, 'The caller hears music.');
    await screenshot(doug, 'voice-held');
    await button(doug, call, 'Resume').click();
    await talks(stack, call, TEAM.Doug);
    await says(doug, 'You are talking.');
  });

  await step('park: the caller waits; another retrieves and talks', async () => {
    await button(doug, call, 'Park').click();
    await waits(stack, call);
    await says(doug, 'Your audio is ready.');
    await button(rhonda, call, 'Retrieve').click();
    await talks(stack, call, TEAM.Rhonda);
    await says(rhonda, 'You are talking.');
  });

  await step('transfer: the caller talks with the colleague', async () => {
    await button(rhonda, call, 'Transfer').click();
    await rhonda.getByRole('group', { name: 'Transfer to' }).getByRole('button', { name: 'Doug' }).click();
    await talks(stack, call, TEAM.Doug);
    await says(rhonda, 'Your audio is ready.');
    await callCard(doug, call).getByText('From Rhonda').waitFor();
    await says(doug, 'Rhonda hands you Ada Moreno.');
    await rhonda.getByTestId('notice').getByText('Doug is talking with Ada Moreno now.').waitFor({ timeout: PATIENCE_MS });
    await screenshot(doug, 'voice-handed-on');
  });

  await step('a transfer to somebody out of reach is asked about, and what came of it is told', async () => {
    const question = doug.getByTestId('doubt');
    const handOver = async () => {
      await button(doug, call, 'Transfer').click();
      await doug.getByRole('group', { name: 'Transfer to' }).getByRole('button', { name: 'Sue' }).click();
      await question.getByText('Sue cannot be rung now. A call would come back.').waitFor();
    };
    await handOver();
    const first = question.getByRole('button', { name: 'Park' });
    await poll('the keyboard on the safe answer', () => first.evaluate((one) => one === document.activeElement));
    await screenshot(doug, 'voice-doubt');
    await question.getByRole('button', { name: 'Dismiss' }).click();
    assert.equal(await question.count(), 0);
    assert.equal((await rowOf(stack, call)).assigned_to, TEAM.Doug.id, 'nothing was done');
    await handOver();
    await question.getByRole('button', { name: 'Transfer anyway' }).click();
    const notice = doug.getByTestId('notice');
    await notice.getByText('Sue did not take your transfer: Ada Moreno is parked in 1.').waitFor({ timeout: PATIENCE_MS });
    await slot(rhonda, 1).getByText('Sue did not take the transfer').waitFor();
    await button(doug, call, 'Retrieve').click();
    await talks(stack, call, TEAM.Doug);
    await says(doug, 'You are talking.');
    assert.equal(await question.count(), 0);
  });

  await step('a page that is loaded anew takes its call back by itself', async () => {
    await becomes(stack, call, { status: 'active', assigned_to: TEAM.Doug.id });
    // The page would be back before anybody could read that it is away.
    let letIn;
    const seen = new Promise((resolve) => (letIn = resolve));
    await doug.route('**/api/voice-token', async (route) => {
      await seen;
      await route.continue();
    });
    await doug.reload();
    await live(doug);
    await slot(rhonda, 1).getByText('Doug lost the line, reconnecting').waitFor({ timeout: PATIENCE_MS });
    await waits(stack, call);
    await screenshot(rhonda, 'voice-lost-line');
    letIn();
    await talks(stack, call, TEAM.Doug);
    await says(doug, 'You are talking.');
    assert.equal((await rowOf(stack, call)).assigned_to, TEAM.Doug.id);
    await doug.unroute('**/api/voice-token');
  });

  await step('end: nobody is on the line', async () => {
    await button(doug, call, 'End call').click();
    await becomes(stack, call, { status: 'ended', end_reason: 'ended_by_agent' });
    await poll('the line to be dead', async () => !(await leg(stack, call.sid)), PATIENCE_MS);
    await says(doug, 'Your audio is ready.');
  });

  await step('the simulator breaks the line: the page comes back and takes the call again', async () => {
    call = await ring(stack, '+12025550103');
    await button(doug, call, 'Answer').click();
    await talks(stack, call, TEAM.Doug);
    await stack.sim(`devices/${TEAM.Doug.identity}/drop`, { method: 'POST', body: {} });
    await poll(
      'the call to have been parked',
      async () => (await stack.rest(`call_events?call_id=eq.${call.id}&to_status=eq.parked`)).length > 0,
      PATIENCE_MS,
    );
    await talks(stack, call, TEAM.Doug);
    await button(doug, call, 'End call').click();
    await becomes(stack, call, { status: 'ended' });
  });

  await step('a call that rings is answered from any room', async () => {
    call = await ring(stack, '+12025550106');
    const answer = bar(doug).getByRole('button', { name: 'Answer' });
    await says(doug, 'Ringing here');
    assert.equal(await answer.count(), 0, 'the card on the board has the button');
    await doug.getByRole('link', { name: 'History', exact: true }).click();
    await screenshot(doug, 'voice-rings-in-a-room');
    await answer.click();
    await talks(stack, call, TEAM.Doug);
    await says(doug, 'You are talking.');
    const other = bar(doug).locator('.voice-call');
    assert.match(await other.textContent(), /555.0106/, 'the room says with whom one talks');
    await other.click();
    const details = doug.getByTestId('drawer');
    await details.getByRole('button', { name: 'End call' }).waitFor();
    await screenshot(doug, 'voice-talks-in-a-room');
    await doug.keyboard.press('Escape');
    await doug.getByRole('link', { name: 'Board', exact: true }).click();
    assert.equal(await other.isVisible(), false, 'the card on the board has the name');
    assert.equal(await does('Hold').isVisible(), false, 'and what can be done');
  });

  await step('in any room a call is muted, held and ended, by its buttons and by the keys', async () => {
    await doug.getByRole('link', { name: 'History', exact: true }).click();
    await poll('how long it lasts', async () => /^\d+:\d\d$/.test(await bar(doug).locator('time').textContent()));
    await doug.keyboard.press('u');
    await says(doug, 'You are muted');
    await does('Unmute').click();
    await says(doug, 'You are talking.');
    await does('Hold').click();
    await waits(stack, call);
    await does('Resume').waitFor();
    assert.equal(await focused(doug), 'hold', 'the keyboard stays on the button');
    await doug.keyboard.press('h');
    await talks(stack, call, TEAM.Doug);
    await says(doug, 'You are talking.');
    await room(doug, 'voice-room');
    await doug.keyboard.press('e');
    await doug.getByText('Press E again to end this call.').waitFor();
    assert.equal(await focused(doug), 'end');
    await doug.keyboard.press('e');
    await becomes(stack, call, { status: 'ended', end_reason: 'ended_by_agent' });
    await says(doug, 'Your audio is ready.');
    assert.equal(await does('End call').count(), 0, 'nobody is left in the bar');
  });

  await step('after a call its note is a press away, and what was searched stays', async () => {
    await doug.getByRole('searchbox').fill('555');
    await doug.waitForURL(/q=555/);
    await bar(doug).getByRole('link', { name: /^Write a note on .*555.0106/ }).click();
    await doug.waitForURL((url) => url.searchParams.get('q') === '555' && url.searchParams.get('call') === call.id);
    await doug.getByTestId('drawer').locator('textarea').first().fill('Calls back on Friday');
    await becomes(stack, call, { note: 'Calls back on Friday' });
    await doug.getByRole('link', { name: 'Board', exact: true }).click();
  });

  await step('a call out: a number that is none is explained, a contact is called', async () => {
    await stack.rest('board_settings?id=eq.true', { method: 'PATCH', body: { outbound_prefixes: ['+1'] } });
    await says(doug, 'Your audio is ready.');
    const whom = bar(doug).getByLabel('Number or contact');
    await doug.getByTestId('link-state').click();
    await doug.keyboard.press('c');
    await poll('the keyboard in the field', () => whom.evaluate((field) => field === document.activeElement));
    await whom.fill('202 555 0104');
    await whom.press('Enter');
    await says(doug, 'The country code was added.');
    assert.equal(await whom.inputValue(), '+1 (202) 555-0104');
    assert.deepEqual(await stack.rest('calls?direction=eq.outbound'), [], 'nobody is called who was not seen');
    await screenshot(doug, 'voice-dial');
    await stack.sim('callees/+12025550104', { method: 'PUT', body: { does: 'waits' } });
    await whom.fill('dev');
    await whom.press('Enter');
    // Nobody is called who was not seen.
    await bar(doug).getByRole('option', { name: 'Dev Patel', selected: true }).waitFor({ timeout: PATIENCE_MS });
    assert.deepEqual(await stack.rest('calls?direction=eq.outbound'), []);
    await whom.press('Enter');
    await callCardOf(doug).getByText('Calling…').waitFor({ timeout: PATIENCE_MS });
    await screenshot(doug, 'voice-calling');
    const [row] = await stack.rest('calls?direction=eq.outbound');
    for (const name of ['Mute', 'Hold', 'Park', 'Transfer']) {
      assert.equal(await button(doug, row, name).isEnabled(), false, `${name}: nobody is there yet`);
    }
    assert.ok(await button(doug, row, 'End call').isEnabled());
    assert.equal(row.to_number, '+12025550104');
    assert.equal(row.assigned_to, TEAM.Doug.id);
    const callee = await poll(
      'the telephone to ring',
      async () => (await stack.sim('legs')).find((leg) => leg.to === '+12025550104' && leg.parent_call_sid),
      PATIENCE_MS,
    );
    // People answer after the first callbacks have come, not in the same instant.
    await poll(
      'the ringing telephone to be known',
      async () => (await stack.rest(`call_audio?call_id=eq.${row.id}&select=customer_sid`))[0]?.customer_sid,
      PATIENCE_MS,
    );
    await stack.sim(`calls/${callee.call_sid}/answer`, { method: 'POST', body: {} });
    await says(doug, 'You are talking.');
    await callCard(rhonda, row).getByText('Talking').waitFor({ timeout: PATIENCE_MS });
    await button(doug, row, 'End call').click();
    await becomes(stack, row, { status: 'ended' });
    await poll('both lines to be dead', async () => (await stack.sim('legs')).length === 0, PATIENCE_MS);
  });

  await step('off duty: nobody rings there, and the team sees it', async () => {
    await doug.getByRole('switch', { name: 'On duty' }).click();
    await agentCard(rhonda, TEAM.Doug).getByText('Off duty').waitFor({ timeout: PATIENCE_MS });
    await poll(
      'the device to be gone',
      async () => !(await stack.sim('devices')).some((device) => device.identity === TEAM.Doug.identity),
      PATIENCE_MS,
    );
  });

  await step('answering off duty goes on duty first, and talks', async () => {
    call = await ring(stack, '+12025550102');
    await button(doug, call, 'Answer').click();
    await talks(stack, call, TEAM.Doug);
    await doug.getByRole('switch', { name: 'On duty' }).waitFor();
    await doug.setViewportSize({ width: 390, height: 844 });
    await screenshot(doug, 'voice-phone');
    await doug.emulateMedia({ colorScheme: 'dark' });
    await screenshot(doug, 'voice-phone-dark');
  });

  await step('who is leaving a message can still be answered', async () => {
    const message = await ring(stack, '+12025550105');
    await stack.rest(`calls?id=eq.${message.id}`, { method: 'PATCH', body: { voicemail_at: new Date().toISOString() } });
    await callCard(rhonda, message).getByText('Leaving a message').waitFor({ timeout: PATIENCE_MS });
    await poll(
      'the message to be recorded',
      async () => (await leg(stack, message.sid))?.hears.kind === 'recording',
      PATIENCE_MS,
    );
    await screenshot(rhonda, 'voice-message');
    await button(rhonda, message, 'Answer').click();
    await talks(stack, message, TEAM.Rhonda);
  });

  await step('a page whose browser asks first says so after a reload', async () => {
    const sue = await signIn(browser, stack.url, 'Sue');
    // As in browsers that give the microphone for one visit: it is asked for again.
    await sue.context().addInitScript(() => {
      navigator.permissions.query = async () => ({ state: 'prompt' });
    });
    await goOnDuty(stack, sue, TEAM.Sue);
    await sue.reload();
    await live(sue);
    await says(sue, 'your browser wants a press');
    await told(stack, TEAM.Sue, 'off');
    await screenshot(sue, 'voice-needs-press');
    await goOnDuty(stack, sue, TEAM.Sue);
    assert.deepEqual(sue.complaints, []);
  });

  await step('and no board has complained', async () => {
    for (const page of [doug, rhonda]) assert.deepEqual(page.complaints, [], page.person);
  });
});

/** What the button does that has the keyboard. */
const focused = (page) => page.evaluate(() => document.activeElement.dataset.do);

/** Pictures of a room with a call in the bar, on a table and in a hand. */
async function room(page, name) {
  const wide = page.viewportSize();
  await screenshot(page, name);
  await page.setViewportSize({ width: 390, height: 844 });
  await screenshot(page, `${name}-phone`);
  await page.emulateMedia({ colorScheme: 'dark' });
  await screenshot(page, `${name}-phone-dark`);
  await page.setViewportSize(wide);
  await screenshot(page, `${name}-dark`);
  await page.emulateMedia({ colorScheme: 'light' });
}

/** The card of the call that the person is on. */
const callCardOf = (page) => page.locator('.agent-mine .on-call');
