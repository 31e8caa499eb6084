// The page's own share: from the moment at which a Realtime frame is handed to it until the card of that call has
// changed, on a board with many calls and colleagues. What the network and the database take is not in it.

import { TEAM, enter, launch, live, tab } from '../browser.mjs';
import { AGENTS, CALLS, hire, ringAll } from '../crowd.mjs';
import { member } from '../member.mjs';
import { poll } from '../poll.mjs';
import { Stack } from '../stack.mjs';
import { spread } from './figures.mjs';

const ROUNDS = 40;
const PATIENCE_MS = 60_000;

export async function measureShare() {
  const stack = await Stack.start({ profile: 'release' });
  const browser = await launch();
  try {
    await hire(stack);
    const rows = await ringAll(stack);
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    await context.addInitScript(watchFrames);
    const page = await tab(context, 'Doug');
    await enter(page, stack.url);
    const rhonda = await member(stack, 'Rhonda');
    console.log(`own share: frame received → DOM changed, ${CALLS} live rows, ${AGENTS} agents (aim: p99 16 ms)`);
    await measure('as it opens, 30 drawn', page, stack, rhonda, rows);
    await page.getByRole('button', { name: 'Show all' }).click();
    await poll('all cards', async () => (await page.locator('.incoming').count()) === CALLS, PATIENCE_MS);
    await measure('every call drawn', page, stack, rhonda, rows);
    await live(page);
  } finally {
    await browser.close();
    await stack.stop();
  }
}

/** A colleague takes those that have waited longest, one after the other, and others come. */
async function measure(what, page, stack, act, rows) {
  const shares = [];
  let early = 0;
  const timed = async (change) => {
    await page.evaluate(() => globalThis.watched.forget());
    const row = await change();
    const share = await poll('the change to be drawn', () => page.evaluate((row) => globalThis.watched.share(row), row), PATIENCE_MS);
    // A snapshot that was on its way brought it before its frame.
    if (share < 0) early += 1;
    else shares.push(share);
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const { id } = rows.shift();
    const steps = [
      ['ringing', { status: 'active', assigned_to: TEAM.Rhonda.id }],
      ['active', { on_hold: true }],
      ['active', { status: 'parked', assigned_to: null }],
      ['parked', { status: 'active', assigned_to: TEAM.Rhonda.id }],
      ['active', { status: 'ended' }],
    ];
    for (const [status, body] of steps) {
      await timed(() => act(`calls?id=eq.${id}&status=eq.${status}`, body));
    }
    const [row] = await stack.rest('calls', {
      method: 'POST',
      body: {
        twilio_call_sid: `CA${String(CALLS + rows.length + Date.now()).padStart(32, '9')}`,
        direction: 'inbound',
        from_number: '+12025550177',
        to_number: '+12025550199',
      },
    });
    rows.push(row);
  }
  console.log(`  ${what.padEnd(22)} ${spread(shares)}${early ? ` · ${early} came by a snapshot` : ''}`);
}

/** In the page, before its own code: notes when each frame comes, and when a call's card changes. */
function watchFrames() {
  let frames = [];
  let changes = [];
  globalThis.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      // The first to listen is the first to hear.
      this.addEventListener('message', ({ data }) => frames.push({ at: performance.now(), data }));
    }
  };
  const cardsOf = (node) =>
    node.nodeType === Node.ELEMENT_NODE
      ? [node.closest('[data-call]'), ...node.querySelectorAll('[data-call]')].filter(Boolean)
      : [node.parentElement?.closest('[data-call]')].filter(Boolean);
  // What ticks changes by itself.
  const ticks = ({ target, attributeName }) =>
    attributeName === 'data-long' ||
    attributeName === 'data-urgent' ||
    (target.nodeType === Node.TEXT_NODE && target.parentElement?.matches('time'));
  document.addEventListener('DOMContentLoaded', () =>
    new MutationObserver((mutations) => {
      const at = performance.now();
      for (const mutation of mutations) {
        if (ticks(mutation)) continue;
        const { target, addedNodes, removedNodes, type } = mutation;
        if (type !== 'childList') {
          const card = (target.nodeType === Node.TEXT_NODE ? target.parentElement : target)?.closest('[data-call]');
          if (card) changes.push({ at, id: card.dataset.call });
        }
        for (const node of [...addedNodes, ...removedNodes]) {
          for (const card of cardsOf(node)) changes.push({ at, id: card.dataset.call });
        }
      }
    }).observe(document.body, { childList: true, attributes: true, characterData: true, subtree: true }),
  );
  globalThis.watched = {
    forget() {
      frames = [];
      changes = [];
    },
    /** In ms; below zero when the card changed before a frame came; nothing until both have happened. */
    share({ id, version }) {
      // The slower lane still tells of what was before.
      const tells = new RegExp(`"version":\\s*${version}\\b`);
      const frame = frames.find(({ data }) => typeof data === 'string' && data.includes(id) && tells.test(data));
      const change = changes.find((change) => change.id === id);
      return frame && change && change.at - frame.at;
    },
  };
}
