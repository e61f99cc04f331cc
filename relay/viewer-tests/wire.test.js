import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseMessage } from '../viewer/wire.js';

test('a frame’s head is read, its other metadata left to the agent', () => {
  const text = '{"type":"frame","deviceWidth":1280.0,"deviceHeight":720.0,"offsetTop":56,"pageScaleFactor":2,"scrollOffsetX":0,"scrollOffsetY":12.5,"jpegSize":4096}';
  assert.deepEqual(parseMessage(text), { type: 'frame', meta: { deviceWidth: 1280, deviceHeight: 720, jpegSize: 4096 } });
});

test('heads that could only do harm are dropped', () => {
  const head = (change) => parseMessage(JSON.stringify({ type: 'frame', deviceWidth: 1, deviceHeight: 1, jpegSize: 1, ...change }));
  assert.ok(head({}));
  for (const bad of [0, -1, 1e9, '1', null, undefined]) {
    assert.equal(head({ deviceWidth: bad }), null);
    assert.equal(head({ deviceHeight: bad }), null);
    assert.equal(head({ jpegSize: bad }), null);
  }
});

test('what isn’t of the protocol is no message', () => {
  const long = JSON.stringify({ type: 'notice', code: 'x'.repeat(70_000) });
  for (const text of ['', '[]', 'null', '5', '{"type":"click"}', '{"type":"pubkey"}', '{"type":"pubkey","key":5}', '{"type":"notice"}', long]) {
    assert.equal(parseMessage(text), null);
  }
});

test('only what the protocol says is kept of a message', () => {
  assert.deepEqual(parseMessage('{"type":"agent_connected","__proto__":{"x":1},"at":5}'), { type: 'agent_connected' });
});
