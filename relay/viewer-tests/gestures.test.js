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

test('a finger that is held grabs, then drags or is lifted for a right click', () => {
  const grabbing = () => {
    const gestures = new Gestures();
    gestures.holds = true;
    gestures.down(1, at(50, 60), 0);
    assert.deepEqual(gestures.wake(HOLD_AFTER_MS), { kind: 'grab', at: at(50, 60) });
    assert.equal(gestures.deadline, null);
    return gestures;
  };
  const lifted = grabbing();
  assert.equal(lifted.move(1, at(55, 60), 520), null);
  assert.deepEqual(lifted.up(1, 600), { kind: 'hold', at: at(50, 60), grabbed: true });
  const dragging = grabbing();
  assert.deepEqual(dragging.move(1, at(80, 60), 520), { kind: 'press', at: at(50, 60), to: at(80, 60) });
  assert.deepEqual(dragging.move(1, at(90, 61), 540), { kind: 'pull', at: at(90, 61) });
  assert.deepEqual(dragging.up(1, 560), { kind: 'drop', at: at(90, 61) });
});

test('where fingers drag, one that moves presses where it began', () => {
  const gestures = new Gestures();
  Object.assign(gestures, { holds: true, drags: true });
  gestures.down(1, at(50, 60), 0);
  assert.equal(gestures.move(1, at(53, 60), 10), null);
  assert.deepEqual(gestures.move(1, at(56, 60), 20), { kind: 'press', at: at(50, 60), to: at(56, 60) });
  assert.deepEqual(gestures.up(1, 40), { kind: 'drop', at: at(56, 60) });
  gestures.down(2, at(9, 9), 100);
  assert.equal(gestures.up(2, 120).kind, 'tap');
});

test('a second finger drops what the first one drags', () => {
  const gestures = new Gestures();
  Object.assign(gestures, { holds: true, drags: true });
  gestures.down(1, at(50, 60), 0);
  gestures.move(1, at(90, 60), 20);
  assert.deepEqual(gestures.down(2, at(200, 60), 30), { kind: 'drop', at: at(90, 60) });
  assert.equal(gestures.up(1, 40), null);
  assert.equal(gestures.up(2, 50), null);
});

test('two fingers side by side scroll, and don’t zoom any more', () => {
  const gestures = new Gestures();
  gestures.down(1, at(100, 300), 0);
  gestures.down(2, at(160, 300), 5);
  assert.equal(gestures.move(1, at(100, 290), 10), null);
  assert.equal(gestures.move(2, at(160, 290), 12), null);
  assert.deepEqual(gestures.move(1, at(100, 270), 20), { kind: 'drag', from: at(130, 300), dx: 0, dy: -10 });
  assert.deepEqual(gestures.move(2, at(260, 270), 30), { kind: 'drag', from: at(130, 300), dx: 50, dy: -10 });
});
