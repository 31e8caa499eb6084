// The wallboard says what the database counts, as it changes, and shows it at every size.

import assert from 'node:assert/strict';
import { serious } from '../axe.mjs';
import { TEAM, screenshot, signIn } from '../browser.mjs';
import { button, slot } from '../board.mjs';
import { poll } from '../poll.mjs';
import { tell } from '../story.mjs';
import { incoming, placeCall, post } from '../twilio.mjs';

const PATIENCE_MS = 60_000;

tell('the wallboard shows what the database counts', story);

const figure = (page, name) => page.getByTestId(`figure-${name}`).locator('.figure-value');

/** What the page says of the day, figure by figure. */
const said = (page) =>
  page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll('.wallboard [data-testid^=figure-]')].map((box) => [
        box.dataset.testid.slice('figure-'.length),
        box.querySelector('.figure-value').textContent,
      ]),
    ),
  );

const clock = (seconds) => {
  const whole = Math.floor(Math.round(seconds * 1000) / 1000);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
};

/** What the page should say, from the database's own answer. */
async function counted(stack) {
  const [row] = await stack.rest('rpc/wallboard');
  const nothing = '–';
  return {
    waiting: String(row.waiting),
    talking: String(row.talking),
    parked: String(row.parked),
    offered: String(row.offered),
    answered: String(row.answered),
    abandoned: String(row.abandoned),
    missed: String(row.missed),
    voicemail: String(row.voicemail),
    level: row.service_level === null ? nothing : `${Math.round(row.service_level * 100)}%`,
    median: row.median_answer_s === null ? nothing : clock(row.median_answer_s),
    p95: row.p95_answer_s === null ? nothing : clock(row.p95_answer_s),
  };
}

/** Waits until the page says what the database counts. */
async function agrees(stack, page) {
  let shown;
  let expected;
  await poll(
    'the page to say what the database counts',
    async () => {
      expected = await counted(stack);
      shown = await said(page);
      return Object.entries(expected).every(([name, value]) => shown[name] === value);
    },
    PATIENCE_MS,
  ).catch(() => assert.deepEqual({ ...shown }, expected));
  return expected;
}

async function story(t, stack, browser) {
  const doug = await signIn(browser, stack.url, 'Doug');
  const sue = await signIn(browser, stack.url, 'Sue', { locale: 'en-US', timezoneId: 'America/New_York' });

  await t.test('a day without calls divides by nothing', async () => {
    await sue.getByRole('link', { name: 'Wallboard' }).click();
    await figure(sue, 'waiting').waitFor();
    const figures = await agrees(stack, sue);
    assert.equal(figures.level, '–');
    assert.equal(await figure(sue, 'longest').textContent(), '–');
    assert.equal(await sue.locator('.chart .bar').count(), 0);
  });

  await t.test('figures follow the board by themselves', async () => {
    const calls = [];
    for (const from of ['+12025550101', '+12025550102', '+12025550103', '+12025550104']) {
      calls.push(await placeCall(stack, { from }));
    }
    await poll('four to wait', async () => (await figure(sue, 'waiting').textContent()) === '4', PATIENCE_MS);
    assert.match(await figure(sue, 'longest').textContent(), /^\d+:\d\d$/);
    const [answered, parked, left] = calls;
    await button(doug, answered, 'Answer').click();
    await button(doug, answered, 'End call').click();
    await button(doug, parked, 'Answer').click();
    await button(doug, parked, 'Park').click();
    await slot(doug, 1).getByTestId(`call-${parked.id}`).waitFor();
    // One caller hangs up, whom nobody had answered.
    const form = { ...incoming(), CallSid: left.sid, CallStatus: 'completed' };
    assert.equal((await post(`${stack.url}/twilio/status`, form)).status, 204);
    await poll('the caller to be gone', async () => {
      const [row] = await stack.rest(`calls?id=eq.${left.id}&select=status`);
      return row.status === 'ended';
    });
    const figures = await agrees(stack, sue);
    assert.equal(figures.waiting, '1');
    assert.equal(figures.offered, '3');
    assert.equal(figures.answered, '2');
    assert.equal(figures.abandoned, '1');
    assert.equal(figures.parked, '1');
  });

  await t.test('the longest wait ticks, and says when it is over the goal', async () => {
    const seconds = async () => {
      const [minutes, rest] = (await figure(sue, 'longest').textContent()).split(':');
      return Number(minutes) * 60 + Number(rest);
    };
    const before = await seconds();
    await poll('the time to go on', async () => (await seconds()) > before, PATIENCE_MS);
    await sue.getByTestId('figure-longest').getByText('over the goal of 20 s').waitFor({ timeout: PATIENCE_MS });
    const [row] = await stack.rest('rpc/wallboard');
    assert.ok(Math.abs(row.longest_wait_s - (await seconds())) <= 3, 'as long as the database says');
  });

  await t.test('the chart and its table have the hours of the database', async () => {
    const hours = await stack.rest('rpc/wallboard_hours');
    const sum = hours.reduce((all, hour) => all + hour.offered, 0);
    await sue.getByText('As a table').click();
    const table = await sue.locator('.wall-table tbody tr').evaluateAll((rows) =>
      rows.map((row) => [...row.cells].map((cell) => cell.textContent)),
    );
    const shown = table.map((row) => row[1]);
    assert.equal(shown.reduce((all, count) => all + (Number(count) || 0), 0), sum);
    // Hours that have not begun are said to be unknown, and those without calls to be empty.
    const ahead = hours.filter((hour) => Date.parse(hour.starts_at) > Date.now());
    const drawn = new Set(shown.map((_, index) => index));
    assert.ok(ahead.length === 0 || shown.at(-1) === '–' || drawn.size < 24);
    assert.ok((await sue.locator('.chart .bar').count()) >= 1);
    const zero = await sue.locator('.chart .grid[data-zero=true]').getAttribute('y1');
    assert.equal(zero, '100.00%');
    const heights = await sue.locator('.chart .bar').evaluateAll((bars) =>
      bars.map((bar) => Number.parseFloat(bar.getAttribute('y')) + Number.parseFloat(bar.getAttribute('height'))),
    );
    assert.ok(heights.some((foot) => Math.abs(foot - 100) < 0.01), 'bars stand on the zero');
  });

  await t.test('each agent has the database’s numbers', async () => {
    for (const agent of await stack.rest('rpc/wallboard_agents')) {
      const cells = await sue.getByTestId(`row-${agent.member_id}`).locator('td').allTextContents();
      assert.equal(cells[0], String(agent.answered), agent.display_name);
      assert.equal(cells[1], String(agent.handled), agent.display_name);
    }
    const cells = await sue.getByTestId(`row-${TEAM.Doug.id}`).locator('td').allTextContents();
    assert.equal(cells[0], '2');
  });

  await t.test('an agent does here what they do on the board', async () => {
    const one = (page, place) => page.locator(place).textContent();
    for (const member of Object.values(TEAM)) {
      const onBoard = await one(doug, `[data-testid="agent-${member.identity}"] .agent-head .state`);
      const here = await one(sue, `[data-testid="row-${member.id}"] .state`);
      assert.equal(here, onBoard, member.identity);
    }
    const duty = (isOn) => stack.rest(`voip_users?id=eq.${TEAM.Rhonda.id}`, { method: 'PATCH', body: { is_available: isOn } });
    await duty(false);
    await sue.getByTestId(`row-${TEAM.Rhonda.id}`).getByText('Off duty').waitFor({ timeout: PATIENCE_MS });
    await duty(true);
    await sue.getByTestId(`row-${TEAM.Rhonda.id}`).getByText('Available').waitFor({ timeout: PATIENCE_MS });
  });

  await t.test('every figure says what it means, as the database puts it', async () => {
    const words = await stack.rest('rpc/figures_in_words');
    const of = (list, name) => words.find((row) => row.list === list && row.figure === name).words;
    const label = sue.getByTestId('figure-missed').getByRole('button');
    const why = sue.locator('#why-missed');
    assert.equal(await why.isVisible(), false);
    await label.focus();
    await why.waitFor();
    await sue.keyboard.press('Escape');
    await sue.mouse.move(0, 0);
    await why.waitFor({ state: 'hidden' });
    await sue.getByTestId('figure-missed').hover();
    await why.waitFor();
    await sue.mouse.move(0, 0);
    const columns = {
      waiting: 'waiting', longest: 'longest_wait_s', talking: 'talking', parked: 'parked', offered: 'offered',
      answered: 'answered', abandoned: 'abandoned', missed: 'missed', voicemail: 'voicemail', level: 'service_level',
      median: 'median_answer_s', p95: 'p95_answer_s',
    };
    for (const [name, column] of Object.entries(columns)) {
      assert.equal(await sue.locator(`#why-${name}`).textContent(), of('wallboard_figures', column), name);
    }
  });

  await t.test('another day is in the address, and back is back', async () => {
    await sue.getByRole('button', { name: 'The day before' }).click();
    await poll('the day in the address', () => /day=\d{4}-\d\d-\d\d/.test(sue.url()));
    await poll('the figures of yesterday', async () => (await figure(sue, 'offered').textContent()) === '0', PATIENCE_MS);
    assert.equal(await sue.getByTestId('figure-waiting').count(), 0, 'now is not of yesterday');
    await sue.goBack();
    await figure(sue, 'waiting').waitFor();
    assert.ok(await sue.getByRole('button', { name: 'The day after' }).isDisabled());
  });

  await t.test('nothing serious for those who see little or use a keyboard', async () => {
    assert.deepEqual(await serious(sue), []);
  });

  await t.test('it looks as it should at every size, by day and in the dark', async () => {
    for (const scheme of ['light', 'dark']) {
      await sue.emulateMedia({ colorScheme: scheme });
      for (const [width, height] of [[1920, 1080], [1440, 900], [768, 1024], [390, 844]]) {
        await sue.setViewportSize({ width, height });
        await screenshot(sue, `wallboard-${scheme}-${width}`);
        const overflow = await sue.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${width}: ${overflow} px too wide`);
      }
      await sue.evaluate(() => scrollTo(0, 500));
      await screenshot(sue, `wallboard-${scheme}-390-below`);
      await sue.evaluate(() => scrollTo(0, 0));
    }
    assert.deepEqual(await serious(sue), [], 'in the dark, on a phone');
    await sue.emulateMedia({ colorScheme: 'light' });
  });

  await t.test('alone on a big screen, until Escape', async () => {
    await sue.setViewportSize({ width: 1920, height: 1080 });
    await sue.getByRole('button', { name: 'Full screen' }).click();
    await poll('the address to say so', () => sue.url().includes('big=1'));
    await sue.locator('.header').waitFor({ state: 'hidden' });
    for (const surround of ['.navigation', '.footer']) assert.equal(await sue.locator(surround).isVisible(), false);
    await poll('the whole screen', () => sue.evaluate(() => document.fullscreenElement !== null));
    await sue.mouse.move(0, 0);
    for (const scheme of ['light', 'dark']) {
      await sue.emulateMedia({ colorScheme: scheme });
      await screenshot(sue, `wallboard-big-${scheme}`);
    }
    await sue.emulateMedia({ colorScheme: 'light' });
    const fits = await sue.evaluate(() => document.documentElement.scrollHeight <= innerHeight);
    assert.ok(fits, 'nothing is below the edge');
    const label = await sue.locator('.figures-now .explained button').first().evaluate((one) =>
      Number.parseFloat(getComputedStyle(one).fontSize),
    );
    assert.ok(label >= 24, `labels of ${label} px cannot be read from 5 m`);
    await sue.evaluate(() => document.exitFullscreen());
    await sue.locator('.header').waitFor();
    assert.ok(!sue.url().includes('big=1'));
  });

  await t.test('figures that grow old say since when', async () => {
    await sue.route('**/rpc/wallboard*', (route) => route.abort());
    await placeCall(stack, { from: '+12025550177' });
    await sue.getByText(/These figures are from \d+:\d\d:\d\d/).waitFor({ timeout: PATIENCE_MS });
    await screenshot(sue, 'wallboard-stale');
    await sue.unroute('**/rpc/wallboard*');
    await sue.getByText(/These figures are from/).waitFor({ state: 'detached', timeout: PATIENCE_MS });
    await agrees(stack, sue);
  });

  await t.test('in Spanish', async () => {
    await sue.evaluate(() => localStorage.setItem('switchboard.language', 'es'));
    await sue.reload();
    await sue.getByRole('heading', { name: 'Panel de cifras' }).waitFor({ timeout: PATIENCE_MS });
    await sue.getByText('Se contesta en', { exact: true }).waitFor();
    await screenshot(sue, 'wallboard-es');
  });
}
