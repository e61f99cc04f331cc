// @ts-check
// The sheet that stands for a picker which the browser doesn't paint: one at a time, the newest, until it is
// answered, put away or gone.

import { ChoiceSheet } from './choices.js';
import { readPicker } from './picker.js';
import { readClosed } from './questions.js';
import { ValueSheet } from './values.js';

/** @typedef {import('./picker.js').Picker} Picker */
/** @typedef {import('./picker.js').PickerAnswer} PickerAnswer */

export class Pickers {
  /** @type {Picker | null} */
  #shown = null;
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
    return this.#shown !== null;
  }

  /**
   * Takes one of the agent's messages. Returns whether it was about this.
   *
   * @param {Record<string, unknown>} message
   */
  hear(message) {
    const picker = readPicker(message);
    if (picker) this.#show(picker);
    const isMine = this.#shown !== null && readClosed(message) === this.#shown.id;
    if (isMine) this.#show(null);
    return picker !== null || isMine;
  }

  /** Puts it away, unanswered: the agent says anew what is open. */
  clear() {
    if (this.#shown) this.#show(null);
  }

  /** @param {{chosen: number[]} | {value: string} | null} answer Null: the human put it away. */
  #answered(answer) {
    if (!this.#shown) return;
    const sent = this.#owner.answer({ type: 'picker_answer', id: this.#shown.id, ...answer });
    if (sent) this.#show(null);
  }

  /** @param {Picker | null} picker */
  #show(picker) {
    this.#shown = picker;
    if (picker?.type !== 'choices') this.#choices.hide();
    if (picker?.type !== 'value') this.#value.hide();
    if (picker?.type === 'choices') this.#choices.show(picker);
    if (picker?.type === 'value') this.#value.show(picker);
    this.#owner.changed();
  }
}
