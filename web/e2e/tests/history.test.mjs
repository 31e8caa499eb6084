// The history: a search that is a link, pages, missed calls, the file, the way back.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { TEAM, launch, screenshot, signIn } from '../browser.mjs';
import { expectLegible } from '../legible.mjs';
import { poll } from '../poll.mjs';
import { Stack } from '../stack.mjs';
import { placeCall } from '../twilio.mjs';

const PATIENCE_MS = 60_000;

/** The call of that row. */
const past = (page, call) => page.getByTestId(`past-${call.id}`);

/** What the page says of how many there are. */
const counted = (page, words) =>
  page.locator('.history-count').getByText(words, { exact: true }).waitFor({ timeout: PATIENCE_MS });

describe('the history', { timeout: 300_000 }, () => {
  let stack, browser, doug;
  const calls = {};
  const filters = () => doug.locator('.filters details');

  /** A customer calls and hangs up. */
  async function missed(from) {
    const call = await placeCall(stack, { from });
    await stack.rest(`calls?id=eq.${call.id}`, { method: 'PATCH', body: { status: 'ended', end_reason: 'abandoned' } });
    return call;
  }

  /** A customer calls, a member answers, and it ends. */
  async function answered(from, member, note = '') {
    const call = await placeCall(stack, { from });
    const change = (body) => stack.rest(`calls?id=eq.${call.id}`, { method: 'PATCH', body });
    await change({ status: 'active', assigned_to: member.id });
    await change({ status: 'ended', end_reason: 'completed', ...(note && { note }) });
    return call;
  }

  before(async () => {
    stack = await Stack.start();
    browser = await launch();
    await stack.rest('contacts', {
      method: 'POST',
      body: { number: '+442079460123', name: '=HYPERLINK("http://x")', company: 'Zulu Ltd' },
    });
    calls.gaveUp = await missed('+12025550111');
    calls.settled = await missed('+12025550112');
    calls.back = await answered('+12025550112', TEAM.Rhonda, 'Wants "blue", not red');
    calls.odd = await answered('+442079460123', TEAM.Doug);
    for (let at = 0; at < 56; at += 1) await answered(`+1303555${1000 + at}`, TEAM.Doug);
    doug = await signIn(browser, stack.url, 'Doug');
  });

  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('everything is listed, and the end of the list brings more without losing the place', async () => {
    await doug.getByRole('link', { name: 'History', exact: true }).click();
    await counted(doug, '60 calls');
    const rows = doug.locator('.past');
    assert.equal(await rows.count(), 50);
    await rows.last().scrollIntoViewIfNeeded();
    await poll('the rest of the list', async () => (await rows.count()) === 60, PATIENCE_MS);
    const shown = await rows.evaluateAll((all) => all.map((row) => row.dataset.testid));
    assert.equal(new Set(shown).size, 60, 'each call once');
    const place = await doug.evaluate(() => scrollY);
    assert.ok(place > 500, `the reader is far down: ${place}`);
    await doug.getByRole('link', { name: 'Board', exact: true }).click();
    await doug.getByRole('heading', { name: 'Incoming Calls' }).waitFor();
    await doug.goBack();
    await poll('the same place', async () => Math.abs((await doug.evaluate(() => scrollY)) - place) < 200, PATIENCE_MS);
    assert.equal(await rows.count(), 60);
  });

  test('typing narrows the list and replaces the address; a filter is a step that the back button undoes', async () => {
    await doug.goto(`${stack.url}/history`);
    await counted(doug, '60 calls');
    const steps = () => doug.evaluate(() => history.length);
    const before = await steps();
    await doug.getByRole('searchbox').pressSequentially('(202) 555-0112', { delay: 20 });
    await counted(doug, '2 calls');
    assert.equal(await steps(), before, 'typing is no step');
    assert.equal(new URL(doug.url()).searchParams.get('q'), '(202) 555-0112');
    await doug.getByRole('button', { name: 'Missed', exact: true }).click();
    await counted(doug, '1 call');
    await past(doug, calls.settled).getByText(/Rhonda spoke with them/).waitFor();
    await doug.goBack();
    await counted(doug, '2 calls');
    await doug.getByRole('searchbox').fill('blue');
    await counted(doug, '1 call');
    await past(doug, calls.back).getByText('Wants "blue", not red').waitFor();
    await doug.goBack();
    await doug.goForward();
    await counted(doug, '1 call');
    assert.equal(await doug.getByRole('searchbox').inputValue(), 'blue', 'the field says what the address says');
  });

  test('a filter that is pressed while words are typed counts as well as the words', async () => {
    await doug.goto(`${stack.url}/history`);
    await counted(doug, '60 calls');
    await doug.getByRole('searchbox').fill('0112');
    await doug.getByRole('button', { name: 'Missed', exact: true }).click();
    await counted(doug, '1 call');
    const { searchParams } = new URL(doug.url());
    assert.deepEqual([searchParams.get('q'), searchParams.get('missed')], ['0112', '1']);
  });

  test('a list that one comes back to says what was written meanwhile', async () => {
    await doug.goto(`${stack.url}/history?q=0123`);
    await past(doug, calls.odd).waitFor({ timeout: PATIENCE_MS });
    await doug.getByRole('link', { name: 'Board', exact: true }).click();
    await past(doug, calls.odd).waitFor({ state: 'detached' });
    await stack.rest(`calls?id=eq.${calls.odd.id}`, { method: 'PATCH', body: { note: 'Sent the offer' } });
    await doug.goBack();
    await past(doug, calls.odd).getByText('Sent the offer').waitFor({ timeout: PATIENCE_MS });
    await stack.rest(`calls?id=eq.${calls.odd.id}`, { method: 'PATCH', body: { note: '' } });
  });

  test('days are a press away; the other filters begin folded, with their number', async () => {
    for (const width of [390, 1440]) {
      await doug.setViewportSize({ width, height: 900 });
      await doug.goto(`${stack.url}/history?direction=inbound`);
      await filters().getByText('1', { exact: true }).waitFor({ timeout: PATIENCE_MS });
      assert.equal(await doug.getByLabel('Direction').isVisible(), false, `${width}`);
      assert.ok(await doug.getByRole('button', { name: 'Yesterday', exact: true }).isVisible(), `${width}`);
    }
  });

  test('a link to a search opens it, days are filters, and what means nothing is left out', async () => {
    await doug.goto(`${stack.url}/history?agent=${TEAM.Rhonda.id}&direction=inbound&reason=nonsense`);
    await counted(doug, '1 call');
    assert.equal(await doug.getByLabel('Whose call').inputValue(), TEAM.Rhonda.id);
    assert.equal(await doug.getByLabel('Direction').inputValue(), 'inbound');
    await doug.getByRole('button', { name: 'Clear filters' }).click();
    await counted(doug, '60 calls');
    await doug.getByRole('button', { name: 'Yesterday', exact: true }).click();
    await doug.getByText('No call fits').waitFor({ timeout: PATIENCE_MS });
    await doug.getByRole('button', { name: 'Today', exact: true }).click();
    await counted(doug, '60 calls');
    await filters().locator('summary').click();
    await doug.getByLabel('Order').selectOption('waited');
    await counted(doug, '60 calls');
    assert.equal(new URL(doug.url()).searchParams.get('sort'), 'waited');
  });

  test('missed calls are the same for the team, and say who spoke with the customer after all', async () => {
    const sue = await signIn(browser, stack.url, 'Sue');
    for (const page of [doug, sue]) {
      await page.goto(`${stack.url}/history?missed=1`);
      await counted(page, '2 calls');
      await past(page, calls.gaveUp).getByText('Nobody has called back yet').waitFor();
      await past(page, calls.settled).getByText(/Rhonda spoke with them/).waitFor();
    }
    await sue.context().close();
  });

  test('a call that ends waits above the list until it is wanted', async () => {
    await doug.goto(`${stack.url}/history?missed=1`);
    await counted(doug, '2 calls');
    const late = await missed('+12025550113');
    const newer = doug.getByRole('button', { name: '1 newer call: show it' });
    await newer.waitFor({ timeout: PATIENCE_MS });
    assert.equal(await doug.locator('.past').count(), 2, 'the list has not moved');
    await newer.click();
    await past(doug, late).waitFor();
    assert.equal(await doug.locator('.past').count(), 3);
  });

  test('a call opens its details by a link', async () => {
    await doug.goto(`${stack.url}/history?missed=1`);
    await past(doug, calls.gaveUp).getByRole('link').click();
    await doug.waitForURL((url) => url.searchParams.get('call') === calls.gaveUp.id && url.searchParams.has('missed'));
    await doug.goBack();
    await doug.waitForURL((url) => !url.searchParams.has('call'));
    await past(doug, calls.gaveUp).waitFor();
  });

  test('the file has every call that fits, and nothing in it is a formula', async () => {
    await doug.goto(`${stack.url}/history?q=0112`);
    await counted(doug, '2 calls');
    const [download] = await Promise.all([
      doug.waitForEvent('download', { timeout: PATIENCE_MS }),
      doug.getByRole('button', { name: 'Save as CSV' }).click(),
    ]);
    assert.match(download.suggestedFilename(), /^calls-\d{4}-\d\d-\d\d\.csv$/);
    const text = await readFile(await download.path(), 'utf8');
    const lines = text.split('\r\n');
    assert.equal(lines.length, 4, 'a head, two calls, and an end');
    assert.ok(lines[0].startsWith('\ufeff"Began ('));
    assert.ok(lines[1].includes('"Wants ""blue"", not red"'), lines[1]);
    assert.ok(lines[1].includes(`"${calls.back.id}"`) && lines[2].includes(`"${calls.settled.id}"`));
    await doug.getByText('2 calls were saved.').waitFor();
    await doug.goto(`${stack.url}/history`);
    await counted(doug, '61 calls');
    const [all] = await Promise.all([
      doug.waitForEvent('download', { timeout: PATIENCE_MS }),
      doug.getByRole('button', { name: 'Save as CSV' }).click(),
    ]);
    const table = await readFile(await all.path(), 'utf8');
    assert.equal(table.split('\r\n').length, 63);
    assert.ok(table.includes(`"'=HYPERLINK(""http://x"")"`));
    assert.doesNotMatch(table, /(^|,)"(?!\+\d+")[=+\-@]/m, 'a whole number is no formula');
  });

  test('a history that does not come says so and comes when it is asked for again', async () => {
    await doug.route('**/rpc/search_calls**', (route) => route.abort());
    await doug.goto(`${stack.url}/history?q=blue`);
    await doug.getByText('The history could not be loaded').waitFor({ timeout: PATIENCE_MS });
    await doug.unroute('**/rpc/search_calls**');
    await doug.getByRole('button', { name: 'Try again' }).click();
    await counted(doug, '1 call');
  });

  test('the call whose details are open is marked, and has the keyboard again after them', async () => {
    await doug.goto(`${stack.url}/history?q=202`);
    for (const call of [calls.back, calls.settled]) {
      await past(doug, call).getByRole('link').click();
      await doug.locator('.past[aria-current]').and(past(doug, call)).waitFor({ timeout: PATIENCE_MS });
      await poll('the title to have the keyboard', () => doug.evaluate(() => document.activeElement.id === 'drawer-title'));
    }
    await screenshot(doug, 'history-open');
    await doug.keyboard.press('Escape');
    await doug.getByTestId('drawer').waitFor({ state: 'detached' });
    const link = past(doug, calls.settled).getByRole('link');
    await poll('the keyboard on that row', () => link.evaluate((it) => it === document.activeElement));
    // Also from beside the panel.
    await doug.keyboard.press('Enter');
    await doug.getByTestId('drawer').waitFor();
    await doug.getByRole('link', { name: 'Team', exact: true }).focus();
    await doug.keyboard.press('Escape');
    await doug.getByTestId('drawer').waitFor({ state: 'detached' });
  });

  test('what a live call does is told as it happens', async () => {
    const call = await placeCall(stack, { from: '+12025550177' });
    const change = (body) => stack.rest(`calls?id=eq.${call.id}`, { method: 'PATCH', body });
    await doug.goto(`${stack.url}/history?q=5550177`);
    await past(doug, call).getByText('Ringing now').waitFor({ timeout: PATIENCE_MS });
    await change({ voicemail_at: new Date().toISOString() });
    await past(doug, call).getByText('Leaving a message now').waitFor({ timeout: PATIENCE_MS });
    await doug.getByRole('link', { name: 'Board', exact: true }).click();
    await doug.getByText('Nobody is waiting').waitFor({ timeout: PATIENCE_MS });
    await doug.getByTestId(`call-${call.id}`).getByText('Leaving a message').waitFor({ timeout: PATIENCE_MS });
    await screenshot(doug, 'leaves-a-message');
    await change({ status: 'ended', end_reason: 'abandoned' });
  });

  test('another room begins at its top', async () => {
    await doug.setViewportSize({ width: 390, height: 420 });
    await doug.evaluate(() => scrollTo(0, 10_000));
    assert.ok(await doug.evaluate(() => scrollY > 0));
    await doug.getByRole('link', { name: 'Settings', exact: true }).click();
    await doug.getByRole('heading', { name: 'Settings', exact: true }).waitFor({ timeout: PATIENCE_MS });
    assert.equal(await doug.evaluate(() => scrollY), 0);
    await doug.setViewportSize({ width: 1440, height: 900 });
  });

  test('it is legible and accessible, wide and narrow, light and dark', async () => {
    await doug.goto(`${stack.url}/history?q=202`);
    await past(doug, calls.back).waitFor({ timeout: PATIENCE_MS });
    await expectLegible(doug, 'history');
  });
});
