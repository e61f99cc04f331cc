// @ts-check
// What a touch screen does for the field of the page that has the focus: its own keyboard comes up for it,
// goes when it is left, and never covers it. Where a browser wants a tap of its own for that, a bar asks for it.

import { box, button, say } from './dom.js';
import { isForCode, isPicked, isSameField, isTyped, readField, wantsKeyboard } from './field.js';

/** @typedef {import('./field.js').Field} Field */
/** @typedef {import('./view.js').Point} Point */

/**
 * @typedef {object} FieldsOwner
 * @property {() => boolean} isTouch Whether the human uses fingers here.
 * @property {() => boolean} isTyping Whether the on-screen keyboard is up, as far as is known.
 * @property {(shown: boolean) => void} showKeyboard
 * @property {(field: Field | null) => void} become Makes what hears the keyboard like the field.
 * @property {(isNew: boolean) => void} reveal Brings the field into sight, if it is another or nobody looks elsewhere.
 * @property {(height: number) => void} covered So much of the stage's lower end is covered now.
 * @property {() => void} paste
 * @property {() => void} openPicker
 */

/** A field that has the focus so soon after a tap has it by that tap. */
const BY_TAP_MS = 1_000;
/** What lies over and under the bar. */
const BAR_ROOM = 24;
/** Pages take the focus away for a moment while they move it. */
const GONE_MS = 400;

export class Fields {
  #owner;
  /** @type {Field | null} */
  #field = null;
  #tappedAt = -Infinity;
  #choosing = false;
  /** Whether what hears the keyboard is like a field. */
  #isAlike = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #gone;

  /** @param {FieldsOwner} owner */
  constructor(owner) {
    this.#owner = owner;
    button('field-open').addEventListener('click', () => (isPicked(this.#field) ? owner.openPicker() : owner.showKeyboard(true)));
    // The focus stays where it is: else the on-screen keyboard would go.
    button('field-paste').addEventListener('pointerdown', (event) => event.preventDefault());
    button('field-paste').addEventListener('click', () => owner.paste());
  }

  /** Where text goes now. */
  get current() {
    return this.#field;
  }

  /**
   * Takes one of the agent's messages. Returns whether it was about this.
   *
   * @param {Record<string, unknown>} message
   */
  hear(message) {
    const field = readField(message);
    if (field !== undefined) this.#change(field);
    return field !== undefined;
  }

  /** Nobody says any more where text goes. */
  clear() {
    this.#change(null);
  }

  /**
   * A finger tapped the page.
   *
   * @param {Point} at In device space.
   */
  tapped(at) {
    this.#tappedAt = performance.now();
    const field = this.#field;
    // Nothing changes for the page when its field is tapped again.
    if (field && wantsKeyboard(field) && holds(field, at) && !this.#owner.isTyping()) this.#owner.showKeyboard(true);
  }

  /** Whether a picker's sheet is open. @param {boolean} choosing */
  choosing(choosing) {
    this.#choosing = choosing;
    this.show();
  }

  /** Shows what can be done for the field beside typing. */
  show() {
    const { isTouch, isTyping } = this.#owner;
    const field = this.#field;
    const picks = isPicked(field) && !this.#choosing;
    const types = isTouch() && isTyped(field) && !isTyping();
    const pastes = isTouch() && isForCode(field);
    button('field-open').hidden = !picks && !types;
    button('field-paste').hidden = !pastes;
    say('field-lead', picks ? 'Choose:' : 'Type into:');
    say('field-label', field?.label || (picks ? 'the marked field' : 'the field'));
    this.#showBar(picks || types || pastes);
  }

  /** @param {boolean} shown */
  #showBar(shown) {
    const bar = box('field-bar');
    const before = bar.offsetHeight;
    bar.hidden = !shown;
    if (bar.offsetHeight !== before) this.#owner.covered(shown ? bar.offsetHeight + BAR_ROOM : 0);
  }

  /** @param {Field | null} field */
  #change(field) {
    const before = this.#field;
    const { isTouch, isTyping, become, showKeyboard, reveal } = this.#owner;
    this.#field = field;
    clearTimeout(this.#gone);
    if (isTouch() && isTyped(field)) {
      become(field);
      this.#isAlike = true;
      const byTap = performance.now() - this.#tappedAt < BY_TAP_MS;
      if (byTap && wantsKeyboard(field) && !isTyping() && keyboardComesByItself()) showKeyboard(true);
    } else if (this.#isAlike) {
      this.#gone = setTimeout(() => this.#leave(), GONE_MS);
    }
    this.show();
    if (field) reveal(before === null || !isSameField(before, field));
  }

  #leave() {
    const { isTyping, showKeyboard, become } = this.#owner;
    if (isTyping()) showKeyboard(false);
    become(null);
    this.#isAlike = false;
  }
}

/** @param {Field} field @param {Point} at */
function holds({ rect }, at) {
  return at.x >= rect.x && at.y >= rect.y && at.x < rect.x + rect.width && at.y < rect.y + rect.height;
}

/** Safari on a phone and Firefox raise the keyboard only within a tap on something of this page's. */
function keyboardComesByItself() {
  return !CSS.supports('-webkit-touch-callout', 'none') && !CSS.supports('-moz-appearance', 'none');
}
