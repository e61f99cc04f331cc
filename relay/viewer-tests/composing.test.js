import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Composing } from '../viewer/composing.js';

/** What one composition brings to the page. */
function composed({ live = true, soft = false, languages = ['en-GB'] }, updates, end) {
  const said = [];
  const composing = new Composing({
    isLive: () => live,
    isSoft: () => soft,
    languages: () => languages,
    send: (event) => said.push(event.type === 'commit' ? `commit ${event.text}` : `${event.text} ${event.start}-${event.end}`),
    become: (from, to) => said.push(`${from}>${to}`),
    insert: (text) => said.push(`+${text}`),
  });
  composing.begin();
  for (const text of updates) {
    composing.update(text);
    composing.shown(text.length, text.length);
  }
  composing.end(end);
  assert.equal(composing.isOn, false);
  return said;
}

test('a composition is live where the agent takes it, else told when it is done', () => {
  assert.deepEqual(composed({}, ['n', 'ni'], '你'), ['n 1-1', 'ni 2-2', 'commit 你']);
  assert.deepEqual(composed({ live: false }, ['n', 'ni'], '你'), ['+你']);
});

test('a soft keyboard’s words are keys, whichever agent it is', () => {
  for (const live of [true, false]) assert.deepEqual(composed({ live, soft: true }, ['t', 'te'], 'the'), ['>t', 't>te', 'te>the']);
});

test('whoever spells another script in letters composes them', () => {
  assert.deepEqual(composed({ soft: true, languages: ['en', 'zh-CN'] }, ['n'], '你'), ['n 1-1', 'commit 你']);
  assert.deepEqual(composed({ soft: true, live: false, languages: ['zh-CN'] }, ['n'], '你'), ['>n', 'n>你']);
});

test('words that turn into something else at the end are put right', () => {
  assert.deepEqual(composed({ soft: true }, ['smile'], '😀'), ['>smile', 'smile>😀']);
});

test('what comes without having been composed is typed', () => {
  assert.deepEqual(composed({}, [], '😀'), ['+😀']);
});

test('one that is too long for the agent is told when it is done', () => {
  const long = '字'.repeat(1_001);
  assert.deepEqual(composed({}, [long], long), [`+${long}`]);
});
