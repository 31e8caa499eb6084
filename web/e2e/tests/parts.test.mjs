// The parts of this harness that a test must be able to believe.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import test from 'node:test';
import { Link } from '../link.mjs';
import { poll } from '../poll.mjs';
import { signature } from '../twilio.mjs';

test('a form is signed as Twilio documents it', () => {
  const form = {
    To: '+18005551212',
    From: '+14158675309',
    Digits: '1234',
    Caller: '+14158675309',
    CallSid: 'CA1234567890ABCDE',
  };
  assert.equal(
    signature('https://mycompany.com/myapp.php?foo=1&bar=2', form, '12345'),
    'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
  );
});

test('a link passes requests, breaks them when cut, and passes them again', async (t) => {
  const server = createServer((request, response) => {
    if (request.url === '/') response.end('hello');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const link = await Link.to(`http://127.0.0.1:${server.address().port}`);
  t.after(() => link.close());
  const answer = async () => (await fetch(link.url)).text();

  assert.equal(await answer(), 'hello');
  const open = fetch(`${link.url}/never-answered`);
  link.cut();
  await assert.rejects(open);
  await assert.rejects(answer());
  link.restore();
  assert.equal(await answer(), 'hello');
});

test('a condition that never comes true is named', async () => {
  await assert.rejects(poll('the moon', () => false, 60), /waited 60 ms for the moon/);
});
