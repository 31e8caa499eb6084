// The team and the settings: what everybody sees, what a supervisor changes, two supervisors at once.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TEAM, launch, screenshot, signIn } from '../browser.mjs';
import { expectLegible } from '../legible.mjs';
import { poll } from '../poll.mjs';
import { Stack } from '../stack.mjs';
import { placeCall } from '../twilio.mjs';

const PATIENCE_MS = 60_000;

const card = (page, member) => page.getByTestId(`member-${member.identity}`);
const section = (page, name) => page.getByTestId(`section-${name}`);

describe('the team and the settings', { timeout: 300_000 }, () => {
  let stack, browser, doug, sue;

  const memberRow = async (member) => (await stack.rest(`voip_users?id=eq.${member.id}`))[0];
  const settingsRow = async () => (await stack.rest('board_settings'))[0];
  before(async () => {
    stack = await Stack.start();
    browser = await launch();
    [doug, sue] = [await signIn(browser, stack.url, 'Doug'), await signIn(browser, stack.url, 'Sue')];
  });

  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('an agent sees the team as it is and why it is only to be read', async () => {
    await doug.goto(`${stack.url}/team`);
    await doug.getByText('are changed by a supervisor').waitFor({ timeout: PATIENCE_MS });
    await card(doug, TEAM.Sue).getByText('Supervisor').waitFor();
    assert.equal(await doug.locator('.team-edit').count(), 0);
    await doug.goto(`${stack.url}/settings`);
    await section(doug, 'calls').waitFor({ timeout: PATIENCE_MS });
    await doug.getByText('A supervisor changes it.').waitFor();
    assert.equal(await doug.getByLabel('Parking slots').isDisabled(), true);
    assert.equal(await doug.getByRole('button', { name: 'Save' }).count(), 0);
  });

  test('the only supervisor stays one, and is told why and what to do', async () => {
    await sue.goto(`${stack.url}/team`);
    const own = card(sue, TEAM.Sue);
    await own.locator('summary').click();
    await own.getByText('You are the only supervisor.').waitFor({ timeout: PATIENCE_MS });
    await own.getByText('make a colleague supervisor first').waitFor();
    assert.equal(await own.getByLabel('Role').count(), 0);
    assert.equal(await own.getByRole('button', { name: 'Remove from the team' }).count(), 0);
    for (const change of [{ role: 'agent' }, { retired_at: 'now' }]) {
      const answer = await stack.ask(`voip_users?id=eq.${TEAM.Sue.id}`, { method: 'PATCH', body: change });
      assert.equal(answer.status, 409);
      const { hint, message } = await answer.json();
      assert.equal(hint, 'last_supervisor');
      assert.equal(message, 'Sue is the only supervisor: make somebody else a supervisor first');
    }
  });

  test('of two supervisors who remove each other at the same moment, one stays', async () => {
    const set = (member, role) => stack.ask(`voip_users?id=eq.${member.id}`, { method: 'PATCH', body: { role } });
    for (let round = 0; round < 10; round++) {
      for (const member of [TEAM.Sue, TEAM.Rhonda]) assert.ok((await set(member, 'supervisor')).ok);
      const answers = await Promise.all([set(TEAM.Sue, 'agent'), set(TEAM.Rhonda, 'agent')]);
      assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, 409], `round ${round}`);
    }
    assert.ok((await set(TEAM.Sue, 'supervisor')).ok);
    assert.ok((await set(TEAM.Rhonda, 'agent')).ok);
  });

  test('a supervisor changes a name, a role and who is on duty, and everybody sees it', async () => {
    await sue.goto(`${stack.url}/team`);
    await doug.goto(`${stack.url}/team`);
    const rhonda = card(sue, TEAM.Rhonda);
    await rhonda.locator('summary').click();
    await rhonda.getByLabel('Name').fill('Rhonda Reed');
    await rhonda.getByLabel('Role').selectOption('supervisor');
    await rhonda.getByRole('button', { name: 'Save' }).click();
    await rhonda.getByText('Saved.').waitFor({ timeout: PATIENCE_MS });
    await card(doug, TEAM.Rhonda).getByRole('heading', { name: 'Rhonda Reed' }).waitFor({ timeout: PATIENCE_MS });
    await card(doug, TEAM.Rhonda).getByText('Supervisor').waitFor();
    const { display_name: name, role } = await memberRow(TEAM.Rhonda);
    assert.deepEqual([name, role], ['Rhonda Reed', 'supervisor']);
    const was = (await memberRow(TEAM.Rhonda)).is_available;
    await rhonda.getByRole('switch').click();
    await poll('the duty to change', async () => (await memberRow(TEAM.Rhonda)).is_available === !was, PATIENCE_MS);
    await rhonda.getByLabel('Name').fill('   ');
    await rhonda.getByRole('button', { name: 'Save' }).click();
    await rhonda.getByText('A member needs a name.').waitFor();
    const own = card(sue, TEAM.Sue);
    await own.locator('summary').click();
    await own.getByText('Your own role is for another supervisor to change.').waitFor();
    assert.equal(await own.getByRole('button', { name: 'Remove from the team' }).count(), 0);
  });

  test('a supervisor hands a call to somebody else, and ends it', async () => {
    const call = await placeCall(stack, { from: '+12025550150' });
    const change = { status: 'active', assigned_to: TEAM.Doug.id };
    await stack.rest(`calls?id=eq.${call.id}`, { method: 'PATCH', body: change });
    await card(sue, TEAM.Doug).getByText('+1 (202) 555-0150').waitFor({ timeout: PATIENCE_MS });
    await card(sue, TEAM.Doug).getByRole('button', { name: 'Transfer' }).click();
    await card(sue, TEAM.Doug).getByText('Choose first who takes the call.').waitFor();
    const list = card(sue, TEAM.Doug).getByLabel('Transfer the call to');
    assert.ok(await list.evaluate((select) => select === document.activeElement), 'the keyboard is where one chooses');
    await list.selectOption(TEAM.Rhonda.id);
    await card(sue, TEAM.Doug).getByText('Choose first').waitFor({ state: 'detached' });
    await card(sue, TEAM.Doug).getByRole('button', { name: 'Transfer' }).click();
    await card(sue, TEAM.Rhonda).getByText('+1 (202) 555-0150').waitFor({ timeout: PATIENCE_MS });
    const row = async () => (await stack.rest(`calls?id=eq.${call.id}`))[0];
    assert.equal((await row()).assigned_to, TEAM.Rhonda.id);
    await poll('the question to count', async () => {
      await card(sue, TEAM.Rhonda).getByRole('button', { name: /^End/ }).click({ timeout: 1000 }).catch(() => {});
      return (await row()).status === 'ended';
    }, PATIENCE_MS);
  });

  test('whoever leaves is asked about first', async () => {
    await sue.goto(`${stack.url}/team`);
    const rhonda = card(sue, TEAM.Rhonda);
    await rhonda.locator('summary').click();
    await rhonda.getByRole('button', { name: 'Remove from the team' }).click();
    await rhonda.getByText(/lose access at once/).waitFor();
    await rhonda.getByRole('button', { name: 'No, keep' }).click();
    assert.equal((await memberRow(TEAM.Rhonda)).retired_at, null);
    await rhonda.getByRole('button', { name: 'Remove from the team' }).click();
    await rhonda.getByRole('button', { name: 'Yes, remove' }).click();
    await rhonda.waitFor({ state: 'detached', timeout: PATIENCE_MS });
    assert.notEqual((await memberRow(TEAM.Rhonda)).retired_at, null);
  });

  test('a setting is checked before it is sent, saved for its section, and shown to everybody', async () => {
    await sue.goto(`${stack.url}/settings`);
    const calls = section(sue, 'calls');
    await sue.getByLabel('Parking slots').fill('120');
    await calls.getByText('A whole number from 1 to 99.').waitFor({ timeout: PATIENCE_MS });
    assert.equal(await calls.getByRole('button', { name: 'Save' }).isDisabled(), true);
    await sue.getByLabel('Parking slots').fill('7');
    await calls.getByRole('button', { name: 'Save' }).click();
    await calls.getByText('Saved', { exact: true }).waitFor({ timeout: PATIENCE_MS });
    assert.equal((await settingsRow()).parking_slots, 7);
    await poll('the other page', async () => {
      if (!doug.url().endsWith('/settings')) await doug.goto(`${stack.url}/settings`);
      return (await doug.getByLabel('Parking slots').inputValue({ timeout: PATIENCE_MS })) === '7';
    }, PATIENCE_MS);
  });

  test('what is typed while a save is on its way is kept, and not saved with it', async () => {
    const calls = section(sue, 'calls');
    let sent;
    const wait = new Promise((resolve) => (sent = resolve));
    await sue.route('**/rest/v1/board_settings?*', (route) => (route.request().method() === 'PATCH' ? sent(route) : route.continue()));
    await sue.getByLabel('Parking slots').fill('8');
    await calls.getByRole('button', { name: 'Save' }).click();
    const save = await wait;
    await sue.getByLabel('Parking slots').fill('9');
    await save.continue();
    await sue.unroute('**/rest/v1/board_settings?*');
    await calls.getByText('Saved', { exact: true }).waitFor({ timeout: PATIENCE_MS });
    assert.equal((await settingsRow()).parking_slots, 8);
    assert.equal(await sue.getByLabel('Parking slots').inputValue(), '9');
    await calls.getByRole('button', { name: 'Save' }).click();
    await poll('the second save', async () => (await settingsRow()).parking_slots === 9, PATIENCE_MS);
  });

  test('what is not saved waits for whoever wrote it, through other rooms and a reload', async () => {
    const slots = sue.getByLabel('Parking slots');
    await slots.fill('12');
    await section(sue, 'calls').getByText('Not saved yet').waitFor({ timeout: PATIENCE_MS });
    await sue.getByRole('link', { name: 'Board' }).first().click();
    await sue.getByText('Your changes to “Ringing and parking” are not saved yet.').waitFor({ timeout: PATIENCE_MS });
    await sue.goBack();
    await poll('the draft', async () => (await slots.inputValue({ timeout: PATIENCE_MS })) === '12', PATIENCE_MS);
    await sue.reload();
    await section(sue, 'calls').getByText('Not saved yet').waitFor({ timeout: PATIENCE_MS });
    assert.equal(await slots.inputValue(), '12');
    await screenshot(sue, 'settings-not-saved');
    await section(sue, 'calls').getByRole('button', { name: 'Discard' }).click();
    assert.equal(await slots.inputValue(), '9');
    await sue.reload();
    await poll('the row', async () => (await slots.inputValue({ timeout: PATIENCE_MS })) === '9', PATIENCE_MS);
    assert.equal((await settingsRow()).parking_slots, 9);
  });

  test('what the database refuses is told in words', async () => {
    await sue.getByLabel('Time zone of the office').fill('Mars/Olympus');
    await section(sue, 'hours').getByRole('button', { name: 'Save' }).click();
    await section(sue, 'hours').getByText('There is no time zone "Mars/Olympus".').waitFor({ timeout: PATIENCE_MS });
    await sue.getByLabel('Time zone of the office').fill('Europe/Berlin');
    await section(sue, 'hours').getByLabel('By the week').check();
    await section(sue, 'hours').getByRole('button', { name: 'Save' }).click();
    await section(sue, 'hours').getByText('Saved', { exact: true }).waitFor({ timeout: PATIENCE_MS });
    const { time_zone: zone, business_hours: hours } = await settingsRow();
    assert.equal(zone, 'Europe/Berlin');
    assert.deepEqual(Object.keys(hours).sort(), ['fri', 'mon', 'thu', 'tue', 'wed']);
    assert.deepEqual(hours.mon, [['09:00', '17:00']]);
  });

  test('countries are chosen by name', async () => {
    const out = section(sue, 'outbound');
    await out.getByLabel('Add a country').selectOption('+49');
    await out.getByText('+49 Germany').waitFor();
    await out.getByLabel('Or a beginning of numbers').fill('+4420');
    await out.getByRole('button', { name: 'Add', exact: true }).click();
    await out.getByText('+4420 United Kingdom').waitFor();
    await out.getByLabel('Our number').fill('+1 (202) 555-0199');
    await out.getByRole('button', { name: 'Save' }).click();
    await out.getByText('Saved', { exact: true }).waitFor({ timeout: PATIENCE_MS });
    const { outbound_prefixes: prefixes, caller_id: own } = await settingsRow();
    assert.ok(prefixes.includes('+49') && prefixes.includes('+4420'), prefixes.join());
    assert.equal(own, '+12025550199');
  });

  test('two supervisors at once overwrite nothing silently', async () => {
    const other = await signIn(browser, stack.url, 'Sue');
    for (const page of [sue, other]) {
      await page.goto(`${stack.url}/settings`);
      await section(page, 'calls').waitFor({ timeout: PATIENCE_MS });
    }
    const slots = (page) => page.getByLabel('Parking slots');
    await slots(sue).fill('20');
    // Another section is nobody's conflict.
    await section(other, 'voicemail').getByLabel('Greeting').fill('Hello.');
    await section(other, 'voicemail').getByRole('button', { name: 'Save' }).click();
    await section(other, 'voicemail').getByText('Saved', { exact: true }).waitFor({ timeout: PATIENCE_MS });
    assert.equal(await slots(sue).inputValue(), '20', 'what is being written stays');
    await slots(other).fill('30');
    await section(other, 'calls').getByRole('button', { name: 'Save' }).click();
    await section(other, 'calls').getByText('Saved', { exact: true }).waitFor({ timeout: PATIENCE_MS });
    await section(sue, 'calls').getByText('Another supervisor has just changed this.').waitFor({ timeout: PATIENCE_MS });
    assert.equal(await section(sue, 'calls').getByRole('button', { name: 'Save' }).isDisabled(), true);
    assert.equal((await settingsRow()).parking_slots, 30);
    await section(sue, 'calls').getByRole('button', { name: 'Keep mine' }).click();
    await section(sue, 'calls').getByRole('button', { name: 'Save' }).click();
    await section(sue, 'calls').getByText('Saved', { exact: true }).waitFor({ timeout: PATIENCE_MS });
    assert.equal((await settingsRow()).parking_slots, 20);
    await other.context().close();
  });

  test('the language is this browser’s own', async () => {
    await doug.goto(`${stack.url}/settings`);
    await doug.getByLabel('Language').selectOption('es');
    await doug.getByRole('button', { name: 'Show it now' }).click();
    await doug.getByRole('heading', { name: 'Ajustes' }).waitFor({ timeout: PATIENCE_MS });
    await doug.getByLabel('Idioma').selectOption('');
    await doug.getByRole('button', { name: 'Verlo ahora' }).click();
    await doug.getByRole('heading', { name: 'Settings' }).waitFor({ timeout: PATIENCE_MS });
  });

  test('both rooms are legible and accessible, wide and narrow, light and dark', async () => {
    await sue.goto(`${stack.url}/settings`);
    await section(sue, 'outbound').getByText('+49 Germany').waitFor({ timeout: PATIENCE_MS });
    await expectLegible(sue, 'settings');
    const call = await placeCall(stack, { from: '+12025550151' });
    const change = { status: 'active', assigned_to: TEAM.Doug.id };
    await stack.rest(`calls?id=eq.${call.id}`, { method: 'PATCH', body: change });
    await sue.goto(`${stack.url}/team`);
    await card(sue, TEAM.Doug).getByText('+1 (202) 555-0151').waitFor({ timeout: PATIENCE_MS });
    await card(sue, TEAM.Doug).locator('summary').click();
    await expectLegible(sue, 'team');
  });
});
