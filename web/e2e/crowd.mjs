// A crowd: more calls and colleagues than anybody has at once, to see that a board stays usable.

import { SERVICE_ROLE_KEY } from './stack.mjs';

/** So many live calls and colleagues a board is made for. */
export const CALLS = 500;
export const AGENTS = 100;

async function person(stack, number) {
  const answer = await fetch(`${stack.supabaseUrl}/auth/v1/admin/users`, {
    method: 'POST',
    headers: { apikey: SERVICE_ROLE_KEY, authorization: `Bearer ${SERVICE_ROLE_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ email: `agent${number}@example.com`, password: 'switchboard', email_confirm: true }),
  });
  if (!answer.ok) throw new Error(`agent ${number}: ${answer.status}`);
  const { id } = await answer.json();
  return { user_id: id, display_name: `Agent ${number}`, identity: `agent_${number}`, is_available: number % 3 > 0 };
}

/** That many colleagues more, "Agent 1" and so on; a third of them off duty. */
export async function hire(stack, count = AGENTS) {
  const people = [];
  for (let number = 1; number <= count; number += 1) people.push(await person(stack, number));
  return stack.rest('voip_users', { method: 'POST', body: people });
}

/** That many calls ring, by "Caller 0" and so on, or as `named` says. Returns the rows. */
export function ringAll(stack, count = CALLS, named = (index) => `Caller ${index}`) {
  const body = Array.from({ length: count }, (_, index) => ({
    twilio_call_sid: `CA${String(index).padStart(32, '0')}`,
    direction: 'inbound',
    from_number: `+1202555${String(1000 + index)}`,
    to_number: '+12025550199',
    caller_name: named(index),
  }));
  return stack.rest('calls', { method: 'POST', body });
}
