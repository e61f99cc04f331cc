// @ts-check
// What clicks, drags and hovers become on the wire: moves, presses and releases where the agent takes them,
// whole clicks where it doesn't.
//
// INVARIANT: a button that was pressed is released once, also when the window, the finger or the view goes.

import { reach, toDevice } from './view.js';

/** @typedef {import('./wire.js').InputEvent} InputEvent */
/** @typedef {import('./wire.js').MouseButton} MouseButton */
/** @typedef {import('./view.js').View} View */
/** @typedef {import('./view.js').Point} Point */

/**
 * @typedef {object} HandOwner
 * @property {() => View} view
 * @property {(event: InputEvent) => void} send
 * @property {(at: Point) => void} clicked A click was sent.
 * @property {() => boolean} isPrecise Whether the agent takes moves, presses and releases.
 */

/** Two clicks this near in time (milliseconds) and place (device pixels) are a double click. */
const DOUBLE_MS = 500;
/** Between two moves, in milliseconds. */
const MOVE_EVERY_MS = 15;
const MOST_CLICKS = 3;

export class Hand {
  #owner;
  /** The click that a next one may double. @type {{at: Point, time: number, count: number, button: MouseButton} | null} */
  #last = null;
  /** @type {Set<MouseButton>} */
  #down = new Set();
  /** Where the pointer is, of which the agent doesn't know yet. @type {{at: Point, modifiers: number} | null} */
  #move = null;
  /** Where the agent knows it to be, on the page. @type {Point | null} */
  #at = null;
  #sentAt = -Infinity;

  /** @param {HandOwner} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  /** Whether it can drag and hover. */
  get isPrecise() {
    return this.#owner.isPrecise();
  }

  /** Whether a button is down. */
  get holds() {
    return this.#down.size > 0;
  }

  /**
   * Moves the pointer, at the next paint. One that is not on the page and drags nothing moves nothing.
   *
   * @param {Point} at On the stage.
   * @param {number} modifiers
   */
  move(at, modifiers) {
    if (!this.isPrecise || (!this.holds && !toDevice(this.#owner.view(), at).inside)) return;
    if (!this.#move) requestAnimationFrame((now) => this.#tick(now));
    this.#move = { at, modifiers };
  }

  /**
   * Presses a button, unless that is beside the page.
   *
   * @param {Point} at On the stage.
   * @param {MouseButton} button
   * @param {{time: number, slop: number, modifiers: number}} how When, and how far from the last one a double click may be.
   * @returns {boolean} Whether it is down now.
   */
  press(at, button, { time, slop, modifiers }) {
    const { inside, ...point } = toDevice(this.#owner.view(), at);
    if (!inside || this.#down.has(button)) return false;
    this.#flush();
    const { place, count } = this.#count(point, button, time, slop);
    this.#down.add(button);
    this.#at = place;
    this.#owner.send({ type: 'mousedown', ...place, button, clickCount: count, ...held(modifiers) });
    return true;
  }

  /**
   * Releases a button, wherever the pointer is.
   *
   * @param {Point | null} at On the stage; null where it is.
   * @param {MouseButton} button
   * @param {number} modifiers
   */
  release(at, button, modifiers) {
    if (!this.#down.has(button)) return;
    if (at) this.#move = { at, modifiers };
    this.#flush();
    this.#down.delete(button);
    this.#owner.send({ type: 'mouseup', .../** @type {Point} */ (this.#at), button, ...held(modifiers) });
  }

  /**
   * Clicks.
   *
   * @param {Point} at On the stage.
   * @param {MouseButton} button
   * @param {{time: number, slop: number, modifiers: number}} how
   */
  click(at, button, how) {
    if (!this.isPrecise) {
      this.#clickWhole(at, button, how);
    } else if (this.press(at, button, how)) {
      this.release(null, button, how.modifiers);
      this.#owner.clicked(at);
    }
  }

  /** Releases what is down. */
  releaseAll() {
    for (const button of [...this.#down]) this.release(null, button, 0);
    this.#move = null;
  }

  /** Forgets what is down: nothing can be said now. */
  forget() {
    this.#down.clear();
    this.#move = null;
    this.#last = null;
  }

  /** @param {number} now */
  #tick(now) {
    if (!this.#move) return;
    if (now - this.#sentAt < MOVE_EVERY_MS) {
      requestAnimationFrame((later) => this.#tick(later));
      return;
    }
    this.#sentAt = now;
    this.#flush();
  }

  #flush() {
    const move = this.#move;
    this.#move = null;
    if (!move) return;
    const view = this.#owner.view();
    const { x, y } = this.holds ? reach(view, move.at) : toDevice(view, move.at);
    if (this.#at?.x === x && this.#at.y === y) return;
    this.#at = { x, y };
    this.#owner.send({ type: 'mousemove', x, y, ...held(move.modifiers) });
  }

  /**
   * Where an agent knows clicks only, a double click is two of them at one place and then its own event, and
   * a third one is a triple.
   *
   * @param {Point} at
   * @param {MouseButton} button
   * @param {{time: number, slop: number}} how
   */
  #clickWhole(at, button, { time, slop }) {
    const { inside, ...point } = toDevice(this.#owner.view(), at);
    if (!inside) return;
    const { place, count } = this.#count(point, button, time, slop);
    if (button !== 'left') this.#owner.send({ type: 'click', ...place, button });
    else this.#owner.send(count === 3 ? { type: 'click', ...place, clickCount: 3 } : { type: 'click', ...place });
    if (button === 'left' && count === 2) this.#owner.send({ type: 'dblclick', ...place });
    this.#owner.clicked(at);
  }

  /**
   * @param {Point} point
   * @param {MouseButton} button
   * @param {number} time
   * @param {number} slop
   */
  #count(point, button, time, slop) {
    const last = this.#last;
    const near = last && last.button === button && time - last.time <= DOUBLE_MS
      && Math.hypot(point.x - last.at.x, point.y - last.at.y) <= slop;
    const again = last && near && last.count < MOST_CLICKS ? last : null;
    const place = again ? again.at : point;
    const count = again ? again.count + 1 : 1;
    this.#last = { at: place, time, count, button };
    return { place, count };
  }
}

/**
 * CDP's bits of what is held with an event.
 *
 * @param {{altKey: boolean, ctrlKey: boolean, metaKey: boolean, shiftKey: boolean}} event
 */
export function modifierBits({ altKey, ctrlKey, metaKey, shiftKey }) {
  return Number(altKey) + 2 * Number(ctrlKey) + 4 * Number(metaKey) + 8 * Number(shiftKey);
}

/** @param {number} modifiers */
function held(modifiers) {
  return modifiers === 0 ? {} : { modifiers };
}
