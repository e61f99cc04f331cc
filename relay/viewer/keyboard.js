// @ts-check
// What the element that has the focus while the page is used hears: hardware keys, soft keyboards, input
// methods, password managers and paste. Passes on what they mean.

import { Composing } from './composing.js';
import { HeldKeys, NO_MODIFIERS, asksForCopy, difference, isAtOnce, isFill, pressNamed, routeKeyDown, typeText } from './keys.js';
import { Sticky } from './sticky.js';

/** @typedef {import('./wire.js').InputEvent} InputEvent */

/**
 * @typedef {object} KeyboardOwner
 * @property {(event: InputEvent) => void} send
 * @property {(text: string) => void} paste
 * @property {(text: string) => void} filled This browser filled it in, perhaps by itself.
 * @property {() => void} copy A key asks for what is selected, beside what it means to the page.
 * @property {() => void} leave The human wants the focus out of the page view.
 * @property {() => boolean} isSoft Whether keys come from an on-screen keyboard.
 * @property {(kind: string) => boolean} takes Whether the agent takes input of this kind.
 * @property {() => void} stuck Another of the row's modifiers is on, or off.
 */

export class Keyboard {
  #typing;
  #owner;
  #held = new HeldKeys();
  #onMac = /Mac|iPhone|iPad/u.test(navigator.platform);
  #composing;
  /** The on-screen row's modifiers. */
  sticky;

  /**
   * @param {import('./typing.js').Typing} typing
   * @param {KeyboardOwner} owner
   */
  constructor(typing, owner) {
    const field = typing.box;
    this.#typing = typing;
    this.#owner = owner;
    this.sticky = new Sticky(owner.stuck);
    this.#composing = new Composing({
      isLive: () => owner.takes('compose'),
      isSoft: owner.isSoft,
      languages: () => navigator.languages,
      send: owner.send,
      become: (from, to) => this.#become(from, to),
      insert: (text) => this.#insert(text),
    });
    field.addEventListener('keydown', (event) => this.#down(event));
    field.addEventListener('keyup', (event) => this.#up(event));
    field.addEventListener('beforeinput', (event) => this.#before(event));
    field.addEventListener('input', (event) => this.#input(event));
    field.addEventListener('compositionstart', () => this.#compose());
    field.addEventListener('compositionupdate', (event) => this.#composing.update(event.data));
    field.addEventListener('compositionend', (event) => this.#compositionEnd(event.data));
    field.addEventListener('paste', (event) => this.#pasted(event));
    field.addEventListener('focusout', () => this.releaseAll());
    globalThis.addEventListener('blur', () => this.releaseAll());
  }

  /** Presses a key of the on-screen row. @param {string} key */
  press(key) {
    if (this.sticky.toggle(key)) return;
    if (asksForCopy({ ...this.sticky.modifiers, key }, this.#onMac)) this.#owner.copy();
    this.#pass(pressNamed(key, this.sticky.modifiers));
    this.sticky.used(key);
  }

  /** Whether a key is down. */
  get holds() {
    return this.#held.any;
  }

  /** Lets go of every key that is down. */
  releaseAll() {
    this.#pass(this.#held.releaseAll());
    this.sticky.clear();
  }

  /** Forgets what is down: nothing can be said now. */
  forget() {
    this.#held.releaseAll();
    this.sticky.clear();
  }

  /** @param {KeyboardEvent} event */
  #down(event) {
    const desk = { onMac: this.#onMac, precise: this.#owner.takes('pointer') };
    const route = routeKeyDown(strokeOf(event), desk);
    if (route.to === 'text' || route.to === 'browser') return;
    event.preventDefault();
    if (!event.repeat && asksForCopy(event, this.#onMac)) this.#owner.copy();
    if (route.to === 'buttons') this.#owner.leave();
    else if (!this.#pressedWithSticky(event.key)) this.#pass(route.events);
  }

  /** @param {KeyboardEvent} event */
  #up(event) {
    if (this.#onMac && event.key === 'Meta') this.#pass(this.#held.releaseUntold());
    this.#pass(this.#held.release(strokeOf(event)));
  }

  /**
   * Soft keyboards delete and break lines without a key that says so.
   *
   * @param {globalThis.InputEvent} event
   */
  #before(event) {
    if (event.isComposing || this.#composing.isOn) return;
    const key = keyOfEdit(event.inputType);
    if (!key) return;
    event.preventDefault();
    this.#pass(pressNamed(key.name, { ...NO_MODIFIERS, ctrlKey: key.word }));
  }

  /** @param {Event} event */
  #input(event) {
    if (this.#composing.isOn) {
      this.#composing.shown(...this.#typing.selection);
      return;
    }
    const kind = event instanceof globalThis.InputEvent ? event.inputType : '';
    const text = this.#typing.take();
    // Firefox writes a composition's text after its end, when it has been passed on already.
    if (kind === 'insertCompositionText' || kind === 'insertFromComposition') return;
    if (isFill(kind)) this.#fill(text);
    else if (isAtOnce(text, this.#owner.isSoft())) this.#owner.paste(text);
    else this.#insert(text);
  }

  /** What nobody has the focus on, nobody had filled in. @param {string} text */
  #fill(text) {
    if (text !== '' && this.#typing.isFocused) this.#owner.filled(text);
  }

  #compose() {
    this.#composing.begin();
    this.#typing.compositionBegan(!this.#composing.isShown);
  }

  /** @param {string} text */
  #compositionEnd(text) {
    this.#composing.end(text);
    this.#typing.compositionEnded();
  }

  /**
   * Makes the page's text out of what the composition was before.
   *
   * @param {string} from
   * @param {string} to
   */
  #become(from, to) {
    const { erase, insert } = difference(from, to);
    for (let count = 0; count < erase; count += 1) this.#pass(pressNamed('Backspace', NO_MODIFIERS));
    this.#insert(insert);
  }

  /** @param {string} text */
  #insert(text) {
    if (text !== '' && !this.#pressedWithSticky(text)) this.#type(text);
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
   * @returns {boolean} Whether it was a shortcut, with the on-screen row's modifiers.
   */
  #pressedWithSticky(text) {
    if (!this.sticky.isOn || text.length !== 1) return false;
    this.press(this.sticky.modifiers.shiftKey ? text : text.toLowerCase());
    return true;
  }

  /** @param {readonly InputEvent[]} events */
  #pass(events) {
    this.#held.note(events);
    for (const event of events) this.#owner.send(event);
  }
}

/**
 * @param {KeyboardEvent} event
 * @returns {import('./keys.js').KeyStroke}
 */
function strokeOf(event) {
  const { key, code, keyCode, isComposing, altKey, ctrlKey, metaKey, shiftKey, repeat } = event;
  const altGraph = event.getModifierState('AltGraph');
  return { key, code, keyCode, isComposing, altKey, ctrlKey, metaKey, shiftKey, repeat, altGraph };
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
