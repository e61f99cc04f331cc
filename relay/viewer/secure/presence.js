// @ts-check
// Keeps the answer to one question: is what the human sees now? (§6)
//
//   live ──overdue (alive.js), or a sleep──▶ asking ──echo──▶ echoed ──heartbeat──▶ told ──no picture missing──▶ live
//                                              ▲                │                     │
//                                              └── 6 s after the ping: another ping ──┴── or new keys
//
// Whatever began a doubt, only a round trip that was quick enough ends it: a relay that keeps everything for a
// while and then lets it through can't make an old picture look new. It tells when the answer changes, and
// stamps input with the agent's clock.

import { MAX_U32 } from './bytes.js';
import { LOOK_EVERY_MS, PATIENCE_MS, Watch } from './alive.js';

/** @typedef {import('./alive.js').Alive} Alive */
/** @typedef {import('./alive.js').Frozen} Frozen */
/** @typedef {import('./platform.js').Platform} Platform */

/**
 * @typedef {object} Doubt
 * @property {Frozen} why
 * @property {number} n The ping that the agent is to echo.
 * @property {number} askedAt
 * @property {'asking' | 'echoed' | 'told'} stage Told is: a heartbeat came that was sealed after the echo.
 */

/**
 * @typedef {object} PresenceListener
 * @property {(reason: Frozen) => void} frozen
 * @property {() => void} thawed
 * @property {() => void} asks There is another ping to send.
 * @property {() => void} jumped The clocks did.
 * @property {(now: number) => void} looked Time passed; called every second or so.
 */

export class Presence {
  #platform;
  #listener;
  #watch;
  /** @type {Alive | null} The epoch's that counts. */
  #alive = null;
  /** @type {Doubt | null} It outlives an epoch. */
  #doubt = null;
  /** @type {Frozen | null} What the listener knows. */
  #told = null;
  #pings = 0;
  #hidden = false;
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
    return this.#doubt !== null;
  }

  /** The ping that has to be echoed, if one has. */
  get ping() {
    return this.#doubt?.n ?? null;
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

  /** A heartbeat verified, and its epoch knows of it. @param {number} clock */
  heard(clock) {
    this.#clock = { clock, at: this.#platform.now() };
    this.#proceed('echoed', 'told');
    this.judge();
  }

  /** @param {number} n */
  echoed(n) {
    if (n === this.#doubt?.n) this.#proceed('asking', 'echoed');
    this.judge();
  }

  /** An epoch counts from now on. What is on the screen may be of long before it. @param {Alive} alive */
  begin(alive) {
    const now = this.#platform.now();
    const wasAway = this.#clock !== null && now - this.#clock.at >= PATIENCE_MS;
    this.#alive = alive;
    this.#told = null;
    alive.begin(now);
    if (this.#doubt) this.#ask(this.#doubt.why);
    else if (wasAway && !this.#hidden) this.#ask('silent');
  }

  /** No epoch counts, which is another state than frozen. */
  end() {
    this.#alive = null;
  }

  /** Nobody looks, so nothing is judged; who looks again has to ask. @param {boolean} hidden */
  hide(hidden) {
    this.#hidden = hidden;
  }

  /** Time may have passed unseen. */
  sleep() {
    this.#ask('asleep');
  }

  /** Finds out whether what is seen is now, and tells when that has changed. */
  judge() {
    if (!this.#alive || this.#hidden) return;
    const overdue = this.#alive.overdue(this.#platform.now());
    if (!this.#doubt) {
      if (overdue) this.#ask(overdue);
    } else if (!this.#isQuick) {
      this.#ask(this.#doubt.why);
    } else {
      if (overdue && this.#doubt.why !== 'asleep') this.#doubt.why = overdue;
      if (this.#doubt.stage === 'told' && !this.#alive.misses) this.#doubt = null;
      this.#tell();
    }
  }

  /** Whether what answers the newest ping now is quick enough. */
  get #isQuick() {
    return this.#doubt !== null && this.#platform.now() - this.#doubt.askedAt < PATIENCE_MS;
  }

  /**
   * @param {Doubt['stage']} from
   * @param {Doubt['stage']} to
   */
  #proceed(from, to) {
    if (this.#doubt?.stage === from && this.#isQuick) this.#doubt.stage = to;
  }

  /** Asks for another echo, and believes no older one. @param {Frozen} why */
  #ask(why) {
    this.#pings = (this.#pings + 1) % MAX_U32;
    this.#doubt = { why, n: this.#pings, askedAt: this.#platform.now(), stage: 'asking' };
    if (!this.#alive) return;
    this.#tell();
    this.#listener.asks();
  }

  #tell() {
    const reason = this.#doubt?.why ?? null;
    if (reason === this.#told) return;
    this.#told = reason;
    if (reason) this.#listener.frozen(reason);
    else this.#listener.thawed();
  }

  /** Whether the clocks jumped since they were looked at last. */
  jumped() {
    return this.#watch.look(this.#platform.now(), this.#platform.wall());
  }

  /** Looks at the clocks, again and again. */
  watch() {
    this.rest();
    const asked = (this.#doubt?.askedAt ?? Infinity) + PATIENCE_MS;
    const left = Math.min(this.#alive?.deadline ?? Infinity, asked) - this.#platform.now();
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
