// A call's whole way, on three boards at once: Doug's, Rhonda's and the supervisor's.

import assert from 'node:assert/strict';
import { agentCard, button, callCard, expectBoardsEqual, pressTogether, slot } from '../board.mjs';
import { TEAM, screenshot, signIn } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { steps, tell } from '../story.mjs';
import { placeCall } from '../twilio.mjs';

tell('a call rings, is answered once, parked, retrieved, held, handed over and ended on every board', story);

async function story(t, stack, browser) {
  const doug = await signIn(browser, stack.url, 'Doug');
  const rhonda = await signIn(browser, stack.url, 'Rhonda');
  const sue = await signIn(browser, stack.url, 'Sue');
  const boards = [doug, rhonda, sue];
  let call;

  const step = steps(t, async () => {
    for (const board of boards) await screenshot(board, `failed-${board.person.toLowerCase()}`);
  });
  const inSection = (title, id) => new RegExp(`${title}\\n(?:  .*\\n)*  .*call-${id}`);

  await step('a signed webhook comes in, and all three see it ringing', async () => {
    await expectBoardsEqual(boards, 'slot-1: 1 | Free');
    call = await placeCall(stack, { from: '+14155550123' });
    const text = await expectBoardsEqual(boards, `call-${call.id}`);
    assert.match(text, inSection('Incoming Calls', call.id));
    for (const board of boards) assert.equal(await callCard(board, call).count(), 1);
    await screenshot(sue, 'ringing');
  });

  let winner;
  let loser;
  await step('Doug and Rhonda press Answer at the same time: one wins, the other reads who was faster', async () => {
    await pressTogether([doug, rhonda].map((board) => button(board, call, 'Answer')));
    await expectBoardsEqual(boards, 'On a call');
    const [row] = await stack.rest(`calls?id=eq.${call.id}&select=status,assigned_to`);
    assert.equal(row.status, 'active');
    [winner, loser] = row.assigned_to === TEAM.Doug.id ? [doug, rhonda] : [rhonda, doug];
    assert.equal(row.assigned_to, TEAM[winner.person].id);
    for (const board of boards) {
      await agentCard(board, TEAM[winner.person]).getByTestId(`call-${call.id}`).waitFor();
      assert.equal(await callCard(board, call).count(), 1);
    }
    await loser.getByTestId('notice').getByText(new RegExp(`${winner.person} answered .*earlier`)).waitFor();
    assert.equal(await winner.getByTestId('notice').textContent(), '');
    await screenshot(loser, 'lost-race');
  });

  await step('the winner parks by dragging onto slot 3', async () => {
    await callCard(winner, call).dragTo(slot(winner, 3));
    await expectBoardsEqual(boards, 'slot-3: 3 | ', `Parked by ${winner.person}`);
    for (const board of boards) await slot(board, 3).getByTestId(`call-${call.id}`).waitFor();
    await screenshot(sue, 'parked');
  });

  await step('the other retrieves', async () => {
    await button(loser, call, 'Retrieve').click();
    await expectBoardsEqual(boards, 'slot-3: 3 | Free', 'Talking');
    for (const board of boards) {
      await agentCard(board, TEAM[loser.person]).getByTestId(`call-${call.id}`).waitFor();
    }
  });

  await step('holds and resumes', async () => {
    await button(loser, call, 'Hold').click();
    await expectBoardsEqual(boards, 'On hold');
    await screenshot(sue, 'on-hold');
    await loser.getByRole('button', { name: 'Sign out' }).click();
    await loser.getByTestId('notice').getByText('then sign out').waitFor();
    await button(loser, call, 'Resume').click();
    const text = await expectBoardsEqual(boards, 'Talking');
    assert.doesNotMatch(text, /On hold/);
  });

  await step('hands over by dragging onto the colleague’s card', async () => {
    const to = TEAM[winner.person];
    await callCard(loser, call).dragTo(agentCard(loser, to));
    await poll('the hand-over', async () => {
      const [row] = await stack.rest(`calls?id=eq.${call.id}&select=assigned_to`);
      return row.assigned_to === to.id;
    });
    for (const board of boards) await agentCard(board, to).getByTestId(`call-${call.id}`).waitFor();
    await expectBoardsEqual(boards, 'Talking', `From ${loser.person}`);
  });

  await step('a supervisor parks a colleague’s call, and the colleague reads who did', async () => {
    await button(sue, call, 'Park').click();
    await expectBoardsEqual(boards, 'slot-1: 1 | ', 'Parked by Sue');
    await winner.getByTestId('notice').getByText('Sue parked your call with +1 (415) 555-0123.').waitFor();
    assert.equal(await loser.getByText(/Sue parked/).count(), 0, 'nobody else is told');
    await button(winner, call, 'Retrieve').click();
    await expectBoardsEqual(boards, 'Talking');
  });

  const others = [];
  await step('a busy board shows itself by day, in the dark and on a phone', async () => {
    for (const from of ['+12025550101', '+442079460321', '+12025550104', '+493090182001']) {
      others.push(await placeCall(stack, { from }));
    }
    const [parked, held, ...ringing] = others;
    await button(loser, parked, 'Answer').click();
    await button(loser, parked, 'Park').click();
    await slot(loser, 1).getByTestId(`call-${parked.id}`).waitFor();
    await button(loser, held, 'Answer').click();
    await button(loser, held, 'Hold').click();
    await expectBoardsEqual(boards, 'On hold', `Parked by ${loser.person}`, ...ringing.map(({ id }) => id));

    await screenshot(winner, 'board');
    await screenshot(sue, 'supervisor');
    await winner.emulateMedia({ colorScheme: 'dark' });
    await screenshot(winner, 'dark');
    await winner.emulateMedia({ colorScheme: 'light' });
    await winner.setViewportSize({ width: 390, height: 844 });
    await screenshot(winner, 'narrow');
    const overflow = await winner.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `the narrow page is ${overflow} px too wide`);
    await winner.setViewportSize({ width: 1440, height: 900 });
  });

  await step('a parked call that rings again says whom it comes back from', async () => {
    const [again] = others;
    await stack.rest(`calls?id=eq.${again.id}`, { method: 'PATCH', body: { status: 'ringing' } });
    await expectBoardsEqual(boards, `Back from ${loser.person}`);
    await screenshot(sue, 'rings-again');
  });

  await step('a company that somebody writes down is on every board at once', async () => {
    const where = 'contacts?number=eq.%2B12025550101';
    await stack.rest(where, { method: 'PATCH', body: { company: 'Moreno Looms' } });
    await expectBoardsEqual(boards, 'Moreno Looms');
  });

  await step('ends, and is gone from every board', async () => {
    await button(winner, call, 'End call').click();
    // The supervisor ends the rest, whosever they are.
    const [parked, held, ...ringing] = others;
    await button(sue, held, 'End call').click();
    for (const waiting of [parked, ...ringing]) await endWaiting(sue, waiting);
    await poll('the calls to leave every board', async () => {
      const cards = boards.flatMap((board) => [call, ...others].map((call) => callCard(board, call).count()));
      return (await Promise.all(cards)).every((count) => count === 0);
    });
    const text = await expectBoardsEqual(boards);
    assert.doesNotMatch(text, /call-|On a call/);
    const [row] = await stack.rest(`calls?id=eq.${call.id}&select=status,ended_at`);
    assert.equal(row.status, 'ended');
    assert.ok(row.ended_at);
  });

  await step('every footer sums its board up as the database does', async () => {
    await placeCall(stack, { from: '+14155550199' });
    await expectBoardsEqual(boards, 'call-');
    const [{ calls, checksum }] = await stack.rest('rpc/board_checksum');
    assert.equal(calls, 1);
    const sum = (checksum & 0xffff).toString(16).padStart(4, '0');
    for (const board of boards) {
      await board.getByText(`1 call · code ${sum}`, { exact: true }).waitFor();
    }
  });

  await step('a board that goes on differing from the database is read again', async () => {
    let [checks, reads] = [0, 0];
    await sue.route('**/rpc/board_checksum', async (route) => {
      const response = await route.fetch();
      checks += 1;
      await route.fulfill({ response, json: [{ version: 1, calls: 99, checksum: 1 }] });
    });
    sue.on('request', (request) => {
      if (checks > 0 && request.method() === 'GET' && request.url().includes('/rest/v1/calls?')) reads += 1;
    });
    await poll('two readings', () => reads >= 2, 90_000);
    // Two answers that differ make one reading. The regular ones are many answers apart.
    assert.ok(checks <= 6, `two readings took ${checks} answers`);
    await sue.unroute('**/rpc/board_checksum');
  });

  await step('and no board has complained', async () => {
    for (const board of boards) assert.deepEqual(board.complaints, [], board.person);
  });
}

/** Ends a waiting call. The button asks once more, and a double click is no answer. */
async function endWaiting(page, call) {
  await button(page, call, 'End call').dblclick();
  const answer = button(page, call, 'End this call?');
  await answer.waitFor();
  await poll('the call to leave', async () => {
    if (await answer.isVisible()) await answer.click();
    return (await callCard(page, call).count()) === 0;
  });
}
