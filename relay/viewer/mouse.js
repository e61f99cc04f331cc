// @ts-check
// A mouse or a pen on the stage: which buttons change with an event, and what they are on the page.
//
// Where the agent takes no drags, a drag moves the view instead.

import { modifierBits } from './hand.js';
import { pan } from './view.js';

/** @typedef {import('./hand.js').Hand} Hand */
/** @typedef {import('./view.js').View} View */
/** @typedef {import('./view.js').Point} Point */
/** @typedef {import('./wire.js').MouseButton} MouseButton */

/**
 * @typedef {object} MouseOwner
 * @property {() => View} view
 * @property {(view: View) => void} move
 * @property {(type: 'back' | 'forward') => void} go
 * @property {(at: Point) => void} clicked A button was pressed.
 * @property {() => number} sticky Modifiers of the on-screen row, in CDP's bits; taken by what follows.
 * @property {() => void} dragged The human dragged, which can't be passed on.
 */

/** Device pixels that two clicks of a double click may lie apart. */
const DOUBLE_SLOP = 4;
/** A mouse that moves this far while pressed drags the view. */
const DRAG_SLOP = 8;

/** DOM's numbers of buttons, and their bits. @type {readonly {number: number, bit: number, name: MouseButton}[]} */
const BUTTONS = [
  { number: 0, bit: 1, name: 'left' },
  { number: 1, bit: 4, name: 'middle' },
  { number: 2, bit: 2, name: 'right' },
];
const BACK = 3;
const FORWARD = 4;

export class Mouse {
  #hand;
  #owner;
  /** What each physical button that is down is on the page, by its number. @type {Map<number, MouseButton>} */
  #down = new Map();
  /** A press that may turn out to drag the view. @type {(Point & {button: MouseButton, dragging: boolean}) | null} */
  #press = null;
  #onMac = /Mac/u.test(navigator.platform);

  /**
   * @param {Hand} hand
   * @param {MouseOwner} owner
   */
  constructor(hand, owner) {
    this.#hand = hand;
    this.#owner = owner;
  }

  /**
   * @param {PointerEvent} event
   * @param {Point} at
   */
  down(event, at) {
    const button = this.#buttonOf(event);
    if (!button) return;
    if (!this.#hand.isPrecise) {
      this.#press = { ...at, button, dragging: false };
    } else if (this.#hand.press(at, button, this.#how(event))) {
      this.#down.set(event.button, button);
      this.#owner.clicked(at);
    }
  }

  /**
   * A button that changes while another is down comes as a move.
   *
   * @param {PointerEvent} event
   * @param {Point} at
   */
  move(event, at) {
    if (!this.#hand.isPrecise) {
      this.#drag(at);
      return;
    }
    this.#hand.move(at, modifierBits(event));
    this.#releaseLifted(event, at);
    if (event.button >= 0 && event.buttons & bitOf(event.button)) this.down(event, at);
  }

  /**
   * @param {PointerEvent} event
   * @param {Point} at
   */
  up(event, at) {
    if (event.button === BACK) this.#owner.go('back');
    else if (event.button === FORWARD) this.#owner.go('forward');
    const press = this.#press;
    this.#press = null;
    if (press && !press.dragging) this.#hand.click(press, press.button, this.#how(event));
    this.#releaseLifted(event, at);
  }

  /** The system took it away. */
  cancel() {
    this.#press = null;
    this.#down.clear();
    this.#hand.releaseAll();
  }

  /**
   * @param {PointerEvent} event
   * @param {Point} at
   */
  #releaseLifted(event, at) {
    for (const [number, name] of this.#down) {
      if (event.buttons & bitOf(number)) continue;
      this.#down.delete(number);
      this.#hand.release(at, name, modifierBits(event));
    }
  }

  /** @param {Point} at */
  #drag(at) {
    const press = this.#press;
    if (!press || (!press.dragging && Math.hypot(at.x - press.x, at.y - press.y) <= DRAG_SLOP)) return;
    const view = this.#owner.view();
    const moved = pan(view, at.x - press.x, at.y - press.y).view;
    if (!press.dragging && moved.x === view.x && moved.y === view.y) this.#owner.dragged();
    this.#owner.move(moved);
    this.#press = { ...press, ...at, dragging: true };
  }

  /** @param {PointerEvent} event */
  #buttonOf(event) {
    const name = BUTTONS.find(({ number }) => number === event.button)?.name;
    return this.#onMac && event.ctrlKey && name === 'left' ? 'right' : name;
  }

  /** @param {PointerEvent} event */
  #how(event) {
    return { time: event.timeStamp, slop: DOUBLE_SLOP, modifiers: modifierBits(event) | this.#owner.sticky() };
  }
}

/** @param {number} number */
function bitOf(number) {
  return BUTTONS.find((button) => button.number === number)?.bit ?? 0;
}
