import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HeldKeys, asksForCopy, difference, isAtOnce, isFill, pressNamed, routeKeyDown, typeText } from '../viewer/keys.js';

const NONE = { altKey: false, ctrlKey: false, metaKey: false, shiftKey: false };
const stroke = (key, code, more = {}) => ({ key, code, keyCode: 65, isComposing: false, altGraph: false, ...NONE, ...more });
const route = (key, code, more, onMac = false, precise = false) => routeKeyDown(stroke(key, code, more), { onMac, precise });
const only = (result) => {
  assert.equal(result.to, 'page');
  assert.equal(result.events.length, 1);
  return result.events[0];
};

test('a letter is typed with its code and modifiers', () => {
  assert.deepEqual(only(route('a', 'KeyA')), { type: 'keypress', key: 'a', code: 'KeyA', ...NONE });
  assert.deepEqual(only(route('A', 'KeyA', { shiftKey: true })), { type: 'keypress', key: 'A', code: 'KeyA', ...NONE, shiftKey: true });
  for (const [key, code] of [['é', 'Digit2'], ['ф', 'KeyA'], [' ', 'Space'], ['😀', '']]) {
    assert.equal(only(route(key, code)).type, 'keypress');
  }
});

test('special keys and shortcuts go down as keys', () => {
  assert.deepEqual(only(route('Enter', 'Enter')), { type: 'keydown', key: 'Enter', code: 'Enter', ...NONE });
  assert.equal(only(route('Tab', 'Tab', { shiftKey: true })).shiftKey, true);
  assert.deepEqual(only(route('c', 'KeyC', { ctrlKey: true })), { type: 'keydown', key: 'c', code: 'KeyC', ...NONE, ctrlKey: true });
});

test('a Cmd shortcut is let go at once, for a Mac never tells', () => {
  const { events } = route('c', 'KeyC', { metaKey: true }, true);
  assert.deepEqual(events.map(({ type }) => type), ['keydown', 'keyup']);
});

test('AltGr’s characters arrive as text without its modifiers', () => {
  const at = only(route('@', 'KeyQ', { ctrlKey: true, altKey: true, altGraph: true }));
  assert.deepEqual(at, { type: 'keypress', key: '@', code: 'KeyQ', ...NONE });
  assert.deepEqual(only(route('€', 'KeyE', { ctrlKey: true, altKey: true })), { type: 'keypress', key: '€', code: 'KeyE', ...NONE });
  assert.equal(only(route('ą', 'KeyA', { altGraph: true, shiftKey: true })).shiftKey, true);
});

test('Option’s characters are text, Ctrl+Alt with a key’s own letter is a shortcut', () => {
  assert.deepEqual(only(route('å', 'KeyA', { altKey: true }, true)), { type: 'keypress', key: 'å', code: 'KeyA', ...NONE });
  assert.deepEqual(only(route('a', 'KeyA', { altKey: true, ctrlKey: true })), { type: 'keydown', key: 'a', code: 'KeyA', ...NONE, altKey: true, ctrlKey: true });
});

test('where keys are taken as they are held, each says its code and whether it repeats', () => {
  const letter = only(route('ф', 'KeyA', { repeat: true }, false, true));
  assert.deepEqual(letter, { type: 'keydown', key: 'ф', code: 'KeyA', keyCode: 65, repeat: true, ...NONE });
  assert.deepEqual(only(route('@', 'KeyQ', { ctrlKey: true, altKey: true, altGraph: true, keyCode: 81 }, false, true)),
    { type: 'keydown', key: '@', code: 'KeyQ', keyCode: 81, repeat: false, ...NONE });
  assert.equal(only(route('Tab', 'Tab', { keyCode: 9 }, false, true)).keyCode, 9);
  assert.equal('keyCode' in only(route('é', '', { keyCode: 0 }, false, true)), false);
  const [down, up] = route('c', 'KeyC', { metaKey: true }, true, true).events;
  assert.deepEqual([down.type, up.type, 'repeat' in up], ['keydown', 'keyup', false]);
});

test('what a Mac leaves untold while Cmd is held goes up with Cmd', () => {
  const held = new HeldKeys();
  for (const [key, code] of [['ArrowLeft', 'ArrowLeft'], ['Shift', 'ShiftLeft'], ['Meta', 'MetaLeft']]) held.note(route(key, code, {}, true).events);
  assert.deepEqual(held.releaseUntold().map(({ type, code }) => `${type} ${code}`), ['keyup ArrowLeft']);
  assert.deepEqual(held.release(stroke('Meta', 'MetaLeft')).map(({ code }) => code), ['MetaLeft']);
  assert.ok(held.any);
  assert.deepEqual(held.releaseAll().map(({ code }) => code), ['ShiftLeft']);
  assert.equal(held.any, false);
});

test('input methods, soft keyboards and dead keys are left to the text field', () => {
  assert.deepEqual(route('a', 'KeyA', { isComposing: true }), { to: 'text' });
  assert.deepEqual(route('a', 'KeyA', { keyCode: 229 }), { to: 'text' });
  assert.deepEqual(route('Enter', 'Enter', { keyCode: 229 }), { to: 'text' });
  for (const key of ['Unidentified', 'Process', 'Dead']) assert.deepEqual(route(key, ''), { to: 'text' });
});

test('pasting uses this computer’s clipboard', () => {
  assert.deepEqual(route('v', 'KeyV', { ctrlKey: true }), { to: 'text' });
  assert.deepEqual(route('V', 'KeyV', { metaKey: true, shiftKey: true }, true), { to: 'text' });
  assert.deepEqual(route('Insert', 'Insert', { shiftKey: true }), { to: 'text' });
});

test('history keys are the page’s, window keys this browser’s', () => {
  assert.deepEqual(only(route('F5', 'F5')), { type: 'reload' });
  assert.deepEqual(only(route('r', 'KeyR', { ctrlKey: true })), { type: 'reload' });
  assert.deepEqual(only(route('r', 'KeyR', { metaKey: true }, true)), { type: 'reload' });
  assert.deepEqual(only(route('ArrowLeft', 'ArrowLeft', { altKey: true })), { type: 'back' });
  assert.equal(only(route('ArrowLeft', 'ArrowLeft', { altKey: true }, true)).type, 'keydown');
  assert.deepEqual(route('t', 'KeyT', { ctrlKey: true }), { to: 'browser' });
  assert.deepEqual(route('F11', 'F11'), { to: 'browser' });
  assert.deepEqual(route('CapsLock', 'CapsLock'), { to: 'browser' });
  assert.deepEqual(route('F6', 'F6'), { to: 'buttons' });
});

test('a release has the name the key was pressed by, once', () => {
  const held = new HeldKeys();
  held.note(route('A', 'KeyA', { shiftKey: true }).events);
  assert.deepEqual(held.release(stroke('a', 'KeyA')), [{ type: 'keyup', key: 'A', code: 'KeyA', ...NONE }]);
  assert.deepEqual(held.release(stroke('a', 'KeyA')), []);
});

test('losing the focus releases all that is down', () => {
  const held = new HeldKeys();
  held.note(route('Shift', 'ShiftLeft', { shiftKey: true }).events);
  held.note(route('b', 'KeyB').events);
  held.note(route('c', 'KeyC', { metaKey: true }, true).events);
  assert.deepEqual(held.releaseAll().map(({ code }) => code), ['ShiftLeft', 'KeyB']);
  assert.deepEqual(held.releaseAll(), []);
});

test('text without keys is typed by grapheme, pasted when long or of several lines', () => {
  assert.deepEqual(typeText('a👩‍👩‍👧é').map(({ key }) => key), ['a', '👩‍👩‍👧', 'é']);
  assert.ok(typeText('hi').every((event) => event.type === 'keypress' && !('code' in event)));
  assert.deepEqual(typeText('\n').map(({ type, key }) => type + key), ['keydownEnter', 'keyupEnter']);
  assert.deepEqual(typeText('a\r\nb'), [{ type: 'paste', text: 'a\nb' }]);
  assert.equal(typeText('x'.repeat(65))[0].type, 'paste');
  assert.deepEqual(typeText(''), []);
  assert.equal(typeText(`e${'\u0301'.repeat(30)}`)[0].type, 'paste');
});

test('the on-screen Ctrl makes a shortcut of a letter', () => {
  const keys = pressNamed('a', { ...NONE, ctrlKey: true });
  assert.deepEqual(keys.map(({ type, key, code, ctrlKey }) => [type, key, code, ctrlKey]), [['keydown', 'a', 'KeyA', true], ['keyup', 'a', 'KeyA', true]]);
});

test('an input method’s change of mind is the least to erase and to insert', () => {
  assert.deepEqual(difference('', 'h'), { erase: 0, insert: 'h' });
  assert.deepEqual(difference('hel', 'hell'), { erase: 0, insert: 'l' });
  assert.deepEqual(difference('teh', 'the'), { erase: 2, insert: 'he' });
  assert.deepEqual(difference('nihao', '你好'), { erase: 5, insert: '你好' });
  assert.deepEqual(difference('a👩‍👩‍👧', 'a'), { erase: 1, insert: '' });
});

test('Ctrl+C and Cmd+C copy, also from a Mac to a page elsewhere', () => {
  const asks = (key, more, onMac) => asksForCopy({ ...NONE, ...more, key }, onMac);
  assert.equal(asks('c', { ctrlKey: true }, false), true);
  assert.equal(asks('X', { ctrlKey: true }, false), true);
  assert.equal(asks('c', { metaKey: true }, true), true);
  assert.equal(asks('c', { metaKey: true }, false), false);
  for (const more of [{}, { ctrlKey: true, shiftKey: true }, { ctrlKey: true, altKey: true }]) assert.equal(asks('c', more, false), false);
  assert.equal(asks('v', { ctrlKey: true }, false), false);
});

test('what comes whole isn’t typed key by key', () => {
  assert.deepEqual([isFill(''), isFill('insertReplacementText'), isFill('insertText')], [true, true, false]);
  assert.equal(isAtOnce('123456', true), true, 'a code from a message');
  for (const [text, soft] of [['1', true], ['👩‍👩‍👧', true], ['ab', false], ['', true], ['\n', true]]) assert.equal(isAtOnce(text, soft), false, text);
});
