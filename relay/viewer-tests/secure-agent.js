// The agent's end of version 2, for tests: written after the protocol's description on node's crypto, and
// sharing no code with the page.

import { createCipheriv, createDecipheriv, createECDH, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';

export const HELLO1 = 1, HELLO2 = 2, FRAME = 0x10, INPUT = 0x11, CTRL = 0x12, ACK = 0x13, CLOSE = 0x1f;

const hash = (...parts) => parts.reduce((digest, part) => digest.update(part), createHash('sha256')).digest();
const hmac = (key, ...parts) => parts.reduce((mac, part) => mac.update(part), createHmac('sha256', key)).digest();
const hkdf = (salt, ikm, info, length) => Buffer.from(hkdfSync('sha256', ikm, salt, info, length));

/** A P-256 key pair, fresh or of a known private key. */
export function keyPair(privateKey) {
  const pair = createECDH('prime256v1');
  if (privateKey) pair.setPrivateKey(privateKey);
  else pair.generateKeys();
  return pair;
}

/** Noise's symmetric state, for the responder. */
class Symmetric {
  constructor(id, agent, psk) {
    const name = Buffer.alloc(32);
    name.write('Noise_NKpsk0_P256_AESGCM_SHA256');
    this.ck = name;
    this.h = name;
    this.mixHash(Buffer.concat([Buffer.from('authloop/e2ee/v2\0'), Buffer.from([id.length]), Buffer.from(id)]));
    this.mixHash(agent);
    this.mixHash(this.mix(psk)[0]);
  }

  mixHash(data) {
    this.h = hash(this.h, data);
  }

  mix(ikm) {
    const out = hkdf(this.ck, ikm, '', 96);
    this.ck = out.subarray(0, 32);
    return [out.subarray(32, 64), out.subarray(64)];
  }

  ephemeral(point) {
    this.mixHash(point);
    this.mix(point);
  }

  open(key, sealed) {
    const opener = createDecipheriv('aes-256-gcm', key, Buffer.alloc(12)).setAAD(this.h).setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([opener.update(sealed.subarray(0, -16)), opener.final()]);
    this.mixHash(sealed);
    return plain;
  }

  seal(key, plain) {
    const sealer = createCipheriv('aes-256-gcm', key, Buffer.alloc(12)).setAAD(this.h);
    const sealed = Buffer.concat([sealer.update(plain), sealer.final(), sealer.getAuthTag()]);
    this.mixHash(sealed);
    return sealed;
  }

  split() {
    const root = hmac(this.ck, '');
    const first = hmac(root, Buffer.from([1]));
    return Buffer.concat([first, hmac(root, first, Buffer.from([2]))]);
  }
}

export function header(kind, epoch, counter) {
  const bytes = Buffer.alloc(16);
  bytes[0] = 2;
  bytes[1] = kind;
  bytes.writeUInt32BE(epoch, 4);
  bytes.writeBigUInt64BE(BigInt(counter), 8);
  return bytes;
}

export function readHeader(record) {
  return { kind: record[1], chan: record.readUInt16BE(2), epoch: record.readUInt32BE(4), counter: Number(record.readBigUInt64BE(8)) };
}

class Key {
  next = 0;

  constructor(key, iv) {
    this.key = key;
    this.iv = iv;
  }

  #nonce(counter) {
    const nonce = Buffer.from(this.iv);
    nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ BigInt(counter), 4);
    return nonce;
  }

  seal(kind, epoch, plain, counter = this.next) {
    this.next = counter + 1;
    const head = header(kind, epoch, counter);
    const sealer = createCipheriv('aes-256-gcm', this.key, this.#nonce(counter)).setAAD(Buffer.concat([head.subarray(0, 2), head.subarray(4)]));
    return Buffer.concat([head, sealer.update(plain), sealer.final(), sealer.getAuthTag()]);
  }

  open(record) {
    const { counter } = readHeader(record);
    if (counter !== this.next) throw new Error(`counter ${counter}, not ${this.next}`);
    const head = record.subarray(0, 16);
    const opener = createDecipheriv('aes-256-gcm', this.key, this.#nonce(counter))
      .setAAD(Buffer.concat([head.subarray(0, 2), head.subarray(4)])).setAuthTag(record.subarray(-16));
    const plain = Buffer.concat([opener.update(record.subarray(16, -16)), opener.final()]);
    this.next += 1;
    return plain;
  }
}

/** One epoch, from the agent's side. */
export class AgentEpoch {
  constructor(number, h, k1k2) {
    const derive = (label, length) => hkdf(h, k1k2, `authloop/2 ${label}`, length);
    const key = (name) => new Key(derive(`${name} key`, 32), derive(`${name} iv`, 12));
    this.number = number;
    this.viewer = key('v2a ctl');
    this.ctl = key('a2v ctl');
    this.frm = key('a2v frm');
    this.resume = derive('resume', 32);
  }

  control(message) {
    return this.ctl.seal(CTRL, this.number, Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)));
  }

  heartbeat(fields = {}) {
    const last = this.frm.next ? this.frm.next - 1 : null;
    return this.control({ type: 'heartbeat', last_frame: last, got: this.viewer.next, clock: 1_000, ...fields });
  }

  close(reason) {
    return this.ctl.seal(CLOSE, this.number, Buffer.from(JSON.stringify({ reason })));
  }

  frame({ jpeg = 'jpeg', ctlNext = this.ctl.next, counter, metaLength = 36, version = 1, flags = 0, width = 1280 } = {}) {
    const meta = Buffer.alloc(2 + metaLength);
    meta.writeUInt16BE(metaLength);
    if (metaLength >= 36) {
      meta[2] = version;
      meta[3] = flags;
      meta.writeUInt16BE(1, 4);
      meta.writeUInt32BE(1_001, 6);
      meta.writeUInt32BE(ctlNext, 10);
      [width, 720, 0, 1, 0, 96.5].forEach((value, at) => meta.writeFloatBE(value, 14 + at * 4));
    }
    return this.frm.seal(FRAME, this.number, Buffer.concat([meta, Buffer.from(jpeg)]), counter);
  }

  /** Opens what the viewer sent: its kind, and the event, message or acknowledgement in it. */
  open(record) {
    const plain = this.viewer.open(record);
    switch (record[1]) {
      case INPUT: {
        const length = plain.readUInt16BE();
        if (plain.subarray(2 + length).some((byte) => byte !== 0)) throw new Error('padding');
        return { kind: INPUT, size: plain.length, ...JSON.parse(plain.subarray(2, 2 + length)) };
      }
      case ACK:
        return { kind: ACK, frame: Number(plain.readBigUInt64BE()), waiting: plain.readUInt16BE(8) };
      default:
        return { kind: record[1], ...JSON.parse(plain) };
    }
  }
}

/** A session's agent: its link, and the handshakes it answers. */
export class Agent {
  epochs = 0;

  constructor({ id = 'sess_1', secret = randomBytes(16), privateKey } = {}) {
    this.id = id;
    this.secret = secret;
    this.pair = keyPair(privateKey);
    this.psk = hkdf('authloop/2', secret, 'psk', 32);
    this.token = hkdf('authloop/2', secret, 'relay admission', 16).toString('base64url');
    this.fragment = `2.${Buffer.concat([this.pair.getPublicKey(null, 'compressed'), secret]).toString('base64url')}`;
  }

  get place() {
    return { protocol: 'https:', host: 'relay.example', pathname: `/s/${this.id}`, search: '', hash: `#${this.fragment}` };
  }

  /** Reads HELLO1. `answer(payload2)` returns HELLO2; `epoch` is there after an answer with `ok`. */
  read(record, own = keyPair()) {
    const noise = new Symmetric(this.id, this.pair.getPublicKey(), this.psk);
    const theirs = record.subarray(16, 81);
    noise.ephemeral(theirs);
    const [key] = noise.mix(this.pair.computeSecret(theirs));
    const offer = JSON.parse(noise.open(key, record.subarray(81)));
    const attempt = readHeader(record).counter;
    const hello = { offer, attempt, ephemeral: theirs, epoch: null };
    hello.answer = (payload) => {
      noise.ephemeral(own.getPublicKey());
      const [answerKey] = noise.mix(own.computeSecret(theirs));
      const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
      const sealed = noise.seal(answerKey, Buffer.from(text));
      if (payload.ok) hello.epoch = new AgentEpoch(payload.epoch, noise.h, noise.split());
      return Buffer.concat([header(HELLO2, 0, attempt), own.getPublicKey(), sealed]);
    };
    hello.accept = (more = {}) => {
      this.epochs += 1;
      return hello.answer({ ok: true, epoch: this.epochs, expires_in: 600_000, ...more });
    };
    return hello;
  }

  proof(resume, ephemeral) {
    return hmac(resume, 'resume', ephemeral).toString('base64url');
  }
}
