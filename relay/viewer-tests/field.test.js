import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isForCode, isPicked, isSameField, isTyped, readField, shapeOf, wantsKeyboard } from '../viewer/field.js';

const RAW = { kind: 'text', input_mode: '', enter_key: '', autocomplete: '', multiple: false, label: 'Name', x: 10, y: 20, width: 200, height: 30 };
const read = (more = {}) => readField({ type: 'field', page: 1, field: { ...RAW, ...more } });

test('a field is read, and that there is none', () => {
  assert.deepEqual(read({ kind: 'password', autocomplete: 'current-password', max_length: 64, enter_key: 'go' }), {
    kind: 'password', inputMode: '', enterKey: 'go', autocomplete: 'current-password', maxLength: 64, label: 'Name',
    rect: { x: 10, y: 20, width: 200, height: 30 },
  });
  assert.equal(readField({ type: 'field', page: 1, field: null }), null);
});

test('what isn’t about a field, or is none, changes nothing', () => {
  assert.equal(readField({ type: 'page', field: RAW }), undefined);
  for (const more of [{ kind: 'other' }, { kind: 7 }, { x: NaN }, { y: '20' }, { width: 1e9 }]) assert.equal(read(more), undefined);
  for (const field of [7, undefined, 'text']) assert.equal(readField({ type: 'field', field }), undefined);
});

test('what HTML doesn’t know is left out, and the label is bounded', () => {
  const field = read({ input_mode: '"><b>', enter_key: 'x', autocomplete: 'a"b', max_length: -1, label: 'l'.repeat(500) });
  assert.deepEqual([field.inputMode, field.enterKey, field.autocomplete, field.maxLength, field.label.length], ['', '', '', null, 100]);
});

test('a phone’s keyboard is of the field’s kind, unless the page wants another', () => {
  const mode = (more) => shapeOf(read(more)).inputMode;
  assert.deepEqual([mode({ kind: 'email' }), mode({ kind: 'number' }), mode({ kind: 'number', input_mode: 'numeric' }), mode({})],
    ['email', 'decimal', 'numeric', '']);
});

test('elements that hide their selection are plain text here', () => {
  const type = (kind) => shapeOf(read({ kind })).type;
  assert.deepEqual(['email', 'number', 'password', 'tel', 'rich', 'multiline'].map(type), ['text', 'text', 'password', 'tel', 'multiline', 'multiline']);
});

test('what fills a field is what the page says, else what goes with its kind', () => {
  const filled = (more) => shapeOf(read(more)).autocomplete;
  assert.deepEqual([filled({}), filled({ kind: 'password' }), filled({ kind: 'password', autocomplete: 'new-password' }), filled({ autocomplete: 'username' })],
    ['off', 'current-password', 'new-password', 'username']);
});

test('a box for one character of a code takes a whole code', () => {
  assert.equal(shapeOf(read({ autocomplete: 'one-time-code', max_length: 1 })).maxLength, null);
  assert.equal(shapeOf(read({ autocomplete: 'one-time-code', max_length: 6 })).maxLength, 6);
  assert.equal(shapeOf(read({ max_length: 1 })).maxLength, 1);
});

test('a field for a code says so, or takes few digits', () => {
  assert.equal(isForCode(read({ autocomplete: 'section-a one-time-code' })), true);
  assert.equal(isForCode(read({ input_mode: 'numeric', max_length: 8 })), true);
  assert.equal(isForCode(read({ kind: 'tel', max_length: 6 })), true);
  for (const more of [{ input_mode: 'numeric' }, { input_mode: 'numeric', max_length: 16 }, { max_length: 6 }, { kind: 'date', autocomplete: 'one-time-code' }]) {
    assert.equal(isForCode(read(more)), false, JSON.stringify(more));
  }
  assert.equal(isForCode(null), false);
});

test('text is typed, the rest is picked, and files are neither', () => {
  const of = (kind) => [isTyped(read({ kind })), isPicked(read({ kind }))];
  assert.deepEqual([of('search'), of('select'), of('color'), of('file')], [[true, false], [false, true], [false, true], [false, false]]);
  assert.equal(wantsKeyboard(read({ input_mode: 'none' })), false, 'a page with keys of its own');
  assert.equal(wantsKeyboard(read()), true);
});

test('a field that was scrolled is the same', () => {
  assert.equal(isSameField(read(), read({ y: 300 })), true);
  for (const more of [{ label: 'Town' }, { width: 40 }, { kind: 'email' }]) assert.equal(isSameField(read(), read(more)), false);
});
