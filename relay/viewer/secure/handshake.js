// @ts-check
// One handshake: HELLO1 with a fresh ephemeral key, and the reading of its HELLO2 (§4).
//
//   start ─▶ Handshake ─read─▶ accepted: an epoch's secrets
//                          └─▶ refused: wiped; another may be begun on the same socket

import { MAX_U32, concat, parseObject, utf8, whole } from './bytes.js';
import { POINT } from './curve.js';
import { Fatal } from './fatal.js';
import { Symmetric, readPoint } from './noise.js';
import { HEADER, Kind, writeHeader } from './records.js';
import { deriveSecrets, proveResume } from './schedule.js';

/** @typedef {import('./bytes.js').Bytes} Bytes */
/** @typedef {import('./link.js').SecureLink} SecureLink */
/** @typedef {import('./schedule.js').EpochSecrets} EpochSecrets */

/** @typedef {{caps: readonly string[], pin: string | null, resume: CryptoKey | null}} Offer What a viewer brings. */

/**
 * @typedef {object} Accepted
 * @property {true} ok
 * @property {EpochSecrets} secrets
 * @property {number} epoch
 * @property {number} expiresIn What is left of the session, in milliseconds.
 * @property {number | null} got How many of this viewer's records the agent accepted in `gotEpoch`.
 * @property {number | null} gotEpoch
 */

/** @typedef {'busy' | 'pin' | 'closed'} Refusal */

const MAX_PAYLOAD = 1024;
const CURVE = { name: 'ECDH', namedCurve: 'P-256' };

export class Handshake {
  #symmetric;
  #own;

  /**
   * @param {Symmetric} symmetric
   * @param {CryptoKey} own The ephemeral private key.
   */
  constructor(symmetric, own) {
    this.#symmetric = symmetric;
    this.#own = own;
  }

  /**
   * Begins one.
   *
   * @param {SecureLink} link
   * @param {number} attempt Counts the handshakes on this socket from 0.
   * @param {Offer} offer
   * @param {CryptoKeyPair} [pair] The ephemeral keys; given only where a test has to know them.
   * @returns {Promise<{handshake: Handshake, record: Bytes}>} The record is HELLO1.
   */
  static async start(link, attempt, offer, pair) {
    const { privateKey, publicKey } = pair ?? await crypto.subtle.generateKey(CURVE, false, ['deriveBits']);
    const ephemeral = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey));
    const agent = await readPoint(link.agent);
    const payload = JSON.stringify({
      v: 2,
      ...(offer.caps.length > 0 ? { caps: offer.caps } : {}),
      ...(offer.pin === null ? {} : { pin: offer.pin }),
      ...(offer.resume ? { resume: await proveResume(offer.resume, ephemeral) } : {}),
    });
    const symmetric = await Symmetric.start(link.id, link.agent, link.psk);
    await symmetric.mixEphemeral(ephemeral);
    const key = await symmetric.mixShared(privateKey, agent);
    const sealed = await symmetric.seal(key, utf8(payload));
    const header = writeHeader({ kind: Kind.HELLO1, epoch: 0, counter: attempt });
    return { handshake: new Handshake(symmetric, privateKey), record: concat(header, ephemeral, sealed) };
  }

  /**
   * Reads the answer. Once only.
   *
   * @param {Bytes} record HELLO2, its header checked.
   * @returns {Promise<Accepted | {ok: false, reason: Refusal}>}
   * @throws {Fatal} The keys are wiped then too.
   */
  async read(record) {
    try {
      const ephemeral = record.subarray(HEADER, HEADER + POINT);
      const agent = await readPoint(ephemeral);
      await this.#symmetric.mixEphemeral(ephemeral);
      const key = await this.#symmetric.mixShared(this.#own, agent);
      const payload = await this.#symmetric.open(key, record.subarray(HEADER + POINT));
      if (payload.length > MAX_PAYLOAD) throw new Fatal('expected a shorter payload');
      const answer = parseAnswer(payload);
      if (!answer.ok) return answer;
      return { ...answer, secrets: await deriveSecrets(await this.#symmetric.split()) };
    } finally {
      this.#symmetric.wipe();
    }
  }

  /** Forgets its keys. */
  wipe() {
    this.#symmetric.wipe();
  }
}

/**
 * @param {Bytes} payload
 * @returns {Omit<Accepted, 'secrets'> | {ok: false, reason: Refusal}}
 */
function parseAnswer(payload) {
  const answer = parseObject(payload);
  const optional = (/** @type {unknown} */ value, /** @type {number} */ most) => (value === undefined ? null : whole(value, most));
  const epoch = optional(answer['epoch'], MAX_U32);
  const expiresIn = optional(answer['expires_in'], Number.MAX_SAFE_INTEGER);
  const got = optional(answer['got'], Number.MAX_SAFE_INTEGER);
  const gotEpoch = optional(answer['got_epoch'], MAX_U32);
  const reason = answer['reason'];
  if (reason !== undefined && reason !== 'busy' && reason !== 'pin' && reason !== 'closed') throw new Fatal('expected a known reason');
  if (answer['ok'] === true && epoch && expiresIn !== null) return { ok: true, epoch, expiresIn, got, gotEpoch };
  if (answer['ok'] === false && reason) return { ok: false, reason };
  throw new Fatal('expected a whole answer');
}
