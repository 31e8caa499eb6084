// From the press of "reload" to the first frame in which the board stands there with its people, for somebody who is
// signed in: page, program, texts, session and snapshot.

import { launch, live, signIn } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { Stack } from '../stack.mjs';
import { placeCall } from '../twilio.mjs';
import { spread } from './figures.mjs';

const LOADS = 20;
const PATIENCE_MS = 60_000;

export async function measureOpening() {
  const stack = await Stack.start({ profile: 'release' });
  const browser = await launch();
  try {
    const page = await signIn(browser, stack.url, 'Doug');
    for (const last of [1, 2, 3]) await placeCall(stack, { from: `+1202555010${last}` });
    await page.context().addInitScript(watchBoard);
    const devtools = await page.context().newCDPSession(page);
    console.log('first board paint, from navigation to the frame with its cards (aim: 1000 ms)');
    for (const [what, cacheDisabled] of [['nothing kept', true], ['files kept', false]]) {
      await devtools.send('Network.setCacheDisabled', { cacheDisabled });
      const times = [];
      for (let load = 0; load < LOADS; load += 1) {
        await page.reload();
        times.push(await poll('the board', () => page.evaluate(() => globalThis.boardDrawnMs), PATIENCE_MS));
        await live(page);
      }
      console.log(`  ${what.padEnd(16)} ${spread(times)}`);
    }
  } finally {
    await browser.close();
    await stack.stop();
  }
}

/** In the page: notes when the frame that first showed callers, people and slots was drawn. */
function watchBoard() {
  const look = () => {
    const drawn = ['.incoming', '.agent', '.slot'].every((card) => document.querySelector(`.board ${card}`));
    if (!drawn) return requestAnimationFrame(look);
    // A task that is queued from a frame's callback runs when that frame has been drawn.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (globalThis.boardDrawnMs = performance.now());
    port2.postMessage(null);
  };
  requestAnimationFrame(look);
}
