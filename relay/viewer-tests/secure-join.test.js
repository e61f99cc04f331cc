// How a viewer gets in: admission, handshakes, refusals (§3, §4, §7).

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { retryDelay } from '../viewer/secure/connection.js';
import { Agent, CTRL, HELLO1, HELLO2, INPUT, header, readHeader } from './secure-agent.js';
import { World, settle } from './secure-world.js';

const flip = (record, bit) => {
  const flipped = Buffer.from(record);
  flipped[bit >> 3] ^= 1 << (bit & 7);
  return flipped;
};

test('the socket is dialled with the token as a subprotocol, and nothing in its address', async () => {
  const world = await World.open();
  world.viewer.connect();
  assert.equal(world.socket.url, 'wss://relay.example/stream/sess_1');
  assert.deepEqual(world.socket.protocols, ['authloop.v2', world.agent.token]);
});

test('a relay that chooses another subprotocol, or none, isn’t spoken to', async () => {
  for (const protocol of ['', 'authloop.v1', 'chat']) {
    const world = await World.open();
    world.viewer.connect();
    const first = world.socket;
    await world.open({ protocol });
    assert.equal(first.closedWith, 1000);
    await world.relay('agent_connected');
    assert.deepEqual(first.sent, []);
    assert.deepEqual(world.news().map(([event]) => event), ['lost']);
  }
});

test('HELLO1 is sent after each agent_connected, and never before', async () => {
  const world = await World.open();
  world.viewer.connect();
  await world.open();
  await world.pass(60_000);
  assert.deepEqual(world.socket.sent, []);
  await world.relay('agent_connected');
  const first = world.hello();
  await world.relay('agent_connected');
  const second = world.hello();
  assert.deepEqual([first.attempt, second.attempt], [0, 1]);
  assert.notDeepEqual(first.ephemeral, second.ephemeral);
  assert.deepEqual(second.offer, { v: 2, caps: ['sheets', 'fields', 'files'] });
});

test('READY is the first record of the new epoch, and the page hears of it when the agent answers', async () => {
  const world = await World.open();
  await world.arrive();
  await world.accept(world.hello());
  assert.deepEqual(world.ready, [{ kind: CTRL, type: 'ready' }]);
  assert.deepEqual(world.news().map(([event]) => event), ['opened', 'agent']);
  await world.hear(world.epoch.heartbeat());
  assert.deepEqual(world.news(), [['secured', { expiresIn: 600_000, resumed: false, lost: 0 }]]);
});

test('without HELLO2 the viewer tries anew every 5 s, three times more, then gives up', async () => {
  const world = await World.open();
  await world.arrive();
  for (let attempt = 0; attempt < 4; attempt += 1) {
    assert.equal(world.hello().attempt, attempt);
    await world.pass(4_999);
    assert.deepEqual(world.socket.sent, []);
    await world.pass(1);
  }
  assert.equal(world.socket.closedWith, 1000);
  assert.deepEqual(world.last('closed'), ['unanswered']);
  await world.pass(600_000);
  assert.equal(world.sockets.length, 1);
});

test('without the new epoch’s first record the viewer tries anew, and then gives up', async () => {
  const world = await World.open();
  await world.arrive();
  for (let attempt = 0; attempt < 4; attempt += 1) {
    await world.accept(world.hello());
    assert.equal(world.ready.length, 1);
    await world.pass(5_000);
  }
  assert.deepEqual(world.last('closed'), ['unanswered']);
  assert.equal(world.socket.closedWith, 1000);
});

test('a late HELLO2 of an older attempt is dropped', async () => {
  const world = await World.open();
  await world.arrive();
  const late = world.hello();
  await world.pass(5_000);
  const current = world.hello();
  await world.hear(late.accept());
  assert.deepEqual(world.socket.sent, []);
  assert.equal(world.socket.closedWith, null);
  await world.accept(current);
  assert.equal(world.ready[0].type, 'ready');
});

test('any other HELLO2 that isn’t awaited is fatal', async () => {
  const cases = [
    async (world) => {
      world.viewer.connect();
      await world.open();
      await world.hear(Buffer.concat([header(HELLO2, 0, 0), Buffer.alloc(90)]));
    },
    async (world) => {
      await world.arrive();
      const answer = world.hello().accept();
      await world.hear(answer);
      await world.hear(answer);
    },
    async (world) => {
      await world.arrive();
      const answer = world.hello().accept();
      answer.writeBigUInt64BE(1n, 8);
      await world.hear(answer);
    },
    async (world) => {
      await world.arrive();
      const answer = world.hello().answer({ ok: false, reason: 'busy' });
      await world.hear(answer);
      await world.hear(answer);
    },
    async (world) => {
      await world.arrive();
      const answer = world.hello().accept();
      answer.writeUInt32BE(1, 4);
      await world.hear(answer);
    },
  ];
  for (const [at, meet] of cases.entries()) {
    const world = await World.open();
    await meet(world);
    assert.equal(world.sockets[0].closedWith, 4400, `case ${at}`);
  }
});

test('each flipped bit of HELLO2 is fatal, but for the relay’s hop', async () => {
  const sample = (await World.open());
  await sample.arrive();
  const length = sample.hello().accept().length;
  for (let bit = 0; bit < length * 8; bit += bit < 160 ? 1 : 37) {
    const world = await World.open();
    await world.arrive();
    const answer = flip(world.hello().accept(), bit);
    await world.hear(answer);
    const isHop = bit >= 16 && bit < 32;
    const isControl = bit === 12; // of another epoch: dropped
    assert.equal(world.sockets[0].closedWith, isHop || isControl ? null : 4400, `bit ${bit}`);
    assert.equal(world.socket.sent.length, isHop ? 1 : 0, `bit ${bit}`);
  }
});

test('points off the curve, compressed or at infinity are fatal in HELLO2', async () => {
  for (const point of [Buffer.alloc(65), Buffer.alloc(65, 4), Buffer.concat([Buffer.from([2]), Buffer.alloc(64, 7)])]) {
    const world = await World.open();
    await world.arrive();
    const answer = world.hello().accept();
    point.copy(answer, 16);
    await world.hear(answer);
    assert.equal(world.sockets[0].closedWith, 4400);
  }
});

test('an agent of another key, secret or session can’t read HELLO1, nor answer it', async () => {
  const agent = new Agent();
  const others = [
    new Agent({ secret: agent.secret }),
    new Agent({ privateKey: agent.pair.getPrivateKey() }),
    new Agent({ id: 'sess_2', secret: agent.secret, privateKey: agent.pair.getPrivateKey() }),
  ];
  for (const other of others) {
    const world = await World.open({ agent });
    await world.arrive();
    const hello1 = world.take();
    assert.throws(() => other.read(hello1));
    const foreign = await World.open({ agent: other });
    await foreign.arrive();
    await world.hear(foreign.hello().accept());
    assert.equal(world.sockets[0].closedWith, 4400);
  }
});

test('an answer that isn’t a whole one is fatal', async () => {
  const answers = [
    '[]', 'null', '"ok"', '{', '{}', '{"ok":true}', '{"ok":true,"epoch":1}', '{"ok":true,"expires_in":1}', '{"ok":true,"epoch":0,"expires_in":1}',
    '{"ok":true,"epoch":4294967296,"expires_in":1}', '{"ok":true,"epoch":"1","expires_in":1}', '{"ok":true,"epoch":1,"expires_in":-1}',
    '{"ok":true,"epoch":1,"expires_in":1,"got":null}', '{"ok":true,"epoch":1,"expires_in":1,"got_epoch":"1"}', '{"ok":1,"epoch":1,"expires_in":1}',
    '{"ok":false}', '{"ok":false,"reason":"bored"}', '{"ok":false,"reason":5}', '{"ok":true,"epoch":1,"expires_in":1,"reason":5}',
    `{"ok":true,"epoch":1,"expires_in":1,"x":"${'x'.repeat(1_000)}"}`,
  ];
  for (const answer of answers) {
    const world = await World.open();
    await world.arrive();
    await world.hear(world.hello().answer(answer));
    assert.equal(world.sockets[0].closedWith, 4400, answer.slice(0, 80));
  }
});

test('unknown members of an answer are ignored', async () => {
  const world = await World.open();
  await world.arrive();
  await world.accept(world.hello(), { colour: null });
  assert.equal(world.ready[0].type, 'ready');
});

test('a busy session is asked again every 3 s for 60 s, on the same socket', async () => {
  const world = await World.open();
  await world.arrive();
  let asked = 0;
  const left = [];
  while (world.socket.sent.length > 0) {
    asked += 1;
    await world.hear(world.hello().answer({ ok: false, reason: 'busy' }));
    if (world.last('busy')) left.push(world.last('busy')[0]);
    world.news();
    if (world.socket.closedWith !== null) break;
    await world.pass(2_999);
    assert.deepEqual(world.socket.sent, []);
    await world.pass(1);
  }
  assert.equal(asked, 21);
  assert.deepEqual([left[0], left[1], left.at(-1)], [60, 57, 3]);
  assert.equal(world.socket.closedWith, 1000);
  await world.pass(600_000);
  assert.equal(world.sockets.length, 1);
});

test('a challenger that is let in stays', async () => {
  const world = await World.open();
  await world.arrive();
  await world.hear(world.hello().answer({ ok: false, reason: 'busy' }));
  await world.pass(3_000);
  await world.accept(world.hello());
  await world.hear(world.epoch.heartbeat());
  assert.deepEqual(world.last('secured'), [{ expiresIn: 600_000, resumed: false, lost: 0 }]);
});

test('after 4403 a challenger comes back within its 60 s, and not later', async () => {
  const world = await World.open();
  await world.arrive();
  let dials = 1;
  for (;;) {
    await world.drop(4403);
    await world.pass(3_000);
    if (world.sockets.length === dials) break;
    dials = world.sockets.length;
    await world.open();
  }
  assert.equal(dials, 21);
  assert.deepEqual(world.last('closed'), [4403]);
});

test('a PIN is asked for, sent, and asked for again when it was wrong', async () => {
  const world = await World.open();
  await world.arrive();
  await world.hear(world.hello().answer({ ok: false, reason: 'pin' }));
  assert.deepEqual(world.last('pinNeeded'), [false]);
  await world.pass(60_000);
  assert.deepEqual(world.socket.sent, [], 'it waits for the human');
  world.viewer.answerPin('123456');
  await settle();
  const wrong = world.hello();
  assert.deepEqual(wrong.offer, { v: 2, caps: ['sheets', 'fields', 'files'], pin: '123456' });
  await world.hear(wrong.answer({ ok: false, reason: 'pin' }));
  assert.deepEqual(world.last('pinNeeded'), [true]);
  world.viewer.answerPin('654321');
  await settle();
  await world.accept(world.hello());
  await world.hear(world.epoch.heartbeat());
  assert.ok(world.last('secured'));
  world.said();
  await world.relay('agent_connected');
  assert.equal('pin' in world.hello().offer, false, 'a PIN isn’t sent once it was accepted');
});

test('a PIN whose answer never came isn’t brought again unasked: each time would count as a try', async () => {
  const lose = [
    async (world) => world.pass(5_000),
    async (world) => world.relay('agent_connected'),
    async (world) => {
      await world.drop(1006);
      await world.pass(250);
      await world.open();
      await world.relay('agent_connected');
    },
    async (world, hello) => {
      await world.hear(flip(hello.answer({ ok: false, reason: 'pin' }), 800));
      await world.pass(250);
      await world.open();
      await world.relay('agent_connected');
    },
  ];
  for (const [at, lost] of lose.entries()) {
    const world = await World.open();
    await world.arrive();
    await world.hear(world.hello().answer({ ok: false, reason: 'pin' }));
    world.viewer.answerPin('123456');
    await settle();
    await lost(world, world.hello());
    const again = world.hello();
    assert.equal('pin' in again.offer, false, `case ${at}`);
    await world.hear(again.answer({ ok: false, reason: 'pin' }));
    assert.deepEqual(world.last('pinNeeded'), [false], `case ${at}`);
  }
});

test('a PIN that the agent took is brought until its epoch is in use', async () => {
  const world = await World.open();
  await world.arrive();
  await world.hear(world.hello().answer({ ok: false, reason: 'pin' }));
  world.viewer.answerPin('123456');
  await settle();
  await world.accept(world.hello());
  await world.pass(5_000);
  assert.equal(world.hello().offer.pin, '123456', 'READY may never have arrived');
});

test('a PIN that is typed while the agent is away is brought once it is back', async () => {
  const world = await World.open();
  await world.arrive();
  const waiting = world.hello();
  await world.relay('agent_disconnected');
  world.viewer.answerPin('123456');
  await world.hear(waiting.answer({ ok: false, reason: 'pin' }));
  assert.equal(world.last('pinNeeded'), undefined);
  await world.relay('agent_connected');
  assert.equal(world.hello().offer.pin, '123456');
});

test('a PIN is forgotten when the agent is closed to strangers', async () => {
  const world = await World.open();
  await world.arrive();
  await world.hear(world.hello().answer({ ok: false, reason: 'pin' }));
  world.viewer.answerPin('123456');
  await settle();
  await world.hear(world.hello().answer({ ok: false, reason: 'closed' }));
  world.viewer.retry();
  await settle();
  assert.equal('pin' in world.hello().offer, false);
});

test('a session that is closed to strangers is asked again only by the human', async () => {
  const world = await World.open();
  await world.arrive();
  await world.hear(world.hello().answer({ ok: false, reason: 'closed' }));
  assert.deepEqual(world.last('closedToStrangers'), []);
  await world.pass(60_000);
  assert.deepEqual(world.socket.sent, []);
  world.viewer.retry();
  await settle();
  assert.equal(readHeader(world.take()).kind, HELLO1);
});

test('after giving up, the human can try again', async () => {
  const world = await World.open();
  await world.arrive();
  await world.pass(20_000);
  assert.deepEqual(world.last('closed'), ['unanswered']);
  world.viewer.retry();
  await world.open();
  await world.relay('agent_connected');
  assert.equal(world.hello().attempt, 0);
});

test('a viewer that had control proves it, for the very handshake it asks in', async () => {
  const world = await World.joined();
  const secret = world.epoch.resume;
  await world.relay('agent_connected');
  const hello = world.hello();
  assert.equal(hello.offer.resume, world.agent.proof(secret, hello.ephemeral));
});

test('a viewer takes its first resume secret at READY, and replaces it when the new epoch’s first record verified', async () => {
  const world = await World.open();
  await world.arrive();
  await world.accept(world.hello());
  assert.deepEqual(world.kept.map(({ resume }) => resume.epoch), [1]);
  await world.hear(world.epoch.heartbeat());
  assert.deepEqual(world.kept.map(({ resume }) => resume.epoch), [1, 1]);
  const old = world.epoch;
  world.said();
  await world.relay('agent_connected');
  await world.accept(world.hello());
  await world.pass(5_000);
  const again = world.hello();
  assert.equal(again.offer.resume, world.agent.proof(old.resume, again.ephemeral), 'the second epoch never spoke');
  await world.accept(again);
  await world.hear(world.epoch.heartbeat());
  assert.equal(world.kept.at(-1).resume.epoch, 3);
  assert.equal(world.kept.at(-1).resume.key.extractable, false);
  assert.equal(world.kept.at(-1).expiresAt, world.wall + 600_000);
});

test('a proof that was stored is used after a reload', async () => {
  const first = await World.joined();
  const { resume } = first.kept.at(-1);
  const world = await World.open({ agent: first.agent, link: { resume } });
  await world.arrive();
  const hello = world.hello();
  assert.equal(hello.offer.resume, first.agent.proof(first.epoch.resume, hello.ephemeral));
});

test('a relay that repeats agent_connected has one HELLO1 made at a time', async () => {
  const world = await World.open();
  world.viewer.connect();
  await world.open();
  await world.hear(...Array(50).fill('{"type":"agent_connected"}'));
  assert.equal(world.socket.sent.length, 1);
  const hello = world.hello();
  assert.equal(hello.attempt, 0);
  await world.accept(hello);
  assert.equal(world.ready[0].type, 'ready');
});

test('an epoch that was used before is fatal', async () => {
  const world = await World.joined();
  await world.relay('agent_connected');
  await world.hear(world.hello().accept({ epoch: 1 }));
  assert.equal(world.sockets[0].closedWith, 4400);
});

test('from HELLO2 on the viewer sends in the new epoch, and reads the old one until the first new record', async () => {
  const world = await World.joined();
  const old = world.epoch;
  await world.relay('agent_connected');
  const hello = world.hello();
  world.viewer.send({ type: 'reload' });
  await settle();
  assert.deepEqual(world.socket.sent, [], 'what is typed meanwhile waits');
  await world.hear(hello.accept());
  world.epoch = hello.epoch;
  assert.deepEqual(world.said().map(({ kind, type }) => [kind, type]), [[CTRL, 'ready'], [INPUT, 'reload']]);
  await world.hear(old.control({ type: 'title', title: 'old' }));
  assert.deepEqual(world.last('state'), [{ type: 'title', title: 'old' }]);
  await world.hear(world.epoch.heartbeat());
  await world.hear(old.control({ type: 'title', title: 'older' }));
  assert.deepEqual(world.last('state'), [{ type: 'title', title: 'old' }]);
  assert.equal(world.socket.closedWith, null);
});

test('a lost connection is dialled again, ever slower', async () => {
  const world = await World.open();
  world.viewer.connect();
  for (const delay of [250, 500, 1_000, 2_000, 4_000, 8_000, 8_000]) {
    const dials = world.sockets.length;
    await world.drop(1006);
    assert.deepEqual(world.last('lost'), [1006, 0]);
    await world.pass(delay - 1);
    assert.equal(world.sockets.length, dials);
    await world.pass(1);
    assert.equal(world.sockets.length, dials + 1);
  }
  assert.ok(retryDelay(0, 0) < retryDelay(0, 1));
});

test('a socket that never opens is given up', async () => {
  const world = await World.open();
  world.viewer.connect();
  await world.pass(15_000);
  assert.equal(world.sockets[0].closedWith, 1000);
  assert.deepEqual(world.last('lost'), [1006, 0]);
});

test('close codes that are final are told, and nothing is dialled', async () => {
  for (const code of [4401, 4404, 4410, 4426]) {
    const world = await World.joined();
    await world.drop(code);
    assert.deepEqual(world.last('closed'), [code]);
    await world.pass(600_000);
    assert.equal(world.sockets.length, 1);
    assert.deepEqual(world.forgotten, [], 'a relay’s word deletes nothing');
  }
});

test('1012 and a 1000 without CLOSE are come back from at once, 4409 after 5 s', async () => {
  for (const [code, after] of [[1000, 250], [1012, 250], [4409, 5_000]]) {
    const world = await World.joined();
    await world.drop(code);
    await world.pass(after - 1);
    assert.equal(world.sockets.length, 1);
    await world.pass(1);
    assert.equal(world.sockets.length, 2);
    await world.open();
    await world.relay('agent_connected');
    assert.ok(world.hello().offer.resume);
  }
});

test('the viewer never reconnects by itself after 4408', async () => {
  const world = await World.joined();
  await world.drop(4408);
  assert.deepEqual(world.last('closed'), ['taken_over']);
  await world.pass(600_000);
  assert.equal(world.sockets.length, 1);
  assert.deepEqual(world.forgotten, [{ id: 'sess_1', epoch: 1 }]);
});

test('after 4400 there are three reconnects in 30 s, then it is called tampered with', async () => {
  const world = await World.open();
  world.viewer.connect();
  for (let time = 0; time < 3; time += 1) {
    await world.drop(4400);
    await world.pass(8_000);
    assert.equal(world.sockets.length, time + 2);
  }
  await world.drop(4400);
  assert.deepEqual(world.last('closed'), ['tampered']);
  await world.pass(600_000);
  assert.equal(world.sockets.length, 4);
});

test('damages that are far apart are no tampering', async () => {
  const world = await World.open();
  world.viewer.connect();
  for (let time = 0; time < 8; time += 1) {
    await world.drop(4400);
    await world.pass(12_000);
  }
  assert.equal(world.last('closed'), undefined);
});
