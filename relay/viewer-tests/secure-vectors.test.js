// The published vectors, byte for byte: the page's code, and the tests' own agent.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { ackPlaintext, padInput, Stream, readHeader } from '../viewer/secure/records.js';
import { parseFrame } from '../viewer/secure/frame.js';
import { parseSecureLink } from '../viewer/secure/link.js';
import { Handshake } from '../viewer/secure/handshake.js';
import { Symmetric } from '../viewer/secure/noise.js';
import { deriveSecrets, proveResume } from '../viewer/secure/schedule.js';
import { Agent, keyPair } from './secure-agent.js';

const vectors = JSON.parse(await readFile(new URL('../../core/src/crypto/v2/tests/vectors.json', import.meta.url), 'utf8'));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (array) => Buffer.from(array).toString('hex');
const place = new URL(vectors.session_url);
const { link } = await parseSecureLink(place);

/** The viewer's ephemeral keys, whose private half WebCrypto takes only as a JWK. */
async function viewerPair() {
  const point = bytes(vectors.e_v_pub);
  const url = (part) => Buffer.from(part).toString('base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x: url(point.subarray(1, 33)), y: url(point.subarray(33)) };
  const curve = { name: 'ECDH', namedCurve: 'P-256' };
  return {
    privateKey: await crypto.subtle.importKey('jwk', { ...jwk, d: url(bytes(vectors.e_v_priv)) }, curve, false, ['deriveBits']),
    publicKey: await crypto.subtle.importKey('jwk', jwk, curve, true, []),
  };
}

async function agreed() {
  const hash = bytes(vectors.h);
  return { hash, keys: await crypto.subtle.importKey('raw', bytes(vectors.k1k2), 'HKDF', false, ['deriveBits', 'deriveKey']) };
}

test('the link gives the agent’s key, the relay’s token and the addresses', async () => {
  assert.equal(hex(link.agent), vectors.s_a_pub);
  assert.equal(link.token, vectors.admission_token);
  assert.equal(link.id, vectors.sid);
  assert.equal(link.streamUrl, vectors.stream_url);
  assert.equal(createHash('sha256').update(link.token).digest('hex'), vectors.admission_hash);
});

test('the pre-shared key is the vectors’, and can’t be exported', async () => {
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(32), info: new Uint8Array(0) };
  const known = await crypto.subtle.importKey('raw', bytes(vectors.psk), 'HKDF', false, ['deriveBits']);
  const derived = await Promise.all([known, link.psk].map((key) => crypto.subtle.deriveBits(parameters, key, 256)));
  assert.deepEqual(derived[0], derived[1]);
  assert.equal(link.psk.extractable, false);
  await assert.rejects(crypto.subtle.exportKey('raw', link.psk));
});

test('HELLO1 is the vectors’', async () => {
  const { record } = await Handshake.start(link, 0, { caps: [], pin: null, resume: null }, await viewerPair());
  assert.equal(hex(record), vectors.hello1_record);
});

test('HELLO2 is read to the vectors’ keys', async () => {
  const { handshake } = await Handshake.start(link, 0, { caps: [], pin: null, resume: null }, await viewerPair());
  const answer = await handshake.read(bytes(vectors.hello2_record));
  assert.equal(answer.ok && answer.epoch, 1);
  assert.equal(answer.expiresIn, 600_000);
  assert.deepEqual([hex(answer.secrets.toAgent.iv), hex(answer.secrets.toViewer.iv), hex(answer.secrets.frames.iv)],
    [vectors.v2a_ctl_iv, vectors.a2v_ctl_iv, vectors.a2v_frm_iv]);
  assert.equal(hex(answer.secrets.sas), vectors.sas);
  assert.equal(await proveResume(answer.secrets.resume, bytes(vectors.e_v_pub)), Buffer.from(vectors.resume_proof_for_e_v, 'hex').toString('base64url'));
});

test('Split is the vectors’ k1 and k2', async () => {
  const symmetric = new Symmetric(bytes(vectors.ck));
  const { keys } = await symmetric.split();
  const secrets = await deriveSecrets({ ...(await agreed()), keys });
  assert.equal(hex(secrets.sas), vectors.sas);
});

test('no key of an epoch can be exported', async () => {
  const { toAgent, toViewer, frames, resume } = await deriveSecrets(await agreed());
  for (const key of [toAgent.key, toViewer.key, frames.key, resume]) {
    assert.equal(key.extractable, false);
    assert.equal(key.usages.length, 1);
  }
});

test('each record of the vectors is sealed or opened as it stands', async () => {
  const secrets = await deriveSecrets(await agreed());
  const [own, control, frames] = [secrets.toAgent, secrets.toViewer, secrets.frames].map((key) => new Stream(1, key, 0));
  for (const { name, direction, stream, kind, plaintext_hex, record } of vectors.records) {
    if (direction === 'v2a') {
      assert.equal(hex(await own.seal(0, kind, bytes(plaintext_hex))), record, name);
    } else {
      const opened = await (stream === 'a2v frm' ? frames : control).open(0, readHeader(bytes(record)), bytes(record), false);
      assert.equal(hex(opened.plaintext), plaintext_hex, name);
    }
  }
});

test('the plaintexts are built as the vectors say', () => {
  const input = vectors.records.find(({ kind }) => kind === 0x11);
  const json = Buffer.from(input.plaintext_hex, 'hex').subarray(2, 50);
  assert.equal(hex(padInput(json)), input.plaintext_hex);
  assert.equal(hex(ackPlaintext(0, 0)), vectors.records.find(({ kind }) => kind === 0x13).plaintext_hex);
  const { meta, ctlNext, jpeg } = parseFrame(bytes(vectors.records.find(({ kind }) => kind === 0x10).plaintext_hex));
  assert.deepEqual(meta, { repeat: false, page: 1, captureMs: 1001, deviceWidth: 1280, deviceHeight: 720, offsetTop: 0, pageScaleFactor: 1, scrollX: 0, scrollY: 96.5 });
  assert.equal(ctlNext, 1);
  assert.equal(hex(jpeg), 'ffd86a706567ffd9');
});

test('records that only the record layer accepts are refused by what they hold', async () => {
  const { frame } = vectors.record_layer_only;
  const stream = new Stream(1, (await deriveSecrets(await agreed())).frames, 0);
  const { plaintext } = await stream.open(0, readHeader(bytes(frame.record)), bytes(frame.record), true);
  assert.equal(hex(plaintext), frame.plaintext_hex);
  assert.throws(() => parseFrame(plaintext));
});

test('the tests’ own agent answers as in the vectors', () => {
  const agent = new Agent({ id: vectors.sid, secret: Buffer.from(vectors.secret, 'hex'), privateKey: Buffer.from(vectors.s_a_priv, 'hex') });
  assert.equal(agent.fragment, vectors.fragment);
  const hello = agent.read(Buffer.from(vectors.hello1_record, 'hex'), keyPair(Buffer.from(vectors.e_a_priv, 'hex')));
  assert.deepEqual(hello.offer, { v: 2 });
  assert.equal(hex(hello.answer(JSON.parse(vectors.payload2))), vectors.hello2_record);
  assert.equal(hex(hello.epoch.resume), vectors.resume);
});
