// Whom a person means who types into the dial field.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { abroad, meant, read } from '../../voice/dial.js';
import { codeOf } from '../../voice/out.js';
import { learn } from '../../voice/words.js';

learn(JSON.parse(await readFile(new URL('../../texts/en/voice.json', import.meta.url), 'utf8')));

test('a number may be typed as people write it', () => {
  for (const typed of ['+12025550101', ' +1 (202) 555-0101 ', '+1.202.555.0101', '+1/202/555/0101', '+1\u00a0202 5550101']) {
    assert.deepEqual(read(typed), { number: '+12025550101' }, typed);
  }
});

test('what is no whole number with a country code is explained, not dialled', () => {
  for (const typed of ['+0 30 1234567', '+12', '*31#', '++12025550101', '+1234567890123456']) {
    const { number, name, problem } = read(typed);
    assert.equal(number ?? name, undefined, typed);
    assert.match(problem, /starts with \+ and the country code/, typed);
  }
  for (const typed of ['911', '1 12']) assert.match(read(typed).problem, /^Short numbers such as 911/, typed);
  assert.deepEqual(read('  '), {});
});

test('who dials as at home is shown the number with its country code', () => {
  assert.deepEqual(read('0044 20 7946 0999'), { number: '+442079460999' });
  assert.deepEqual(read('(202) 555-0101'), { local: '2025550101' });
  assert.equal(abroad('2025550101', '+1'), '+12025550101');
  assert.equal(abroad('12025550101', '+1'), '+12025550101');
  assert.equal(abroad('02079460999', '+44'), '+442079460999');
  assert.equal(abroad('2025550101', undefined), undefined, 'nobody knows from where it is dialled');
  assert.equal(codeOf({ outbound_prefixes: ['+1', '+44'], caller_id: '+442079460123' }), '+44');
  assert.equal(codeOf({ outbound_prefixes: ['+1202'], caller_id: null }), '+1');
  assert.equal(codeOf({ outbound_prefixes: ['+1', '+44'], caller_id: null }), undefined);
});

test('a text with letters is looked for, never dialled; the only contact or the one of that name is meant', () => {
  for (const typed of ['moreno', ' moreno ', 'Zoë', '+1 ada']) assert.deepEqual(read(typed), { name: typed.trim() });
  const [ada, adam, adamson] = ['Ada Moreno', 'Adam', 'Adamson'].map((name) => ({ name, number: '+12025550101' }));
  assert.equal(meant([ada], 'moreno'), 0);
  assert.equal(meant([ada, adam, adamson], 'adam'), 1);
  assert.equal(meant([ada, adam, adamson], 'ada'), -1);
  assert.equal(meant([], 'Zoe'), -1);
});
