import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Copying } from '../viewer/copying.js';

/** A human who copies: `wrote` is what came to the clipboard, `seen` what was said and shown. */
function human({ live = true, refuses = false } = {}) {
  const [wrote, seen] = [[], []];
  let asks = 0;
  const copying = new Copying({
    ask: () => { asks += Number(live); return live; },
    write: async (text) => {
      if (refuses) throw new Error('not within an act');
      wrote.push(await text);
    },
    offer: (text) => seen.push(`offered ${text}`),
    say: (words) => seen.push(words),
  });
  return { copying, wrote, seen, asks: () => asks };
}

test('what was asked for comes to the clipboard', async () => {
  const { copying, wrote, seen } = human();
  const done = copying.ask();
  assert.equal(copying.hear({ type: 'copied', text: 'secret words' }), true);
  await done;
  assert.deepEqual([wrote, seen], [['secret words'], ['Copied.']]);
});

test('what nobody asked for, or is answered already, is dropped', async () => {
  const { copying, wrote } = human();
  assert.equal(copying.hear({ type: 'copied', text: 'unasked' }), true);
  const done = copying.ask();
  copying.hear({ type: 'copied', text: 'once' });
  copying.hear({ type: 'copied', text: 'twice' });
  await done;
  assert.deepEqual(wrote, ['once']);
});

test('a browser that wants another act is shown the text', async () => {
  const { copying, seen } = human({ refuses: true });
  const done = copying.ask();
  copying.hear({ type: 'copied', text: 'words' });
  await done;
  assert.deepEqual(seen, ['offered words']);
});

test('what was cut is told as that', async () => {
  const { copying, seen } = human();
  const done = copying.ask();
  copying.hear({ type: 'copied', text: 'words', more: true });
  await done;
  assert.match(seen.join(), /^Only the beginning/u);
});

test('the agent’s refusal ends the wait, and a key’s isn’t told for want of a selection', async () => {
  for (const [byKey, code, told] of [[false, 'nothing_selected', true], [true, 'nothing_selected', false], [true, 'not_copied', true]]) {
    const { copying, wrote, seen } = human();
    const done = copying.ask(byKey);
    assert.equal(copying.refused(code), told);
    copying.hear({ type: 'copied', text: 'late' });
    await done;
    assert.deepEqual([wrote, seen], [[], []]);
  }
});

test('other notices are told, and a refusal that nobody waits for isn’t', () => {
  const { copying } = human();
  assert.equal(copying.refused('print'), true);
  assert.equal(copying.refused('nothing_selected'), false);
});

test('a newer wish takes the older’s place', async () => {
  const { copying, wrote, asks } = human();
  const first = copying.ask();
  const second = copying.ask();
  copying.hear({ type: 'copied', text: 'new' });
  await Promise.all([first, second]);
  assert.deepEqual([wrote, asks()], [['new'], 2]);
});

test('nothing is awaited that couldn’t be asked for', async () => {
  const { copying, wrote } = human({ live: false });
  await copying.ask();
  copying.hear({ type: 'copied', text: 'words' });
  assert.deepEqual(wrote, []);
});
