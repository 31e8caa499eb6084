// What the signed webhook costs before the bare REST server: how many calls a second become rows
// through each, and how much longer one call takes.
//
// The two take turns on one stack, so that both meet the same machine in the same mood. Each round
// is bounded in requests and goes to this machine only.

import { SERVICE_ROLE_KEY, Stack } from '../stack.mjs';
import { incoming, post } from '../twilio.mjs';
import { percentile, spread } from './figures.mjs';

const CLIENTS = 8;
const REQUESTS = 400;
const ROUNDS = 3;
/** How many calls come one at a time, through each way in turn: nobody waits for another then. */
const ALONE = 400;

export async function measureInserts() {
  const stack = await Stack.start({ profile: 'release' });
  try {
    const ways = {
      REST: () => rest(stack),
      webhook: () => post(`${stack.url}/twilio/voice`, incoming()),
    };
    const results = Object.fromEntries(Object.keys(ways).map((way) => [way, { seconds: 0, times: [] }]));
    for (const insert of Object.values(ways)) await load(insert, REQUESTS / 4);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [way, insert] of Object.entries(ways)) {
        const { seconds, times } = await load(insert, REQUESTS);
        results[way].seconds += seconds;
        results[way].times.push(...times);
      }
    }
    console.log(`inserts, ${CLIENTS} clients at once`);
    const rate = ({ seconds, times }) => times.length / seconds;
    for (const [way, result] of Object.entries(results)) {
      console.log(`  ${way.padEnd(8)} ${rate(result).toFixed(0).padStart(6)} a second   ${spread(result.times)}`);
    }
    console.log(`  webhook / REST = ${(rate(results.webhook) / rate(results.REST)).toFixed(2)} (aim: 0.9)`);
    await measureOneAtATime(ways);
  } finally {
    await stack.stop();
  }
}

async function measureOneAtATime(ways) {
  const alone = Object.fromEntries(Object.keys(ways).map((way) => [way, []]));
  for (let call = 0; call < ALONE; call += 1) {
    for (const [way, insert] of Object.entries(ways)) alone[way].push(...(await load(insert, 1)).times);
  }
  console.log('inserts, one at a time');
  for (const [way, times] of Object.entries(alone)) console.log(`  ${way.padEnd(8)} ${spread(times)}`);
  const line = (name, share, aim = '') => {
    const [webhook, rest] = [alone.webhook, alone.REST].map((times) => percentile(times, share));
    return `${name} +${(webhook - rest).toFixed(1)} ms${aim} (× ${(webhook / rest).toFixed(2)})`;
  };
  console.log(`  the webhook adds ${line('p50', 0.5)} · ${line('p99', 0.99, ', aim: 2')}`);
}

/** The row that the webhook would write, with the preference that it asks for. */
function rest(stack) {
  const form = incoming();
  return fetch(`${stack.supabaseUrl}/rest/v1/calls?on_conflict=twilio_call_sid`, {
    method: 'POST',
    headers: {
      apikey: SERVICE_ROLE_KEY,
      authorization: `Bearer ${SERVICE_ROLE_KEY}`,
      'content-type': 'application/json',
      prefer: 'resolution=ignore-duplicates,return=representation',
    },
    body: JSON.stringify({
      twilio_call_sid: form.CallSid,
      direction: 'inbound',
      from_number: form.From,
      to_number: form.To,
    }),
  });
}

async function load(insert, requests) {
  const times = [];
  let left = requests;
  const client = async () => {
    while (left > 0) {
      left -= 1;
      const start = performance.now();
      const response = await insert();
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`an insert was answered ${response.status}`);
      times.push(performance.now() - start);
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return { seconds: (performance.now() - start) / 1000, times };
}
