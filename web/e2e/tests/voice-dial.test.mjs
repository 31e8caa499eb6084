// Whom a person means who types into the dial field.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { whom } from '../../voice/dial.js';
import { learn } from '../../voice/words.js';

learn(JSON.parse(await readFile(new URL('../../texts/en/voice.json', import.meta.url), 'utf8')));

const CONTACTS = [
  { name: 'Ada Moreno', number: '+12025550101' },
  { name: 'Adam', number: '+12025550109' },
];
const named = async (part) => CONTACTS.filter(({ name }) => name.toLowerCase().includes(part.trim().toLowerCase()));
const nobodyAsked = () => assert.fail('a number is no name');

test('a number may be typed as people write it', async () => {
  for (const typed of ['+12025550101', ' +1 (202) 555-0101 ', '+1.202.555.0101', '+1/202/555/0101', '+1\u00a0202 5550101']) {
    assert.deepEqual(await whom(typed, nobodyAsked), { number: '+12025550101' }, typed);
  }
});

test('what is no whole number with a country code is explained, not dialled', async () => {
  for (const typed of ['202 555 0101', '0049 30 1234', '+0 30 1234567', '+12', '*31#', '++12025550101', '+1234567890123456']) {
    const { number, problem } = await whom(typed, nobodyAsked);
    assert.equal(number, undefined, typed);
    assert.match(problem, /starts with \+ and the country code/, typed);
  }
  assert.deepEqual(await whom('  ', nobodyAsked), {});
});

test('one contact is called, several are named, an exact name is the one', async () => {
  assert.deepEqual(await whom('moreno', named), { number: '+12025550101' });
  assert.deepEqual(await whom('adam', named), { number: '+12025550109' });
  assert.match((await whom('ada', named)).problem, /Ada Moreno, Adam\. Type more/);
  assert.match((await whom('Zoe', named)).problem, /Nobody in the contacts is called Zoe/);
  assert.match((await whom('ada', async () => undefined)).problem, /server did not answer/);
});
