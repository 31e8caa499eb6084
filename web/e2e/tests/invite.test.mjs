// A supervisor invites a colleague, who opens the link, chooses a password, and takes calls.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { agentCard, button } from '../board.mjs';
import { launch, live, screenshot, signIn, tab } from '../browser.mjs';
import { flaws } from '../legible.mjs';
import { poll } from '../poll.mjs';
import { Stack } from '../stack.mjs';
import { placeCall } from '../twilio.mjs';

const PATIENCE_MS = 60_000;
const EVE = { email: 'eve@example.com', password: 'a long enough one' };

describe('inviting a colleague', { timeout: 300_000 }, () => {
  let stack, browser, sue;

  before(async () => {
    stack = await Stack.start();
    browser = await launch();
    sue = await signIn(browser, stack.url, 'Sue');
    await sue.goto(`${stack.url}/team`);
  });

  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  const panel = () => sue.getByTestId('invite');
  const line = (name) => panel().getByRole('listitem').filter({ hasText: name });

  /** Sue makes a link for that person. */
  async function invite(name) {
    await panel().getByLabel('Name').fill(name);
    await panel().getByRole('button', { name: 'Make the link' }).click();
    await panel().getByText(`Send this link to ${name}.`).waitFor({ timeout: PATIENCE_MS });
    await line(name).waitFor({ timeout: PATIENCE_MS });
    const field = panel().getByTestId('invite-link');
    await poll('the link to be ready for copying', () =>
      field.evaluate((input) => input === document.activeElement && input.selectionEnd === input.value.length),
    );
    return field.inputValue();
  }

  /** A browser that nobody has used yet, where the link is opened. */
  async function newcomer(link, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const page = await tab(context, 'Eve');
    await page.goto(link);
    return page;
  }

  async function join(page, { email, password }) {
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Join the team' }).click();
  }

  const members = async () => (await stack.rest('voip_users?select=display_name')).map((row) => row.display_name).sort();

  test('a link is made once for a name, and stands on the list', async () => {
    await panel().getByRole('button', { name: 'Make the link' }).click({ timeout: PATIENCE_MS });
    await panel().getByText('A member needs a name.').waitFor();
    const link = await invite('Nobody');
    assert.match(link, new RegExp(`^${stack.url}/#join=[0-9a-f]{64}$`));
    await line('Nobody').getByText(/^Invited by Sue, until .*\d/).waitFor();
  });

  test('whoever opens it chooses a password, goes on duty and answers a call', async () => {
    const asked = [];
    const link = await invite('Eve');
    const eve = await newcomer(link);
    eve.on('request', (request) => asked.push(`${request.url()} ${request.headers().referer ?? ''}`));
    await eve.getByRole('heading', { name: 'Welcome' }).waitFor({ timeout: PATIENCE_MS });
    await join(eve, { ...EVE, password: 'short' });
    await eve.getByText('a password of at least 8 characters').waitFor({ timeout: PATIENCE_MS });
    await join(eve, { ...EVE, email: 'doug@example.com' });
    await eve.getByText('This email has an account already.').waitFor({ timeout: PATIENCE_MS });
    await join(eve, EVE);
    await live(eve);
    assert.equal(eve.url(), `${stack.url}/`, 'the link is not in the address any more');
    const secret = link.split('=')[1];
    assert.deepEqual(asked.filter((words) => words.includes(secret)), [], 'nor was it in any request\'s');

    const [row] = await stack.rest('voip_users?display_name=eq.Eve');
    assert.deepEqual([row.role, row.is_available], ['agent', false]);
    await eve.getByRole('switch', { name: /duty/i }).click();
    const call = await placeCall(stack, { from: '+12025550170' });
    await button(eve, call, 'Answer').click();
    await agentCard(eve, row).getByTestId(`call-${call.id}`).waitFor({ timeout: PATIENCE_MS });
    await sue.getByTestId(`member-${row.identity}`).waitFor({ timeout: PATIENCE_MS });
    await line('Eve').waitFor({ state: 'detached', timeout: PATIENCE_MS });
    await sue.getByTestId('invite-link').waitFor({ state: 'detached', timeout: PATIENCE_MS });

    const second = await newcomer(link);
    await join(second, { email: 'mallory@example.com', password: EVE.password });
    await second.getByText('This invitation has been used or is over.').waitFor({ timeout: PATIENCE_MS });
    await second.getByRole('heading', { name: 'Sign in' }).waitFor();
    await second.getByText('Forgotten your password? Ask whoever').waitFor();
    await screenshot(second, 'invite-over-1440-light');
    await second.getByLabel('Email').fill(EVE.email);
    await second.getByLabel('Password').fill(EVE.password);
    await second.getByRole('button', { name: 'Sign in' }).click();
    await live(second);
    for (const page of [eve, second]) await page.context().close();
  });

  test('an invitation that was taken back lets nobody in', async () => {
    const link = await invite('Mallory');
    const mallory = await newcomer(stack.url);
    await mallory.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: PATIENCE_MS });
    // Pasted over the address of a page that is there already.
    await mallory.goto(link);
    await mallory.getByRole('heading', { name: 'Welcome' }).waitFor({ timeout: PATIENCE_MS });
    await line('Mallory').getByRole('button', { name: 'Withdraw' }).click();
    await line('Mallory').waitFor({ state: 'detached', timeout: PATIENCE_MS });
    assert.equal(await panel().getByTestId('invite-link').count(), 0);
    await join(mallory, { email: 'mallory@example.com', password: 'a long enough one' });
    await mallory.getByText('This invitation has been used or is over.').waitFor({ timeout: PATIENCE_MS });
    await mallory.context().close();
    assert.deepEqual(await members(), ['Doug', 'Eve', 'Rhonda', 'Sue']);
  });

  test('an agent invites nobody', async () => {
    const doug = await signIn(browser, stack.url, 'Doug');
    await doug.goto(`${stack.url}/team`);
    await doug.getByTestId('member-supervisor_sue').waitFor({ timeout: PATIENCE_MS });
    assert.equal(await doug.getByTestId('invite').count(), 0);
    const status = await doug.evaluate(async () => {
      const { supabase_url: url, supabase_key: apikey } = await (await fetch('/config.json')).json();
      const [session] = Object.entries(localStorage).filter(([key]) => key.startsWith('switchboard.session'));
      const token = JSON.stringify(session).match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/)[0];
      const headers = { apikey, authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ name: 'Friend', role: 'supervisor' });
      return (await fetch(`${url}/rest/v1/rpc/invite_member`, { method: 'POST', headers, body })).status;
    });
    assert.equal(status, 403);
    await doug.context().close();
  });

  test('both pages are good to look at on each screen', async () => {
    const link = await invite('Frederica');
    const frederica = await newcomer(link);
    await frederica.getByRole('heading', { name: 'Welcome' }).waitFor({ timeout: PATIENCE_MS });
    const found = [
      ...(await flaws(sue, 'invite', { pictures: true })),
      ...(await flaws(frederica, 'join', { pictures: true })),
    ];
    assert.deepEqual(found, []);
    for (const [width, colorScheme] of [[390, 'light'], [768, 'dark']]) {
      await sue.setViewportSize({ width, height: 900 });
      await sue.emulateMedia({ colorScheme });
      await panel().evaluate((element) => element.scrollIntoView({ block: 'center' }));
      await screenshot(sue, `invite-panel-${width}-${colorScheme}`);
    }
    await frederica.context().close();
    assert.deepEqual(sue.complaints, []);
  });
});
