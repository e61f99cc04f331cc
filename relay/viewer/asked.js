// @ts-check
// The sheet with what the page asks: a dialog at a time, the newest first, until it is answered or gone.
//
// A yes may not be taken back, and the sheet can come while a finger is on its way to something else: its
// buttons work only after a moment.

import { box, button, find, say } from './dom.js';
import { dialogWords, readClosed, readDialog } from './questions.js';

/** @typedef {import('./questions.js').Dialog} Dialog */
/** @typedef {import('./questions.js').DialogAnswer} DialogAnswer */

const SETTLE_MS = 400;
const MAX_OPEN = 32;

export class Asked {
  /** By id, the newest last. @type {Map<number, Dialog>} */
  #open = new Map();
  /** @type {Dialog | null} */
  #shown = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #settled;
  #answer;
  #sheet = find('ask-sheet', HTMLDialogElement);
  #field = find('ask-text', HTMLInputElement);

  /**
   * @param {object} on
   * @param {(answer: DialogAnswer) => boolean} on.answer Passes it on; false if that isn't possible now.
   * @param {() => void} on.closed Nothing is asked any more.
   */
  constructor(on) {
    this.#answer = on.answer;
    button('ask-yes').addEventListener('click', () => this.#answered(true));
    button('ask-no').addEventListener('click', () => this.#answered(false));
    this.#field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.isComposing) return;
      event.preventDefault();
      this.#answered(true);
    });
    // Escape: no, or just on, as in a browser.
    this.#sheet.addEventListener('cancel', (event) => {
      event.preventDefault();
      this.#answered(this.#shown?.kind === 'alert');
    });
    this.#sheet.addEventListener('close', on.closed);
  }

  /**
   * Takes one of the agent's messages. Returns whether it was about this.
   *
   * @param {Record<string, unknown>} message
   */
  hear(message) {
    const dialog = readDialog(message);
    const closed = readClosed(message);
    if (dialog && this.#open.size < MAX_OPEN) this.#open.set(dialog.id, dialog);
    else if (closed !== null) this.#open.delete(closed);
    else return false;
    this.#show();
    return true;
  }

  /** Forgets all of it: the agent says anew what is still asked. */
  clear() {
    this.#open.clear();
    this.#show();
  }

  /** @param {boolean} accept */
  #answered(accept) {
    const dialog = this.#shown;
    if (!dialog || button('ask-yes').disabled) return;
    const text = accept && dialog.kind === 'prompt' ? { text: this.#field.value } : {};
    if (!this.#answer({ id: dialog.id, accept, ...text })) return;
    this.#open.delete(dialog.id);
    this.#show();
  }

  #show() {
    const next = [...this.#open.values()].at(-1) ?? null;
    if (next?.id === this.#shown?.id) return;
    this.#shown = next;
    clearTimeout(this.#settled);
    this.#field.value = '';
    if (!next) {
      this.#sheet.close();
      return;
    }
    const words = dialogWords(next);
    say('ask-title', words.title);
    say('ask-lead', words.lead);
    say('ask-words', next.text);
    say('ask-yes', words.yes);
    say('ask-no', words.no);
    box('ask-no').hidden = words.no === '';
    this.#field.hidden = next.kind !== 'prompt';
    this.#field.value = next.default;
    this.#enable(false);
    this.#settled = setTimeout(() => this.#enable(true), SETTLE_MS);
    if (!this.#sheet.open) this.#sheet.showModal();
    if (next.kind === 'prompt') this.#field.select();
  }

  /** @param {boolean} on */
  #enable(on) {
    const had = document.activeElement;
    for (const id of ['ask-yes', 'ask-no']) button(id).disabled = !on;
    // A button that is disabled loses the focus, which a screen reader or a keyboard needs here.
    if (on && had !== this.#field) (box('ask-no').hidden ? button('ask-yes') : button('ask-no')).focus();
  }
}
