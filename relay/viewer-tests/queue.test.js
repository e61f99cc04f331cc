import assert from 'node:assert/strict';
import { test } from 'node:test';

import { GAP_MS, HOLD_MS, MAX_WAITING, SendQueue } from '../viewer/queue.js';

/** A queue under virtual time: `advance` runs the clock and whatever it wakes. */
function harness() {
  const sent = [];
  let [time, busy, sleepers] = [0, false, []];
  const settle = async () => {
    for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
  };
  const queue = new SendQueue({
    transmit: (event) => sent.push({ ...event, at: time }),
    congested: () => busy,
    now: () => time,
    sleep: (ms) => new Promise((wake) => sleepers.push({ at: time + ms, wake })),
  });
  const advance = async (ms) => {
    const end = time + ms;
    await settle();
    for (;;) {
      const next = sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      sleepers = sleepers.filter((sleeper) => sleeper !== next);
      time = next.at;
      next.wake();
      await settle();
    }
    time = end;
  };
  return { queue, sent, advance, congest: (value) => { busy = value; } };
}

const key = (name) => ({ type: 'keypress', key: name, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false });
const names = (sent) => sent.map((event) => event.key ?? event.type);

test('nothing is taken before there is a key', () => {
  assert.equal(harness().queue.push(key('a')), false);
});

test('the first input waits after the key, and each keeps its distance', async () => {
  const { queue, sent, advance } = harness();
  queue.open(async (event) => event);
  for (const name of 'abc') queue.push(key(name));
  await advance(HOLD_MS - 1);
  assert.equal(sent.length, 0);
  await advance(1 + 2 * GAP_MS);
  assert.deepEqual(sent.map(({ at }) => at), [HOLD_MS, HOLD_MS + GAP_MS, HOLD_MS + 2 * GAP_MS]);
});

test('order is kept even when sealing takes uneven time', async () => {
  const { queue, sent, advance } = harness();
  let turns = 0;
  queue.open(async (event) => {
    turns += 1;
    for (let wait = 0; wait < (turns % 3) * 4; wait += 1) await Promise.resolve();
    return event;
  });
  for (const name of 'abcdefgh') queue.push(key(name));
  await advance(HOLD_MS + 500);
  assert.deepEqual(names(sent).join(''), 'abcdefgh');
});

test('scrolls that wait are summed, but never across another event', async () => {
  const { queue, sent, advance } = harness();
  const scroll = (deltaY, x = 5) => ({ type: 'scroll', x, y: 5, deltaX: 1, deltaY });
  queue.open(async (event) => event);
  for (const event of [scroll(10), scroll(20), key('a'), scroll(3), scroll(4, 9)]) queue.push(event);
  await advance(HOLD_MS + 500);
  assert.deepEqual(sent.map(({ deltaY, key: name }) => deltaY ?? name), [30, 'a', 3, 4]);
});

test('summed scrolls stay within what an agent accepts', async () => {
  const { queue, sent, advance } = harness();
  queue.open(async (event) => event);
  for (let count = 0; count < 200; count += 1) queue.push({ type: 'scroll', x: 1, y: 1, deltaX: 0, deltaY: 900 });
  await advance(HOLD_MS + 500);
  assert.deepEqual(sent.map(({ deltaY }) => deltaY), [10_000]);
});

test('done waits its turn, giving up overtakes and discards', async () => {
  const { queue, sent, advance } = harness();
  queue.open(async (event) => event);
  for (const event of [key('a'), key('b'), { type: 'resolved' }]) queue.push(event);
  await advance(HOLD_MS + 500);
  assert.deepEqual(names(sent), ['a', 'b', 'resolved']);

  sent.length = 0;
  for (const event of [key('c'), key('d'), { type: 'cancelled' }]) queue.push(event);
  await advance(500);
  assert.deepEqual(names(sent).at(-1), 'cancelled');
  assert.ok(!names(sent).includes('d'));
});

test('closing discards what waits and what is being sealed', async () => {
  const { queue, sent, advance } = harness();
  let finish = () => {};
  queue.open((event) => new Promise((done) => { finish = () => done(event); }));
  queue.push(key('a'));
  queue.push(key('b'));
  await advance(HOLD_MS);
  assert.equal(queue.close(), 2);
  finish();
  await advance(500);
  assert.deepEqual(sent, []);
  assert.equal(queue.push(key('c')), false);
});

test('a change of keys in between seals anew and keeps the order', async () => {
  const { queue, sent, advance } = harness();
  let finish = () => {};
  queue.open((event) => new Promise((done) => { finish = () => done({ ...event, by: 'old' }); }));
  queue.push(key('a'));
  queue.push(key('b'));
  await advance(HOLD_MS);
  queue.open(async (event) => ({ ...event, by: 'new' }));
  finish();
  await advance(HOLD_MS + 500);
  assert.deepEqual(sent.map(({ key: name, by }) => name + by), ['anew', 'bnew']);
});

test('a slow socket holds input back instead of piling it up', async () => {
  const { queue, sent, advance, congest } = harness();
  congest(true);
  queue.open(async (event) => event);
  queue.push(key('a'));
  await advance(HOLD_MS + 500);
  assert.equal(sent.length, 0);
  congest(false);
  await advance(GAP_MS);
  assert.deepEqual(names(sent), ['a']);
});

test('the queue is bounded, but the human’s last word always fits', () => {
  const { queue } = harness();
  queue.open(async (event) => event);
  let taken = 0;
  while (queue.push(key('a'))) taken += 1;
  assert.ok(taken >= MAX_WAITING && taken <= MAX_WAITING + 1);
  assert.equal(queue.push({ type: 'resolved' }), true);
});
