// The replay shows, at any moment of the log, what the live board showed then.

import assert from 'node:assert/strict';
import { serious } from '../axe.mjs';
import { agentCard, button, callCard, slot } from '../board.mjs';
import { TEAM, screenshot, signIn } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { tell } from '../story.mjs';
import { placeCall } from '../twilio.mjs';

const PATIENCE_MS = 60_000;
/** What was made so shortly ago is not replayed yet. */
const SETTLED_MS = 2_000;

tell('the replay shows what the board showed', story);

/** Every call's card below that element: where it stands and what it says, without times and buttons. */
const cards = (page, root) =>
  page.evaluate((root) => {
    const place = (card) =>
      card.closest('[data-testid^=agent-], [data-testid^=slot-]')?.dataset.testid ??
      card.closest('[data-area]').dataset.area;
    const words = (card) => {
      const found = [];
      const texts = document.createTreeWalker(card, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const word = texts.currentNode.data.trim();
        const parent = texts.currentNode.parentElement;
        if (word && !parent.closest('button, time, .incoming-wait-word, .incoming-hint, .transfer')) found.push(word);
      }
      return found.join(' | ');
    };
    return [...document.querySelectorAll(`${root} [data-testid^=call-]`)]
      .map((card) => `${place(card)}: ${card.dataset.testid} ${words(card)}`)
      .sort();
  }, root);

const live = (page) => cards(page, 'main.board');
const past = (page) => cards(page, '.replay-board');
const moment = (page) => new URL(page.url()).searchParams.get('at');
const slider = (page) => page.getByRole('slider', { name: 'Moment' });
const shown = (page) => page.getByTestId('past').textContent();

/** When the newest change was made, in whole milliseconds at which it has happened. */
async function newest(stack) {
  const [{ at }] = await stack.rest('call_events?select=at&order=id.desc&limit=1');
  return Date.parse(at) + 1;
}

/** Goes to a moment by its link, within the page. */
async function visit(page, ms) {
  await page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, `/replay?at=${new Date(ms).toISOString()}`);
}

async function story(t, stack, browser) {
  const doug = await signIn(browser, stack.url, 'Doug');
  const sue = await signIn(browser, stack.url, 'Sue', { locale: 'en-US', timezoneId: 'UTC' });
  const begun = Date.now();
  const seen = [];
  const record = async (what) => {
    const at = await newest(stack);
    seen.push({ what, at, cards: await live(doug) });
  };

  await t.test('a log is made, and the live board noted at each step', async () => {
    const first = await placeCall(stack, { from: '+12025550101' });
    await callCard(doug, first).waitFor();
    await record('it rings');
    const second = await placeCall(stack, { from: '+442079460321' });
    await callCard(doug, second).waitFor();
    await record('two ring');
    await button(doug, first, 'Answer').click();
    await agentCard(doug, TEAM.Doug).getByTestId(`call-${first.id}`).waitFor();
    await poll('the answer', async () => (await stack.rest(`calls?id=eq.${first.id}&select=status`))[0].status === 'active');
    await record('one is answered');
    await button(doug, first, 'Hold').click();
    await poll('the music', async () => (await stack.rest(`calls?id=eq.${first.id}&select=on_hold`))[0].on_hold);
    await doug.locator('.on-call[data-held=true]').waitFor();
    await record('it is on hold');
    await button(doug, first, 'Park').click();
    await poll('the slot', async () => (await stack.rest(`calls?id=eq.${first.id}&select=status`))[0].status === 'parked');
    await slot(doug, 1).getByTestId(`call-${first.id}`).waitFor();
    await record('it is parked');
    await button(doug, second, 'Answer').click();
    await poll('the answer', async () => (await stack.rest(`calls?id=eq.${second.id}&select=status`))[0].status === 'active');
    await agentCard(doug, TEAM.Doug).getByTestId(`call-${second.id}`).waitFor();
    await record('the other is answered');
    await button(doug, second, 'End call').click();
    await poll('the end', async () => (await stack.rest(`calls?id=eq.${second.id}&select=status`))[0].status === 'ended');
    await callCard(doug, second).waitFor({ state: 'detached' });
    await record('one is left');
    await poll('the log to be settled', () => Date.now() - seen.at(-1).at > SETTLED_MS + 500);
  });

  await t.test('the replayed board is the live one, card by card, forwards and back', async () => {
    await sue.getByRole('link', { name: 'Replay' }).click();
    await sue.getByTestId('past').waitFor({ timeout: PATIENCE_MS });
    for (const step of [...seen, ...seen.toReversed()]) {
      await visit(sue, step.at);
      let replayed;
      await poll(
        step.what,
        async () => {
          replayed = await past(sue);
          return JSON.stringify(replayed) === JSON.stringify(step.cards);
        },
        30_000,
      ).catch(() => assert.deepEqual(replayed, step.cards, step.what));
    }
  });

  await t.test('it is marked as the past, and nothing of it can be done', async () => {
    // Until then it is a moment ago.
    await poll('the moment to be past', () => Date.now() - seen[2].at > 2 * SETTLED_MS + 500);
    await visit(sue, seen[2].at);
    await poll('the words', async () => /^This is the past: \w+, \w+ \d+/.test(await shown(sue)), 30_000);
    assert.equal(await sue.locator('.replay-board button:visible').count(), 0);
    assert.equal(await sue.locator('.replay-board [data-movable=true]').count(), 0);
  });

  await t.test('running times are those of then, and stand while the live ones go on', async () => {
    const at = seen.at(-1).at + 1_500;
    await visit(sue, at);
    const [{ parked_at: since }] = await stack.rest('calls?status=eq.parked&select=parked_at');
    const seconds = Math.floor(at / 1000) - Math.floor(Date.parse(since) / 1000);
    const then = () => sue.locator('.replay-board .parked time').textContent();
    const now = () => sue.locator('main.board .parked time').textContent();
    const expected = `0:${String(seconds).padStart(2, '0')}`;
    await poll('the time of then', async () => (await then()) === expected, 30_000);
    const before = await now();
    await poll('the live time to go on', async () => (await now()) !== before, 30_000);
    assert.equal(await then(), expected);
  });

  await t.test('arrows go change by change, Page keys by minutes, Home and End to the edges', async () => {
    const ticks = async (ms) => poll(`the moment ${ms}`, () => moment(sue) && Date.parse(moment(sue)) === ms, 30_000);
    const log = await stack.rest('call_events?select=at&order=id');
    const at = log.map((row) => Date.parse(row.at) + (/\.\d{3}[1-9]|\.\d{4}[1-9]|\.\d{5}[1-9]/.test(row.at) ? 1 : 0));
    // A key means the moment that is shown: one far away first, so that the slider tells when it is this one.
    for (const ms of [begun - 60_000, at[1]]) {
      await visit(sue, ms);
      const second = String(Math.floor(ms / 1000));
      await poll('the slider there', async () => (await slider(sue).inputValue()) === second, PATIENCE_MS);
    }
    await slider(sue).focus();
    await sue.keyboard.press('ArrowRight');
    await ticks(at[2]);
    await sue.keyboard.press('ArrowLeft');
    await ticks(at[1]);
    await sue.keyboard.press('PageDown');
    await ticks(at[1] - 60_000);
    await sue.keyboard.press('PageUp');
    await ticks(at[1]);
    await sue.keyboard.press('Home');
    await poll('midnight', () => Date.parse(moment(sue)) % 86_400_000 === 0, 30_000);
    await sue.getByText('The log begins on').waitFor();
    assert.deepEqual(await past(sue), [], 'nothing was there before the first call');
    // The next change is far away, and is asked for.
    await sue.keyboard.press('ArrowRight');
    await ticks(at[0]);
    await sue.keyboard.press('End');
    await sue.getByText('You have reached the present.').waitFor({ timeout: PATIENCE_MS });
    await poll('the board of now', async () => JSON.stringify(await past(sue)) === JSON.stringify(seen.at(-1).cards), 30_000);
    assert.match(await slider(sue).getAttribute('aria-valuetext'), /\d+:\d\d:\d\d/);
  });

  await t.test('the line shows an hour for whoever looks for a second', async () => {
    await visit(sue, begun);
    await sue.getByRole('button', { name: '1 hour' }).click();
    const edge = async (name) => Number(await slider(sue).getAttribute(name)) * 1000;
    const hour = begun - (begun % 3_600_000);
    await poll('the hour', async () => (await edge('min')) === hour && (await edge('max')) === hour + 3_600_000, 30_000);
    await screenshot(sue, 'replay-hour');
    await visit(sue, hour - 60_000);
    await poll('the hour before', async () => (await edge('max')) === hour, 30_000);
    await sue.getByRole('button', { name: 'Whole day' }).click();
    await poll('the day', async () => (await edge('max')) - (await edge('min')) === 86_400_000, 30_000);
  });

  await t.test('what happened is told in words, and each line leads to its moment', async () => {
    await visit(sue, seen.at(-1).at);
    const list = sue.getByRole('region', { name: 'What happened' });
    await list.getByText('Doug parks Ada Moreno in slot 1').waitFor({ timeout: PATIENCE_MS });
    await list.getByText('Doug parks Ada Moreno in slot 1').click();
    const step = seen.find(({ what }) => what === 'it is parked');
    await poll('the board of that line', async () => JSON.stringify(await past(sue)) === JSON.stringify(step.cards), 30_000);
    assert.match(await list.locator('[aria-current]').textContent(), /Doug parks/);
    // The moment is a link that a colleague can open.
    await poll('the link', () => moment(sue) && Math.abs(Date.parse(moment(sue)) - step.at) < 2);
    await sue.reload();
    await sue.getByTestId('past').waitFor({ timeout: PATIENCE_MS });
    await poll('the same board', async () => JSON.stringify(await past(sue)) === JSON.stringify(step.cards), PATIENCE_MS);
  });

  await t.test('it plays by itself, leaves silence out and stops at the present', async () => {
    await visit(sue, begun - 5 * 60_000);
    await sue.getByLabel('Speed').selectOption('60');
    await sue.getByRole('button', { name: 'Play' }).click();
    await poll('the first call', async () => (await past(sue)).length > 0, PATIENCE_MS);
    await sue.getByText('You have reached the present.').waitFor({ timeout: PATIENCE_MS });
    await sue.getByRole('button', { name: 'Play' }).waitFor({ timeout: PATIENCE_MS });
    await poll('the board of now', async () => JSON.stringify(await past(sue)) === JSON.stringify(seen.at(-1).cards), 30_000);
  });

  await t.test('nothing serious for those who see little, and it looks as it should', async () => {
    await visit(sue, seen[4].at);
    await poll('the parked call', async () => JSON.stringify(await past(sue)) === JSON.stringify(seen[4].cards), 30_000);
    assert.deepEqual(await serious(sue), []);
    for (const scheme of ['light', 'dark']) {
      await sue.emulateMedia({ colorScheme: scheme });
      for (const [width, height] of [[1920, 1080], [1440, 900], [768, 1024], [390, 844]]) {
        await sue.setViewportSize({ width, height });
        await screenshot(sue, `replay-${scheme}-${width}`);
        const overflow = await sue.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${width}: ${overflow} px too wide`);
      }
    }
    assert.deepEqual(await serious(sue), [], 'in the dark, on a phone');
    await sue.emulateMedia({ colorScheme: 'light' });
    await sue.setViewportSize({ width: 1440, height: 900 });
  });

  await t.test('a failed piece says so and can be asked for again', async () => {
    await sue.route('**/rpc/board_at*', (route) => route.abort());
    await visit(sue, begun - 60 * 60_000);
    await sue.getByText('The log could not be loaded').waitFor({ timeout: PATIENCE_MS });
    await sue.unroute('**/rpc/board_at*');
    await sue.getByRole('button', { name: 'Try again' }).click();
    await sue.getByText('The log could not be loaded').waitFor({ state: 'detached', timeout: PATIENCE_MS });
    await sue.locator('.replay-board [data-area=incoming]').waitFor();
  });

  await t.test('a piece that fails once nobody wants it any more keeps no other one waiting', async () => {
    const held = [];
    await sue.route('**/rpc/board_at*', (route) => held.push(route));
    await visit(sue, begun - 3 * 60 * 60_000);
    await poll('the first request', () => held.length === 1, PATIENCE_MS);
    await visit(sue, begun - 4 * 60 * 60_000);
    await sue.locator('.replay-board[aria-busy=true]').waitFor({ timeout: PATIENCE_MS });
    await held[0].abort();
    await poll('the second request', () => held.length === 2, PATIENCE_MS);
    await held[1].continue();
    await sue.unroute('**/rpc/board_at*');
    await sue.locator('.replay-board [data-area=incoming]').waitFor({ timeout: PATIENCE_MS });
    // The one that failed is asked for again by whoever comes back.
    await visit(sue, begun - 3 * 60 * 60_000);
    await sue.locator('.replay-board [data-area=incoming]').waitFor({ timeout: PATIENCE_MS });
  });

  await t.test('a silence whose end is not found is not the present', async () => {
    await sue.route('**/call_events?select=at&*', (route) => route.abort());
    await visit(sue, begun - 3 * 60 * 60_000);
    await sue.locator('.replay-board [data-area=incoming]').waitFor({ timeout: PATIENCE_MS });
    await sue.getByRole('button', { name: 'Play' }).click();
    await sue.getByTestId('notice').getByText('The server does not answer').waitFor({ timeout: PATIENCE_MS });
    await sue.getByRole('button', { name: 'Play' }).waitFor({ timeout: PATIENCE_MS });
    assert.equal(await sue.getByText('You have reached the present.').count(), 0);
    await sue.unroute('**/call_events?select=at&*');
    await sue.getByRole('button', { name: 'Play' }).click();
    await poll('the first call', async () => (await past(sue)).length > 0, PATIENCE_MS);
  });

  await t.test('the way back leads to the live board', async () => {
    await sue.getByRole('button', { name: 'Back to the live board' }).click();
    await poll('the board', async () => JSON.stringify(await live(sue)) === JSON.stringify(seen.at(-1).cards), 30_000);
    assert.equal(await sue.locator('main.board').isVisible(), true);
    const broken = sue.complaints.filter((line) => !/ERR_FAILED/.test(line));
    assert.deepEqual(broken, []);
  });
}
