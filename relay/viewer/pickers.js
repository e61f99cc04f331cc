// @ts-check
// The sheet that stands for a picker which the browser doesn't paint: one at a time, the newest, until it is
// answered, put away or gone. What may be filled in while somebody types waits until it is asked for.

import { ChoiceSheet } from './choices.js';
import { readPicker } from './picker.js';
import { readClosed } from './questions.js';
import { ValueSheet } from './values.js';

/** @typedef {import('./picker.js').Picker} Picker */
/** @typedef {import('./picker.js').PickerAnswer} PickerAnswer */

export class Pickers {
  /** What can be answered. @type {Picker | null} */
  #offered = null;
  #isOpen = false;
  #owner;
  #choices = new ChoiceSheet((chosen) => this.#answered(chosen && { chosen }));
  #value = new ValueSheet((value) => this.#answered(value === null ? null : { value }));

  /**
   * @param {object} owner
   * @param {(answer: PickerAnswer) => boolean} owner.answer Passes it on; false if that isn't possible now.
   * @param {() => void} owner.changed A sheet came or went.
   */
  constructor(owner) {
    this.#owner = owner;
  }

  get isOpen() {
    return this.#isOpen;
  }

  /** Whether there is something to fill in, for who asks for it. */
  get waits() {
    return this.#offered !== null && !this.#isOpen;
  }

  /** The human asks for it. */
  open() {
    this.#show(true);
  }

  /**
   * Takes one of the agent's messages. Returns whether it was about this.
   *
   * @param {Record<string, unknown>} message
   */
  hear(message) {
    const picker = readPicker(message);
    const isGone = this.#offered !== null && readClosed(message) === this.#offered.id;
    if (picker) this.#offer(picker);
    else if (isGone) this.#offer(null);
    return picker !== null || isGone;
  }

  /** Puts it away, unanswered: the agent says anew what is open. */
  clear() {
    if (this.#offered) this.#offer(null);
  }

  /** @param {{chosen: number[]} | {value: string} | null} answer Null: the human put it away. */
  #answered(answer) {
    if (!this.#offered) return;
    if (!answer && isForTyping(this.#offered)) this.#show(false);
    else if (this.#owner.answer({ type: 'picker_answer', id: this.#offered.id, ...answer })) this.#offer(null);
  }

  /** @param {Picker | null} picker */
  #offer(picker) {
    this.#offered = picker;
    this.#show(picker !== null && !isForTyping(picker));
  }

  /** @param {boolean} open */
  #show(open) {
    const picker = open ? this.#offered : null;
    this.#isOpen = picker !== null;
    if (picker?.type !== 'choices') this.#choices.hide();
    if (picker?.type !== 'value') this.#value.hide();
    if (picker?.type === 'choices') this.#choices.show(picker);
    if (picker?.type === 'value') this.#value.show(picker);
    this.#owner.changed();
  }
}

/** Whether it helps with what is typed anyway. @param {Picker} picker */
function isForTyping(picker) {
  return picker.type === 'choices' && picker.kind === 'datalist';
}
