// What else the agent tells of the page: where its menu opened, and the pointer's shape.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readCursor } from '../viewer/cursor.js';
import { readMenu } from '../viewer/menu.js';

test('a menu is read with what can be done', () => {
  assert.deepEqual(readMenu({ type: 'menu', x: 3, y: 4, selection: true, editable: 1 }), { x: 3, y: 4, selection: true, editable: false });
  for (const message of [{ type: 'page', x: 3, y: 4 }, { type: 'menu', x: '3', y: 4 }, { type: 'menu', x: 3 }, { type: 'menu', x: NaN, y: 4 }]) {
    assert.equal(readMenu(message), null);
  }
});

test('only the browser’s own pointers are shown, and never none', () => {
  const shape = (cursor) => readCursor({ type: 'cursor', cursor });
  assert.deepEqual([shape('text'), shape('nwse-resize'), shape('none'), shape('url(x)'), shape(7)], ['text', 'nwse-resize', 'default', 'default', 'default']);
  assert.equal(readCursor({ type: 'menu', cursor: 'text' }), null);
});
