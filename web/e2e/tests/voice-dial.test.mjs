// Whom a person means who types into the dial field.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { meant, read } from '../../voice/dial.js';
import { spaced } from '../../voice/number.js';
import { learn } from '../../voice/words.js';

learn(JSON.parse(await readFile(new URL('../../texts/en/voice.json', import.meta.url), 'utf8')));

test('a number may be typed as people write it', () => {
  for (const typed of ['+12025550101', ' +1 (202) 555-0101 ', '+1.202.555.0101', '+1/202/555/0101', '+1\u00a0202 5550101']) {
    assert.deepEqual(read(typed), { number: '+12025550101' }, typed);
  }
});

test('what is no whole number with a country code is explained, not dialled', () => {
  for (const typed of ['202 555 0101', '0049 30 1234', '+0 30 1234567', '+12', '*31#', '++12025550101', '+1234567890123456']) {
    const { number, name, problem } = read(typed);
    assert.equal(number ?? name, undefined, typed);
    assert.match(problem, /starts with \+ and the country code/, typed);
  }
  assert.deepEqual(read('  '), {});
});

test('a text with letters is looked for, never dialled; the only contact or the one of that name is meant', () => {
  for (const typed of ['moreno', ' moreno ', 'Zoë', '+1 ada']) assert.deepEqual(read(typed), { name: typed.trim() });
  const [ada, adam, adamson] = ['Ada Moreno', 'Adam', 'Adamson'].map((name) => ({ name, number: '+12025550101' }));
  assert.equal(meant([ada], 'moreno'), 0);
  assert.equal(meant([ada, adam, adamson], 'adam'), 1);
  assert.equal(meant([ada, adam, adamson], 'ada'), -1);
  assert.equal(meant([], 'Zoe'), -1);
});

test('a number is spaced as the board spaces it', () => {
  for (const [stored, shown] of [
    ['+15550100123', '+1 (555) 010-0123'],
    ['+442079460123', '+44 20 7946 0123'],
    ['+447700900123', '+44 7700 900123'],
    ['+33123456789', '+33 1 23 45 67 89'],
    ['+34912345678', '+34 912 345 678'],
    ['+4915112345678', '+49 151 1234 5678'],
    ['+5511912345678', '+55 11 91234 5678'],
    ['+919876543210', '+91 98765 43210'],
    ['+4930901820', '+49 309 018 20'],
    ['+35312345678', '+353 123 456 78'],
    ['+79161234567', '+7 916 123 45 67'],
    ['+3545551234', '+354 555 1234'],
    ['+12', '+1 2'],
    ['+999', '+999'],
  ]) {
    assert.equal(spaced(stored), shown);
  }
});
