// What a viewer that has the session sends, shows and believes (§6, §7).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ACK, CLOSE, CTRL, INPUT } from './secure-agent.js';
import { World, settle } from './secure-world.js';

const key = (name) => ({ type: 'keypress', key: name, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false });
const inputs = (world) => world.said().filter(({ kind }) => kind === INPUT);
const acks = (world) => world.said().filter(({ kind }) => kind === ACK).map(({ frame, waiting }) => [frame, waiting]);

/** Heartbeats every 2 s, as an agent sends them. */
async function live(world, ms, fields = () => ({})) {
  for (let passed = 0; passed < ms; passed += 2_000) {
    await world.pass(2_000);
    world.said();
    await world.hear(world.epoch.heartbeat(fields()));
  }
}

test('input is sealed, padded, and says what was seen and when', async () => {
  const world = await World.joined();
  await world.draw();
  world.said();
  await world.pass(700);
  world.viewer.send(key('p'));
  await settle();
  const [input] = inputs(world);
  assert.deepEqual(input, { kind: INPUT, size: 256, ...key('p'), seen: 0, at: 1_700 });
});

test('`seen` is absent while no frame of this epoch is on screen, and `at` before the first heartbeat', async () => {
  const world = await World.open();
  await world.arrive();
  await world.accept(world.hello());
  await world.hear(world.epoch.control({ type: 'title' }));
  world.viewer.send(key('a'));
  await settle();
  assert.deepEqual(Object.keys(inputs(world)[0]).filter((name) => name === 'seen' || name === 'at'), []);
  await world.hear(world.epoch.heartbeat(), world.epoch.frame());
  world.said();
  world.viewer.send(key('b'));
  await settle();
  const [event] = inputs(world);
  assert.deepEqual([event.seen, event.at], [undefined, 1_000], 'decoded, but not drawn');
});

test('a picture of an older epoch is never `seen` in a new one, and never acknowledged', async () => {
  const world = await World.joined();
  await world.draw();
  await world.hear(world.epoch.frame());
  const [shown] = world.last('frame');
  world.said();
  await world.relay('agent_connected');
  await world.accept(world.hello());
  world.viewer.drawn(shown.epoch, shown.counter);
  world.viewer.send(key('a'));
  await world.hear(world.epoch.heartbeat(), world.epoch.frame());
  world.viewer.drawn(shown.epoch, shown.counter);
  await settle();
  const said = world.said();
  assert.deepEqual(said.filter(({ kind }) => kind === ACK), []);
  assert.equal(said.find(({ kind }) => kind === INPUT).seen, undefined);
});

test('input that waited for a new epoch never says what was seen in the old one', async () => {
  const world = await World.joined();
  await world.draw();
  world.said();
  await world.relay('agent_connected');
  const hello = world.hello();
  world.viewer.send(key('a'));
  await world.pass(1_000);
  await world.accept(hello);
  const [, input] = world.ready;
  assert.deepEqual([input.key, input.seen, input.at], ['a', undefined, 1_000]);
});

test('`at` is a u32 that starts again at 0', async () => {
  const world = await World.joined();
  await world.hear(world.epoch.heartbeat({ clock: 0xffff_ffff }));
  world.said();
  await world.pass(500);
  world.viewer.send(key('a'));
  await settle();
  assert.equal(inputs(world)[0].at, 499);
});

test('input keeps its order', async () => {
  const world = await World.joined();
  for (const name of 'correct horse') world.viewer.send(key(name));
  await settle();
  assert.equal(inputs(world).map(({ key: name }) => name).join(''), 'correct horse');
});

test('input is never sent in plaintext: no record holds what was typed', async () => {
  const world = await World.joined();
  world.viewer.send({ type: 'paste', text: 'hunter2hunter2' });
  await settle();
  for (const { sent } of world.sockets) for (const record of sent) assert.ok(!record.includes('hunter2'));
  assert.equal(inputs(world)[0].text, 'hunter2hunter2');
});

test('no input is taken before an agent is there, after it went, or too much of it', async () => {
  const world = await World.open();
  world.viewer.send(key('a'));
  await world.join();
  await world.relay('agent_disconnected');
  world.viewer.send(key('b'));
  assert.deepEqual(world.news().filter(([event]) => event === 'dropped'), [['dropped', 'keypress', 'unsent'], ['dropped', 'keypress', 'unsent']]);
  const full = await World.joined();
  full.socket.bufferedAmount = 1e6;
  for (let count = 0; count < 1_003; count += 1) full.viewer.send(key('a'));
  assert.equal(full.news().filter(([event]) => event === 'dropped').length, 3);
  await full.pass(100);
  assert.deepEqual(full.socket.sent, [], 'a slow socket holds it back, unsealed');
  full.socket.bufferedAmount = 0;
  await full.pass(20);
  await settle();
  assert.equal(inputs(full).length, 1_000);
});

test('of moves that wait only the newest is sent, and never across a press or a release', async () => {
  const world = await World.joined();
  world.socket.bufferedAmount = 1e6;
  const at = (type, x) => ({ type, x, y: 5, ...(type === 'mousemove' ? {} : { button: 'left' }) });
  for (const event of [at('mousemove', 1), at('mousemove', 2), at('mousedown', 2), at('mousemove', 3), at('mousemove', 4), at('mouseup', 4), at('mousemove', 5)]) {
    world.viewer.send(event);
  }
  world.socket.bufferedAmount = 0;
  await world.pass(20);
  assert.deepEqual(inputs(world).map(({ type, x }) => `${type} ${x}`), ['mousemove 2', 'mousedown 2', 'mousemove 4', 'mouseup 4', 'mousemove 5']);
});

test('scrolls that wait are summed', async () => {
  const world = await World.joined();
  world.socket.bufferedAmount = 1e6;
  const scroll = (deltaY, x = 5) => ({ type: 'scroll', x, y: 5, deltaX: 1, deltaY });
  for (const event of [scroll(10), scroll(20), key('a'), scroll(3), scroll(4, 9), scroll(9_999, 9), scroll(9_999, 9)]) world.viewer.send(event);
  world.socket.bufferedAmount = 0;
  await world.pass(20);
  assert.deepEqual(inputs(world).map(({ deltaY, key: name }) => deltaY ?? name), [30, 'a', 3, 10_000]);
});

test('a paste that no record can hold is refused', async () => {
  const world = await World.joined();
  world.viewer.send({ type: 'paste', text: 'x'.repeat(65_536) });
  await settle();
  assert.deepEqual(world.last('dropped'), ['paste', 'unsent']);
  assert.deepEqual(world.socket.sent, []);
});

// Frames and acknowledgements.

test('a frame is acknowledged when it is drawn', async () => {
  const world = await World.joined();
  await world.hear(world.epoch.frame());
  assert.deepEqual(acks(world), []);
  world.paint();
  await settle();
  assert.deepEqual(acks(world), [[0, 0]]);
});

test('a frame that can’t be decoded is dealt with', async () => {
  const world = await World.joined();
  await world.hear(world.epoch.frame({ jpeg: 'broken' }));
  assert.deepEqual(acks(world), [[0, 0]]);
  assert.equal(world.last('frame'), undefined);
});

test('a frame that a newer one replaced is dealt with once nothing older is left', async () => {
  const world = await World.joined();
  world.holdsDecoding = true;
  for (const jpeg of ['a', 'b', 'c']) await world.hear(world.epoch.frame({ jpeg }));
  assert.deepEqual(acks(world), [], 'the first is still being decoded');
  world.release();
  await settle();
  world.paint();
  await settle();
  assert.deepEqual(acks(world), [[1, 1]]);
  world.release();
  await settle();
  assert.deepEqual(world.decoded, ['a', 'c']);
  world.paint();
  await settle();
  assert.deepEqual(acks(world), [[2, 0]]);
});

test('drawing the newer of two pictures deals with both', async () => {
  const world = await World.joined();
  await world.hear(world.epoch.frame());
  await world.hear(world.epoch.frame());
  world.paint();
  await settle();
  assert.deepEqual(acks(world), [[1, 0]]);
});

test('a page that doesn’t draw gets two pictures and no more; the newest waits', async () => {
  const world = await World.joined();
  for (let count = 0; count < 8; count += 1) await world.hear(world.epoch.frame({ jpeg: `${count}` }));
  assert.deepEqual(world.decoded, ['0', '1']);
  world.paint();
  await settle();
  assert.deepEqual(world.decoded, ['0', '1', '7']);
});

test('acknowledgements never decrease, and never name a frame that wasn’t sent', async () => {
  const world = await World.joined();
  let last = -1;
  for (let count = 0; count < 40; count += 1) {
    world.epoch.frame(); // lost on the way
    await world.hear(world.epoch.frame({ jpeg: count % 3 ? 'ok' : 'broken' }));
    if (count % 4 === 0 && world.last('frame')) world.paint();
    world.viewer.drawn(1, 9_999);
    await settle();
    for (const [frame] of acks(world)) {
      assert.ok(frame >= last && frame < world.epoch.frm.next);
      last = frame;
    }
  }
  assert.ok(last > 30);
});

test('a hidden page is given no pictures; visible again it acknowledges the newest received, at once', async () => {
  const world = await World.joined();
  await world.draw();
  world.said();
  world.viewer.hide(true);
  await settle();
  assert.deepEqual(world.said(), [{ kind: CTRL, type: 'heartbeat', last_frame: 0, hidden: true, clock: 1_000 }]);
  await world.hear(world.epoch.frame({ jpeg: 'x' }));
  await world.hear(world.epoch.frame({ jpeg: 'y' }));
  assert.deepEqual(world.decoded, ['jpeg']);
  world.said();
  world.viewer.hide(false);
  await settle();
  const said = world.said();
  assert.deepEqual(said[0], { kind: ACK, frame: 2, waiting: 0 });
  assert.deepEqual(said.slice(1).map(({ type, hidden, n }) => [type, hidden ?? n]), [['heartbeat', false], ['ping', 1]]);
  await world.hear(world.epoch.heartbeat());
  assert.deepEqual(world.decoded, ['jpeg'], 'nothing is shown before the echo');
  await world.echo(1);
  assert.deepEqual(world.decoded, ['jpeg', 'y']);
});

// Alive and frozen.

test('each heartbeat is answered, with its clock and the newest frame on screen', async () => {
  const world = await World.joined();
  await world.hear(world.epoch.heartbeat({ clock: 5 }));
  assert.deepEqual(world.said(), [{ kind: CTRL, type: 'heartbeat', last_frame: null, hidden: false, clock: 5 }]);
  await world.draw();
  world.said();
  await world.hear(world.epoch.heartbeat({ clock: 6 }));
  assert.deepEqual(world.said(), [{ kind: CTRL, type: 'heartbeat', last_frame: 0, hidden: false, clock: 6 }]);
});

test('6 s without a heartbeat freeze the picture and block input, and the next one alone thaws nothing', async () => {
  const world = await World.joined();
  await world.pass(5_999);
  assert.equal(world.last('frozen'), undefined);
  await world.pass(1);
  assert.deepEqual(world.last('frozen'), ['silent']);
  world.viewer.send(key('a'));
  await settle();
  assert.deepEqual(world.last('dropped'), ['keypress', 'unsent']);
  await world.hear(world.epoch.heartbeat());
  assert.equal(world.last('thawed'), undefined);
  const said = world.said();
  assert.deepEqual(said.map(({ type }) => type), ['ping', 'heartbeat']);
  await world.echo(said[0].n);
  assert.deepEqual(world.told.at(-1), ['thawed']);
});

test('a withheld picture freezes: a heartbeat’s frame that doesn’t come for 6 s', async () => {
  const world = await World.joined();
  await world.draw();
  world.epoch.frame(); // withheld
  await world.hear(world.epoch.heartbeat());
  await live(world, 4_000);
  assert.equal(world.last('frozen'), undefined);
  await live(world, 2_000);
  assert.deepEqual(world.last('frozen'), ['picture']);
  await world.hear(world.epoch.frame());
  assert.deepEqual(world.news().at(-1), ['frozen', 'picture']);
  await world.echo();
  assert.deepEqual(world.news(), [['thawed']]);
});

test('pictures that come late, but within 6 s, don’t freeze', async () => {
  const world = await World.joined();
  const late = [];
  for (let second = 0; second < 20; second += 2) {
    late.push(world.epoch.frame());
    await live(world, 2_000);
    if (late.length > 2) await world.hear(late.shift());
  }
  assert.equal(world.last('frozen'), undefined);
});

test('a withheld uplink freezes: a record that `got` doesn’t cover for 6 s', async () => {
  const world = await World.joined();
  const got = world.epoch.viewer.next;
  world.viewer.send(key('a'));
  await live(world, 4_000, () => ({ got }));
  assert.equal(world.last('frozen'), undefined);
  await live(world, 2_000, () => ({ got }));
  assert.deepEqual(world.last('frozen'), ['unheard']);
  const n = world.pinged();
  await world.hear(world.epoch.heartbeat());
  assert.equal(world.last('thawed'), undefined);
  await world.echo(n);
  assert.deepEqual(world.told.at(-1), ['thawed']);
});

test('what a relay kept back for 30 s never thaws a picture, however much of it comes at once', async () => {
  const world = await World.joined();
  await world.draw();
  const held = [];
  for (let second = 0; second < 30; second += 2) {
    await world.pass(2_000);
    if (second % 6 === 0) held.push(world.epoch.frame());
    held.push(world.epoch.heartbeat());
    const n = world.pinged();
    if (n && second < 26) held.push(world.epoch.control({ type: 'ping', n }), world.epoch.heartbeat());
  }
  await world.pass(1_900);
  await world.hear(...held);
  assert.equal(world.last('thawed'), undefined);
  world.viewer.send(key('a'));
  await settle();
  assert.deepEqual(inputs(world), []);
  await world.echo();
  assert.deepEqual(world.told.at(-1), ['thawed']);
});

test('an echo later than 6 s ends no doubt; another ping is sent, whose echo does', async () => {
  const world = await World.joined();
  await world.pass(6_000);
  const first = world.pinged();
  await world.pass(6_000);
  const second = world.pinged();
  assert.equal(second, first + 1);
  await world.echo(first);
  assert.equal(world.last('thawed'), undefined);
  await world.echo(second);
  assert.deepEqual(world.told.at(-1), ['thawed']);
});

test('a quick echo whose heartbeat is later than 6 s ends no doubt', async () => {
  const world = await World.joined();
  await world.pass(6_000);
  const n = world.pinged();
  const heartbeat = [world.epoch.control({ type: 'ping', n }), world.epoch.heartbeat()];
  await world.pass(1_000);
  await world.hear(heartbeat[0]);
  await world.pass(4_999);
  await world.hear(heartbeat[1]);
  assert.deepEqual(world.last('thawed'), [], 'just in time');
  const other = await World.joined();
  await other.pass(6_000);
  await other.hear(other.epoch.control({ type: 'ping', n: other.pinged() }));
  const late = other.epoch.heartbeat();
  await other.pass(6_000);
  await other.hear(late);
  assert.equal(other.last('thawed'), undefined);
});

test('a doubt never ends while a picture that heartbeats spoke of is missing', async () => {
  const world = await World.joined();
  await world.draw();
  await world.pass(6_000);
  const [old, newest] = [world.epoch.frame({ jpeg: 'old' }), world.epoch.frame({ jpeg: 'newest' })];
  await world.echo();
  await world.hear(old);
  assert.equal(world.last('thawed'), undefined);
  await world.hear(newest);
  assert.deepEqual(world.last('thawed'), []);
});

test('a picture that comes before the echo’s heartbeat ends no doubt: it may be an old one', async () => {
  const world = await World.joined();
  await world.draw();
  const old = world.epoch.frame({ jpeg: 'old' });
  await world.pass(6_000);
  const n = world.pinged();
  world.epoch.frame({ jpeg: 'withheld' });
  await world.hear(world.epoch.control({ type: 'ping', n }), old);
  assert.equal(world.last('thawed'), undefined);
  await world.hear(world.epoch.heartbeat());
  assert.equal(world.last('thawed'), undefined);
});

test('a connection that was away for 6 s shows its old picture as frozen, until a new round trip', async () => {
  for (const [away, isDoubtful] of [[2_000, false], [6_000, true]]) {
    const world = await World.joined();
    await world.draw();
    await world.drop(1006);
    await world.pass(away);
    await world.open();
    world.news();
    await world.relay('agent_connected');
    await world.accept(world.hello());
    await world.hear(world.epoch.heartbeat());
    assert.equal(world.news().some(([event, why]) => event === 'frozen' && why === 'silent'), isDoubtful, `${away}`);
    if (!isDoubtful) continue;
    const n = world.pinged();
    const frame = world.epoch.frame();
    await world.echo(n);
    assert.equal(world.last('thawed'), undefined, 'the new picture is announced');
    await world.hear(frame);
    assert.deepEqual(world.last('thawed'), []);
  }
});

test('a doubt outlives its connection, and is ended only by an echo in the new epoch', async () => {
  const world = await World.joined();
  await world.pass(6_000);
  const n = world.pinged();
  await world.drop(1006);
  await world.pass(250);
  await world.open();
  await world.relay('agent_connected');
  await world.accept(world.hello());
  await world.hear(world.epoch.heartbeat());
  const again = world.pinged();
  assert.ok(again > n);
  await world.echo(n);
  assert.equal(world.last('thawed'), undefined);
  await world.echo(again);
  assert.deepEqual(world.told.at(-1), ['thawed']);
});

test('what waited while the computer slept is never taken as now, before any timer ran', async () => {
  const world = await World.joined();
  await world.pass(6_000);
  const n = world.pinged();
  const waited = [world.epoch.control({ type: 'ping', n }), world.epoch.heartbeat()];
  world.sleep(600_000, { steady: false });
  await world.hear(...waited);
  assert.equal(world.last('thawed'), undefined);
  assert.deepEqual(world.last('frozen'), ['asleep']);
});

test('`got` that decreases, or exceeds what was sent, is fatal', async () => {
  for (const got of [(next) => next + 1, () => 0]) {
    const world = await World.joined();
    world.said();
    await world.hear(world.epoch.heartbeat());
    await world.hear(world.epoch.heartbeat({ got: got(world.epoch.viewer.next + world.socket.sent.length) }));
    assert.equal(world.sockets[0].closedWith, 4400);
  }
});

test('a hidden page isn’t told of silence: its agent speaks every 15 s', async () => {
  const world = await World.joined();
  world.viewer.hide(true);
  await world.pass(14_000);
  assert.equal(world.last('frozen'), undefined);
});

test('connecting again while connected changes nothing', async () => {
  const world = await World.joined();
  world.viewer.connect();
  assert.equal(world.sockets.length, 1);
  assert.equal(world.socket.closedWith, null);
});

test('freezing is judged at each input as well as by timers', async () => {
  const world = await World.joined();
  await world.pass(3_000);
  world.sleep(3_000); // too short to be noticed as one, and no timer ran
  world.viewer.send(key('a'));
  await settle();
  assert.deepEqual(world.last('frozen'), ['silent']);
  assert.deepEqual(inputs(world), []);
});

test('after a sleep only the agent’s echo of a new ping unfreezes', async () => {
  for (const steady of [true, false]) {
    const world = await World.joined();
    await world.draw();
    world.said();
    world.sleep(600_000, { steady });
    await world.pass(1_000);
    assert.deepEqual(world.last('frozen'), ['asleep'], `steady clock: ${steady}`);
    const { n } = world.said().find(({ type }) => type === 'ping');
    await world.hear(world.epoch.heartbeat());
    await world.hear(world.epoch.control({ type: 'ping', n: n + 1 }));
    await world.hear(world.epoch.frame({ jpeg: 'buffered' }), world.epoch.heartbeat());
    assert.equal(world.news().at(-1)[0], 'frozen');
    await world.hear(world.epoch.control({ type: 'ping', n }));
    assert.deepEqual(world.decoded, ['jpeg'], 'what was in the pipe isn’t shown as now');
    await world.hear(world.epoch.heartbeat());
    assert.deepEqual(world.news(), [['thawed']]);
    assert.deepEqual(world.decoded, ['jpeg', 'buffered']);
  }
});

test('after a sleep the old picture stays blank while a newer one is announced', async () => {
  const world = await World.joined();
  await world.draw({ jpeg: 'before' });
  world.said();
  world.viewer.woke();
  await settle();
  const n = world.pinged();
  const now = world.epoch.frame({ jpeg: 'now' });
  await world.echo(n);
  assert.deepEqual([world.decoded, world.last('frozen')], [['before'], ['asleep']]);
  await world.hear(now);
  assert.deepEqual(world.decoded, ['before', 'now']);
  assert.deepEqual(world.last('thawed'), []);
});

test('a page hidden again before the echo stays blank, and asks anew when it is seen', async () => {
  const world = await World.joined();
  await world.draw();
  world.viewer.hide(true);
  world.viewer.hide(false);
  await settle();
  const n = world.pinged();
  world.viewer.hide(true);
  await settle();
  world.said();
  await world.echo(n);
  assert.equal(world.last('thawed'), undefined);
  world.viewer.hide(false);
  await settle();
  const again = world.pinged();
  assert.ok(again > n);
  await world.echo(again);
  assert.deepEqual(world.last('thawed'), []);
});

test('an input right after a sleep is blocked, before any timer ran', async () => {
  const world = await World.joined();
  world.sleep(600_000, { steady: false });
  world.viewer.send(key('a'));
  await settle();
  assert.deepEqual(inputs(world), []);
  assert.deepEqual(world.last('frozen'), ['asleep']);
});

test('a picture that was under way when the page blanked its canvas isn’t `seen`', async () => {
  const world = await World.joined();
  await world.hear(world.epoch.frame());
  world.viewer.woke();
  world.paint();
  await settle();
  world.holdsDecoding = true;
  await world.echo();
  world.viewer.send(key('a'));
  await settle();
  assert.equal(inputs(world)[0].seen, undefined);
  world.release();
});

test('a page that changed nothing shows its picture again after a sleep', async () => {
  const world = await World.joined();
  await world.draw();
  world.said();
  world.viewer.woke();
  await settle();
  await world.echo();
  assert.deepEqual(world.decoded, ['jpeg', 'jpeg']);
  world.viewer.send(key('a'));
  await settle();
  assert.equal(inputs(world)[0].seen, undefined, 'not before it is drawn again');
  world.paint();
  world.viewer.send(key('b'));
  await settle();
  assert.equal(inputs(world)[0].seen, 0);
});

test('a page frozen for 10 minutes comes back by a new handshake, and still asks for an echo', async () => {
  const world = await World.joined();
  await world.draw();
  world.viewer.leave();
  assert.equal(world.sockets[0].closedWith, 1000);
  assert.equal(world.sockets[0].sent.some((record) => record[1] === CLOSE), false);
  world.sleep(600_000, { steady: false });
  await world.pass(1_000);
  assert.equal(world.sockets.length, 1, 'it doesn’t come back by itself');
  await world.join();
  assert.deepEqual(world.last('frozen'), ['asleep']);
  await settle();
  await world.hear(world.epoch.frame({ jpeg: 'new' }));
  await world.echo(2);
  assert.deepEqual(world.told.at(-1)[0], 'frame');
  assert.equal(world.decoded.at(-1), 'new');
});

test('a picture of an older epoch is never shown again after a sleep', async () => {
  const world = await World.joined();
  await world.draw();
  world.viewer.leave();
  await world.join();
  await world.echo(2);
  assert.equal(world.told.at(-1)[0], 'thawed');
  assert.deepEqual(world.decoded, ['jpeg']);
});

// Control, its end, and what was lost.

test('the agent’s words reach the page', async () => {
  const world = await World.joined();
  world.news();
  await world.hear(world.epoch.control({ type: 'dropped', kind: 'click', why: 'navigated' }), world.epoch.control({ type: 'notice', code: 'confirm_dismissed' }));
  assert.deepEqual(world.news(), [['dropped', 'click', 'navigated'], ['notice', 'confirm_dismissed']]);
});

test('a takeover is asked for, answered once, and forgotten after 60 s', async () => {
  const world = await World.joined();
  await world.hear(world.epoch.control({ type: 'takeover', id: 7 }));
  assert.deepEqual(world.last('takeover'), [7]);
  world.viewer.answerTakeover(8, 'hand_over');
  world.viewer.answerTakeover(7, 'keep');
  world.viewer.answerTakeover(7, 'hand_over');
  await settle();
  assert.deepEqual(world.said(), [{ kind: CTRL, type: 'takeover', id: 7, answer: 'keep' }]);
  await world.hear(world.epoch.control({ type: 'takeover', id: 9 }));
  await live(world, 60_000);
  assert.deepEqual(world.last('takeoverGone'), [9]);
  world.said();
  world.viewer.answerTakeover(9, 'hand_over');
  await settle();
  assert.deepEqual(world.said(), []);
});

test('a takeover’s prompt goes with its epoch', async () => {
  const world = await World.joined();
  await world.hear(world.epoch.control({ type: 'takeover', id: 7 }));
  world.said();
  await world.relay('agent_connected');
  await world.accept(world.hello());
  await world.hear(world.epoch.heartbeat());
  assert.deepEqual(world.last('takeoverGone'), [7]);
});

test('a takeover’s prompt goes with its connection', async () => {
  const world = await World.joined();
  await world.hear(world.epoch.control({ type: 'takeover', id: 7 }));
  await world.drop(1006);
  assert.deepEqual(world.last('takeoverGone'), [7]);
});

test('CLOSE ends it: the socket is closed with 1000, the stored keys are deleted, what follows is dropped', async () => {
  for (const reason of ['resolved', 'cancelled', 'timeout', 'error']) {
    const world = await World.joined();
    const first = world.epoch.close(reason);
    await world.hear(first, world.epoch.control({ type: 'title' }), world.epoch.frame());
    assert.deepEqual(world.news().at(-1), ['ended', reason]);
    assert.equal(world.socket.closedWith, 1000);
    assert.deepEqual(world.forgotten, [{ id: 'sess_1', epoch: null }]);
    assert.deepEqual(world.decoded, []);
    world.viewer.connect();
    world.viewer.retry();
    await world.pass(600_000);
    assert.equal(world.sockets.length, 1);
    assert.equal(world.timers, 0);
  }
});

test('CLOSE taken_over ends it without a reconnect, and deletes only its own entry', async () => {
  const world = await World.joined();
  await world.hear(world.epoch.close('taken_over'));
  assert.deepEqual(world.last('closed'), ['taken_over']);
  assert.deepEqual(world.forgotten, [{ id: 'sess_1', epoch: 1 }]);
  await world.pass(600_000);
  assert.equal(world.sockets.length, 1);
  world.viewer.retry();
  assert.equal(world.sockets.length, 2, 'a human may still ask');
});

test('a relay’s word never ends a session as resolved or cancelled', async () => {
  const world = await World.joined();
  for (const word of ['session_resolved', 'session_cancelled', 'session_expired']) await world.relay(word);
  assert.equal(world.last('ended'), undefined);
  assert.deepEqual(world.told.filter(([event]) => event === 'relayEnded').map(([, how]) => how), ['resolved', 'cancelled', 'expired']);
  assert.equal(world.socket.closedWith, null);
  world.viewer.send(key('a'));
  await settle();
  assert.equal(inputs(world).length, 1);
});

test('Done pressed while the link drops is repeated in each new epoch, until CLOSE is seen', async () => {
  const world = await World.joined();
  await world.drop(1006);
  world.viewer.finish('resolved');
  world.viewer.finish('cancelled');
  for (let time = 0; time < 3; time += 1) {
    await world.pass(10_000);
    await world.open();
    await world.relay('agent_connected');
    await world.accept(world.hello(), { got: 0, got_epoch: 99 });
    assert.deepEqual(world.ready.filter(({ kind }) => kind === INPUT).map(({ type }) => type), ['resolved']);
    await world.hear(world.epoch.heartbeat());
    world.said();
    if (time < 2) await world.drop(1006);
  }
  await world.hear(world.epoch.close('resolved'));
  assert.deepEqual(world.last('ended'), ['resolved']);
});

test('Done is sent once in an epoch, behind what was typed; giving up discards it', async () => {
  const world = await World.joined();
  world.socket.bufferedAmount = 1e6;
  world.viewer.send(key('a'));
  world.viewer.finish('resolved');
  world.socket.bufferedAmount = 0;
  await world.pass(20);
  assert.deepEqual(inputs(world).map(({ type }) => type), ['keypress', 'resolved']);
  const other = await World.joined();
  other.socket.bufferedAmount = 1e6;
  other.viewer.send(key('a'));
  other.viewer.finish('cancelled');
  other.socket.bufferedAmount = 0;
  await other.pass(20);
  assert.deepEqual(inputs(other).map(({ type }) => type), ['cancelled']);
});

test('Done pressed during a handshake is sent once', async () => {
  const world = await World.joined();
  await world.relay('agent_connected');
  const hello = world.hello();
  world.viewer.finish('resolved');
  await world.accept(hello);
  assert.deepEqual(world.ready.map(({ type }) => type), ['ready', 'resolved']);
});

test('Done can be said while the picture is frozen', async () => {
  const world = await World.joined();
  await world.pass(6_000);
  world.viewer.finish('resolved');
  await settle();
  assert.deepEqual(inputs(world).map(({ type }) => type), ['resolved']);
});

test('input is never resent, and what never arrived is counted by the agent’s `got`', async () => {
  const world = await World.joined();
  for (const name of 'abc') world.viewer.send(key(name));
  await settle();
  const epoch = world.epoch;
  const [first] = world.socket.sent;
  epoch.open(first);
  await world.drop(1006);
  await world.pass(300);
  await world.open();
  await world.relay('agent_connected');
  await world.accept(world.hello(), { got: epoch.viewer.next, got_epoch: epoch.number });
  await world.hear(world.epoch.heartbeat());
  assert.deepEqual(world.last('secured')[0], { expiresIn: 600_000, resumed: true, lost: 2 });
  assert.deepEqual(inputs(world), []);
});

test('what the agent confirmed is not lost, and what nobody can tell is', async () => {
  const world = await World.joined();
  for (const name of 'abc') world.viewer.send(key(name));
  await settle();
  world.said();
  await world.hear(world.epoch.heartbeat());
  world.viewer.send(key('d'));
  await settle();
  await world.drop(1006);
  await world.pass(300);
  await world.open();
  await world.relay('agent_connected');
  await world.accept(world.hello());
  await world.hear(world.epoch.heartbeat());
  assert.deepEqual(world.last('secured')[0], { expiresIn: 600_000, resumed: false, lost: 1 });
});

test('a `got` in an answer that can’t be is fatal', async () => {
  const world = await World.joined();
  await world.relay('agent_connected');
  await world.hear(world.hello().accept({ got: 1_000, got_epoch: 1 }));
  assert.equal(world.sockets[0].closedWith, 4400);
});

test('input that waits when the socket drops is told as discarded', async () => {
  const world = await World.joined();
  world.socket.bufferedAmount = 1e6;
  for (const name of 'ab') world.viewer.send(key(name));
  await world.drop(1006);
  assert.deepEqual(world.last('lost'), [1006, 2]);
});

test('leaving for good tells the agent, after all that was sent, and forgets the keys', async () => {
  const world = await World.joined();
  world.viewer.send(key('a'));
  await settle();
  await world.viewer.quit();
  assert.deepEqual(world.said().map(({ kind, reason }) => [kind, reason]), [[INPUT, undefined], [CLOSE, 'left']]);
  assert.equal(world.socket.closedWith, 1000);
  assert.deepEqual(world.forgotten, [{ id: 'sess_1', epoch: null }]);
});

test('leaving before the agent’s first word tells it too', async () => {
  const world = await World.open();
  await world.arrive();
  await world.accept(world.hello());
  await world.viewer.quit();
  assert.deepEqual(world.said().map(({ kind, reason }) => [kind, reason]), [[CLOSE, 'left']]);
});

test('stopping is silent', async () => {
  const world = await World.joined();
  world.news();
  world.viewer.stop();
  await world.pass(600_000);
  assert.deepEqual(world.news(), []);
  assert.equal(world.timers, 0);
});
