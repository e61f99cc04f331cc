// @ts-check
// The modifiers of the on-screen row: one press holds them for what comes next. Pure.
//
// A key that moves about keeps them, so that a selection can grow; anything else uses them up.

import { NO_MODIFIERS } from './keys.js';
import { modifierBits } from './hand.js';

/** @typedef {import('./wire.js').Modifiers} Modifiers */

/** @type {Readonly<Record<string, keyof Modifiers>>} */
const FLAGS = { Alt: 'altKey', Control: 'ctrlKey', Meta: 'metaKey', Shift: 'shiftKey' };
const MOVING = /^(?:Arrow|Home$|End$|Page)/u;

export class Sticky {
  #changed;
  /** @type {Modifiers} */
  #modifiers = { ...NO_MODIFIERS };

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** What is on. @returns {Readonly<Modifiers>} */
  get modifiers() {
    return this.#modifiers;
  }

  get isOn() {
    return modifierBits(this.#modifiers) !== 0;
  }

  /** Whether one of them is on. @param {string} key Its DOM name. */
  has(key) {
    const flag = FLAGS[key];
    return flag !== undefined && this.#modifiers[flag];
  }

  /**
   * Turns one on or off.
   *
   * @param {string} key
   * @returns {boolean} Whether it is one.
   */
  toggle(key) {
    const flag = FLAGS[key];
    if (flag === undefined) return false;
    this.#modifiers = { ...this.#modifiers, [flag]: !this.#modifiers[flag] };
    this.#changed();
    return true;
  }

  /** A key was pressed with them. @param {string} key */
  used(key) {
    if (!MOVING.test(key)) this.clear();
  }

  /** Gives them to a click, and is off. @returns {number} CDP's bits. */
  take() {
    const bits = modifierBits(this.#modifiers);
    this.clear();
    return bits;
  }

  /** All are off. */
  clear() {
    if (!this.isOn) return;
    this.#modifiers = { ...NO_MODIFIERS };
    this.#changed();
  }
}
