// @ts-check
// Fingers as they are, for a page that is touched: each change tells all that are down.

import { reach, toDevice } from './view.js';

/** @typedef {import('./wire.js').InputEvent} InputEvent */
/** @typedef {import('./view.js').View} View */
/** @typedef {import('./view.js').Point} Point */

/** As many as the agent takes. */
const MOST = 10;

export class Touches {
  #send;
  #view;
  /** By the pointer's number: the finger's, and where it is on the stage. @type {Map<number, {id: number, at: Point}>} */
  #fingers = new Map();
  #moved = false;

  /**
   * @param {(event: InputEvent) => void} send
   * @param {() => View} view
   */
  constructor(send, view) {
    this.#send = send;
    this.#view = view;
  }

  /** Whether a finger is down. */
  get holds() {
    return this.#fingers.size > 0;
  }

  /**
   * @param {number} pointer
   * @param {Point} at
   */
  down(pointer, at) {
    if (!toDevice(this.#view(), at).inside || this.#fingers.size >= MOST) return;
    const used = new Set([...this.#fingers.values()].map(({ id }) => id));
    let id = 0;
    while (used.has(id)) id += 1;
    this.#fingers.set(pointer, { id, at });
    this.#tell();
  }

  /**
   * @param {number} pointer
   * @param {Point} at
   */
  move(pointer, at) {
    const finger = this.#fingers.get(pointer);
    if (!finger) return;
    finger.at = at;
    if (!this.#moved) requestAnimationFrame(() => this.#moved && this.#tell());
    this.#moved = true;
  }

  /** @param {number} pointer */
  up(pointer) {
    if (!this.#fingers.has(pointer)) return;
    if (this.#moved) this.#tell();
    this.#fingers.delete(pointer);
    this.#tell();
  }

  /** The system took the fingers away, all of them. */
  cancel() {
    if (!this.holds) return;
    this.forget();
    this.#send({ type: 'touchcancel' });
  }

  /** Forgets them: nothing can be said now. */
  forget() {
    this.#fingers.clear();
    this.#moved = false;
  }

  #tell() {
    this.#moved = false;
    const touches = [...this.#fingers.values()].map(({ id, at }) => ({ id, ...reach(this.#view(), at) }));
    this.#send({ type: 'touch', touches });
  }
}
