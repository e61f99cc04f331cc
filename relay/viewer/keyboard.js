// @ts-check
// The hidden text field that has the focus while the page is used: it hears hardware keys, soft
// keyboards, input methods and paste, and passes on what they mean.
//
// The field never keeps text: it holds a few invisible characters, so that a soft keyboard has
// something to delete, and is put back to them after every change.

import { HeldKeys, NO_MODIFIERS, difference, pressNamed, routeKeyDown, typeText } from './keys.js';

/** @typedef {import('./wire.js').InputEvent} InputEvent */

/**
 * @typedef {object} KeyboardOwner
 * @property {(event: InputEvent) => void} send
 * @property {(text: string) => void} paste
 * @property {() => void} leave The human wants the focus out of the page view.
 * @property {() => boolean} isSoft Whether keys come from an on-screen keyboard.
 */

const FILLER = '\u200b'.repeat(8);
/** Scripts whose composition can be shown as it is typed: a soft keyboard composes every plain word. */
const ALPHABETIC = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}\p{P}\p{S}\p{M}]*$/u;

export class Keyboard {
  #field;
  #owner;
  #held = new HeldKeys();
  #onMac = /Mac|iPhone|iPad/u.test(navigator.platform);
  /** Of the composition, what the page has already. @type {string | null} */
  #composed = null;
  /** Whether the on-screen Ctrl waits for its key. */
  #ctrl = false;
  /** @type {(on: boolean) => void} */
  #ctrlChanged;

  /**
   * @param {HTMLTextAreaElement} field
   * @param {KeyboardOwner} owner
   * @param {(on: boolean) => void} ctrlChanged
   */
  constructor(field, owner, ctrlChanged) {
    this.#field = field;
    this.#owner = owner;
    this.#ctrlChanged = ctrlChanged;
    field.addEventListener('keydown', (event) => this.#down(event));
    field.addEventListener('keyup', (event) => this.#up(event));
    field.addEventListener('beforeinput', (event) => this.#before(event));
    field.addEventListener('input', (event) => this.#input(event));
    field.addEventListener('compositionstart', () => this.#compose());
    field.addEventListener('compositionupdate', (event) => this.#composing(event.data));
    field.addEventListener('compositionend', (event) => this.#compositionEnd(event.data));
    field.addEventListener('paste', (event) => this.#pasted(event));
    field.addEventListener('focus', () => this.#reset());
    field.addEventListener('blur', () => this.releaseAll());
    globalThis.addEventListener('blur', () => this.releaseAll());
    this.#reset();
  }

  /** Presses a key of the on-screen row. @param {string} key */
  press(key) {
    if (key === 'Control') {
      this.#setCtrl(!this.#ctrl);
      return;
    }
    this.#pass(pressNamed(key, { ...NO_MODIFIERS, ctrlKey: this.#ctrl }));
    this.#setCtrl(false);
  }

  /** Lets go of every key that is down. */
  releaseAll() {
    this.#pass(this.#held.releaseAll());
    this.#setCtrl(false);
  }

  /** @param {KeyboardEvent} event */
  #down(event) {
    const route = routeKeyDown(strokeOf(event), this.#onMac);
    if (route.to === 'text' || route.to === 'browser') return;
    event.preventDefault();
    if (route.to === 'buttons') this.#owner.leave();
    else if (!this.#pressedWithCtrl(event.key)) this.#pass(route.events);
  }

  /** @param {KeyboardEvent} event */
  #up(event) {
    this.#pass(this.#held.release(strokeOf(event)));
  }

  /**
   * Soft keyboards delete and break lines without a key that says so.
   *
   * @param {globalThis.InputEvent} event
   */
  #before(event) {
    if (event.isComposing || this.#composed !== null) return;
    const key = keyOfEdit(event.inputType);
    if (!key) return;
    event.preventDefault();
    this.#pass(pressNamed(key.name, { ...NO_MODIFIERS, ctrlKey: key.word }));
  }

  /** @param {Event} event */
  #input(event) {
    if (this.#composed !== null) return;
    const kind = event instanceof globalThis.InputEvent ? event.inputType : '';
    const text = this.#field.value.replaceAll('\u200b', '');
    this.#reset();
    // Firefox writes a composition's text after its end, when it has been passed on already.
    if (kind === 'insertCompositionText' || kind === 'insertFromComposition') return;
    if (text !== '' && !this.#pressedWithCtrl(text)) this.#type(text);
  }

  #compose() {
    this.#composed = '';
    this.#field.classList.add('composing');
  }

  /** @param {string} text */
  #composing(text) {
    if (this.#owner.isSoft() && ALPHABETIC.test(text)) this.#become(text);
  }

  /** @param {string} text */
  #compositionEnd(text) {
    this.#become(text);
    this.#composed = null;
    this.#field.classList.remove('composing');
    this.#reset();
  }

  /**
   * Makes the page's text out of what the composition was before.
   *
   * @param {string} text
   */
  #become(text) {
    const { erase, insert } = difference(this.#composed ?? '', text);
    for (let count = 0; count < erase; count += 1) this.#pass(pressNamed('Backspace', NO_MODIFIERS));
    if (insert !== '' && !this.#pressedWithCtrl(insert)) this.#type(insert);
    this.#composed = text;
  }

  /** @param {ClipboardEvent} event */
  #pasted(event) {
    event.preventDefault();
    this.#owner.paste(event.clipboardData?.getData('text/plain') ?? '');
  }

  /** @param {string} text */
  #type(text) {
    const events = typeText(text);
    const pasted = events.length === 1 && events[0]?.type === 'paste';
    if (pasted) this.#owner.paste(text);
    else this.#pass(events);
  }

  /**
   * @param {string} text
   * @returns {boolean} Whether the on-screen Ctrl took it.
   */
  #pressedWithCtrl(text) {
    if (!this.#ctrl || text.length !== 1) return false;
    this.press(text.toLowerCase());
    return true;
  }

  /** @param {boolean} on */
  #setCtrl(on) {
    if (this.#ctrl === on) return;
    this.#ctrl = on;
    this.#ctrlChanged(on);
  }

  /** @param {readonly InputEvent[]} events */
  #pass(events) {
    this.#held.note(events);
    for (const event of events) this.#owner.send(event);
  }

  #reset() {
    if (this.#field.value !== FILLER) this.#field.value = FILLER;
    this.#field.setSelectionRange(FILLER.length, FILLER.length);
  }
}

/**
 * @param {KeyboardEvent} event
 * @returns {import('./keys.js').KeyStroke}
 */
function strokeOf(event) {
  const { key, code, keyCode, isComposing, altKey, ctrlKey, metaKey, shiftKey } = event;
  const altGraph = event.getModifierState('AltGraph');
  return { key, code, keyCode, isComposing, altKey, ctrlKey, metaKey, shiftKey, altGraph };
}

/**
 * @param {string} inputType
 * @returns {{name: string, word: boolean} | null}
 */
function keyOfEdit(inputType) {
  switch (inputType) {
    case 'deleteContentBackward':
      return { name: 'Backspace', word: false };
    case 'deleteWordBackward':
    case 'deleteSoftLineBackward':
    case 'deleteHardLineBackward':
      return { name: 'Backspace', word: true };
    case 'deleteContentForward':
      return { name: 'Delete', word: false };
    case 'deleteWordForward':
      return { name: 'Delete', word: true };
    case 'insertLineBreak':
    case 'insertParagraph':
      return { name: 'Enter', word: false };
    default:
      return null;
  }
}
