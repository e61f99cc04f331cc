// Files for the page, put into words.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { kindsOf, leadOf, readWanted, refusalWords, sizeWords, takesPhotos, titleOf } from '../viewer/files.js';

const wanted = (members) => readWanted({ type: 'files', id: 1, multiple: false, folder: false, accept: [], capture: '', limit: 26_214_400, left: 104_857_600, ...members });

test('a size is told as people read it', () => {
  const sizes = [[0, '0 B'], [999, '999 B'], [1_536, '1.5 kB'], [20_480, '20 kB'], [1_572_864, '1.5 MB'], [26_214_400, '25 MB']];
  for (const [bytes, words] of sizes) assert.equal(sizeWords(bytes), words);
});

test('the page’s kinds are bounded text', () => {
  const accept = ['image/*', '', 7, 'x'.repeat(101), ...Array(40).fill('.pdf')];
  const read = wanted({ accept });
  assert.ok(read.accept.length <= 32 && read.accept.every((kind) => kind === 'image/*' || kind === '.pdf'));
  assert.equal(kindsOf(wanted({})), '');
});

test('a photo is for pages that take pictures, or anything', () => {
  assert.ok(takesPhotos(wanted({})));
  assert.ok(takesPhotos(wanted({ accept: ['.PDF', '.JPG'] })));
  assert.ok(takesPhotos(wanted({ accept: ['.pdf'], capture: 'environment' })));
  assert.ok(!takesPhotos(wanted({ accept: ['.pdf', 'text/plain'] })));
});

test('each wish and each refusal has its words', () => {
  assert.equal(titleOf(wanted({ folder: true })), 'The page wants a folder');
  assert.equal(leadOf(wanted({ left: 1_048_576 })), 'At most 1 MB.');
  const words = ['too_large', 'no_room', 'too_many', 'broken', 'gone', 'elsewhere'].map((why) => refusalWords(why, wanted({})));
  assert.equal(new Set(words).size, words.length);
  assert.equal(refusalWords('anything else', wanted({})), refusalWords('broken', wanted({})));
});
