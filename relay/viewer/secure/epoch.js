// @ts-check
// One epoch's records, judged in the order they arrived (§5).
//
//   receive ─▶ [control, frame, control, …] ─▶ opened one at a time ─▶ control | frame | close
//
// A frame is judged only after all control that came before it verified, and never when it says that
// control is missing. A frame that still waits may give way to a newer one, as if the relay had dropped it.

import { parseClose, parseControl } from './control.js';
import { Fatal } from './fatal.js';
import { parseFrame } from './frame.js';
import { Kind, Stream } from './records.js';

/** @typedef {import('./bytes.js').Bytes} Bytes */
/** @typedef {import('./control.js').FromAgent} FromAgent */
/** @typedef {import('./control.js').CloseReason} CloseReason */
/** @typedef {import('./frame.js').SecureFrameMeta} SecureFrameMeta */
/** @typedef {import('./records.js').Header} Header */
/** @typedef {import('./schedule.js').EpochSecrets} EpochSecrets */
/** @typedef {import('./schedule.js').StreamKey} StreamKey */

/** @typedef {{counter: number, meta: SecureFrameMeta, jpeg: Bytes}} VerifiedFrame */

/**
 * What an epoch tells. Everything here verified.
 *
 * @typedef {object} EpochListener
 * @property {() => void} verified A record did; called before what it holds.
 * @property {(message: FromAgent) => void} control
 * @property {(frame: VerifiedFrame) => void} frame
 * @property {(reason: CloseReason) => void} close
 * @property {(error: unknown) => void} failed The epoch is over: a `Fatal`, or `Exhausted`.
 */

const MAX_WAITING = 1024;
const MAX_WAITING_BYTES = 24 * 1024 * 1024;

export class Epoch {
  /** Its number, from 1. */
  number;
  /** Signs the proof that takes control again. */
  resume;
  /** When its keys have to be given up. */
  until;
  /** Frames that never came, or gave way before they were opened. */
  missing = 0;

  /** @type {{own: Stream, control: Stream, frames: Stream} | null} Null when the epoch is over. */
  #keys;
  #sent = 0;
  #now;
  #listener;
  /** @type {{header: Header, record: Bytes}[]} */
  #waiting = [];
  #bytes = 0;
  #running = false;

  /**
   * @param {number} number
   * @param {EpochSecrets} secrets
   * @param {() => number} now Milliseconds of a steady clock.
   * @param {EpochListener} listener
   */
  constructor(number, secrets, now, listener) {
    this.number = number;
    this.resume = secrets.resume;
    const stream = (/** @type {StreamKey} */ key) => new Stream(number, key, now());
    this.#keys = { own: stream(secrets.toAgent), control: stream(secrets.toViewer), frames: stream(secrets.frames) };
    this.until = this.#keys.own.until;
    this.#now = now;
    this.#listener = listener;
  }

  /** How many records this viewer sealed, READY included. */
  get sent() {
    return this.#sent;
  }

  get isOver() {
    return this.#keys === null;
  }

  /** Forgets the keys; nothing is told any more. */
  end() {
    this.#keys = null;
    this.#waiting = [];
    this.#bytes = 0;
  }

  /**
   * Seals a record.
   *
   * @param {number} kind
   * @param {Bytes} plaintext
   * @returns {Promise<Bytes | null>} Null when the epoch is over.
   */
  async seal(kind, plaintext) {
    const own = this.#keys?.own;
    if (!own) return null;
    try {
      const sealing = own.seal(this.#now(), kind, plaintext);
      this.#sent = own.next;
      const record = await sealing;
      return this.isOver ? null : record;
    } catch (error) {
      this.#fail(error);
      return null;
    }
  }

  /**
   * Takes a record of this epoch.
   *
   * @param {Header} header
   * @param {Bytes} record
   */
  receive(header, record) {
    if (this.isOver) return;
    if (header.kind === Kind.FRAME) this.#giveWay(header.counter);
    this.#waiting.push({ header, record });
    this.#bytes += record.length;
    if (this.#waiting.length > MAX_WAITING || this.#bytes > MAX_WAITING_BYTES) this.#fail(new Fatal('too much waits'));
    else void this.#run();
  }

  /** @param {number} newer The counter of the frame that came. */
  #giveWay(newer) {
    const at = this.#waiting.findLastIndex(({ header }) => header.kind === Kind.FRAME);
    const older = this.#waiting[at];
    // The counters aren't verified: when they lie, the newer one is refused in its turn.
    if (!older || older.header.counter >= newer) return;
    this.#waiting.splice(at, 1);
    this.#bytes -= older.record.length;
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#take(); next; next = this.#take()) await this.#open(next.header, next.record);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#running = false;
    }
  }

  #take() {
    const next = this.#waiting.shift();
    if (next) this.#bytes -= next.record.length;
    return next;
  }

  /**
   * @param {Header} header
   * @param {Bytes} record
   */
  async #open(header, record) {
    const keys = this.#keys;
    if (!keys) return;
    const isFrame = header.kind === Kind.FRAME;
    const stream = isFrame ? keys.frames : keys.control;
    const { plaintext, missing } = await stream.open(this.#now(), header, record, isFrame);
    if (this.isOver) return;
    this.missing += missing;
    const listener = this.#listener;
    if (isFrame) {
      const { meta, ctlNext, jpeg } = parseFrame(plaintext);
      if (ctlNext > keys.control.next) throw new Fatal('control was withheld');
      listener.verified();
      listener.frame({ counter: header.counter, meta, jpeg });
    } else if (header.kind === Kind.CTRL) {
      const message = parseControl(plaintext);
      listener.verified();
      listener.control(message);
    } else {
      const reason = parseClose(plaintext);
      listener.verified();
      listener.close(reason);
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    if (this.isOver) return;
    this.end();
    this.#listener.failed(error);
  }
}
