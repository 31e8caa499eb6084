// A member of the team who acts without a page: what a page would send, from somewhere else.

import { TEAM } from './browser.mjs';
import { ANON_KEY } from './stack.mjs';

/** Signs in. Returns a function that sends one PATCH, which must change one row, and returns that row. */
export async function member(stack, name) {
  const headers = { apikey: ANON_KEY, 'content-type': 'application/json' };
  const answer = await fetch(`${stack.supabaseUrl}/auth/v1/token?grant_type=password`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ email: TEAM[name].email, password: 'switchboard' }),
  });
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  const { access_token } = await answer.json();
  return async (path, body) => {
    const done = await fetch(`${stack.supabaseUrl}/rest/v1/${path}`, {
      method: 'PATCH',
      headers: { ...headers, authorization: `Bearer ${access_token}`, prefer: 'return=representation' },
      body: JSON.stringify(body),
    });
    const rows = await done.json();
    if (rows.length !== 1) throw new Error(`${path}: ${done.status} ${JSON.stringify(rows)}`);
    return rows[0];
  };
}
