import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { decompress } from '../viewer/secure/curve.js';
import { isPoint, parseSecureLink } from '../viewer/secure/link.js';
import { Agent, keyPair } from './secure-agent.js';

const agent = new Agent();
const good = agent.fragment;
const problem = async (changes) => (await parseSecureLink({ ...agent.place, ...changes })).problem ?? 'none';
const withHash = (hash) => problem({ hash });

test('a whole link is read', async () => {
  const { link } = await parseSecureLink({ ...agent.place, pathname: '/deep/er/s/sess_1' });
  assert.equal(link.streamUrl, 'wss://relay.example/deep/er/stream/sess_1');
  assert.equal(link.cardUrl, 'https://relay.example/deep/er/s/sess_1/card');
  assert.equal(link.token, agent.token);
  assert.deepEqual(Buffer.from(link.agent), agent.pair.getPublicKey());
  const local = await parseSecureLink({ ...agent.place, protocol: 'http:', host: 'localhost:8' });
  assert.equal(local.link.streamUrl, 'ws://localhost:8/stream/sess_1');
});

test('a link’s addresses never hold its token or its fragment', async () => {
  const { link } = await parseSecureLink(agent.place);
  for (const address of [link.streamUrl, link.cardUrl]) {
    assert.doesNotMatch(address, /[?#]/u);
    assert.ok(!address.includes(link.token));
  }
});

test('a shorter link is incomplete, whatever is left of it', async () => {
  for (let length = 2; length < good.length; length += 1) assert.equal(await withHash(`#${good.slice(0, length)}`), 'incomplete');
  for (const hash of ['', '#', '#2', '#2.', '#AxBQ']) assert.equal(await withHash(hash), 'incomplete');
});

test('a longer link is damaged, and so is one with other characters', async () => {
  for (const hash of [`#${good}A`, `#${good.slice(0, -1)}=`, `#${good.slice(0, 9)}+${good.slice(10)}`, `#${good.replace('2.', '02.')}`, `#x.${good}`, `#${'A'.repeat(80)}`]) {
    assert.equal(await withHash(hash), 'damaged', hash);
  }
});

test('the unused bits have to be zero', async () => {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = digits.indexOf(good.at(-1));
  for (let bits = 1; bits < 16; bits += 1) assert.equal(await withHash(`#${good.slice(0, -1)}${digits[last + bits]}`), 'damaged');
});

test('links of other versions say so', async () => {
  assert.equal(await withHash('#1.viewer-token'), 'v1');
  assert.equal(await withHash(`#${good.replace('2.', '3.')}`), 'newer');
  assert.equal(await withHash('#12.x'), 'newer');
});

test('a point off the curve is damaged', async () => {
  const compressed = agent.pair.getPublicKey(null, 'compressed');
  const hashOf = (point) => `#2.${Buffer.concat([point, agent.secret]).toString('base64url')}`;
  const off = Buffer.alloc(33, 0xff);
  off[0] = 2; // its x isn't below the field's prime
  const wrong = [off, Buffer.alloc(33)];
  for (const first of [0, 1, 4, 5, 255]) wrong.push(Buffer.concat([Buffer.from([first]), compressed.subarray(1)]));
  for (let x = 0; wrong.length < 12; x += 1) {
    const point = Buffer.alloc(33, 0);
    point[0] = 3;
    point[32] = x;
    if (!decompress(point)) wrong.push(point);
  }
  for (const point of wrong) assert.equal(await withHash(hashOf(point)), 'damaged', point.toString('hex'));
});

test('a compressed point is written out as other implementations do', () => {
  for (let count = 0; count < 50; count += 1) {
    const pair = keyPair();
    const point = decompress(pair.getPublicKey(null, 'compressed'));
    assert.deepEqual(Buffer.from(point), pair.getPublicKey());
  }
});

test('compressed points, infinity and points off the curve are no points', async () => {
  const pair = keyPair();
  assert.equal(await isPoint(Uint8Array.from(pair.getPublicKey())), true);
  assert.equal(await isPoint(Uint8Array.from(pair.getPublicKey(null, 'compressed'))), false);
  assert.equal(await isPoint(Uint8Array.of(0)), false);
  assert.equal(await isPoint(new Uint8Array(65)), false);
  assert.equal(await isPoint(Uint8Array.from([4, ...randomBytes(64)])), false);
});

test('a link whose # became %23 is burnt, whatever else is wrong', async () => {
  assert.equal(await problem({ pathname: `/s/sess_1%23${good}`, hash: '' }), 'burnt');
  assert.equal(await problem({ pathname: '/', search: `?u=%23${good}`, hash: '' }), 'burnt');
  assert.equal(await problem({ pathname: `/s/sess_1%23${good}` }), 'burnt');
});

test('only a session’s address is one', async () => {
  for (const pathname of ['/', '/s/', '/s/a b', `/s/${'a'.repeat(65)}`, '/s/a/', '/t/sess_1']) assert.equal(await problem({ pathname }), 'not_a_session', pathname);
  assert.equal(await problem({ protocol: 'file:' }), 'not_a_session');
  assert.equal(await problem({ pathname: `/s/${'a'.repeat(64)}` }), 'none');
});
