import assert from 'node:assert/strict';
import { createDecipheriv, createECDH } from 'node:crypto';
import { test } from 'node:test';

import { ViewerKey, seal } from '../viewer/crypto-v1.js';

function agent() {
  const pair = createECDH('prime256v1');
  pair.generateKeys();
  return {
    publicKey: pair.getPublicKey('base64'),
    compressed: pair.getPublicKey('base64', 'compressed'),
    open({ iv, ciphertext, tag }, viewerKey) {
      const secret = pair.computeSecret(Buffer.from(viewerKey, 'base64'));
      const opener = createDecipheriv('aes-256-gcm', secret, Buffer.from(iv, 'base64'));
      opener.setAuthTag(Buffer.from(tag, 'base64'));
      return Buffer.concat([opener.update(Buffer.from(ciphertext, 'base64')), opener.final()]).toString();
    },
  };
}

test('an agent with another implementation opens what the page seals', async () => {
  const [viewer, other] = [await ViewerKey.create(), agent()];
  const event = { type: 'paste', text: 'pässwörd 🔑' };
  const sealed = await seal(await viewer.agree(other.publicKey), event);
  assert.deepEqual(JSON.parse(other.open(sealed, viewer.publicKey)), event);
});

test('the parts have the lengths the protocol says', async () => {
  const [viewer, other] = [await ViewerKey.create(), agent()];
  const { iv, ciphertext, tag } = await seal(await viewer.agree(other.publicKey), { type: 'back' });
  const lengths = [viewer.publicKey, iv, tag, ciphertext].map((part) => Buffer.from(part, 'base64').length);
  assert.deepEqual(lengths, [65, 12, 16, '{"type":"back"}'.length]);
});

test('every message has its own IV, and the page’s key stays the same', async () => {
  const [viewer, other] = [await ViewerKey.create(), agent()];
  const before = viewer.publicKey;
  const key = await viewer.agree(other.publicKey);
  const ivs = new Set();
  for (let count = 0; count < 50; count += 1) ivs.add((await seal(key, { type: 'back' })).iv);
  assert.equal(ivs.size, 50);
  assert.equal(viewer.publicKey, before);
});

test('a key that is no uncompressed point of the curve is refused', async () => {
  const [viewer, other] = [await ViewerKey.create(), agent()];
  const offCurve = Buffer.from(other.publicKey, 'base64');
  offCurve[40] ^= 1;
  for (const key of ['', '!', 'AAAA', other.compressed, offCurve.toString('base64'), Buffer.alloc(65).toString('base64')]) {
    await assert.rejects(viewer.agree(key));
  }
});

test('neither the private nor the shared key can be exported', async () => {
  const [viewer, other] = [await ViewerKey.create(), agent()];
  await assert.rejects(crypto.subtle.exportKey('raw', await viewer.agree(other.publicKey)));
  assert.deepEqual(Object.keys(viewer), ['publicKey']);
});
