// @ts-check
// The element that has the focus while the page is used, out of sight. On a touch screen it is made like the
// field of the page that has the focus there, so that the right keyboard comes up and offers what it knows.
//
// INVARIANT: it never keeps text. It holds a few invisible characters, so that a soft keyboard has something
// to delete; one that a password manager may fill is empty until then, for what isn't empty is offered nothing.

import { box, find } from './dom.js';
import { shapeOf } from './field.js';

/** @typedef {import('./field.js').Field} Field */
/** @typedef {import('./field.js').Shape} Shape */
/** @typedef {import('./view.js').Point} Point */

const FILLER = '\u200b'.repeat(8);
const NAME = 'Page view. What you type goes to the page.';
/** The element's own width: further to the right it would lie outside. */
const ROOM = 40;

export class Typing {
  /** Holds it: all it hears is heard here too. */
  box = box('typing-box');
  #plain = find('typing', HTMLTextAreaElement);
  /** @type {HTMLTextAreaElement | HTMLInputElement} */
  #element = this.#plain;
  #shape = '';
  /** Whether nothing was typed there yet, and something may be offered for it. */
  #isOffered = false;
  #isComposing = false;
  /** What it is to become once an input method is done. @type {{field: Field | null} | null} */
  #next = null;

  constructor() {
    this.box.addEventListener('focusin', () => this.clear());
    this.clear();
  }

  get isFocused() {
    return document.activeElement === this.#element;
  }

  focus() {
    this.#element.focus({ preventScroll: true });
  }

  blur() {
    this.#element.blur();
  }

  /**
   * Makes it like a field of the page. A keyboard takes its form only when an element gets the focus, so
   * another form is another element. That ends a composition, so it waits for the end of one, unless the human
   * has gone elsewhere meanwhile.
   *
   * @param {Field | null} field Null: like none.
   */
  become(field) {
    this.#next = this.#isComposing ? { field } : null;
    if (this.#next) return;
    const shape = field && shapeOf(field);
    const kind = JSON.stringify(shape);
    if (kind !== this.#shape) this.#replace(shape);
    this.#shape = kind;
    this.#element.setAttribute('aria-label', field?.label ? `${field.label}. What you type goes to the page.` : NAME);
  }

  /** What was typed into it, and is there no more. */
  take() {
    const text = this.#element.value.replaceAll('\u200b', '');
    this.#isOffered = false;
    this.clear();
    return text;
  }

  /** The selection in what was typed. @returns {[number, number]} */
  get selection() {
    const { selectionStart, selectionEnd, value } = this.#element;
    const lead = value.startsWith(FILLER) ? FILLER.length : 0;
    return [(selectionStart ?? 0) - lead, (selectionEnd ?? 0) - lead];
  }

  /** Lets nothing stay in it. */
  clear() {
    const rest = this.#isOffered ? '' : FILLER;
    if (this.#element.value !== rest) this.#element.value = rest;
    this.#element.setSelectionRange(rest.length, rest.length);
  }

  /** An input method began. @param {boolean} isShown Whether what it holds is shown here, because the page can't. */
  compositionBegan(isShown) {
    this.#isComposing = true;
    this.#element.classList.toggle('composing', isShown);
  }

  compositionEnded() {
    this.#isComposing = false;
    this.#element.classList.remove('composing');
    this.take();
    if (this.#next) this.become(this.#next.field);
  }

  /**
   * Input methods put their window where it lies.
   *
   * @param {Point} at On the stage.
   * @param {import('./view.js').Size} stage
   */
  moveTo(at, stage) {
    this.#isComposing = false;
    this.box.style.left = `${Math.max(0, Math.min(at.x, stage.width - ROOM))}px`;
    this.box.style.top = `${Math.max(0, Math.min(at.y, stage.height - ROOM))}px`;
  }

  /** @param {Shape | null} shape */
  #replace(shape) {
    const old = this.#element;
    const had = this.isFocused;
    const isLine = shape !== null && shape.type !== 'multiline';
    const element = isLine ? lineOf(shape) : this.#plain;
    this.#isOffered = isLine;
    this.#element = element;
    this.#plain.hidden = isLine;
    element.inputMode = shape?.inputMode ?? '';
    element.enterKeyHint = shape?.enterKey ?? '';
    if (isLine) this.box.append(element);
    this.clear();
    if (had) this.focus();
    if (old === element) return;
    old.value = '';
    if (old !== this.#plain) old.remove();
  }
}

/** @param {Shape} shape */
function lineOf({ type, autocomplete, maxLength }) {
  const element = document.createElement('input');
  element.className = 'hears';
  element.type = type;
  element.setAttribute('autocomplete', autocomplete);
  for (const off of ['autocapitalize', 'autocorrect']) element.setAttribute(off, 'off');
  element.spellcheck = false;
  element.setAttribute('aria-describedby', 'typing-help');
  // Each text that comes counts by itself, beside the invisible characters.
  if (maxLength !== null) element.maxLength = maxLength + FILLER.length;
  return element;
}
