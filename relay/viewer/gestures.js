// @ts-check
// What fingers on the stage mean. A pure machine: pointer events in, gestures out, time as an argument.
//
// One finger: tap; drag, which scrolls; held, it grabs what is under it: then it drags that along, or is
// lifted for a right click. Where fingers drag, it does so without being held. Two: apart or together they
// zoom, side by side they scroll. After two fingers nothing counts until all are lifted, so that the end of
// a pinch never clicks.

/** @typedef {{x: number, y: number}} Point On the stage, in CSS pixels. */

/**
 * @typedef {{kind: 'tap', at: Point}
 *   | {kind: 'hold', at: Point, grabbed?: boolean}
 *   | {kind: 'grab', at: Point}
 *   | {kind: 'press', at: Point, to: Point}
 *   | {kind: 'pull', at: Point}
 *   | {kind: 'drop', at: Point}
 *   | {kind: 'drag', from: Point, dx: number, dy: number}
 *   | {kind: 'fling', from: Point, vx: number, vy: number}
 *   | {kind: 'pinch', at: Point, dx: number, dy: number, factor: number}} Gesture Velocities in pixels a millisecond.
 */

/** A finger held still this long, in milliseconds, is a right click. */
export const HOLD_AFTER_MS = 500;
const SLOP = 10;
/** Where fingers drag, a shorter way is one: sliders are short. */
const DRAG_SLOP = 4;
/** Two fingers that come apart this far zoom; side by side so far, they scroll. */
const APART = 24;
const ASIDE = 12;
/** A drag this much steeper than wide (or wider than steep) keeps to one axis. */
const STEEP = 2;
const ORIGIN = Object.freeze({ x: 0, y: 0 });
const FLING_LEAST = 0.2;
const FLING_MOST = 4;

/**
 * @typedef {{phase: 'idle'}
 *   | {phase: 'pressed', from: Point, since: number}
 *   | {phase: 'dragging', from: Point, axis: 'x' | 'y' | 'both', vx: number, vy: number, last: number}
 *   | {phase: 'grabbing', from: Point}
 *   | {phase: 'pulling', id: number}
 *   | {phase: 'paired', fingers: readonly Point[]}
 *   | {phase: 'pinching'}
 *   | {phase: 'panning', from: Point}
 *   | {phase: 'spent'}} Phase
 */

export class Gestures {
  /** @type {Map<number, Point>} */
  #fingers = new Map();
  /** @type {Phase} */
  #phase = { phase: 'idle' };
  /** Whether a finger that is held grabs, rather than being a right click at once. */
  holds = false;
  /** Whether one finger drags rather than scrolls. */
  drags = false;

  /** When `wake` wants to be called, in the events' time; null for never. */
  get deadline() {
    return this.#phase.phase === 'pressed' ? this.#phase.since + HOLD_AFTER_MS : null;
  }

  /**
   * @param {number} id
   * @param {Point} at
   * @param {number} now
   * @returns {Gesture | null}
   */
  down(id, at, now) {
    const phase = this.#phase;
    this.#fingers.set(id, at);
    const fingers = [...this.#fingers.values()];
    if (fingers.length === 1) this.#phase = { phase: 'pressed', from: at, since: now };
    else this.#phase = fingers.length === 2 ? { phase: 'paired', fingers } : { phase: 'spent' };
    return phase.phase === 'pulling' ? { kind: 'drop', at: this.#fingers.get(phase.id) ?? at } : null;
  }

  /** How many fingers are down. */
  get fingers() {
    return this.#fingers.size;
  }

  /** Forgets all fingers. */
  reset() {
    this.#fingers.clear();
    this.#phase = { phase: 'idle' };
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
    const fresh = [...this.#fingers.values()];
    switch (this.#phase.phase) {
      case 'paired':
        return this.#pair(this.#phase.fingers, old, fresh);
      case 'pinching':
        return pinch(old, fresh);
      case 'panning':
        return { kind: 'drag', from: this.#phase.from, ...shifted(old, fresh) };
      case 'pressed':
        return this.#leave(this.#phase.from, at, now);
      case 'grabbing':
        return apart(this.#phase.from, at) <= SLOP ? null : this.#pull(id, this.#phase.from, at);
      case 'pulling':
        return { kind: 'pull', at };
      default:
        return this.#drag(before, at, now);
    }
  }

  /**
   * @param {number} id
   * @param {number} now
   * @returns {Gesture | null}
   */
  up(id, now) {
    const phase = this.#phase;
    const at = this.#fingers.get(id);
    if (!at) return null;
    this.#fingers.delete(id);
    this.#phase = { phase: this.#fingers.size === 0 ? 'idle' : 'spent' };
    if (phase.phase === 'grabbing') return { kind: 'hold', at: phase.from, grabbed: true };
    if (phase.phase === 'pulling') return { kind: 'drop', at };
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
    if (this.holds) {
      this.#phase = { phase: 'grabbing', from: phase.from };
      return { kind: 'grab', at: phase.from };
    }
    this.#phase = { phase: 'spent' };
    return { kind: 'hold', at: phase.from };
  }

  /**
   * A finger that was down leaves its place.
   *
   * @param {Point} from
   * @param {Point} at
   * @param {number} now
   * @returns {Gesture | null}
   */
  #leave(from, at, now) {
    const drags = this.drags && this.holds;
    if (apart(from, at) <= (drags ? DRAG_SLOP : SLOP)) return null;
    const [[id]] = /** @type {[[number, Point]]} */ ([...this.#fingers]);
    if (drags) return this.#pull(id, from, at);
    this.#phase = { phase: 'dragging', from, axis: axisOf(at.x - from.x, at.y - from.y), vx: 0, vy: 0, last: now };
    return this.#drag(from, at, now);
  }

  /**
   * @param {number} id
   * @param {Point} from
   * @param {Point} at
   * @returns {Gesture}
   */
  #pull(id, from, at) {
    this.#phase = { phase: 'pulling', id };
    return { kind: 'press', at: from, to: at };
  }

  /**
   * Two fingers show what they are at.
   *
   * @param {readonly Point[]} began
   * @param {readonly Point[]} old
   * @param {readonly Point[]} fresh
   * @returns {Gesture | null}
   */
  #pair(began, old, fresh) {
    const way = shifted(began, fresh);
    if (Math.abs(width(fresh) - width(began)) > APART) {
      this.#phase = { phase: 'pinching' };
      return pinch(old, fresh);
    }
    if (Math.hypot(way.dx, way.dy) <= ASIDE) return null;
    const from = center(began);
    this.#phase = { phase: 'panning', from };
    return { kind: 'drag', from, ...shifted(old, fresh) };
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
 * @returns {Gesture}
 */
function pinch(old, fresh) {
  return { kind: 'pinch', at: center(fresh), ...shifted(old, fresh), factor: width(fresh) / width(old) };
}

/**
 * How far the middle of two fingers moved.
 *
 * @param {readonly Point[]} old
 * @param {readonly Point[]} fresh
 */
function shifted(old, fresh) {
  const [before, at] = [center(old), center(fresh)];
  return { dx: at.x - before.x, dy: at.y - before.y };
}

/** @param {readonly Point[]} fingers Two of them. */
function center([a = ORIGIN, b = a]) {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/** @param {readonly Point[]} fingers Two of them. */
function width([a = ORIGIN, b = a]) {
  return Math.max(1, apart(a, b));
}

/**
 * @param {Point} a
 * @param {Point} b
 */
function apart(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
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
