// @ts-check
// `Noise_NKpsk0_P256_AESGCM_SHA256` (revision 34), the initiator's part, on WebCrypto.
//
// Noise mixes by HKDF with the chaining key as its salt. WebCrypto takes a salt only as bytes, so the
// chaining key is the one long-lived secret that is bytes here; the pre-shared key and the ephemeral
// private key stay non-extractable, what passes through in between is overwritten at once, and
// what a handshake leaves is a key again. Each key seals one payload, so the nonce is always zero.

import { concat, utf8 } from './bytes.js';
import { Fatal } from './fatal.js';
import { importPoint } from './link.js';

/** @typedef {import('./bytes.js').Bytes} Bytes */

/** @typedef {{hash: Bytes, keys: CryptoKey}} Agreed Noise's `h`, and `k1 || k2` of its `Split` as a key for HKDF. */

const NAME = 'Noise_NKpsk0_P256_AESGCM_SHA256';
const NONCE = new Uint8Array(12);
const HMAC = { name: 'HMAC', hash: 'SHA-256' };

/** The authentication tag's length in bytes. */
export const TAG = 16;

/** Noise's symmetric state: the chaining key and the transcript's hash. */
export class Symmetric {
  #chain;
  #hash;

  /** @param {Bytes} name Padded to 32 bytes; both values begin with it. */
  constructor(name) {
    this.#chain = name.slice();
    this.#hash = name;
  }

  /**
   * Begins, up to and including the pre-shared key: all that both sides know beforehand.
   *
   * @param {string} id The session's.
   * @param {Bytes} agent The agent's static key, 65 bytes.
   * @param {CryptoKey} psk
   */
  static async start(id, agent, psk) {
    const name = new Uint8Array(32);
    name.set(utf8(NAME));
    const state = new Symmetric(name);
    await state.#mixHash(prologue(id));
    await state.#mixHash(agent);
    const [hash, key] = await state.#mix(psk);
    await state.#mixHash(hash);
    hash.fill(0);
    key.fill(0);
    return state;
  }

  /** Noise's token `e`: with a pre-shared key it is mixed in twice. @param {Bytes} point */
  async mixEphemeral(point) {
    await this.#mixHash(point);
    const [key] = await this.#mix(await hkdfKey(point));
    key.fill(0);
  }

  /**
   * Noise's tokens `es` and `ee`.
   *
   * @param {CryptoKey} own
   * @param {CryptoKey} theirs
   * @returns {Promise<CryptoKey>} The key of one payload.
   */
  async mixShared(own, theirs) {
    const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, own, 256));
    const [key] = await this.#mix(await hkdfKey(shared));
    shared.fill(0);
    try {
      return await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt']);
    } finally {
      key.fill(0);
    }
  }

  /**
   * @param {CryptoKey} key
   * @param {Bytes} payload
   * @returns {Promise<Bytes>}
   */
  async seal(key, payload) {
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: NONCE, additionalData: this.#hash }, key, payload);
    const bytes = new Uint8Array(sealed);
    await this.#mixHash(bytes);
    return bytes;
  }

  /**
   * @param {CryptoKey} key
   * @param {Bytes} sealed
   * @returns {Promise<Bytes>}
   * @throws {Fatal}
   */
  async open(key, sealed) {
    const payload = await crypto.subtle
      .decrypt({ name: 'AES-GCM', iv: NONCE, additionalData: this.#hash }, key, sealed)
      .catch(() => { throw new Fatal('the handshake was forged'); });
    await this.#mixHash(sealed);
    return new Uint8Array(payload);
  }

  /**
   * Noise's `Split`, and the end of this state. Its HKDF has no input, which not every browser
   * imports as a key: hence HMAC.
   *
   * @returns {Promise<Agreed>}
   */
  async split() {
    const root = await hmac(this.#chain, new Uint8Array(0));
    const first = await hmac(root, Uint8Array.of(1));
    const second = await hmac(root, concat(first, Uint8Array.of(2)));
    const both = concat(first, second);
    try {
      return { hash: this.#hash, keys: await hkdfKey(both, ['deriveBits', 'deriveKey']) };
    } finally {
      for (const secret of [root, first, second, both]) secret.fill(0);
      this.wipe();
    }
  }

  /** Forgets the chaining key. */
  wipe() {
    this.#chain.fill(0);
  }

  /** @param {Bytes} data */
  async #mixHash(data) {
    this.#hash = new Uint8Array(await crypto.subtle.digest('SHA-256', concat(this.#hash, data)));
  }

  /**
   * Replaces the chaining key and returns HKDF's next two outputs. The second block doesn't depend on
   * whether a third is asked for.
   *
   * @param {CryptoKey} input
   * @returns {Promise<[Bytes, Bytes]>}
   */
  async #mix(input) {
    const parameters = { name: 'HKDF', hash: 'SHA-256', salt: this.#chain, info: new Uint8Array(0) };
    const out = new Uint8Array(await crypto.subtle.deriveBits(parameters, input, 768));
    this.#chain.set(out.subarray(0, 32));
    const outputs = /** @type {[Bytes, Bytes]} */ ([out.slice(32, 64), out.slice(64)]);
    out.fill(0);
    return outputs;
  }
}

/**
 * Reads the other side's ephemeral key.
 *
 * @param {Bytes} bytes
 * @throws {Fatal} For anything but an uncompressed point of the curve.
 */
export async function readPoint(bytes) {
  const key = await importPoint(bytes);
  if (!key) throw new Fatal('expected a point of the curve');
  return key;
}

/** What both sides have to mean the same session by. @param {string} id */
function prologue(id) {
  const name = utf8(id);
  return concat(utf8('authloop/e2ee/v2\0'), Uint8Array.of(name.length), name);
}

/**
 * @param {Bytes} bytes
 * @param {KeyUsage[]} usages
 */
function hkdfKey(bytes, usages = ['deriveBits']) {
  return crypto.subtle.importKey('raw', bytes, 'HKDF', false, usages);
}

/**
 * @param {Bytes} key
 * @param {Bytes} data
 */
async function hmac(key, data) {
  const imported = await crypto.subtle.importKey('raw', key, HMAC, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, data));
}
