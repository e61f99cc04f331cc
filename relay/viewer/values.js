// @ts-check
// The sheet for a date, a time or a colour: this device's own control for it, which the human knows.

import { button, find, say } from './dom.js';
import { exampleOf, isValue, pickerTitle } from './picker.js';

/** @typedef {import('./picker.js').ValuePicker} ValuePicker */

export class ValueSheet {
  #answer;
  #sheet = find('value-sheet', HTMLDialogElement);
  #field = find('value-field', HTMLInputElement);
  /** @type {ValuePicker | null} */
  #picker = null;

  /** @param {(value: string | null) => void} answer Empty for none; null when it was put away. */
  constructor(answer) {
    this.#answer = answer;
    button('value-ok').addEventListener('click', () => this.#confirm());
    button('value-cancel').addEventListener('click', () => answer(null));
    this.#sheet.addEventListener('cancel', (event) => {
      event.preventDefault();
      answer(null);
    });
    this.#sheet.addEventListener('click', ({ target }) => target === this.#sheet && answer(null));
    this.#field.addEventListener('input', () => say('value-problem', ''));
    this.#field.addEventListener('keydown', (event) => {
      // On a colour Enter opens this device's own picker.
      if (event.key !== 'Enter' || event.isComposing || this.#field.type === 'color') return;
      event.preventDefault();
      this.#confirm();
    });
  }

  /** @param {ValuePicker} picker */
  show(picker) {
    this.#picker = picker;
    say('value-title', pickerTitle(picker));
    say('value-label', picker.label);
    say('value-problem', '');
    this.#shape(picker);
    if (!this.#sheet.open) this.#sheet.showModal();
    this.#field.focus();
    if (matchMedia('(pointer: coarse)').matches) this.#openAtOnce();
  }

  hide() {
    this.#picker = null;
    this.#sheet.close();
    this.#field.value = '';
  }

  /** @param {ValuePicker} picker */
  #shape({ kind, value, min, max, step }) {
    const field = this.#field;
    field.value = '';
    field.type = kind;
    for (const [name, bound] of Object.entries({ min, max, step })) {
      if (bound === '') field.removeAttribute(name);
      else field.setAttribute(name, bound);
    }
    field.value = value;
    // Not every browser has a control for each kind; then it is a line of text.
    say('value-help', field.type === kind ? '' : `Write it like this: ${exampleOf(kind)}`);
  }

  /** A phone has it full-screen; the browser may want another tap first. */
  #openAtOnce() {
    try {
      this.#field.showPicker();
    } catch {
      // The tap was too long ago: the field is there to be tapped.
    }
  }

  #confirm() {
    const { value, validity, validationMessage } = this.#field;
    if (!this.#picker) return;
    if (!validity.valid) say('value-problem', validationMessage);
    else if (value !== '' && !isValue(this.#picker.kind, value)) say('value-problem', `Write it like this: ${exampleOf(this.#picker.kind)}`);
    else this.#answer(value);
  }
}
