// Records as an adversary between the two ends may leave them (§5): each ends the connection, or nothing.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { Exhausted, Fatal } from '../viewer/secure/fatal.js';
import { Kind, Stream, padInput, readHeader } from '../viewer/secure/records.js';
import { ACK, CLOSE, CTRL, FRAME, HELLO1, INPUT, header } from './secure-agent.js';
import { World } from './secure-world.js';

const flip = (record, bit) => {
  const flipped = Buffer.from(record);
  flipped[bit >> 3] ^= 1 << (bit & 7);
  return flipped;
};

/** Whether what a joined viewer heard was fatal. */
async function isFatal(make) {
  const world = await World.joined();
  const made = await make(world);
  await world.hear(...[made].flat());
  return world.sockets[0].closedWith === 4400;
}

test('each flipped bit of a record is fatal; the hop doesn’t matter, another epoch is dropped', async () => {
  const length = 16 + 16 + '{"type":"title"}'.length;
  for (let bit = 0; bit < length * 8; bit += bit < 128 ? 1 : 13) {
    const world = await World.joined();
    await world.hear(flip(world.epoch.control('{"type":"title"}'), bit));
    const [isHop, isEpoch] = [bit >= 16 && bit < 32, bit >= 32 && bit < 64];
    assert.equal(world.sockets[0].closedWith, isHop || isEpoch ? null : 4400, `bit ${bit}`);
    assert.equal(world.last('state') !== undefined, isHop, `bit ${bit}`);
  }
});

test('each flipped bit of a frame is fatal, and the frame is never shown', async () => {
  for (let bit = 0; bit < 79 * 8; bit += bit < 128 ? 3 : 17) {
    const world = await World.joined();
    await world.hear(flip(world.epoch.frame({ jpeg: 'a picture' }), bit));
    const [isHop, isEpoch] = [bit >= 16 && bit < 32, bit >= 32 && bit < 64];
    assert.equal(world.sockets[0].closedWith, isHop || isEpoch ? null : 4400, `bit ${bit}`);
    assert.equal(world.decoded.length, isHop ? 1 : 0, `bit ${bit}`);
  }
});

test('a record that is cut short, or longer than its kind may be, is fatal before it is decrypted', async () => {
  assert.ok(await isFatal(() => Buffer.alloc(31, 2)));
  assert.ok(await isFatal(() => Buffer.alloc(0)));
  for (const length of [1, 16, 17, 40]) assert.ok(await isFatal((world) => world.epoch.control('{"type":"a"}').subarray(0, -length)));
  const headerOf = (kind, length) => Buffer.concat([header(kind, 1, 1), Buffer.alloc(length - 16)]);
  for (const [kind, most] of [[2, 2_064], [CTRL, 81_920], [CLOSE, 81_920], [FRAME, 8_388_608]]) {
    assert.throws(() => readHeader(headerOf(kind, most + 1)), Fatal);
    assert.equal(readHeader(headerOf(kind, most)).kind, kind);
  }
});

test('binary messages of another version or kind are fatal: a bare JPEG is never drawn', async () => {
  const jpeg = Buffer.concat([Buffer.from('ffd8ffe000104a464946', 'hex'), randomBytes(100)]);
  const world = await World.joined();
  await world.hear(jpeg);
  assert.equal(world.sockets[0].closedWith, 4400);
  assert.deepEqual(world.decoded, []);
  for (const kind of [0, HELLO1, INPUT, ACK, 0x14, 0x20, 0xff]) {
    assert.ok(await isFatal(() => Buffer.concat([header(kind, 1, 0), Buffer.alloc(40)])), `kind ${kind}`);
  }
  for (const version of [0, 1, 3, 0xff]) {
    assert.ok(await isFatal((joined) => {
      const record = joined.epoch.control('{"type":"a"}');
      record[0] = version;
      return record;
    }));
  }
});

test('replayed, reordered and skipped control is fatal', async () => {
  assert.ok(await isFatal((world) => {
    const record = world.epoch.control({ type: 'a' });
    return [record, record];
  }));
  assert.ok(await isFatal((world) => [world.epoch.control({ type: 'a' }), world.epoch.control({ type: 'b' })].reverse()));
  assert.ok(await isFatal((world) => {
    world.epoch.control({ type: 'a' });
    return world.epoch.control({ type: 'b' });
  }));
  assert.ok(!await isFatal((world) => [world.epoch.control({ type: 'a' }), world.epoch.control({ type: 'b' })]));
});

test('frames may be missing, and the gap is counted; a replayed or late frame is fatal', async () => {
  assert.ok(!await isFatal((world) => {
    world.epoch.frame();
    world.epoch.frame();
    return world.epoch.frame();
  }));
  const replay = await World.joined();
  const record = replay.epoch.frame();
  await replay.hear(record);
  await replay.hear(record);
  assert.equal(replay.sockets[0].closedWith, 4400);
  const late = await World.joined();
  const first = late.epoch.frame();
  await late.hear(late.epoch.frame());
  await late.hear(first);
  assert.equal(late.sockets[0].closedWith, 4400);
  assert.equal(late.decoded.length, 1);
  assert.ok(await isFatal((world) => {
    const older = world.epoch.frame();
    return [world.epoch.control({ type: 'a' }), world.epoch.frame(), older];
  }), 'also when both wait');
});

test('a frame whose control was withheld is fatal and never shown', async () => {
  const world = await World.joined();
  const navigated = world.epoch.control({ type: 'url', url: 'https://bank.example' });
  const frame = world.epoch.frame();
  await world.hear(frame);
  assert.equal(world.sockets[0].closedWith, 4400);
  assert.deepEqual(world.decoded, []);
  const honest = await World.joined();
  await honest.hear(honest.epoch.control({ type: 'url' }), honest.epoch.frame());
  assert.equal(honest.sockets[0].closedWith, null);
  assert.equal(honest.decoded.length, 1);
  assert.ok(navigated.length > 0);
});

test('a frame is judged after every earlier control record has verified', async () => {
  const world = await World.joined();
  const records = [];
  for (let count = 0; count < 20; count += 1) records.push(world.epoch.control({ type: 'title', count }));
  records.push(world.epoch.frame());
  await world.hear(...records);
  assert.equal(world.told.findIndex(([event]) => event === 'frame') > world.told.findLastIndex(([event]) => event === 'state'), true);
  const forged = await World.joined();
  await forged.hear(flip(forged.epoch.control({ type: 'title' }), 200), forged.epoch.frame());
  assert.deepEqual(forged.decoded, []);
});

test('a frame that still waits gives way to a newer one before it is decrypted', async () => {
  const world = await World.joined();
  const records = [];
  for (let count = 0; count < 12; count += 1) records.push(world.epoch.frame({ jpeg: `picture ${count}` }));
  await world.hear(...records);
  assert.equal(world.sockets[0].closedWith, null);
  assert.equal(world.decoded.at(-1), 'picture 11');
  assert.ok(world.decoded.length < 4, 'most were never opened');
});

test('a counter is believed only from a verified record', async () => {
  const world = await World.joined();
  const forged = Buffer.concat([header(FRAME, 1, 1_000_000), randomBytes(90)]);
  await world.hear(world.epoch.control({ type: 'a' }), world.epoch.frame(), forged);
  assert.equal(world.sockets[0].closedWith, 4400);
  assert.deepEqual(world.decoded, [], 'what it replaced is lost with it');
});

test('records reflected from the other direction or stream are fatal', async () => {
  assert.ok(await isFatal((world) => {
    world.viewer.answerTakeover(1, 'keep');
    world.epoch.ctl.next = 0;
    const own = world.epoch.viewer;
    own.next = 1;
    return own.seal(CTRL, 1, Buffer.from('{"type":"ready"}'));
  }), 'the viewer’s own');
  assert.ok(await isFatal((world) => world.epoch.ctl.seal(FRAME, 1, Buffer.alloc(60), 1)), 'control’s key for a frame');
  assert.ok(await isFatal((world) => world.epoch.frm.seal(CTRL, 1, Buffer.from('{"type":"a"}'), 1)), 'the frames’ key for control');
});

test('a record of an old or unknown epoch is dropped', async () => {
  const world = await World.joined();
  const old = world.epoch;
  await world.relay('agent_connected');
  await world.accept(world.hello());
  await world.hear(world.epoch.heartbeat());
  world.news();
  await world.hear(old.control({ type: 'title' }), old.frame(), Buffer.concat([header(CTRL, 7, 0), randomBytes(40)]));
  assert.deepEqual(world.news(), []);
  assert.deepEqual(world.decoded, []);
  assert.equal(world.socket.closedWith, null);
});

test('metadata that is short, long, of version 0 or not finite is fatal; newer metadata is read by its first 36 bytes', async () => {
  for (const options of [{ metaLength: 35 }, { metaLength: 0 }, { metaLength: 1_025 }, { version: 0 }, { width: NaN }, { width: Infinity }]) {
    assert.ok(await isFatal((world) => world.epoch.frame(options)), JSON.stringify(options));
  }
  for (const options of [{ metaLength: 37 }, { metaLength: 1_024, version: 9 }, { flags: 0xfe }]) {
    const world = await World.joined();
    await world.hear(world.epoch.frame(options));
    const [{ meta }] = world.last('frame');
    assert.deepEqual([meta.deviceWidth, meta.repeat, meta.scrollY], [1_280, false, 96.5]);
  }
  const repeat = await World.joined();
  await repeat.hear(repeat.epoch.frame({ flags: 1 }));
  assert.equal(repeat.last('frame')[0].meta.repeat, true);
});

test('a known member of the wrong type is fatal, in any JSON', async () => {
  const messages = [
    '[]', '"a"', '{}', '{"type":5}', '{"type":null}', '{"type":"a"}x', '{"type":"a","x":"\xff"}',
    '{"type":"heartbeat"}', '{"type":"heartbeat","last_frame":"1","got":1,"clock":1}', '{"type":"heartbeat","last_frame":null,"got":-1,"clock":1}',
    '{"type":"heartbeat","last_frame":null,"got":1,"clock":4294967296}', '{"type":"heartbeat","last_frame":1.5,"got":1,"clock":1}',
    '{"type":"heartbeat","last_frame":null,"got":1,"clock":null}', '{"type":"ping"}', '{"type":"ping","n":-1}', '{"type":"ping","n":"1"}',
    '{"type":"takeover"}', '{"type":"takeover","id":65536}', '{"type":"dropped","kind":"click"}', '{"type":"dropped","kind":1,"why":"stale"}',
    '{"type":"notice","code":1}',
  ];
  for (const message of messages) {
    assert.ok(await isFatal((world) => world.epoch.ctl.seal(CTRL, 1, Buffer.from(message, 'latin1'))), message);
  }
  for (const reason of ['left', 'bored', 5, null]) assert.ok(await isFatal((world) => world.epoch.close(reason)), String(reason));
});

test('control of an unknown type is no error', async () => {
  const world = await World.joined();
  await world.hear(world.epoch.control({ type: 'weather', sun: true }));
  assert.equal(world.socket.closedWith, null);
  assert.deepEqual(world.last('state'), [{ type: 'weather', sun: true }]);
});

test('too much that waits is fatal, instead of piling up', async () => {
  const world = await World.joined();
  const records = [];
  for (let count = 0; count < 1_100; count += 1) records.push(world.epoch.control({ type: 'a' }));
  await world.hear(...records);
  assert.equal(world.sockets[0].closedWith, 4400);
});

test('input is padded to the smallest length that fits', () => {
  for (const [length, size] of [[0, 256], [254, 256], [255, 1_024], [1_022, 1_024], [1_023, 4_096], [4_095, 16_384], [16_383, 65_536], [65_534, 65_536]]) {
    assert.equal(padInput(new Uint8Array(length))?.length, size);
  }
  assert.equal(padInput(new Uint8Array(65_535)), null);
});

/** A key with its stream, at each end. */
async function streams(now = 0) {
  const raw = randomBytes(32);
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  return [0, 1].map(() => new Stream(1, { key, iv: new Uint8Array(12) }, now));
}

test('a key is used for an hour, and no longer', async () => {
  const [sealer, opener] = await streams(1_000);
  const record = await sealer.seal(3_600_999, Kind.CTRL, new Uint8Array(1));
  await assert.rejects(sealer.seal(3_601_000, Kind.CTRL, new Uint8Array(1)), Exhausted);
  await assert.rejects(opener.open(3_601_000, { kind: Kind.CTRL, epoch: 1, counter: 0 }, record, false), Exhausted);
  await opener.open(3_600_999, { kind: Kind.CTRL, epoch: 1, counter: 0 }, record, false);
});

test('a counter beyond the limit is refused before its tag', async () => {
  const [, opener] = await streams();
  await assert.rejects(opener.open(0, { kind: Kind.FRAME, epoch: 1, counter: 2 ** 31 }, new Uint8Array(40), true), /out of order/u);
});

test('opening moves the counter only after the tag verified', async () => {
  const [sealer, opener] = await streams();
  const record = await sealer.seal(0, Kind.CTRL, new Uint8Array(5));
  const forged = Uint8Array.from(record, (byte, at) => (at === 20 ? byte ^ 1 : byte));
  await assert.rejects(opener.open(0, readHeader(record), forged, false), Fatal);
  assert.equal(opener.next, 0);
  await opener.open(0, readHeader(record), record, false);
  assert.equal(opener.next, 1);
});

test('a plaintext is overwritten once it is sealed', async () => {
  const [sealer] = await streams();
  const plaintext = Uint8Array.of(1, 2, 3);
  await sealer.seal(0, Kind.CTRL, plaintext);
  assert.deepEqual([...plaintext], [0, 0, 0]);
});

test('a viewer that reaches a key’s limit closes with 1000, without a CLOSE, and comes back by its proof', async () => {
  const world = await World.joined();
  for (let minute = 0; minute < 60; minute += 1) {
    await world.pass(30_000);
    if (world.socket.readyState !== 1) break;
    await world.hear(world.epoch.heartbeat());
    await world.pass(30_000);
    if (world.socket.readyState !== 1) break;
    await world.hear(world.epoch.heartbeat());
  }
  assert.equal(world.sockets[0].closedWith, 1000);
  assert.ok(world.sockets[0].sent.every((record) => record[1] !== CLOSE));
  await world.pass(300);
  await world.open();
  await world.relay('agent_connected');
  assert.ok(world.hello().offer.resume);
});

test('messages of version 1 are ignored and counted, and none is ever sent', async () => {
  const world = await World.joined();
  world.news();
  const frame = { type: 'frame', deviceWidth: 9, deviceHeight: 9, jpegSize: 4 };
  for (const message of [{ type: 'pubkey', key: 'BA==' }, frame, { type: 'notice', code: 'x' }, { type: 'encrypted', payload: {} }, 5, null]) await world.hear(JSON.stringify(message));
  await world.hear('x'.repeat(5_000), 'not json');
  assert.deepEqual(world.news(), []);
  assert.equal(world.viewer.ignored, 8);
  assert.deepEqual(world.decoded, []);
  assert.equal(world.socket.closedWith, null);
  assert.deepEqual(world.socket.sent, []);
});
