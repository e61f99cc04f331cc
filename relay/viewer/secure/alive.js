// @ts-check
// Judges whether what the human sees is now (§6). Pure: times come in, a reason comes out.
//
// A picture is doubtful when the agent is silent, when a picture that the agent speaks of doesn't come, or
// when the agent doesn't hear this viewer, each for six seconds; and after a sleep. What ends a doubt is
// decided elsewhere: what began it may end by something that is late itself, because a relay kept it.

/** @typedef {import('./control.js').Heartbeat} Heartbeat */
/** @typedef {'silent' | 'picture' | 'unheard' | 'asleep'} Frozen */

/** How long something may be missing, in milliseconds. */
export const PATIENCE_MS = 6_000;

/** How often the clocks are looked at, in milliseconds. */
export const LOOK_EVERY_MS = 1_000;

const JUMP_MS = 3_000;
const MAX_REMEMBERED = 4_096;

/** What one epoch's heartbeats say. */
export class Alive {
  #heardAt;
  #newest = -1;
  /** @type {{frame: number, since: number}[]} Pictures the agent spoke of that didn't come. */
  #owed = [];
  /** @type {{count: number, at: number}[]} Records the agent didn't confirm. */
  #unheard = [];

  /** @param {number} now When the epoch began. */
  constructor(now) {
    this.#heardAt = now;
  }

  /** The epoch's first record verified: patience starts here. @param {number} now */
  begin(now) {
    this.#heardAt = now;
  }

  /**
   * @param {number} now
   * @param {Heartbeat} heartbeat Its `got` is one that can be.
   */
  heartbeat(now, { lastFrame, got }) {
    this.#heardAt = now;
    this.#unheard = this.#unheard.filter(({ count }) => count > got);
    const owed = this.#owed.at(-1)?.frame ?? this.#newest;
    if (lastFrame !== null && lastFrame > owed && this.#owed.length < MAX_REMEMBERED) this.#owed.push({ frame: lastFrame, since: now });
  }

  /** A frame verified. @param {number} counter */
  received(counter) {
    this.#newest = counter;
    this.#owed = this.#owed.filter(({ frame }) => frame > counter);
  }

  /**
   * A record was sent.
   *
   * @param {number} now
   * @param {number} count The records sent so far, this one included.
   */
  sent(now, count) {
    if (this.#unheard.length < MAX_REMEMBERED) this.#unheard.push({ count, at: now });
    else this.#unheard.splice(-1, 1, { count, at: now });
  }

  /** Whether a picture that the agent spoke of didn't come. */
  get misses() {
    return this.#owed.length > 0;
  }

  /** @param {number} now @returns {Frozen | null} What is overdue. */
  overdue(now) {
    if (now - this.#heardAt >= PATIENCE_MS) return 'silent';
    if (now - (this.#owed[0]?.since ?? now) >= PATIENCE_MS) return 'picture';
    if (now - (this.#unheard[0]?.at ?? now) >= PATIENCE_MS) return 'unheard';
    return null;
  }

  /** When something would be overdue next, if nothing came. */
  get deadline() {
    return PATIENCE_MS + Math.min(this.#heardAt, this.#owed[0]?.since ?? Infinity, this.#unheard[0]?.at ?? Infinity);
  }
}

/** Notices that time passed unseen: this computer slept, or the page was stopped. */
export class Watch {
  #now;
  #wall;

  /**
   * @param {number} now Of a steady clock, which may stand still in a sleep.
   * @param {number} wall Of the wall clock, which may be set.
   */
  constructor(now, wall) {
    this.#now = now;
    this.#wall = wall;
  }

  /**
   * Has to be called every `LOOK_EVERY_MS`.
   *
   * @param {number} now
   * @param {number} wall
   * @returns {boolean} Whether the clocks jumped since the last call.
   */
  look(now, wall) {
    const [steady, walled] = [now - this.#now, wall - this.#wall];
    [this.#now, this.#wall] = [now, wall];
    return steady > LOOK_EVERY_MS + JUMP_MS || Math.abs(walled - steady) > JUMP_MS;
  }
}
