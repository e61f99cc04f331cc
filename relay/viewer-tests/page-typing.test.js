// What keys and input methods become once the agent takes them as they are held and composed.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { inBrowser } from './scene.js';

const TAKES = ['state', { type: 'agent', takes: ['pointer', 'compose'] }];

async function taken(scene) {
  await scene.live();
  await scene.hear(TAKES);
}

async function sent(scene) {
  return (await scene.asked()).filter(([verb]) => verb === 'send').map(([, event]) => event);
}

async function until(scene, fits) {
  await scene.browser.until(`line.asked.some(([verb, event]) => verb === 'send' && (${fits})(event))`);
  return sent(scene);
}

const compose = (scene, text, start = text.length, end = start) =>
  scene.browser.devtools('Input.imeSetComposition', { text, selectionStart: start, selectionEnd: end });
const insert = (scene, text) => scene.browser.devtools('Input.insertText', { text });

describe('at a desk', () => inBrowser({}, (story) => {
  story('a letter is held until it is released, with its code', async (scene) => {
    await taken(scene);
    await scene.browser.type('a');
    const [down, up] = await until(scene, '({ type }) => type === "keyup"');
    assert.deepEqual([down.type, down.key, down.code, down.keyCode, down.repeat], ['keydown', 'a', 'KeyA', 65, false]);
    assert.deepEqual([up.type, up.key, up.code], ['keyup', 'a', 'KeyA']);
  });

  story('a key that is held repeats, and goes up once', async (scene) => {
    await taken(scene);
    const key = (type, more) => scene.browser.devtools('Input.dispatchKeyEvent',
      { type, key: 'x', code: 'KeyX', windowsVirtualKeyCode: 88, ...more });
    await key('keyDown', { text: 'x' });
    await key('keyDown', { text: 'x', autoRepeat: true });
    await key('keyDown', { text: 'x', autoRepeat: true });
    await key('keyUp');
    const events = await until(scene, '({ type }) => type === "keyup"');
    assert.deepEqual(events.map(({ type, repeat }) => [type, repeat]),
      [['keydown', false], ['keydown', true], ['keydown', true], ['keyup', undefined]]);
  });

  story('5,000 characters arrive in order, each with its release', async (scene) => {
    await taken(scene);
    const letters = 'the quick brown fox jumps over the lazy dog, 0123456789 times; ';
    const text = letters.repeat(Math.ceil(5_000 / letters.length)).slice(0, 5_000);
    for (let at = 0; at < text.length; at += 250) await scene.browser.type(...text.slice(at, at + 250));
    await scene.browser.until('line.asked.filter(([verb, event]) => verb === "send" && event.type === "keyup").length === 5000');
    const events = await sent(scene);
    assert.equal(events.filter(({ type }) => type === 'keydown').map(({ key }) => key).join(''), text);
    assert.ok(events.every(({ type, code }, index) => type === (index % 2 === 0 ? 'keydown' : 'keyup') && code === events[index - index % 2].code));
  });

  story('a composition is shown as it grows, with its selection, and becomes its text', async (scene) => {
    await taken(scene);
    await compose(scene, 'n');
    await compose(scene, 'nihao', 2, 5);
    await insert(scene, '你好');
    const events = await until(scene, '({ type }) => type === "commit"');
    assert.deepEqual(events, [
      { type: 'compose', text: 'n', start: 1, end: 1 },
      { type: 'compose', text: 'nihao', start: 2, end: 5 },
      { type: 'compose', text: '你好', start: 2, end: 2 },
      { type: 'commit', text: '你好' },
    ]);
    assert.equal(await scene.run('return document.getElementById("typing").classList.contains("composing")'), false);
  });

  story('a composition that is given up leaves nothing', async (scene) => {
    await taken(scene);
    await compose(scene, 'に');
    await compose(scene, '');
    await until(scene, '({ type, text }) => type === "compose" && text === ""');
    await scene.browser.type('a');
    await until(scene, '({ key }) => key === "a"');
  });

  story('emoji of one and of many parts come as text', async (scene) => {
    await taken(scene);
    for (const text of ['😀', '👩‍👩‍👧']) await insert(scene, text);
    const events = await until(scene, '({ key }) => key === "👩‍👩‍👧"');
    assert.deepEqual(events.map(({ type, key }) => [type, key]), [['keypress', '😀'], ['keypress', '👩‍👩‍👧']]);
  });
}));

describe('on a phone', () => inBrowser({ phone: true }, (story) => {
  story('plain words are typed as keys, put right by Backspace', async (scene) => {
    await taken(scene);
    await scene.browser.click('keyboard');
    for (const text of ['t', 'te', 'teh']) await compose(scene, text);
    await insert(scene, 'the');
    const events = await until(scene, '({ key }) => key === "e" && line.asked.filter(([, event]) => event?.key === "Backspace").length === 4');
    const keys = events.filter(({ type }) => type !== 'keyup').map(({ key }) => key);
    assert.deepEqual(keys, ['t', 'e', 'h', 'Backspace', 'Backspace', 'h', 'e']);
  });

  story('what no alphabet spells is composed in the page', async (scene) => {
    await taken(scene);
    await scene.browser.click('keyboard');
    await compose(scene, 'に');
    await compose(scene, 'にほん');
    await insert(scene, '日本');
    const events = await until(scene, '({ type }) => type === "commit"');
    assert.deepEqual(events.map(({ type, text }) => [type, text]),
      [['compose', 'に'], ['compose', 'にほん'], ['compose', '日本'], ['commit', '日本']]);
  });
}));
