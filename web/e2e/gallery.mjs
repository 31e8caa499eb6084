// The pictures of docs/: an office at work, through the real stack with the simulator, and a short film of two boards.
//
//   npm run gallery        needs a built page and programs, and Debian's package `webp`

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { button, callCard, slot } from './board.mjs';
import { TEAM, WITH_MICROPHONE, launch, signIn } from './browser.mjs';
import { Stack } from './stack.mjs';
import { becomes, goOnDuty, ring, talks } from './voice.mjs';

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url));
const WIDTHS = { desk: [1440, 900], tablet: [768, 1024], phone: [390, 844] };
const PEOPLE = {
  '+12025550142': 'Anna Berg',
  '+442079460958': 'Oakfield Dental',
  '+34912345678': 'Inés Duarte',
  '+12025550177': 'Marcus Webb',
  '+4915112345678': 'Blumen Krause',
  '+33123456789': 'Café Lumière',
};

const still = async (page, name, folder) => {
  const png = join(folder, `${name}.png`);
  await page.screenshot({ path: png, animations: 'disabled' });
  execFileSync('cwebp', ['-quiet', '-q', '82', png, '-o', join(DOCS, 'gallery', `${name}.webp`)]);
};

/** An office in the middle of its day. Returns a call to look at in detail. */
async function work(stack, doug, rhonda) {
  await stack.rest('contacts', {
    method: 'POST',
    body: Object.entries(PEOPLE).map(([number, name]) => ({ number, name })),
  });
  const numbers = Object.keys(PEOPLE);
  // Some have called before.
  for (const [index, page] of [doug, rhonda, doug].entries()) {
    const call = await ring(stack, numbers[index]);
    await button(page, call, 'Answer').click();
    await becomes(stack, call, { status: 'active' });
    await button(page, call, 'End call').click();
    await becomes(stack, call, { status: 'ended' });
  }
  for (const [index, page] of [doug, rhonda].entries()) {
    const parked = await ring(stack, numbers[index + 3]);
    await button(page, parked, 'Answer').click();
    await becomes(stack, parked, { status: 'active' });
    await button(page, parked, 'Park').click();
    await becomes(stack, parked, { status: 'parked' });
  }
  const talked = await ring(stack, numbers[0]);
  await button(doug, talked, 'Answer').click();
  await talks(stack, talked, TEAM.Doug);
  const held = await ring(stack, numbers[1]);
  await button(rhonda, held, 'Answer').click();
  await talks(stack, held, TEAM.Rhonda);
  await button(rhonda, held, 'Hold').click();
  await becomes(stack, held, { on_hold: true });
  await ring(stack, numbers[2]);
  const last = await ring(stack, '+12025550101');
  await callCard(doug, last).waitFor();
  return talked;
}

async function pictures(stack, doug, sue, call, folder) {
  const rooms = {
    board: [doug, '/'],
    details: [doug, `/?call=${call.id}`],
    history: [doug, '/history'],
    wallboard: [sue, '/wallboard'],
    replay: [sue, '/replay'],
    team: [sue, '/team'],
    settings: [sue, '/settings'],
    keys: [doug, '/?help=1'],
  };
  const go = async (page, address) => {
    await page.evaluate((address) => {
      history.pushState(null, '', address);
      dispatchEvent(new PopStateEvent('popstate'));
    }, address);
    await page.waitForTimeout(1500);
  };
  for (const [name, [page, address]] of Object.entries(rooms)) {
    await go(page, address);
    for (const [width, [across, down]] of Object.entries(WIDTHS)) {
      await page.setViewportSize({ width: across, height: down });
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        await still(page, `${name}-${width}-${colorScheme}`, folder);
      }
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.emulateMedia({ colorScheme: 'light' });
  }
  await go(doug, '/');
}

/** Doug answers and parks by a drag, Rhonda retrieves: two boards side by side. */
async function film(stack, browser, doug, rhonda, folder) {
  for (const page of [doug, rhonda]) await page.setViewportSize({ width: 860, height: 640 });
  const stage = await browser.newPage({ viewport: { width: 1200, height: 446 } });
  await stage.setContent(`<style>body{margin:0;display:grid;grid-template-columns:1fr 1fr;background:#0a6a4e;gap:6px}
    img{inline-size:100%;display:block}</style><img id="a"><img id="b">`);
  const frames = [];
  let isOver = false;
  const shoot = async () => {
    while (!isOver) {
      const [a, b] = await Promise.all([doug, rhonda].map((page) => page.screenshot({ type: 'jpeg', quality: 90 })));
      await stage.evaluate(
        (sources) =>
          Promise.all(
            ['a', 'b'].map((id, index) => {
              const image = document.getElementById(id);
              image.src = `data:image/jpeg;base64,${sources[index]}`;
              return image.decode();
            }),
          ),
        [a.toString('base64'), b.toString('base64')],
      );
      const path = join(folder, `frame-${String(frames.length).padStart(4, '0')}.png`);
      await writeFile(path, await stage.screenshot());
      frames.push({ path, at: Date.now() });
    }
  };
  const shooting = shoot();
  const look = (ms) => doug.waitForTimeout(ms);
  await look(800);
  const call = await ring(stack, '+12025550142');
  await callCard(doug, call).waitFor();
  await look(1500);
  await button(doug, call, 'Answer').click();
  await talks(stack, call, TEAM.Doug);
  await look(1500);
  const from = await callCard(doug, call).boundingBox();
  const to = await slot(doug, 2).boundingBox();
  await doug.mouse.move(from.x + 60, from.y + 20);
  await doug.mouse.down();
  for (let step = 1; step <= 12; step += 1) {
    const part = step / 12;
    await doug.mouse.move(from.x + 60 + (to.x + 40 - from.x - 60) * part, from.y + 20 + (to.y + 15 - from.y - 20) * part);
    await look(90);
  }
  await doug.mouse.up();
  await becomes(stack, call, { status: 'parked' });
  await look(1500);
  await button(rhonda, call, 'Retrieve').click();
  await talks(stack, call, TEAM.Rhonda);
  await look(1800);
  isOver = true;
  await shooting;
  const lasts = (index) => Math.max(40, (frames[index + 1]?.at ?? frames[index].at + 1500) - frames[index].at);
  const options = frames.flatMap(({ path }, index) => ['-d', String(lasts(index)), '-lossy', '-q', '60', path]);
  execFileSync('img2webp', ['-loop', '0', ...options, '-o', join(DOCS, 'switchboard.webp')]);
}

const folder = await mkdtemp(join(tmpdir(), 'switchboard-gallery-'));
const stack = await Stack.start({ voice: 'sim' });
const browser = await launch(WITH_MICROPHONE);
try {
  await mkdir(join(DOCS, 'gallery'), { recursive: true });
  const permissions = ['microphone'];
  const doug = await signIn(browser, stack.url, 'Doug', { permissions });
  const rhonda = await signIn(browser, stack.url, 'Rhonda', { permissions });
  const sue = await signIn(browser, stack.url, 'Sue');
  await goOnDuty(stack, doug, TEAM.Doug);
  await goOnDuty(stack, rhonda, TEAM.Rhonda);
  if (process.argv[2] !== 'film') {
    const call = await work(stack, doug, rhonda);
    await pictures(stack, doug, sue, call, folder);
  } else {
    await film(stack, browser, doug, rhonda, folder);
  }
} finally {
  await browser.close();
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
}
