// The pictures of docs/: an office in the middle of its day, through the real stack with the simulator, and a short film
// of two boards.
//
//   npm run gallery                  takes the pictures that README.md and docs/gallery.md show, and the film
//   node gallery.mjs film            takes the film alone
//   node gallery.mjs pictures DIR    takes every page in light and dark and at three widths, as PNG files in that folder
//
// Needs a built page and programs (`cargo xtask web && cargo build --bins`), and Debian's packages `webp` and
// `postgresql-client`.

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { button, callCard, slot } from './board.mjs';
import { TEAM, WITH_MICROPHONE, launch, signIn } from './browser.mjs';
import { Link } from './link.mjs';
import { poll } from './poll.mjs';
import { Stack } from './stack.mjs';
import { PATIENCE_MS, becomes, goOnDuty, leg, ring, says, talks } from './voice.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DOCS = join(ROOT, 'docs');
const WIDTHS = { desk: [1440, 900], tablet: [768, 1024], phone: [390, 844] };
const SCHEMES = ['light', 'dark'];

/** Where it is half past four in the afternoon just now: the office's day is then full of calls. */
function afternoon() {
  const hours = Math.round(16.5 - new Date().getUTCHours() - new Date().getUTCMinutes() / 60);
  const east = hours > 14 ? hours - 24 : hours;
  // The signs of these zones are the other way about.
  return east === 0 ? 'Etc/GMT' : `Etc/GMT${east > 0 ? '-' : '+'}${Math.abs(east)}`;
}

/** The office has invented calls of yesterday and today. */
async function remember(stack, zone) {
  await stack.rest('board_settings?id=eq.true', { method: 'PATCH', body: { time_zone: zone } });
  const demo = ['--quiet', '--single-transaction', '--set=ON_ERROR_STOP=1', '--file=supabase/demo.sql'];
  execFileSync('psql', [stack.databaseUrl, ...demo], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Somebody calls, that person answers, and both talk. */
async function talk(stack, page, from) {
  const call = await ring(stack, from);
  await button(page, call, 'Answer').click();
  await talks(stack, call, TEAM[page.person]);
  return call;
}

/** Nobody comes, and the caller leaves a message. */
async function leaveMessage(stack, from) {
  const call = await ring(stack, from);
  await stack.rest(`calls?id=eq.${call.id}`, { method: 'PATCH', body: { voicemail_at: new Date().toISOString() } });
  await poll('the message', async () => (await leg(stack, call.sid))?.hears.kind === 'recording', PATIENCE_MS);
  const begun = Date.now();
  // A message of a few words: what is shorter counts as none.
  await poll('eight seconds of it', () => Date.now() - begun > 8000, PATIENCE_MS);
  await stack.sim(`calls/${call.sid}/hangup`, { method: 'POST' });
  await poll(
    'the recording',
    async () => (await stack.rest(`calls?id=eq.${call.id}`))[0].recording_sid !== null,
    PATIENCE_MS,
  );
}

/** What an office is in the middle of. Returns a call to look at in detail. */
async function work(stack, doug, rhonda) {
  await leaveMessage(stack, '+442079460018');
  for (const [page, from] of [[doug, '+13125550142'], [rhonda, '+33199005512']]) {
    const parked = await talk(stack, page, from);
    await button(page, parked, 'Park').click();
    await becomes(stack, parked, { status: 'parked' });
  }
  // One that went through several hands.
  const call = await talk(stack, rhonda, '+12025550103');
  await button(rhonda, call, 'Hold').click();
  await becomes(stack, call, { on_hold: true });
  await button(rhonda, call, 'Resume').click();
  await becomes(stack, call, { on_hold: false });
  await button(rhonda, call, 'Park').click();
  await becomes(stack, call, { status: 'parked' });
  await button(doug, call, 'Retrieve').click();
  await talks(stack, call, TEAM.Doug);
  const held = await talk(stack, rhonda, '+12025550104');
  await button(rhonda, held, 'Hold').click();
  await becomes(stack, held, { on_hold: true });
  await ring(stack, '+12025550101');
  const last = await ring(stack, '+34911234567');
  await callCard(doug, last).waitFor();
  await says(doug, 'You are talking.');
  return call;
}

/** Waits until nothing on the page is being fetched or moves. */
async function rests(page, sign) {
  await page.locator(sign).first().waitFor({ timeout: PATIENCE_MS });
  await poll('everything to be there', async () => (await page.locator('[aria-busy=true]').count()) === 0, PATIENCE_MS);
  await page.evaluate(() => document.fonts.ready);
}

/** A picture in each width and scheme that `wanted` wants. */
async function shoot(page, name, wanted, keep) {
  const before = page.viewportSize();
  for (const [width, [across, down]] of Object.entries(WIDTHS)) {
    for (const colorScheme of SCHEMES) {
      const title = `${name}-${width}-${colorScheme}`;
      if (!wanted(title)) continue;
      await page.setViewportSize({ width: across, height: down });
      await page.emulateMedia({ colorScheme });
      await page.evaluate(() => scrollTo(0, 0));
      await keep(title, await page.screenshot({ animations: 'disabled' }));
    }
  }
  await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: 'light' });
}

async function pictures(stack, browser, { wanted, keep }) {
  const zone = afternoon();
  await remember(stack, zone);
  const person = { permissions: ['microphone'], timezoneId: zone };
  const stranger = await browser.newPage({ viewport: { width: 1440, height: 900 }, timezoneId: zone });
  await stranger.goto(stack.url);
  await rests(stranger, 'text=Sign in');
  await shoot(stranger, 'sign-in', wanted, keep);
  await stranger.close();
  const doug = await signIn(browser, stack.url, 'Doug', person);
  const rhonda = await signIn(browser, stack.url, 'Rhonda', person);
  const sue = await signIn(browser, stack.url, 'Sue', person);
  await goOnDuty(stack, doug, TEAM.Doug);
  await goOnDuty(stack, rhonda, TEAM.Rhonda);
  await shoot(doug, 'quiet', wanted, keep);
  const link = await Link.to(stack.supabaseUrl);
  const cut = await signIn(browser, await stack.webhook(link.url), 'Doug', { timezoneId: zone });
  const call = await work(stack, doug, rhonda);
  link.cut();
  await rests(cut, 'text=This board stopped at');
  await shoot(cut, 'stopped', wanted, keep);
  await cut.context().close();
  await link.close();

  const rooms = {
    board: [doug, '/', '[data-testid=slot-1] [data-testid^=call-]'],
    details: [doug, `/?call=${call.id}`, '[data-testid=drawer] h2'],
    history: [doug, '/history', '[data-testid^=past-]'],
    wallboard: [sue, '/wallboard', '[data-testid=figure-answered]'],
    replay: [sue, '/replay', '[data-testid=past]'],
    team: [sue, '/team', '[data-testid^=member-]'],
    settings: [sue, '/settings', '[data-testid=section-calls]'],
    keys: [doug, '/?help=1', '[data-testid=key-park]'],
  };
  for (const [name, [page, address, sign]] of Object.entries(rooms)) {
    await page.evaluate((address) => {
      history.pushState(null, '', address);
      dispatchEvent(new PopStateEvent('popstate'));
    }, address);
    await rests(page, sign);
    await shoot(page, name, wanted, keep);
  }
}

/** Doug answers and parks by a drag, Rhonda retrieves: two boards side by side. */
async function film(stack, browser, folder) {
  const person = { permissions: ['microphone'], viewport: { width: 860, height: 640 } };
  const doug = await signIn(browser, stack.url, 'Doug', person);
  const rhonda = await signIn(browser, stack.url, 'Rhonda', person);
  await goOnDuty(stack, doug, TEAM.Doug);
  await goOnDuty(stack, rhonda, TEAM.Rhonda);
  const stage = await browser.newPage({ viewport: { width: 1200, height: 446 } });
  await stage.setContent(`<style>body{margin:0;display:grid;grid-template-columns:1fr 1fr;background:#0a6a4e;gap:6px}
    img{inline-size:100%;display:block}</style><img id="a"><img id="b">`);
  const frames = [];
  let isOver = false;
  const record = async () => {
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
  const recording = record();
  const look = (ms) => doug.waitForTimeout(ms);
  await look(800);
  const call = await ring(stack, '+12025550101');
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
  await recording;
  const lasts = (index) => Math.max(40, (frames[index + 1]?.at ?? frames[index].at + 1500) - frames[index].at);
  const options = frames.flatMap(({ path }, index) => ['-d', String(lasts(index)), '-lossy', '-q', '60', path]);
  execFileSync('img2webp', ['-loop', '0', ...options, '-o', join(DOCS, 'switchboard.webp')]);
}

/** A new stack and browser for one piece of work, gone afterwards. */
async function on(work) {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-gallery-'));
  const stack = await Stack.start({ voice: 'sim' });
  const browser = await launch(WITH_MICROPHONE);
  try {
    await work(stack, browser, folder);
  } finally {
    await browser.close();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The pictures that the project's own pages show. */
async function shown() {
  const pages = await Promise.all(['README.md', 'docs/gallery.md'].map((page) => readFile(join(ROOT, page), 'utf8')));
  return new Set(pages.flatMap((page) => [...page.matchAll(/gallery\/([a-z-]+)\.webp/g)].map(([, title]) => title)));
}

/** Takes those anew. */
async function illustrate(stack, browser, folder) {
  const titles = await shown();
  const keep = async (title, png) => {
    const path = join(folder, `${title}.png`);
    await writeFile(path, png);
    execFileSync('cwebp', ['-quiet', '-q', '82', path, '-o', join(DOCS, 'gallery', `${title}.webp`)]);
  };
  await pictures(stack, browser, { wanted: (title) => titles.has(title), keep });
}

const [what, into] = process.argv.slice(2);
if (what === 'pictures') {
  await mkdir(into, { recursive: true });
  const keep = (title, png) => writeFile(join(into, `${title}.png`), png);
  await on((stack, browser) => pictures(stack, browser, { wanted: () => true, keep }));
} else {
  if (what !== 'film') await on(illustrate);
  await on(film);
}
