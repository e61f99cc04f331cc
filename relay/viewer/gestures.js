// @ts-check
// What fingers on the stage mean. A pure machine: pointer events in, gestures out, time as an argument.
//
// One finger: tap, hold, drag (which scrolls). Two: zoom and move the view. After two fingers nothing
// counts until all are lifted, so that the end of a pinch never clicks.

/** @typedef {{x: number, y: number}} Point On the stage, in CSS pixels. */

/**
 * @typedef {{kind: 'tap', at: Point}
 *   | {kind: 'hold', at: Point}
 *   | {kind: 'drag', from: Point, dx: number, dy: number}
 *   | {kind: 'fling', from: Point, vx: number, vy: number}
 *   | {kind: 'pinch', at: Point, dx: number, dy: number, factor: number}} Gesture Velocities in pixels a millisecond.
 */

/** A finger held still this long, in milliseconds, is a right click. */
export const HOLD_AFTER_MS = 500;
const SLOP = 10;
/** A drag this much steeper than wide (or wider than steep) keeps to one axis. */
const STEEP = 2;
const FLING_LEAST = 0.2;
const FLING_MOST = 4;

/**
 * @typedef {{phase: 'idle'}
 *   | {phase: 'pressed', from: Point, since: number}
 *   | {phase: 'dragging', from: Point, axis: 'x' | 'y' | 'both', vx: number, vy: number, last: number}
 *   | {phase: 'pinching'}
 *   | {phase: 'spent'}} Phase
 */

export class Gestures {
  /** @type {Map<number, Point>} */
  #fingers = new Map();
  /** @type {Phase} */
  #phase = { phase: 'idle' };

  /** When `wake` wants to be called, in the events' time; null for never. */
  get deadline() {
    return this.#phase.phase === 'pressed' ? this.#phase.since + HOLD_AFTER_MS : null;
  }

  /**
   * @param {number} id
   * @param {Point} at
   * @param {number} now
   */
  down(id, at, now) {
    this.#fingers.set(id, at);
    if (this.#fingers.size === 1) this.#phase = { phase: 'pressed', from: at, since: now };
    else this.#phase = { phase: this.#fingers.size === 2 ? 'pinching' : 'spent' };
  }

  /**
   * @param {number} id
   * @param {Point} at
   * @param {number} now
   * @returns {Gesture | null}
   */
  move(id, at, now) {
    const before = this.#fingers.get(id);
    if (!before) return null;
    const old = [...this.#fingers.values()];
    this.#fingers.set(id, at);
    if (this.#phase.phase === 'pinching') return pinch(old, [...this.#fingers.values()]);
    if (this.#phase.phase === 'pressed') {
      const { from } = this.#phase;
      if (Math.hypot(at.x - from.x, at.y - from.y) <= SLOP) return null;
      this.#phase = { phase: 'dragging', from, axis: axisOf(at.x - from.x, at.y - from.y), vx: 0, vy: 0, last: now };
      return this.#drag(from, at, now);
    }
    return this.#drag(before, at, now);
  }

  /**
   * @param {number} id
   * @param {number} now
   * @returns {Gesture | null}
   */
  up(id, now) {
    const phase = this.#phase;
    if (!this.#fingers.delete(id)) return null;
    this.#phase = { phase: this.#fingers.size === 0 ? 'idle' : 'spent' };
    if (phase.phase === 'pressed') return { kind: 'tap', at: phase.from };
    if (phase.phase !== 'dragging' || now - phase.last > 60) return null;
    const fast = Math.hypot(phase.vx, phase.vy) >= FLING_LEAST;
    return fast ? { kind: 'fling', from: phase.from, vx: capped(phase.vx), vy: capped(phase.vy) } : null;
  }

  /**
   * The system took the finger away.
   *
   * @param {number} id
   */
  cancel(id) {
    this.#fingers.delete(id);
    this.#phase = { phase: this.#fingers.size === 0 ? 'idle' : 'spent' };
  }

  /**
   * @param {number} now
   * @returns {Gesture | null}
   */
  wake(now) {
    const phase = this.#phase;
    if (phase.phase !== 'pressed' || now < phase.since + HOLD_AFTER_MS) return null;
    this.#phase = { phase: 'spent' };
    return { kind: 'hold', at: phase.from };
  }

  /**
   * @param {Point} before
   * @param {Point} at
   * @param {number} now
   * @returns {Gesture | null}
   */
  #drag(before, at, now) {
    const phase = this.#phase;
    if (phase.phase !== 'dragging') return null;
    const dx = phase.axis === 'y' ? 0 : at.x - before.x;
    const dy = phase.axis === 'x' ? 0 : at.y - before.y;
    const time = now - phase.last;
    const [vx, vy] = time > 0 ? [smooth(phase.vx, dx / time), smooth(phase.vy, dy / time)] : [phase.vx, phase.vy];
    this.#phase = { ...phase, vx, vy, last: now };
    return { kind: 'drag', from: phase.from, dx, dy };
  }
}

/**
 * @param {readonly Point[]} old
 * @param {readonly Point[]} fresh
 * @returns {Gesture | null}
 */
function pinch([a, b], [c, d]) {
  if (!a || !b || !c || !d) return null;
  const before = middle(a, b);
  const at = middle(c, d);
  const apart = Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));
  const factor = Math.max(1, Math.hypot(c.x - d.x, c.y - d.y)) / apart;
  return { kind: 'pinch', at, dx: at.x - before.x, dy: at.y - before.y, factor };
}

/**
 * @param {Point} a
 * @param {Point} b
 */
function middle(a, b) {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/**
 * @param {number} dx
 * @param {number} dy
 */
function axisOf(dx, dy) {
  if (Math.abs(dy) > STEEP * Math.abs(dx)) return 'y';
  return Math.abs(dx) > STEEP * Math.abs(dy) ? 'x' : 'both';
}

/**
 * @param {number} old
 * @param {number} fresh
 */
function smooth(old, fresh) {
  return old * 0.6 + fresh * 0.4;
}

/** @param {number} velocity */
function capped(velocity) {
  return Math.max(-FLING_MOST, Math.min(FLING_MOST, velocity));
}
