// @ts-check
// Agents on WebCrypto, for the tests: version 1's and version 2's, written from their descriptions. They
// share no code with the product, neither with its Rust nor with its JavaScript.

const { subtle } = crypto;
const CURVE = { name: 'ECDH', namedCurve: 'P-256' };
const EMPTY = new Uint8Array(0);

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

const hex = (/** @type {Bytes} */ bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const unhex = (/** @type {string} */ text) => Uint8Array.from(text.match(/../gu) ?? [], (pair) => parseInt(pair, 16));
const utf8 = (/** @type {string} */ text) => /** @type {Bytes} */ (new TextEncoder().encode(text));
const base64 = (/** @type {Bytes} */ bytes) => btoa(String.fromCharCode(...bytes));
const unbase64 = (/** @type {string} */ text) => Uint8Array.from(atob(text), (digit) => digit.charCodeAt(0));

/** @param {...Bytes} parts */
function join(...parts) {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** @param {Bytes} data */
async function sha256(data) {
  return new Uint8Array(await subtle.digest('SHA-256', data));
}

/** @param {Bytes} key @param {Bytes} data */
async function hmac(key, data) {
  // WebCrypto imports no empty key; RFC 2104 pads it with zeros anyway.
  const imported = await subtle.importKey('raw', key.length ? key : new Uint8Array(64), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return new Uint8Array(await subtle.sign('HMAC', imported, data));
}

/** RFC 5869 by its own words. @param {Bytes} salt @param {Bytes} ikm @param {Bytes} info @param {number} length */
async function hkdf(salt, ikm, info, length) {
  const root = await hmac(salt, ikm);
  let [out, last] = [EMPTY, EMPTY];
  for (let block = 1; out.length < length; block += 1) {
    last = await hmac(root, join(last, info, Uint8Array.of(block)));
    out = join(out, last);
  }
  return out.slice(0, length);
}

/** @param {CryptoKey} own @param {Bytes} theirs */
async function agree(own, theirs) {
  const peer = await subtle.importKey('raw', theirs, CURVE, false, []);
  return new Uint8Array(await subtle.deriveBits({ name: 'ECDH', public: peer }, own, 256));
}

/** @param {CryptoKey} key */
async function point(key) {
  return new Uint8Array(await subtle.exportKey('raw', key));
}

/** @param {Bytes} key @param {Bytes} iv @param {Bytes} additionalData @param {Bytes} text */
async function seal(key, iv, additionalData, text) {
  const imported = await subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt']);
  return new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, imported, text));
}

/** @param {Bytes} key @param {Bytes} iv @param {Bytes} additionalData @param {Bytes} sealed */
async function open(key, iv, additionalData, sealed) {
  const imported = await subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
  return new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, imported, sealed));
}

/** @param {number} kind @param {number} epoch @param {number} counter */
function header(kind, epoch, counter) {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint8(0, 2);
  view.setUint8(1, kind);
  view.setUint32(4, epoch);
  view.setBigUint64(8, BigInt(counter));
  return new Uint8Array(view.buffer);
}

/** Version 1: the raw x-coordinate is the key. */
export class AgentV1 {
  pair = subtle.generateKey(CURVE, false, ['deriveBits']);

  async publicKey() {
    return base64(await point((await this.pair).publicKey));
  }

  /** @param {string} theirs @param {{iv: string, ciphertext: string, tag: string}} sealed */
  async open(theirs, { iv, ciphertext, tag }) {
    const key = await agree((await this.pair).privateKey, unbase64(theirs));
    const text = await open(key, unbase64(iv), EMPTY, join(unbase64(ciphertext), unbase64(tag)));
    return new TextDecoder().decode(text);
  }
}

/** Version 2's responder, and its records in the order of their counters. */
export class AgentV2 {
  pair = subtle.generateKey(CURVE, false, ['deriveBits']);
  secret = crypto.getRandomValues(new Uint8Array(16));
  id = 'sess_1';
  chain = EMPTY;
  hash = EMPTY;
  keys = /** @type {Record<string, {key: Bytes, iv: Bytes, next: number}>} */ ({});
  theirs = EMPTY;
  attempt = 0;
  resume = EMPTY;

  async link() {
    const agent = await point((await this.pair).publicKey);
    const compressed = join(Uint8Array.of(2 + ((agent[64] ?? 0) & 1)), agent.slice(1, 33));
    const digits = base64(join(compressed, this.secret)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    return `https://relay.example/s/${this.id}#2.${digits}`;
  }

  /** Reads HELLO1 and returns its payload. @param {string} record */
  async hello1(record) {
    const bytes = unhex(record);
    const [{ privateKey, publicKey }, name] = [await this.pair, new Uint8Array(32)];
    name.set(utf8('Noise_NKpsk0_P256_AESGCM_SHA256'));
    this.chain = name;
    this.hash = name;
    const id = utf8(this.id);
    await this.#mixHash(join(utf8('authloop/e2ee/v2\0'), Uint8Array.of(id.length), id));
    await this.#mixHash(await point(publicKey));
    const psk = await hkdf(utf8('authloop/2'), this.secret, utf8('psk'), 32);
    const out = await this.#mix(psk);
    await this.#mixHash(out.slice(32, 64));
    this.attempt = Number(new DataView(bytes.buffer).getBigUint64(8));
    this.theirs = bytes.slice(16, 81);
    await this.#mixHash(this.theirs);
    await this.#mix(this.theirs);
    const key = (await this.#mix(await agree(privateKey, this.theirs))).slice(32, 64);
    const payload = await open(key, new Uint8Array(12), this.hash, bytes.slice(81));
    await this.#mixHash(bytes.slice(81));
    return { payload: new TextDecoder().decode(payload), ephemeral: hex(this.theirs), attempt: this.attempt };
  }

  /** Answers with any payload, and derives the keys. @param {string} payload @param {number} epoch */
  async hello2(payload, epoch) {
    const pair = await subtle.generateKey(CURVE, false, ['deriveBits']);
    const own = await point(pair.publicKey);
    await this.#mixHash(own);
    await this.#mix(own);
    const key = (await this.#mix(await agree(pair.privateKey, this.theirs))).slice(32, 64);
    const sealed = await seal(key, new Uint8Array(12), this.hash, utf8(payload));
    await this.#mixHash(sealed);
    const split = await hkdf(this.chain, EMPTY, EMPTY, 64);
    const derive = (/** @type {string} */ label, /** @type {number} */ length) => hkdf(this.hash, split, utf8(`authloop/2 ${label}`), length);
    for (const name of ['v2a ctl', 'a2v ctl', 'a2v frm']) {
      this.keys[name] = { key: await derive(`${name} key`, 32), iv: await derive(`${name} iv`, 12), next: 0 };
    }
    this.epoch = epoch;
    this.resume = await derive('resume', 32);
    return { record: hex(join(header(2, 0, this.attempt), own, sealed)), sas: hex(await derive('sas', 5)) };
  }

  /** The proof that a viewer with this epoch's secret makes for an ephemeral key. @param {string} ephemeral */
  async proof(ephemeral) {
    const code = await hmac(this.resume, join(utf8('resume'), unhex(ephemeral)));
    return base64(code).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  }

  /** @param {string} stream @param {number} kind @param {string} plaintext Hex. */
  async seal(stream, kind, plaintext) {
    const keys = /** @type {{key: Bytes, iv: Bytes, next: number}} */ (this.keys[stream]);
    const front = header(kind, this.epoch ?? 0, keys.next);
    const sealed = await seal(keys.key, this.#nonce(keys), join(front.slice(0, 2), front.slice(4)), unhex(plaintext));
    keys.next += 1;
    return hex(join(front, sealed));
  }

  /** Opens a viewer's next record. @param {string} record */
  async open(record) {
    const bytes = unhex(record);
    const keys = /** @type {{key: Bytes, iv: Bytes, next: number}} */ (this.keys['v2a ctl']);
    const plaintext = await open(keys.key, this.#nonce(keys), join(bytes.slice(0, 2), bytes.slice(4, 16)), bytes.slice(16));
    keys.next += 1;
    return { kind: bytes[1], plaintext: hex(plaintext) };
  }

  /** @param {{iv: Bytes, next: number}} keys */
  #nonce({ iv, next }) {
    const counter = header(0, 0, next).slice(8);
    return iv.map((byte, at) => byte ^ (at < 4 ? 0 : counter[at - 4] ?? 0));
  }

  /** @param {Bytes} data */
  async #mixHash(data) {
    this.hash = await sha256(join(this.hash, data));
  }

  /** @param {Bytes} input */
  async #mix(input) {
    const out = await hkdf(this.chain, input, EMPTY, 96);
    this.chain = out.slice(0, 32);
    return out;
  }
}
