// A board in Spanish, for a browser that says so: what the database refuses is said in Spanish too.

import assert from 'node:assert/strict';
import test from 'node:test';
import { button, callCard, settled } from '../board.mjs';
import { TEAM, beyond, launch, resting, screenshot, tab } from '../browser.mjs';
import { member } from '../member.mjs';
import { poll } from '../poll.mjs';
import { Stack } from '../stack.mjs';
import { placeCall } from '../twilio.mjs';

const PATIENCE_MS = 60_000;

test('a board in Spanish says in Spanish what the database refuses', async (t) => {
  const stack = await Stack.start();
  t.after(() => stack.stop());
  const browser = await launch();
  t.after(() => browser.close());
  const rhonda = await member(stack, 'Rhonda');

  const page = await tab(await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'es-MX' }), 'Doug');
  await page.goto(stack.url);
  await page.getByLabel('Correo').fill(TEAM.Doug.email);
  await page.getByLabel('Contraseña').fill('switchboard');
  await page.getByRole('button', { name: 'Entrar' }).click();
  await page.getByTestId('link-state').getByText('En vivo').waitFor({ timeout: PATIENCE_MS });
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'es');

  const mine = await placeCall(stack, { from: '+14155550151' });
  const other = await placeCall(stack, { from: '+14155550152' });
  await button(page, mine, 'Contestar').click();
  await settled(page);
  await button(page, mine, 'Aparcar').waitFor();
  const held = [];
  await page.route('**/rest/v1/calls?*', (route) =>
    route.request().method() === 'PATCH' ? held.push(route) : route.continue(),
  );

  // While my transfer is on its way to the database, she takes another call.
  await button(page, mine, 'Transferir').click();
  await page.getByRole('group', { name: 'Transferir a' }).getByRole('button', { name: /Rhonda/ }).click();
  await poll('the request', () => held.length > 0, PATIENCE_MS);
  await rhonda(`calls?id=eq.${other.id}&status=eq.ringing`, { status: 'active', assigned_to: TEAM.Rhonda.id });
  const answer = page.waitForResponse((response) => response.request().method() === 'PATCH');
  await held.shift().continue();
  const refused = await (await answer).json();
  assert.deepEqual([refused.code, refused.hint], ['PT409', 'colleague_busy'], 'it is the database that says no');
  await page.getByTestId('notice').getByText('Esa persona está en otra llamada.').waitFor({ timeout: PATIENCE_MS });
  await settled(page);
  await callCard(page, mine).getByText('Hablando').waitFor();
  assert.equal(await page.getByTestId('notice').count(), 1);
  assert.ok(!(await page.getByTestId('notice').innerText()).includes(refused.message), 'in one language only');
  await screenshot(page, 'spanish');
  // Chromium says of every refusal that a request failed.
  assert.deepEqual(page.complaints.filter((words) => !words.includes('Failed to load resource')), []);

  // Spanish words are longer, and 320 px is what the narrowest telephone has, or a desk at 400 %.
  await page.setViewportSize({ width: 320, height: 800 });
  const rooms = {
    '': page.getByRole('heading', { name: 'Llamadas entrantes' }),
    history: page.locator('.past').first(),
    replay: page.getByTestId('past'),
    wallboard: page.locator('.figures-day').first(),
    team: page.locator('.team-list').getByText('Rhonda').first(),
    settings: page.locator('.settings-list > *').first(),
    [`history?call=${other.id}`]: page.getByTestId('drawer').getByRole('heading', { name: 'Notas' }),
  };
  for (const [room, shown] of Object.entries(rooms)) {
    await page.goto(`${stack.url}/${room}`);
    await page.getByTestId('link-state').getByText('En vivo').waitFor({ state: 'attached', timeout: PATIENCE_MS });
    await shown.waitFor({ timeout: PATIENCE_MS });
    await resting(page);
    await screenshot(page, `spanish-320-${room.replace(/\W.*/, '-call') || 'board'}`);
    assert.equal(await beyond(page), 0, `/${room} scrolls sideways`);
  }
});
