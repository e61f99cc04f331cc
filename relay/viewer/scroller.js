// @ts-check
// Scrolling by wheel and finger: moves the view as far as it goes, then the page, as a phone does with a
// zoomed page.

import { pan, toDevice } from './view.js';

/** @typedef {import('./wire.js').InputEvent} InputEvent */
/** @typedef {import('./view.js').View} View */
/** @typedef {import('./view.js').Point} Point */

/** @typedef {{view: () => View, move: (view: View) => void, send: (event: InputEvent) => void}} ScrollerOwner */

/** A flick slows down to a third in this many milliseconds. */
const FLIGHT_MS = 325;
/** In pixels a millisecond. */
const SLOWEST = 0.03;

export class Scroller {
  #owner;
  /** Scrolling since the last paint. @type {{at: Point, x: number, y: number, modifiers: number} | null} */
  #sum = null;
  #flight = 0;

  /** @param {ScrollerOwner} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  /**
   * Moves what is seen.
   *
   * @param {Point} at
   * @param {number} dx
   * @param {number} dy
   * @param {number} [modifiers] Of the wheel, for the page.
   */
  shift(at, dx, dy, modifiers = 0) {
    const { view, left } = pan(this.#owner.view(), dx, dy);
    this.#owner.move(view);
    if (Math.abs(left.x) < 0.01 && Math.abs(left.y) < 0.01) return;
    const { x, y } = toDevice(view, at);
    if (this.#sum && this.#sum.modifiers !== modifiers) this.#flush();
    if (!this.#sum) requestAnimationFrame(() => this.#flush());
    const sum = this.#sum ?? { at: { x, y }, x: 0, y: 0 };
    this.#sum = { at: sum.at, x: sum.x - left.x / view.scale, y: sum.y - left.y / view.scale, modifiers };
  }

  /**
   * Goes on scrolling after a flick, ever slower.
   *
   * @param {Point} at
   * @param {number} vx
   * @param {number} vy
   */
  fly(at, vx, vy) {
    let [x, y, last] = [vx, vy, performance.now()];
    const step = (/** @type {number} */ now) => {
      const time = Math.max(0, Math.min(50, now - last));
      last = now;
      this.shift(at, x * time, y * time);
      const rest = Math.exp(-time / FLIGHT_MS);
      [x, y] = [x * rest, y * rest];
      if (Math.hypot(x, y) > SLOWEST) this.#flight = requestAnimationFrame(step);
    };
    this.#flight = requestAnimationFrame(step);
  }

  /** Stops a flight, as a finger on the glass does. */
  stop() {
    cancelAnimationFrame(this.#flight);
  }

  #flush() {
    const sum = this.#sum;
    this.#sum = null;
    if (!sum) return;
    const held = sum.modifiers === 0 ? {} : { modifiers: sum.modifiers };
    this.#owner.send({ type: 'scroll', ...sum.at, deltaX: hundredths(sum.x), deltaY: hundredths(sum.y), ...held });
  }
}

/** @param {number} value */
function hundredths(value) {
  return Math.round(value * 100) / 100;
}
