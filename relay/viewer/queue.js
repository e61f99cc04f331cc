// @ts-check
// The one path by which input leaves the page: strictly in order, one at a time, paced and bounded.
//
// Sealing is asynchronous, so two events sealed side by side could swap. Agents exist that lose input
// right behind the key exchange and reorder keys that arrive together: hence the hold and the gap.

/** @typedef {import('./wire.js').InputEvent} InputEvent */

/**
 * @template Sealed
 * @typedef {object} Outlet
 * @property {(sealed: Sealed) => void} transmit Hands a sealed event to the socket.
 * @property {() => boolean} congested Whether the socket has too much to write already.
 * @property {() => number} now Milliseconds of a steady clock.
 * @property {(ms: number) => Promise<void>} sleep
 */

/** Between the viewer's public key and its first input, in milliseconds. */
export const HOLD_MS = 300;
/** Between two events, in milliseconds. */
export const GAP_MS = 10;
/** Events that wait at most; more are refused. */
export const MAX_WAITING = 1_000;

/** Scrolls that wait are summed up to this many CSS pixels. */
const MAX_SCROLL = 10_000;

/** @template Sealed */
export class SendQueue {
  /** @type {Outlet<Sealed>} */
  #outlet;
  /** @type {InputEvent[]} */
  #waiting = [];
  /** @type {InputEvent | null} The event that is being sealed. */
  #sealing = null;
  /** @type {((event: InputEvent) => Promise<Sealed>) | null} */
  #seal = null;
  #notBefore = 0;
  #running = false;

  /** @param {Outlet<Sealed>} outlet */
  constructor(outlet) {
    this.#outlet = outlet;
  }

  /** Whether there is a key to seal with. */
  get isOpen() {
    return this.#seal !== null;
  }

  /**
   * Starts sending under a key, after the hold. What waits is kept, also across a change of keys.
   *
   * @param {(event: InputEvent) => Promise<Sealed>} seal
   */
  open(seal) {
    this.#seal = seal;
    this.#notBefore = this.#outlet.now() + HOLD_MS;
    void this.#run();
  }

  /**
   * Forgets the key and discards what waits.
   *
   * @returns {number} How many events were discarded.
   */
  close() {
    const lost = this.#waiting.length + (this.#sealing ? 1 : 0);
    this.#seal = null;
    this.#sealing = null;
    this.#waiting = [];
    return lost;
  }

  /**
   * Queues an event. A scroll joins the one that waits last, at the same place.
   *
   * @param {InputEvent} event
   * @returns {boolean} False when the queue is closed or full.
   */
  push(event) {
    if (!this.#seal) return false;
    const last = this.#waiting.at(-1);
    if (event.type === 'cancelled') {
      this.#waiting = [event];
    } else if (event.type === 'scroll' && last?.type === 'scroll' && last.x === event.x && last.y === event.y) {
      last.deltaX = bounded(last.deltaX + event.deltaX);
      last.deltaY = bounded(last.deltaY + event.deltaY);
    } else if (this.#waiting.length >= MAX_WAITING && event.type !== 'resolved') {
      return false;
    } else {
      this.#waiting.push({ ...event });
    }
    void this.#run();
    return true;
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#seal && this.#waiting.length > 0) await this.#step(this.#seal);
    } finally {
      this.#running = false;
    }
  }

  /** @param {(event: InputEvent) => Promise<Sealed>} seal */
  async #step(seal) {
    const { transmit, congested, now, sleep } = this.#outlet;
    const wait = this.#notBefore - now();
    if (wait > 0) return sleep(wait);
    if (congested()) return sleep(GAP_MS);

    const event = this.#waiting.shift();
    if (!event) return;
    this.#sealing = event;
    const sealed = await seal(event);
    if (this.#sealing !== event) return; // closed meanwhile: the event is discarded
    this.#sealing = null;
    if (this.#seal !== seal) {
      this.#waiting.unshift(event); // another key meanwhile: seal it anew, still first
      return;
    }
    transmit(sealed);
    this.#notBefore = now() + GAP_MS;
  }
}

/** @param {number} delta */
function bounded(delta) {
  return Math.max(-MAX_SCROLL, Math.min(MAX_SCROLL, delta));
}
