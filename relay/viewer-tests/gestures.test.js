import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Gestures, HOLD_AFTER_MS } from '../viewer/gestures.js';

const at = (x, y) => ({ x, y });

test('a short touch is a tap where it began', () => {
  const gestures = new Gestures();
  gestures.down(1, at(50, 60), 0);
  assert.equal(gestures.move(1, at(55, 63), 20), null);
  assert.deepEqual(gestures.up(1, 80), { kind: 'tap', at: at(50, 60) });
  assert.equal(gestures.deadline, null);
});

test('a finger held still is a right click, and then nothing more', () => {
  const gestures = new Gestures();
  gestures.down(1, at(50, 60), 100);
  assert.equal(gestures.deadline, 100 + HOLD_AFTER_MS);
  assert.equal(gestures.wake(100 + HOLD_AFTER_MS - 1), null);
  assert.deepEqual(gestures.wake(100 + HOLD_AFTER_MS), { kind: 'hold', at: at(50, 60) });
  assert.equal(gestures.move(1, at(90, 90), 700), null);
  assert.equal(gestures.up(1, 800), null);
});

test('a drag follows the finger from where it began', () => {
  const gestures = new Gestures();
  gestures.down(1, at(100, 300), 0);
  assert.deepEqual(gestures.move(1, at(103, 280), 16), { kind: 'drag', from: at(100, 300), dx: 0, dy: -20 });
  assert.deepEqual(gestures.move(1, at(109, 250), 32), { kind: 'drag', from: at(100, 300), dx: 0, dy: -30 });
});

test('a slanting drag keeps both directions', () => {
  const gestures = new Gestures();
  gestures.down(1, at(0, 0), 0);
  assert.deepEqual(gestures.move(1, at(15, 20), 16), { kind: 'drag', from: at(0, 0), dx: 15, dy: 20 });
});

test('a flick flies on, a drag that rests doesn’t', () => {
  const flick = new Gestures();
  flick.down(1, at(0, 300), 0);
  for (let step = 1; step <= 5; step += 1) flick.move(1, at(0, 300 - 20 * step), 10 * step);
  const fling = flick.up(1, 55);
  assert.equal(fling.kind, 'fling');
  assert.ok(fling.vy < -0.5 && fling.vy >= -4 && Math.abs(fling.vx) === 0);

  const rest = new Gestures();
  rest.down(1, at(0, 300), 0);
  rest.move(1, at(0, 200), 50);
  assert.equal(rest.up(1, 400), null);
});

test('two fingers zoom and move, and the end of it clicks nothing', () => {
  const gestures = new Gestures();
  gestures.down(1, at(100, 100), 0);
  gestures.down(2, at(200, 100), 10);
  const pinch = gestures.move(2, at(300, 120), 20);
  assert.equal(pinch.kind, 'pinch');
  assert.deepEqual(pinch.at, at(200, 110));
  assert.deepEqual([pinch.dx, pinch.dy], [50, 10]);
  assert.ok(Math.abs(pinch.factor - Math.hypot(200, 20) / 100) < 1e-9);
  assert.equal(gestures.up(2, 30), null);
  assert.equal(gestures.move(1, at(400, 400), 40), null);
  assert.equal(gestures.up(1, 50), null);
});

test('a touch the system takes away counts for nothing, and the next one does', () => {
  const gestures = new Gestures();
  gestures.down(1, at(10, 10), 0);
  gestures.cancel(1);
  assert.equal(gestures.up(1, 20), null);
  gestures.down(2, at(20, 20), 100);
  assert.equal(gestures.up(2, 150).kind, 'tap');
});

test('a third finger ends the pinch', () => {
  const gestures = new Gestures();
  for (const id of [1, 2, 3]) gestures.down(id, at(id * 50, 10), id);
  assert.equal(gestures.move(1, at(0, 0), 10), null);
});
