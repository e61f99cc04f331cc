// @ts-check
// What a touch screen does for the field of the page that has the focus: its own keyboard comes up for it,
// goes when it is left, and never covers it. Where a browser wants a tap of its own for that, a bar asks for it.
//
// A password manager knows this page, not the agent's, and some fill in without being asked: INVARIANT: no
// password goes to the agent's page before the human has said so, with the site's name before their eyes.

import { box, button, say } from './dom.js';
import { isForCode, isPicked, isSameField, isTyped, readField, wantsKeyboard } from './field.js';
import { readShown } from './pages.js';

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
 * @property {(text: string) => void} paste
 * @property {() => void} pasteClipboard
 * @property {() => void} openPicker
 * @property {() => void} openOffers
 */

/** A field that has the focus so soon after a tap has it by that tap. */
const BY_TAP_MS = 1_000;
/** How long a password waits for the human's word. */
const HELD_MS = 30_000;
/** What lies over and under the bar. */
const BAR_ROOM = 24;
/** Pages take the focus away for a moment while they move it. */
const GONE_MS = 400;

export class Fields {
  #owner;
  /** @type {Field | null} */
  #field = null;
  #tappedAt = -Infinity;
  /** Of a picker: whether its sheet is open, and whether it waits to be asked for. */
  #picker = { isOpen: false, waits: false };
  /** Whether what hears the keyboard is like a field. */
  #isAlike = false;
  /** How much of the stage the bar covers. */
  #covers = 0;
  /** The site of the page. */
  #site = '';
  /** A password that waits for the human's word; empty when none does. */
  #held = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #forgetHeld;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #gone;

  /** @param {FieldsOwner} owner */
  constructor(owner) {
    this.#owner = owner;
    button('field-open').addEventListener('click', () => (isPicked(this.#field) ? owner.openPicker() : owner.showKeyboard(true)));
    button('field-offers').addEventListener('click', () => owner.openOffers());
    // The focus stays where it is: else the on-screen keyboard would go.
    for (const id of ['field-paste', 'field-fill']) button(id).addEventListener('pointerdown', (event) => event.preventDefault());
    button('field-paste').addEventListener('click', () => owner.pasteClipboard());
    button('field-fill').addEventListener('click', () => {
      owner.paste(this.#held);
      this.#hold('');
    });
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
    const shown = readShown(message);
    if (shown) this.#arrive(shown.site);
    if (field !== undefined) this.#change(field);
    return field !== undefined;
  }

  /** Nobody says any more where text goes. */
  clear() {
    this.#change(null);
  }

  /** This browser filled something in, perhaps by itself. @param {string} text */
  filled(text) {
    if (this.#field?.kind === 'password') this.#hold(text);
    else this.#owner.paste(text);
  }

  /**
   * A finger tapped the page.
   *
   * @param {Point} at In device space.
   */
  tapped(at) {
    this.#tappedAt = performance.now();
    const { isTouch, isTyping, showKeyboard } = this.#owner;
    const field = this.#field;
    // Nothing changes for the page when its field is tapped again.
    if (field && wantsKeyboard(field) && holds(field, at) && isTouch() && !isTyping()) showKeyboard(true);
  }

  /** What there is to choose from. @param {{isOpen: boolean, waits: boolean}} picker */
  choosing({ isOpen, waits }) {
    this.#picker = { isOpen, waits };
    this.show();
  }

  /** Shows what can be done for the field beside typing. */
  show() {
    const { isTouch, isTyping } = this.#owner;
    const field = this.#field;
    const { isOpen, waits } = this.#picker;
    const picks = isPicked(field) && !isOpen;
    const types = isTouch() && isTyped(field) && !isTyping();
    const pastes = isTouch() && isForCode(field);
    const fills = this.#held !== '';
    button('field-open').hidden = !picks && !types;
    button('field-fill').hidden = !fills;
    button('field-offers').hidden = !waits;
    say('field-fill-words', this.#site === '' ? 'Fill in the password' : `Fill in on ${this.#site}`);
    button('field-paste').hidden = !pastes;
    say('field-lead', picks ? 'Choose:' : 'Type into:');
    say('field-label', field?.label || (picks ? 'the marked field' : 'the field'));
    this.#showBar(picks || types || pastes || fills || waits);
  }

  /** @param {boolean} shown */
  #showBar(shown) {
    const bar = box('field-bar');
    bar.hidden = !shown;
    const covers = shown ? bar.offsetHeight + BAR_ROOM : 0;
    if (covers !== this.#covers) this.#owner.covered(covers);
    this.#covers = covers;
  }

  /** @param {Field | null} field */
  #change(field) {
    const before = this.#field;
    const { isTouch, isTyping, become, showKeyboard, reveal } = this.#owner;
    const isSame = before !== null && field !== null && isSameField(before, field);
    this.#field = field;
    clearTimeout(this.#gone);
    if (!isSame) this.#hold('');
    if (isTouch() && isTyped(field)) {
      become(field);
      this.#isAlike = true;
      const byTap = performance.now() - this.#tappedAt < BY_TAP_MS;
      if (byTap && wantsKeyboard(field) && !isTyping() && keyboardComesByItself()) showKeyboard(true);
    } else if (this.#isAlike) {
      this.#gone = setTimeout(() => this.#leave(), GONE_MS);
    }
    this.show();
    if (field) reveal(!isSame);
  }

  /** The word that was given is for one site. @param {string} site */
  #arrive(site) {
    if (site !== this.#site) this.#hold('');
    this.#site = site;
  }

  /** Keeps a password until the human's word, not for long. @param {string} text */
  #hold(text) {
    clearTimeout(this.#forgetHeld);
    if (text === this.#held) return;
    this.#held = text;
    if (text !== '') this.#forgetHeld = setTimeout(() => this.#hold(''), HELD_MS);
    this.show();
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
