// Twilio's side of the webhooks: forms, signed as Twilio signs them.

import { createHmac, randomBytes } from 'node:crypto';
import { TWILIO_AUTH_TOKEN } from './stack.mjs';

/** `X-Twilio-Signature` of a form posted to that address. */
export function signature(url, form, token = TWILIO_AUTH_TOKEN) {
  const signed = Object.keys(form)
    .sort()
    .reduce((text, key) => text + key + form[key], url);
  return createHmac('sha1', token).update(signed).digest('base64');
}

/** Posts a signed form. */
export function post(url, form, headers = {}) {
  return fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': signature(url, form),
      ...headers,
    },
    body: new URLSearchParams(form),
  });
}

/** The form of a call that comes in. */
export function incoming({ from = '+14155550123', to = '+14155550100' } = {}) {
  return {
    AccountSid: 'AC00000000000000000000000000000000',
    ApiVersion: '2010-04-01',
    CallSid: `CA${randomBytes(16).toString('hex')}`,
    CallStatus: 'ringing',
    Direction: 'inbound',
    From: from,
    To: to,
  };
}

/** A call comes in. Returns its row's id, its CallSid and the TwiML that the caller got. */
export async function placeCall(stack, party) {
  const form = incoming(party);
  const response = await post(`${stack.url}/twilio/voice`, form);
  const twiml = await response.text();
  if (response.status !== 200) throw new Error(`/twilio/voice: ${response.status} ${twiml}`);
  const [row] = await stack.rest(`calls?twilio_call_sid=eq.${form.CallSid}&select=id`);
  if (!row) throw new Error(`no row for ${form.CallSid}; the answer was ${twiml}`);
  return { id: row.id, sid: form.CallSid, twiml };
}
