// @ts-check
// The one path by which records leave the page: sealed one at a time, at the moment they are written.
//
// So no record that was sealed is missing at the agent, and input keeps its order. What is superseded is
// never sealed: of acknowledgements only the newest is.

import { utf8 } from './bytes.js';
import { Kind, ackPlaintext, padInput } from './records.js';

/** @typedef {import('../wire.js').InputEvent} InputEvent */
/** @typedef {import('./bytes.js').Bytes} Bytes */
/** @typedef {import('./epoch.js').Epoch} Epoch */

/**
 * @typedef {object} Stamp What was on screen, and the agent's clock, when the human acted.
 * @property {{epoch: number, counter: number} | null} seen
 * @property {number | null} at
 */
/** @typedef {{kind: number, plaintext: Bytes, isInput?: boolean, written?: () => void}} Draft */

/**
 * @typedef {object} OutboxOutlet
 * @property {(record: Bytes) => boolean} write Hands a record to the socket; false when it is gone.
 * @property {() => boolean} congested Whether the socket has too much to write already.
 * @property {(run: () => void, ms: number) => unknown} later
 * @property {(epoch: number, counter: number, isInput: boolean) => void} sent
 */

/** Events that wait at most; more are refused. */
export const MAX_WAITING = 1_000;

const MAX_CONTROL = 64;
const MAX_SCROLL = 10_000;
const RETRY_MS = 10;

export class Outbox {
  #outlet;
  /** @type {Epoch | null} Without one everything waits. */
  #epoch = null;
  /** @type {{event: InputEvent, stamp: Stamp}[]} */
  #inputs = [];
  /** @type {Draft[]} */
  #controls = [];
  /** @type {{epoch: number, frame: number, waiting: number} | null} */
  #ack = null;
  #running = false;

  /** @param {OutboxOutlet} outlet */
  constructor(outlet) {
    this.#outlet = outlet;
  }

  /** The epoch that is sent in. */
  get epoch() {
    return this.#epoch;
  }

  /** Sends in this epoch from now on; `null` holds everything back. @param {Epoch | null} epoch */
  use(epoch) {
    this.#epoch = epoch;
    for (const { written } of this.#controls.splice(0)) written?.();
    this.#ack = null;
    void this.#run();
  }

  /** Discards what waits. @returns {number} How many inputs that were, without the human's last word. */
  close() {
    this.use(null);
    return this.#inputs.splice(0).filter(({ event }) => counts(event)).length;
  }

  /** Whether an event of this type still waits. @param {InputEvent['type']} type */
  holds(type) {
    return this.#inputs.some(({ event }) => event.type === type);
  }

  /**
   * Queues an event. A scroll joins the one that waits last, at the same place; a move takes its place.
   *
   * @param {InputEvent} event
   * @param {Stamp} stamp
   * @returns {boolean} False when it is too long, or too much waits.
   */
  push(event, stamp) {
    const last = this.#inputs.at(-1)?.event;
    if (event.type === 'cancelled') {
      this.#inputs = [{ event, stamp }];
    } else if (event.type === 'mousemove' && last?.type === 'mousemove') {
      this.#inputs[this.#inputs.length - 1] = { event: { ...event }, stamp };
    } else if (event.type === 'scroll' && last?.type === 'scroll' && joins(last, event)) {
      last.deltaX = bounded(last.deltaX + event.deltaX);
      last.deltaY = bounded(last.deltaY + event.deltaY);
    } else if (event.type !== 'resolved' && this.#inputs.length >= MAX_WAITING) {
      return false;
    } else if (event.type === 'paste' && !inputPlaintext(event, stamp, 0)) {
      return false;
    } else {
      this.#inputs.push({ event: { ...event }, stamp });
    }
    void this.#run();
    return true;
  }

  /** Queues a control message. @param {object} message */
  say(message) {
    if (!this.#epoch || this.#controls.length >= MAX_CONTROL) return;
    this.#controls.push({ kind: Kind.CTRL, plaintext: utf8(JSON.stringify(message)) });
    void this.#run();
  }

  /**
   * Discards what waits and sends one last record.
   *
   * @param {number} kind
   * @param {Bytes} plaintext
   * @returns {Promise<void>} When it is written, or can't be.
   */
  async last(kind, plaintext) {
    if (!this.#epoch) return;
    this.#inputs = [];
    await new Promise((/** @type {(_: void) => void} */ written) => {
      this.#controls = [{ kind, plaintext, written }];
      void this.#run();
    });
  }

  /**
   * Acknowledges a frame, unless it is another epoch's.
   *
   * @param {number} epoch
   * @param {number} frame
   * @param {number} waiting
   */
  acknowledge(epoch, frame, waiting) {
    if (this.#epoch?.number !== epoch) return;
    this.#ack = { epoch, frame, waiting };
    void this.#run();
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    while (this.#epoch && this.#hasMore()) {
      if (this.#outlet.congested()) {
        this.#outlet.later(() => void this.#run(), RETRY_MS);
        break;
      }
      const epoch = this.#epoch;
      const draft = this.#next(epoch.number);
      if (draft) await this.#send(epoch, draft);
    }
    this.#running = false;
  }

  #hasMore() {
    return this.#ack !== null || this.#controls.length > 0 || this.#inputs.length > 0;
  }

  /** @param {number} epoch @returns {Draft | null} */
  #next(epoch) {
    if (this.#ack) {
      const { frame, waiting } = this.#ack;
      this.#ack = null;
      return { kind: Kind.ACK, plaintext: ackPlaintext(frame, waiting) };
    }
    const control = this.#controls.shift();
    if (control) return control;
    const input = this.#inputs.shift();
    const plaintext = input && inputPlaintext(input.event, input.stamp, epoch);
    return plaintext ? { kind: Kind.INPUT, plaintext, isInput: counts(input.event) } : null;
  }

  /**
   * @param {Epoch} epoch
   * @param {Draft} draft
   */
  async #send(epoch, { kind, plaintext, isInput = false, written }) {
    const sealing = epoch.seal(kind, plaintext);
    if (!epoch.isOver) this.#outlet.sent(epoch.number, epoch.sent - 1, isInput);
    const record = await sealing;
    if (record) this.#outlet.write(record);
    written?.();
  }
}

/**
 * A frame's counter means nothing in another epoch: what was seen in an older one is left out.
 *
 * @param {InputEvent} event
 * @param {Stamp} stamp
 * @param {number} epoch
 */
function inputPlaintext(event, { seen, at }, epoch) {
  const stamped = { ...event, ...(seen?.epoch === epoch ? { seen: seen.counter } : {}), ...(at === null ? {} : { at }) };
  return padInput(utf8(JSON.stringify(stamped)));
}

/**
 * Whether anybody misses it: the last word is repeated until it is heard, a move is followed by others, and files
 * go on where they stood.
 *
 * @param {InputEvent} event
 */
function counts({ type }) {
  return type !== 'resolved' && type !== 'cancelled' && type !== 'mousemove' && !type.startsWith('file');
}

/**
 * @param {import('../wire.js').Scroll} last
 * @param {import('../wire.js').Scroll} event
 */
function joins(last, event) {
  return last.x === event.x && last.y === event.y && last.modifiers === event.modifiers;
}

/** @param {number} delta */
function bounded(delta) {
  return Math.max(-MAX_SCROLL, Math.min(MAX_SCROLL, delta));
}
