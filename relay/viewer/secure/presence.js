// @ts-check
// Keeps the answer to one question: is what the human sees now? (§6)
//
//   live ◀──▶ frozen: silent, picture, unheard      by the epoch's heartbeats
//     └─▶ asleep ─echo of the newest ping─▶ either  by this computer's clocks, or the page's word
//
// It tells when the answer changes, and stamps input with the agent's clock.

import { MAX_U32 } from './bytes.js';
import { LOOK_EVERY_MS, Watch } from './alive.js';

/** @typedef {import('./alive.js').Alive} Alive */
/** @typedef {import('./alive.js').Frozen} Frozen */
/** @typedef {import('./platform.js').Platform} Platform */

/**
 * @typedef {object} PresenceListener
 * @property {(reason: Frozen) => void} frozen
 * @property {() => void} thawed
 * @property {() => void} jumped The clocks did.
 * @property {(now: number) => void} looked Time passed; called every second or so.
 */

export class Presence {
  #platform;
  #listener;
  #watch;
  /** @type {Alive | null} The epoch's that counts. */
  #alive = null;
  /** @type {Frozen | null} */
  #frozen = null;
  /** @type {number | null} The ping that has to come back before anything thaws. */
  #ping = null;
  #pings = 0;
  /** @type {{clock: number, at: number} | null} The agent's clock in the newest heartbeat. */
  #clock = null;
  /** @type {unknown} */
  #timer;

  /**
   * @param {Platform} platform
   * @param {PresenceListener} listener
   */
  constructor(platform, listener) {
    this.#platform = platform;
    this.#listener = listener;
    this.#watch = new Watch(platform.now(), platform.wall());
  }

  get isFrozen() {
    return this.#frozen !== null;
  }

  /** The ping that has to be echoed, if one has. */
  get ping() {
    return this.#ping;
  }

  /** The agent's clock in the newest heartbeat, to be echoed. */
  get clock() {
    return this.#clock?.clock ?? null;
  }

  /** The agent's clock now, modulo 2³², as well as it is known here. */
  get at() {
    if (!this.#clock) return null;
    return (this.#clock.clock + Math.floor(this.#platform.now() - this.#clock.at)) % (MAX_U32 + 1);
  }

  /** A heartbeat verified. @param {number} clock */
  heard(clock) {
    this.#clock = { clock, at: this.#platform.now() };
  }

  /** An epoch counts from now on. @param {Alive} alive */
  begin(alive) {
    this.#alive = alive;
    this.#frozen = null;
    alive.begin(this.#platform.now());
    this.judge();
  }

  /** No epoch counts, which is another state than frozen. */
  end() {
    this.#alive = null;
    this.#frozen = null;
  }

  /** Time may have passed unseen: asks for another echo, and believes no older one. */
  sleep() {
    this.#pings = (this.#pings + 1) % MAX_U32;
    this.#ping = this.#pings;
    this.judge();
  }

  /** @param {number} n @returns {boolean} Whether that was the ping that counts. */
  echoed(n) {
    if (n !== this.#ping) return false;
    this.#ping = null;
    this.judge();
    return true;
  }

  /** Whether the clocks jumped since they were looked at last. */
  jumped() {
    return this.#watch.look(this.#platform.now(), this.#platform.wall());
  }

  /** Tells when the answer has changed. */
  judge() {
    if (!this.#alive) return;
    const reason = this.#ping === null ? this.#alive.frozen(this.#platform.now()) : 'asleep';
    if (reason === this.#frozen) return;
    this.#frozen = reason;
    if (reason) this.#listener.frozen(reason);
    else this.#listener.thawed();
  }

  /** Looks at the clocks, again and again. */
  watch() {
    this.rest();
    const left = (this.#alive?.deadline ?? Infinity) - this.#platform.now();
    this.#timer = this.#platform.later(() => {
      this.watch();
      if (this.jumped()) this.#listener.jumped();
      this.#listener.looked(this.#platform.now());
    }, left > 0 ? Math.min(LOOK_EVERY_MS, left) : LOOK_EVERY_MS);
  }

  /** Looks no more. */
  rest() {
    this.#platform.never(this.#timer);
  }
}
