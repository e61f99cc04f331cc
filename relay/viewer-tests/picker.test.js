import assert from 'node:assert/strict';
import { test } from 'node:test';

import { beginsWith, fits, isValue, pickerTitle, readPicker, restWords } from '../viewer/picker.js';

const SELECT = { type: 'picker', id: 9, kind: 'select', label: 'Country', multiple: false, options: [{ text: 'Chile' }, { text: 'Peru', group: 'South', disabled: true, selected: true }] };
const DATE = { type: 'picker', id: 9, kind: 'date', label: 'Birthday', value: '2001-02-03', min: '1900-01-01', max: '', step: '1' };

test('a list is read with its groups, and what is chosen and can’t be', () => {
  const { options, ...rest } = readPicker(SELECT);
  assert.deepEqual(rest, { type: 'choices', id: 9, label: 'Country', kind: 'select', multiple: false, more: false });
  assert.deepEqual(options, [
    { text: 'Chile', group: '', disabled: false, selected: false }, { text: 'Peru', group: 'South', disabled: true, selected: true },
  ]);
});

test('an option that can’t be read keeps its place and can’t be chosen', () => {
  const { options } = readPicker({ ...SELECT, options: [7, null, { text: 'c' }] });
  assert.deepEqual(options.map(({ text, disabled }) => [text, disabled]), [['', true], ['', true], ['c', false]]);
});

test('lists, texts and labels are bounded', () => {
  const { options, label, more } = readPicker({ ...SELECT, label: 'x'.repeat(999), options: Array.from({ length: 1_500 }, () => ({ text: 't'.repeat(999) })) });
  assert.deepEqual([options.length, options[0].text.length, label.length, more], [1_000, 200, 100, true]);
});

test('what fills in a field has one answer', () => {
  assert.equal(readPicker({ ...SELECT, kind: 'datalist', multiple: true }).multiple, false);
});

test('a date is read in its wire format, and anything else is left out', () => {
  assert.deepEqual(readPicker(DATE), { type: 'value', id: 9, kind: 'date', label: 'Birthday', value: '2001-02-03', min: '1900-01-01', max: '', step: '1' });
  const odd = readPicker({ ...DATE, value: 'tomorrow', min: 7, step: '-1' });
  assert.deepEqual([odd.value, odd.min, odd.step], ['', '', '']);
  assert.equal(readPicker({ ...DATE, step: 'any' }).step, 'any');
});

test('each kind has its format', () => {
  const good = { date: '2027-01-31', time: '18:30:05.250', month: '2027-01', week: '2027-W05', 'datetime-local': '2027-01-31T18:30', color: '#3366CC' };
  for (const [kind, value] of Object.entries(good)) assert.equal(isValue(kind, value), true, kind);
  for (const kind of Object.keys(good)) assert.equal(isValue(kind, '31.1.2027'), false, kind);
});

test('what is no picker isn’t one', () => {
  for (const more of [{ type: 'dialog' }, { id: '9' }, { id: -1 }, { kind: 'file' }, { kind: 'constructor' }, { options: 'all' }]) {
    assert.equal(readPicker({ ...SELECT, ...more }), null, JSON.stringify(more));
  }
});

test('options are found whatever their case and accents, and by their group', () => {
  const option = { text: 'Île-de-France', group: 'Régions', disabled: false, selected: false };
  for (const sought of ['', 'ile', 'FRANCE', ' de-f ', 'regions']) assert.equal(fits(option, sought), true, sought);
  assert.equal(fits(option, 'paris'), false);
  assert.equal(beginsWith(option, 'il'), true);
  assert.equal(beginsWith(option, 'france'), false);
});

test('the sheet says what is to be done, and what isn’t listed', () => {
  assert.equal(pickerTitle(readPicker(SELECT)), 'Choose one');
  assert.equal(pickerTitle(readPicker({ ...SELECT, multiple: true })), 'Choose any number');
  assert.equal(pickerTitle(readPicker(DATE)), 'Pick a date');
  assert.equal(restWords(readPicker(SELECT)), '');
  assert.match(restWords(readPicker({ ...SELECT, more: true })), /^Only the first 2 are listed/u);
});
