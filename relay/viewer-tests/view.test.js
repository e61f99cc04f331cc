import assert from 'node:assert/strict';
import { test } from 'node:test';

import { arrange, emptyView, firstMode, fitScale, focusOn, pan, reveal, toDevice, toStage, zoomTo } from '../viewer/view.js';

const shown = (stage, device, mode = 'fit') => arrange(emptyView(), { stage, device, mode });
const DESK = { width: 1280, height: 720 };
const PHONE = { width: 360, height: 480 };
const near = (actual, expected) => assert.ok(Math.abs(actual - expected) < 0.02, `${actual} instead of ${expected}`);

test('a page that is shown whole is centred between equal margins', () => {
  const view = shown({ width: 1000, height: 1000 }, DESK);
  near(view.scale, 1000 / 1280);
  assert.equal(view.x, 0);
  assert.equal(view.y, Math.round((1000 - 562.5) / 2));
});

test('a point goes to the page and back, whatever the zoom', () => {
  let view = shown({ width: 900, height: 500 }, DESK);
  for (const step of [1, 1.7, 3.9, 0.1]) {
    view = zoomTo(view, step, { x: 300, y: 200 });
    for (const point of [{ x: 640, y: 360 }, { x: 100.5, y: 33.25 }]) {
      const back = toDevice(view, toStage(view, point));
      near(back.x, point.x);
      near(back.y, point.y);
    }
  }
});

test('the margins belong to no point of the page', () => {
  const view = shown({ width: 1000, height: 1000 }, DESK);
  assert.equal(toDevice(view, { x: 500, y: view.y - 1 }).inside, false);
  assert.equal(toDevice(view, { x: 500, y: view.y + 1 }).inside, true);
  assert.equal(toDevice(view, { x: 1000, y: 500 }).inside, false);
  const corner = toDevice(view, { x: 5_000, y: 5_000 });
  assert.deepEqual([corner.x, corner.y], [1279, 719]);
});

test('zooming keeps the page under the finger', () => {
  const view = shown(PHONE, DESK, 'fill');
  const at = { x: 200, y: 240 };
  const before = toDevice(view, at);
  const after = toDevice(zoomTo(view, view.scale * 1.5, at), at);
  near(after.x, before.x);
  near(after.y, before.y);
});

test('zoom stays between the whole page and four times its size', () => {
  const view = shown(PHONE, DESK);
  near(zoomTo(view, 0.001, { x: 0, y: 0 }).scale, fitScale(view));
  assert.equal(zoomTo(view, 99, { x: 0, y: 0 }).scale, 4);
});

test('a small page isn’t blown up without limit', () => {
  assert.equal(shown({ width: 4000, height: 3000 }, { width: 400, height: 300 }).scale, 1.5);
});

test('a phone starts filled where the whole page can’t be read', () => {
  assert.equal(firstMode(shown(PHONE, DESK)), 'fill');
  assert.equal(firstMode(shown(PHONE, { width: 390, height: 700 })), 'fit');
  const filled = shown(PHONE, DESK, 'fill');
  near(filled.scale, 480 / 720);
  near(toDevice(filled, { x: 180, y: 0 }).x, 640);
  assert.equal(filled.y, 0);
});

test('what a pan can’t move is left for the page to scroll', () => {
  const filled = shown(PHONE, DESK, 'fill');
  const sideways = pan(filled, -50, -30);
  assert.deepEqual([sideways.left.x, sideways.left.y], [0, -30]);
  near(sideways.view.x, filled.x - 50);
  const far = pan(filled, -10_000, 0);
  near(far.view.x, PHONE.width - 1280 * filled.scale);
  near(far.left.x, -10_000 - (far.view.x - filled.x));
});

test('a smaller stage keeps the middle of what was looked at', () => {
  const view = zoomTo(shown(PHONE, DESK), 1, { x: 180, y: 240 });
  const before = toDevice(view, { x: 180, y: 240 });
  const after = arrange(view, { stage: { width: 360, height: 260 } });
  const middle = toDevice(after, { x: 180, y: 130 });
  near(middle.x, before.x);
  near(middle.y, before.y);
});

test('a filled stage stays where it was when it shrinks', () => {
  const panned = pan(shown(PHONE, DESK, 'fill'), -100, 0).view;
  const before = toDevice(panned, { x: 180, y: 0 });
  const after = arrange(panned, { stage: { width: 360, height: 300 } });
  near(toDevice(after, { x: 180, y: 0 }).x, before.x);
});

test('the field that is typed into is brought to the middle', () => {
  const view = focusOn(shown({ width: 360, height: 260 }, DESK), { x: 640, y: 300 });
  assert.equal(view.scale, 0.8);
  const middle = toDevice(view, { x: 180, y: 130 });
  near(middle.x, 640);
  near(middle.y, 300);
});

test('a field in sight moves nothing, and one out of sight no more than it takes', () => {
  const view = zoomTo(shown(DESK, DESK), 2, { x: 0, y: 0 });
  const seen = { x: 100, y: 100, width: 200, height: 30 };
  assert.equal(reveal(view, seen), view);
  const moved = reveal(view, { ...seen, y: 600 });
  assert.equal(moved.x, view.x);
  near(toStage(moved, { x: 0, y: 630 }).y, DESK.height - 16);
  assert.equal(moved.mode, 'free');
});

test('a field on a page that is too small to read is enlarged, and lies above the keyboard', () => {
  const stage = { width: 360, height: 260 };
  const view = shown(stage, DESK);
  const field = { x: 900, y: 640, width: 220, height: 32 };
  const close = reveal(view, field);
  near(close.scale, 0.8);
  const [from, to] = [toStage(close, field), toStage(close, { x: field.x + field.width, y: field.y + field.height })];
  assert.ok(from.x >= 0 && from.y >= 0 && to.x <= stage.width && to.y <= stage.height, JSON.stringify([from, to]));
});

test('of a field wider than the screen its beginning is seen', () => {
  const view = reveal(shown({ width: 360, height: 300 }, DESK), { x: 200, y: 100, width: 900, height: 30 });
  near(toStage(view, { x: 200, y: 100 }).x, 16);
});
