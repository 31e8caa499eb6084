// A board whose link is cut: it says so, it cannot act, and it is right again after the return.

import assert from 'node:assert/strict';
import { button, callCard, expectBoardsEqual, settled } from '../board.mjs';
import { TEAM, live, screenshot, signIn } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { tell } from '../story.mjs';
import { placeCall } from '../twilio.mjs';

tell('a board that is cut off says so, cannot act, and catches up by itself', { hasLink: true }, story);

async function story(t, stack, browser, link) {
  const behindLink = await stack.webhook(link.url);
  const cut = await signIn(browser, behindLink, 'Doug');
  const whole = await signIn(browser, stack.url, 'Rhonda');
  const first = await placeCall(stack, { from: '+14155550101' });
  const second = await placeCall(stack, { from: '+14155550102' });
  await expectBoardsEqual([cut, whole], `call-${first.id}`, `call-${second.id}`);
  assert.ok(await button(cut, first, 'Answer').isEnabled());

  link.cut();
  await poll('the board to say that it is cut off', async () => {
    const state = await cut.getByTestId('link-state').getAttribute('data-link');
    return state !== 'live';
  });
  await cut.getByText(/This board stopped at/).waitFor();
  await poll('no button of a call to work', async () => {
    const buttons = await cut.locator('[data-testid^=call-] button').all();
    const enabled = await Promise.all(buttons.map((found) => found.isEnabled()));
    return buttons.length > 0 && !enabled.includes(true);
  });
  await screenshot(cut, 'cut-off');

  // Meanwhile the first call ends, the second is answered, a third comes in.
  await stack.rest(`calls?id=eq.${first.id}`, {
    method: 'PATCH',
    body: { status: 'ended', end_reason: 'abandoned' },
  });
  await button(whole, second, 'Answer').click();
  const third = await placeCall(stack, { from: '+14155550103' });
  const truth = await expectBoardsEqual([whole], `call-${third.id}`, 'Talking');
  assert.equal(await callCard(cut, third).count(), 0, 'the cut board cannot know of the third call');
  assert.equal(await callCard(cut, first).count(), 1, 'the cut board still shows what it knew');

  const returned = performance.now();
  link.restore();
  await live(cut);
  const healed = await expectBoardsEqual([cut, whole], `call-${third.id}`, 'Talking');
  t.diagnostic(`right again ${Math.round(performance.now() - returned)} ms after the link's return`);
  assert.equal(healed, truth);
  assert.equal(await callCard(cut, first).count(), 0);
  assert.ok(await button(cut, third, 'Answer').isEnabled(), `${TEAM.Doug.identity} can act again`);

  // A board that knows nothing claims nothing.
  await button(cut, third, 'Answer').click();
  await cut.getByText('Nobody is waiting').waitFor();
  await settled(cut);
  link.cut();
  await cut.getByText('Who waits is not known').waitFor();
  assert.equal(await cut.getByText('Nobody is waiting').count(), 0);
}
