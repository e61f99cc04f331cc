import assert from 'node:assert/strict';
import { test } from 'node:test';

import { pinDigits } from '../viewer/sheets.js';
import { Drops, droppedWords, lostWords } from '../viewer/sayings.js';

const dropped = (kinds, why) => droppedWords(new Map(Object.entries(kinds)), why);

test('a dropped click says why it wasn’t passed on, and what to do', () => {
  assert.equal(dropped({ click: 1 }, 'navigated'), 'Your click wasn’t passed on: the page had changed in the meantime. Have a look, then do it again.');
  assert.equal(dropped({ click: 1 }, 'stale'), 'Your click wasn’t passed on: it came too late for what you saw. Have a look, then do it again.');
});

test('several dropped inputs are counted', () => {
  assert.match(dropped({ keypress: 3, keydown: 1 }, 'stale'), /^4 keys weren’t passed on/u);
  assert.match(dropped({ click: 1, keypress: 1 }, 'stale'), /^2 inputs weren’t passed on/u);
});

test('a dropped release alone, or an unknown kind, says nothing', () => {
  for (const kind of ['keyup', 'constructor', '<b>']) assert.equal(dropped({ [kind]: 1 }, 'stale'), '');
});

test('drops that come together are one line, and the next burst another', () => {
  const [said, timers] = [[], []];
  const drops = new Drops((text) => said.push(text), (done) => timers.push(done));
  drops.add('click', 'stale');
  drops.add('dblclick', 'navigated');
  drops.add('keyup', 'stale');
  assert.equal(timers.length, 1);
  timers.shift()();
  drops.add('paste', 'unsent');
  timers.shift()();
  assert.equal(said.length, 2);
  assert.match(said[0], /^2 inputs weren’t passed on: the page had changed/u);
  assert.match(said[1], /^Your pasted text wasn’t passed on, because the picture had stopped/u);
});

test('what got lost with a connection is counted', () => {
  assert.match(lostWords(1), /^One key or click got lost/u);
  assert.match(lostWords(12), /^12 keys or clicks got lost .* Check the field/u);
});

test('a PIN is read however it was written', () => {
  assert.deepEqual(['123 456', '12-34-56', '１２３４５６', 'PIN: 1234567', ''].map(pinDigits), ['123456', '123456', '123456', '123456', '']);
});
