// The browser, and a person signed in in front of a board.

import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const SCREENSHOTS = fileURLToPath(new URL('./screenshots/', import.meta.url));
const PASSWORD = 'switchboard';

/** The team of the seed, by first name. */
export const TEAM = {
  Doug: { email: 'doug@example.com', identity: 'agent_doug', id: '11111111-0000-4000-8000-000000000001' },
  Rhonda: { email: 'rhonda@example.com', identity: 'agent_rhonda', id: '11111111-0000-4000-8000-000000000002' },
  Sue: { email: 'sue@example.com', identity: 'supervisor_sue', id: '11111111-0000-4000-8000-000000000003' },
};

/** A microphone that hums, and nobody who asks whether it may be used. */
export const WITH_MICROPHONE = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
/** A microphone that hums, and somebody who says no. */
export const MICROPHONE_DENIED = ['--use-fake-device-for-media-stream', '--deny-permission-prompts'];

/** The distribution's Chromium; Playwright's own download is not needed. `flags` are more of its options. */
export function launch(flags = []) {
  if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is missing: run \`cargo xtask deps\``);
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Three boards are watched at once; none of them is in the background.
      '--disable-background-timer-throttling',
      '--disable-backgrounding-occluded-windows',
      '--disable-renderer-backgrounding',
      ...flags,
    ],
  });
}

/** Opens the board in a context of its own and signs in. Returns the page once the board is live. */
export async function signIn(browser, url, name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await tab(context, name);
  await enter(page, url);
  return page;
}

/** One more tab of that person's browser. What it complains about is kept. */
export async function tab(context, name) {
  const page = await context.newPage();
  page.person = name;
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') page.complaints.push(message.text());
  });
  return page;
}

/** Opens the board in that tab, signs in, and waits until the board is live. */
export async function enter(page, url) {
  await page.goto(url);
  await page.getByLabel('Email').fill(TEAM[page.person].email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await live(page);
}

/** Waits until the footer says that the board is in step. */
export async function live(page) {
  await page.getByTestId('link-state').getByText('Live').waitFor({ timeout: 30_000 });
}

/** Waits until nothing moves that comes to an end. */
export async function resting(page) {
  await page.evaluate(async () => {
    // What was just asked of the page begins to move in its next frame.
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
    const ends = (found) => Number.isFinite(found.effect.getComputedTiming().endTime);
    await Promise.allSettled(document.getAnimations().filter(ends).map((found) => found.finished));
  });
}

/** How many pixels of the page stand beyond the edge of the window. */
export const beyond = (page) => page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth));

/** A picture of the page under `screenshots/`. */
export async function screenshot(page, name) {
  await mkdir(SCREENSHOTS, { recursive: true });
  // A picture shows where things end up, not one moment of a transition.
  await page.screenshot({ path: `${SCREENSHOTS}${name}.png`, animations: 'disabled' });
}
