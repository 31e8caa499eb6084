// From a change in the database to its picture on every open board.
//
// The change is timed by the row itself (`created_at`, `ended_at`: the database's clock when the
// change began, so the figure includes the commit), the picture by each page when the frame that
// first shows it has been drawn. All clocks are this machine's.

import { randomBytes } from 'node:crypto';
import { launch, signIn } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { Stack } from '../stack.mjs';
import { spread } from './figures.mjs';

const CALLS = 100;

export async function measurePaint() {
  const stack = await Stack.start({ profile: 'release' });
  const browser = await launch();
  try {
    const boards = [];
    for (const name of ['Doug', 'Rhonda', 'Sue']) boards.push(await signIn(browser, stack.url, name));
    await Promise.all(boards.map((board) => board.evaluate(watchCards)));
    const shown = [];
    const gone = [];
    for (let round = 0; round < CALLS; round += 1) {
      const call = await arrives(stack);
      shown.push(...(await drawn(boards, call.id, true)).map((at) => at - Date.parse(call.created_at)));
      const [ended] = await stack.rest(`calls?id=eq.${call.id}`, {
        method: 'PATCH',
        body: { status: 'ended', end_reason: 'abandoned' },
      });
      gone.push(...(await drawn(boards, call.id, false)).map((at) => at - Date.parse(ended.ended_at)));
    }
    console.log(`commit → painted, ${boards.length} boards`);
    console.log(`  a call comes in   ${spread(shown)}`);
    console.log(`  a call is ended   ${spread(gone)}`);
    console.log(`  both              ${spread([...shown, ...gone])}`);
  } finally {
    await browser.close();
    await stack.stop();
  }
}

async function arrives(stack) {
  const [row] = await stack.rest('calls', {
    method: 'POST',
    body: {
      twilio_call_sid: `CA${randomBytes(16).toString('hex')}`,
      direction: 'inbound',
      from_number: '+14155550123',
      to_number: '+14155550100',
    },
  });
  return row;
}

/** When each board had drawn that card, or its absence; in ms since 1970. */
async function drawn(boards, id, present) {
  const name = `${present ? 'shown' : 'gone'} call-${id}`;
  return Promise.all(
    boards.map((board) =>
      poll(`${board.person} to see: ${name}`, () => board.evaluate((key) => globalThis.drawnAt[key], name)),
    ),
  );
}

/** In the page: notes for every card when the frame that showed or removed it was drawn. */
function watchCards() {
  globalThis.drawnAt = {};
  let known = new Set();
  new MutationObserver(() => {
    const now = new Set([...document.querySelectorAll('[data-testid^=call-]')].map((card) => card.dataset.testid));
    const news = [...now].filter((card) => !known.has(card)).map((card) => `shown ${card}`);
    news.push(...[...known].filter((card) => !now.has(card)).map((card) => `gone ${card}`));
    known = now;
    if (news.length === 0) return;
    // A task that is queued from a frame's callback runs when that frame has been drawn.
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        const at = performance.timeOrigin + performance.now();
        for (const change of news) globalThis.drawnAt[change] = at;
      };
      port2.postMessage(null);
    });
  }).observe(document.body, { childList: true, subtree: true });
}
