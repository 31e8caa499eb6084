// A call for somebody who looks elsewhere, as the browser shows it: what a press on the notification does, run in the
// worker that the browser wakes for it, and that nothing is left of a call that is gone.

import assert from 'node:assert/strict';
import { button } from '../board.mjs';
import { TEAM, WITH_MICROPHONE, enter, live, signIn, tab } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { tell } from '../story.mjs';
import { PATIENCE_MS, becomes, goOnDuty, ring, says, talks } from '../voice.mjs';

const permissions = ['microphone', 'notifications'];

/** Whether somebody looks at the page. */
const look = (page, looks) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, !looks);

const workerOf = async (context) => context.serviceWorkers()[0] ?? context.waitForEvent('serviceworker');

/** The calls whose notifications the browser shows for this page. */
const shown = (worker) =>
  worker.evaluate(async () => (await registration.getNotifications()).map((notification) => notification.tag));

const shows = (worker, call) =>
  poll('the notification', async () => (await shown(worker)).includes(call.id), PATIENCE_MS);

const showsNone = (worker) =>
  poll('no notification to be left', async () => (await shown(worker)).length === 0, PATIENCE_MS);

/** Presses on the notification of that call. Returns the pages that were brought forward, and those that were opened. */
const press = (worker, call, action) =>
  worker.evaluate(
    async ({ tag, action }) => {
      const done = { focused: [], opened: [] };
      // The browser lets a worker do these two in the hand of a person alone.
      WindowClient.prototype.focus = async function () {
        // As it was when the page was loaded, whatever it shows by now.
        const { pathname, search } = new URL(this.url);
        done.focused.push(pathname + search);
      };
      clients.openWindow = async (url) => {
        done.opened.push(url);
      };
      const [notification] = await registration.getNotifications({ tag });
      const event = new NotificationEvent('notificationclick', { notification, action });
      let work;
      event.waitUntil = (promise) => {
        work = promise;
      };
      dispatchEvent(event);
      await work;
      return done;
    },
    { tag: call.id, action },
  );

const hangUp = (stack, call) => stack.sim(`calls/${call.sid}/hangup`, { method: 'POST' });

/** Waits until nothing rings on that page. */
const isSilent = (page) =>
  page.waitForFunction(() => document.title === 'Switchboard', undefined, { timeout: PATIENCE_MS });

async function endCall(stack, page, call) {
  await button(page, call, 'End call').click();
  await says(page, 'Your audio is ready.');
}

tell('a call is answered in its notification', { voice: 'sim', flags: WITH_MICROPHONE }, async (t, stack, browser) => {
  const doug = await signIn(browser, stack.url, 'Doug', { permissions });
  const context = doug.context();
  let worker;

  await t.test('on the first visit, by the page that was there before the worker', async () => {
    await goOnDuty(stack, doug, TEAM.Doug);
    worker = await workerOf(context);
    assert.equal(await doug.evaluate(() => navigator.serviceWorker.controller), null);
    await look(doug, false);
    const call = await ring(stack);
    await shows(worker, call);
    assert.deepEqual(await press(worker, call, 'answer'), { focused: ['/'], opened: [] });
    await talks(stack, call, TEAM.Doug);
    await becomes(stack, call, { status: 'active', assigned_to: TEAM.Doug.id });
    await showsNone(worker);
    assert.equal(context.pages().length, 1);
    await endCall(stack, doug, call);
  });

  await t.test('after the page was loaded anew, where nobody has pressed anything', async () => {
    // What a page has left that ended while it rang.
    await worker.evaluate(() => registration.showNotification('Somebody is calling', { tag: 'gone' }));
    await doug.reload();
    await says(doug, 'Your audio is ready.');
    await showsNone(worker);
    await look(doug, false);
    const call = await ring(stack);
    await shows(worker, call);
    assert.deepEqual(await press(worker, call, 'answer'), { focused: ['/'], opened: [] });
    await talks(stack, call, TEAM.Doug);
    await endCall(stack, doug, call);
  });

  await t.test('by the tab that rang, whatever it shows meanwhile, and not by another one', async () => {
    const second = await tab(context, 'Doug');
    await second.goto(`${stack.url}/?second`);
    await live(second);
    await says(second, 'Audio is in another tab.');
    await look(doug, false);
    const call = await ring(stack);
    await shows(worker, call);
    await doug.getByRole('link', { name: 'History' }).first().click();
    await doug.waitForURL('**/history');
    await second.evaluate(() => {
      navigator.serviceWorker.addEventListener('message', () => {
        window.isTold = true;
      });
    });
    // A press beside the button only brings the page forward.
    assert.deepEqual(await press(worker, call, ''), { focused: ['/'], opened: [] });
    // The other tab was told as well.
    await second.waitForFunction(() => window.isTold, undefined, { timeout: PATIENCE_MS });
    await becomes(stack, call, { status: 'ringing' });
    await look(doug, true);
    await look(doug, false);
    await shows(worker, call);
    assert.deepEqual(await press(worker, call, 'answer'), { focused: ['/'], opened: [] });
    await talks(stack, call, TEAM.Doug);
    await says(second, 'Audio is in another tab.');
    assert.deepEqual(second.complaints, []);
    await doug.goBack();
    await endCall(stack, doug, call);
    await second.close();
  });

  await t.test('and none is left when it is gone', async () => {
    await look(doug, false);
    const call = await ring(stack);
    await shows(worker, call);
    await hangUp(stack, call);
    await showsNone(worker);

    // Also of one that was still on its way to the screen.
    await doug.evaluate(() => {
      const { prototype } = ServiceWorkerRegistration;
      const show = prototype.showNotification;
      window.pending = { isAsked: false, isShown: false };
      const released = new Promise((resolve) => {
        window.pending.release = resolve;
      });
      prototype.showNotification = async function (...words) {
        window.pending.isAsked = true;
        await released;
        await show.apply(this, words);
        window.pending.isShown = true;
      };
    });
    const next = await ring(stack);
    await doug.waitForFunction(() => window.pending.isAsked, undefined, { timeout: PATIENCE_MS });
    await hangUp(stack, next);
    await isSilent(doug);
    await doug.evaluate(() => window.pending.release());
    await doug.waitForFunction(() => window.pending.isShown, undefined, { timeout: PATIENCE_MS });
    await showsNone(worker);
    assert.deepEqual(doug.complaints, []);
  });

  await t.test('nor where the browser gives the page no worker', async () => {
    const plain = await browser.newContext({ permissions, serviceWorkers: 'block' });
    await plain.addInitScript(() => {
      window.notifications = [];
      window.Notification = class extends Notification {
        constructor(title, options) {
          super(title, options);
          window.notifications.push({ tag: options.tag, isOpen: true });
        }
        close() {
          window.notifications.find((one) => one.tag === this.tag).isOpen = false;
          super.close();
        }
      };
    });
    await doug.getByRole('switch', { name: 'On duty' }).click();
    const rhonda = await signIn({ newContext: () => plain }, stack.url, 'Rhonda');
    await goOnDuty(stack, rhonda, TEAM.Rhonda);
    await look(rhonda, false);
    const call = await ring(stack);
    const isOpen = () => rhonda.evaluate((id) => window.notifications.find((one) => one.tag === id)?.isOpen, call.id);
    await poll('the plain notification', async () => (await isOpen()) === true, PATIENCE_MS);
    await hangUp(stack, call);
    await poll('it to be closed', async () => (await isOpen()) === false, PATIENCE_MS);
    await plain.close();
  });

  await t.test('who presses while the audio is still being fetched is asked about notifications', async () => {
    const sue = await signIn(browser, stack.url, 'Sue', { permissions: ['microphone'] });
    await goOnDuty(stack, sue, TEAM.Sue);
    await sue.addInitScript(() => {
      window.asked = 0;
      Object.defineProperty(Notification, 'permission', { value: 'default' });
      Notification.requestPermission = async () => {
        window.asked += 1;
      };
    });
    let release;
    const released = new Promise((resolve) => {
      release = resolve;
    });
    await sue.route('**/voice-*.js', async (route) => {
      await released;
      await route.continue();
    });
    const asksFor = sue.waitForRequest('**/voice-*.js');
    await sue.reload();
    await asksFor;
    await sue.getByRole('button', { name: 'Go on duty' }).click();
    assert.equal(await sue.evaluate(() => window.asked), 0);
    release();
    await says(sue, 'Your audio is ready.');
    await sue.waitForFunction(() => window.asked === 1, undefined, { timeout: PATIENCE_MS });
    assert.deepEqual(sue.complaints, []);
  });

  await t.test('the audio of whoever has signed out is deaf and dumb', async () => {
    const context = await browser.newContext({ permissions });
    await context.addInitScript(() => {
      window.contexts = [];
      window.AudioContext = class extends AudioContext {
        constructor(...given) {
          super(...given);
          window.contexts.push(this);
        }
      };
    });
    const page = await tab(context, 'Doug');
    await enter(page, stack.url);
    await goOnDuty(stack, page, TEAM.Doug);
    await page.getByRole('button', { name: 'Sign out' }).click();
    page.person = 'Rhonda';
    await page.getByLabel('Email').fill(TEAM.Rhonda.email);
    await page.getByLabel('Password').fill('switchboard');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await live(page);
    const drawn = await page.evaluate(async () => {
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
      // What was asked for before is answered before.
      await navigator.mediaDevices.enumerateDevices();
      await new Promise((done) => setTimeout(done));
      return document.getElementById('voice').dataset.state ?? 'nothing';
    });
    assert.equal(drawn, 'nothing');
    const isClosed = () => window.contexts.length > 0 && window.contexts.every(({ state }) => state === 'closed');
    await page.waitForFunction(isClosed, undefined, { timeout: PATIENCE_MS });
    await context.close();
  });
});
