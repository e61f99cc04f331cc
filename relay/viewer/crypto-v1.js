// @ts-check
// Version 1's encryption of input: ephemeral P-256 keys, AES-256-GCM under the raw shared secret.
//
// The private key and the shared key never leave WebCrypto. Version 1 doesn't say who is at the
// other end: it keeps input from whoever only listens.

/** @typedef {import('./wire.js').InputEvent} InputEvent */
/** @typedef {{iv: string, ciphertext: string, tag: string}} Sealed Standard base64 of each part. */

const CURVE = { name: 'ECDH', namedCurve: 'P-256' };
const POINT_BYTES = 65;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** One page's key pair: made once, unchanged while the page lives. */
export class ViewerKey {
  /** @type {CryptoKeyPair} */
  #pair;

  /** The public key: standard base64 of the 65-byte uncompressed point. */
  publicKey;

  /**
   * @param {CryptoKeyPair} pair
   * @param {string} publicKey
   */
  constructor(pair, publicKey) {
    this.#pair = pair;
    this.publicKey = publicKey;
  }

  /** Makes a fresh pair. */
  static async create() {
    const pair = await crypto.subtle.generateKey(CURVE, false, ['deriveBits']);
    const point = await crypto.subtle.exportKey('raw', pair.publicKey);
    return new ViewerKey(pair, toBase64(new Uint8Array(point)));
  }

  /**
   * Agrees on a key with the agent.
   *
   * @param {string} theirs The agent's public key, in base64.
   * @returns {Promise<CryptoKey>} An AES-256-GCM key that can't be exported.
   * @throws When `theirs` is no point of the curve.
   */
  async agree(theirs) {
    const point = fromBase64(theirs);
    if (point.length !== POINT_BYTES || point[0] !== 4) throw new Error('expected an uncompressed P-256 point');
    const peer = await crypto.subtle.importKey('raw', point, CURVE, false, []);
    const secret = await crypto.subtle.deriveBits({ name: 'ECDH', public: peer }, this.#pair.privateKey, 256);
    try {
      return await crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt']);
    } finally {
      new Uint8Array(secret).fill(0);
    }
  }
}

/**
 * Seals one input event under a fresh random IV.
 *
 * @param {CryptoKey} key
 * @param {InputEvent} event
 * @returns {Promise<Sealed>}
 */
export async function seal(key, event) {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const plain = new TextEncoder().encode(JSON.stringify(event));
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, tagLength: TAG_BYTES * 8 }, key, plain));
  plain.fill(0);
  const cut = sealed.length - TAG_BYTES;
  return {
    iv: toBase64(iv),
    ciphertext: toBase64(sealed.subarray(0, cut)),
    tag: toBase64(sealed.subarray(cut)),
  };
}

/** @param {Uint8Array} bytes */
function toBase64(bytes) {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** @param {string} text */
function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
