// @ts-check
// Records: the header, what each kind may be, and one key's stream of them (§5).
//
// INVARIANT: a nonce is used once: the counter moves with every record sealed, and nothing sets it.
// INVARIANT: opening moves the counter only after the tag verified.

import { concat } from './bytes.js';
import { Exhausted, Fatal } from './fatal.js';
import { TAG } from './noise.js';

/** @typedef {import('./bytes.js').Bytes} Bytes */
/** @typedef {import('./schedule.js').StreamKey} StreamKey */

/** What a record is. */
export const Kind = Object.freeze({ HELLO1: 0x01, HELLO2: 0x02, FRAME: 0x10, INPUT: 0x11, CTRL: 0x12, ACK: 0x13, CLOSE: 0x1f });

/**
 * @typedef {object} Header
 * @property {number} kind
 * @property {number} epoch 0 in a handshake.
 * @property {number} counter Exact as far as counters are accepted, which is 2³¹.
 */

/** The header's length in bytes. */
export const HEADER = 16;

const VERSION = 2;
const MAX_RECORDS = 2 ** 31;
const MAX_BLOCKS = 2 ** 32;
const MAX_CONTROL = 80 * 1024;
const KEY_LIFETIME_MS = 3_600_000;
const INPUT_SIZES = [256, 1024, 4096, 16_384, 65_536];

/** The longest record of each kind that an agent sends, in bytes. @type {ReadonlyMap<number, number>} */
const FROM_AGENT = new Map([[Kind.HELLO2, 2064], [Kind.FRAME, 8 * 1024 * 1024], [Kind.CTRL, MAX_CONTROL], [Kind.CLOSE, MAX_CONTROL]]);

/**
 * Reads the header of a record that came from the agent, before anything else of it is looked at.
 *
 * @param {Bytes} record
 * @returns {Header}
 * @throws {Fatal} For a record that can't be one.
 */
export function readHeader(record) {
  if (record.length < HEADER + TAG) throw new Fatal('expected a longer record');
  const view = new DataView(record.buffer, record.byteOffset, HEADER);
  if (view.getUint8(0) !== VERSION) throw new Fatal('expected a record of version 2');
  const kind = view.getUint8(1);
  const most = FROM_AGENT.get(kind);
  if (most === undefined) throw new Fatal('expected a kind of record that an agent sends');
  if (record.length > most) throw new Fatal('expected a shorter record');
  return { kind, epoch: view.getUint32(4), counter: view.getUint32(8) * 2 ** 32 + view.getUint32(12) };
}

/**
 * @param {Header} header
 * @returns {Bytes}
 */
export function writeHeader({ kind, epoch, counter }) {
  const header = new Uint8Array(HEADER);
  const view = new DataView(header.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, kind);
  view.setUint32(4, epoch);
  view.setUint32(8, Math.floor(counter / 2 ** 32));
  view.setUint32(12, counter % 2 ** 32);
  return header;
}

/** One key with its counters. */
export class Stream {
  #epoch;
  #secret;
  #until;
  #next = 0;
  #blocks = 1; // GCM's hash key costs one

  /**
   * @param {number} epoch
   * @param {StreamKey} secret
   * @param {number} now Milliseconds of a steady clock.
   */
  constructor(epoch, secret, now) {
    this.#epoch = epoch;
    this.#secret = secret;
    this.#until = now + KEY_LIFETIME_MS;
  }

  /** The counter of the record to come. */
  get next() {
    return this.#next;
  }

  /** When the key has to be given up. */
  get until() {
    return this.#until;
  }

  /**
   * Seals a record. Its place in the order is taken at once.
   *
   * @param {number} now
   * @param {number} kind
   * @param {Bytes} plaintext Overwritten afterwards.
   * @returns {Promise<Bytes>}
   * @throws {Exhausted}
   */
  async seal(now, kind, plaintext) {
    if (HEADER + plaintext.length + TAG > MAX_CONTROL) throw new Fatal('expected a shorter plaintext');
    const blocks = this.#after(plaintext.length);
    if (now >= this.#until || this.#next >= MAX_RECORDS || blocks > MAX_BLOCKS) throw new Exhausted();
    const header = writeHeader({ kind, epoch: this.#epoch, counter: this.#next });
    this.#next += 1;
    this.#blocks = blocks;
    const sealed = await crypto.subtle.encrypt(this.#parameters(header), this.#secret.key, plaintext);
    plaintext.fill(0);
    return concat(header, new Uint8Array(sealed));
  }

  /**
   * Opens a record. One at a time.
   *
   * @param {number} now
   * @param {Header} header The record's.
   * @param {Bytes} record
   * @param {boolean} mayMiss Whether records before it may be missing.
   * @returns {Promise<{plaintext: Bytes, missing: number}>}
   * @throws {Fatal | Exhausted}
   */
  async open(now, header, record, mayMiss) {
    if (now >= this.#until) throw new Exhausted();
    const missing = header.counter - this.#next;
    if (header.counter >= MAX_RECORDS || missing < 0 || (missing > 0 && !mayMiss)) throw new Fatal('out of order');
    const blocks = this.#after(record.length - HEADER - TAG);
    if (blocks > MAX_BLOCKS) throw new Exhausted();
    const plaintext = await crypto.subtle
      .decrypt(this.#parameters(record.subarray(0, HEADER)), this.#secret.key, record.subarray(HEADER))
      .catch(() => { throw new Fatal('the record was forged'); });
    this.#next = header.counter + 1;
    this.#blocks = blocks;
    return { plaintext: new Uint8Array(plaintext), missing };
  }

  /** Blocks used once a plaintext of this length is sealed: its own and the tag's. @param {number} length */
  #after(length) {
    return this.#blocks + Math.ceil(length / 16) + 1;
  }

  /** The hop, bytes 2 and 3, is the relay's and not vouched for. @param {Bytes} header */
  #parameters(header) {
    const iv = this.#secret.iv.slice();
    for (let at = 4; at < 12; at += 1) iv[at] = (iv[at] ?? 0) ^ (header[at + 4] ?? 0);
    return { name: 'AES-GCM', iv, additionalData: concat(header.subarray(0, 2), header.subarray(4)), tagLength: TAG * 8 };
  }
}

/**
 * An INPUT's plaintext: padded to the smallest length that fits, so that its length says little.
 *
 * @param {Bytes} json
 * @returns {Bytes | null} Null when it is too long to be sent.
 */
export function padInput(json) {
  const size = INPUT_SIZES.find((length) => json.length <= length - 2);
  if (size === undefined) return null;
  const padded = new Uint8Array(size);
  new DataView(padded.buffer).setUint16(0, json.length);
  padded.set(json, 2);
  return padded;
}

/**
 * An ACK's plaintext.
 *
 * @param {number} frame The newest frame dealt with.
 * @param {number} waiting Frames that still wait.
 */
export function ackPlaintext(frame, waiting) {
  const bytes = new Uint8Array(10);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(frame));
  view.setUint16(8, Math.min(waiting, 0xffff));
  return bytes;
}
