// Callers at the simulator, and who hears what.

import { poll } from './poll.mjs';

/** What may take a browser, a webhook and a simulator on a slow machine. */
export const PATIENCE_MS = 60_000;

/** Somebody calls. Returns the row's id and the caller's CallSid. */
export async function ring(stack, from = '+12025550101') {
  const { call_sid: sid } = await stack.sim('calls', { method: 'POST', body: { from } });
  const row = await poll(
    `the row of ${sid}`,
    async () => (await stack.rest(`calls?twilio_call_sid=eq.${sid}&select=id`))[0],
    PATIENCE_MS,
  );
  return { id: row.id, sid };
}

/** The call as it stands in the database. */
export async function rowOf(stack, call) {
  const [row] = await stack.rest(`calls?id=eq.${call.id}`);
  return row;
}

/** Waits until the call's row has these values. */
export function becomes(stack, call, expected) {
  return poll(
    `the call to become ${JSON.stringify(expected)}`,
    async () => {
      const row = await rowOf(stack, call);
      return Object.entries(expected).every(([name, value]) => row[name] === value);
    },
    PATIENCE_MS,
  );
}

/** The leg of that CallSid, as the simulator sees it; nothing once it is over. */
export async function leg(stack, sid) {
  return (await stack.sim('legs')).find((leg) => leg.call_sid === sid);
}

/** Waits until the caller talks with that member, and nobody else, and both hear each other. */
export function talks(stack, call, member) {
  return poll(
    `the caller to talk with ${member.identity}`,
    async () => {
      const legs = await stack.sim('legs');
      const caller = legs.find((leg) => leg.call_sid === call.sid);
      const other = legs.find((leg) => leg.call_sid === caller?.talks_to);
      return (
        other?.identity === member.identity &&
        other.talks_to === call.sid &&
        caller.hears.kind === 'talk' &&
        other.hears.kind === 'talk' &&
        legs.filter((leg) => leg.talks_to === call.sid).length === 1
      );
    },
    PATIENCE_MS,
  );
}

/** What a caller hears who waits: music, or the sentence that stands in for it, never an agent. */
const WAITING = ['music', 'voice', 'silence'];

/** Waits until the caller hears hold music and talks with nobody. */
export function waits(stack, call) {
  return poll(
    'the caller to hear what callers hear who wait',
    async () => {
      const caller = await leg(stack, call.sid);
      return caller && !caller.talks_to && WAITING.includes(caller.hears.kind);
    },
    PATIENCE_MS,
  );
}

/** The bar that says how the audio is. */
export const bar = (page) => page.getByTestId('voice');

/** Waits until the bar says that. */
export const says = (page, words) => bar(page).getByText(words).waitFor({ timeout: PATIENCE_MS });

/** Goes on duty, and waits until the whole team is told. */
export async function goOnDuty(stack, page, member) {
  await page.getByRole('button', { name: 'Go on duty' }).click();
  await says(page, 'Your audio is ready.');
  await told(stack, member, 'ready');
}

/** Waits until the member's row says that of the device. */
export function told(stack, member, state) {
  return poll(
    `the team to be told: ${state}`,
    async () => (await stack.rest(`voip_users?id=eq.${member.id}&select=device_state`))[0].device_state === state,
    PATIENCE_MS,
  );
}
