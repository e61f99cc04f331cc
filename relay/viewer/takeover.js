// @ts-check
// The question whether somebody else may have control. It lies beside what the human does and takes
// neither focus nor keys: a password that is being typed goes on being typed.
//
// Giving control away can't be taken back, so that its button works only after a moment: a click meant
// for what was there before must not do it.

import { box, button } from './dom.js';

const SETTLE_MS = 1_000;

export class Takeover {
  /** @type {number | null} */
  #shown = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #settled;

  /** @param {(answer: 'hand_over' | 'keep') => void} answer */
  constructor(answer) {
    button('keep').addEventListener('click', () => answer('keep'));
    button('hand-over').addEventListener('click', () => answer('hand_over'));
  }

  /** @param {number | null} challenger Who asks; nobody takes the question away. */
  show(challenger) {
    if (challenger === this.#shown) return;
    this.#shown = challenger;
    clearTimeout(this.#settled);
    box('takeover').hidden = challenger === null;
    button('hand-over').disabled = true;
    if (challenger !== null) this.#settled = setTimeout(() => { button('hand-over').disabled = false; }, SETTLE_MS);
  }

  /** Puts the focus on the harmless answer, when there is a question. */
  focus() {
    if (this.#shown !== null) button('keep').focus();
    return this.#shown !== null;
  }
}
