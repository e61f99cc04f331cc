// @ts-check
// The sheet with what the page asks: a dialog at a time, the newest first, until it is answered or gone.
//
// A yes may not be taken back, and the sheet can come while a finger is on its way to something else: its
// buttons work only after a moment.

import { box, button, find, say, whenClosed } from './dom.js';
import { questionWords, readAuth, readClosed, readDialog } from './questions.js';

/** @typedef {import('./questions.js').Question} Question */
/** @typedef {import('./questions.js').Answer} Answer */

const SETTLE_MS = 400;
const MAX_OPEN = 32;

export class Asked {
  /** By id, the newest last. @type {Map<number, Question>} */
  #open = new Map();
  /** @type {Question | null} */
  #shown = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #settled;
  #answer;
  #sheet = find('ask-sheet', HTMLDialogElement);
  #field = find('ask-text', HTMLInputElement);
  #user = find('ask-user', HTMLInputElement);
  #password = find('ask-password', HTMLInputElement);

  /**
   * @param {object} on
   * @param {(answer: Answer) => boolean} on.answer Passes it on; false if that isn't possible now.
   * @param {() => void} on.closed Nothing is asked any more.
   */
  constructor(on) {
    this.#answer = on.answer;
    button('ask-yes').addEventListener('click', () => this.#answered(true));
    button('ask-no').addEventListener('click', () => this.#answered(false));
    for (const field of [this.#field, this.#user, this.#password]) {
      field.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' || event.isComposing) return;
        event.preventDefault();
        if (field === this.#user) this.#password.focus();
        else this.#answered(true);
      });
    }
    // Escape: no, or just on, as in a browser.
    this.#sheet.addEventListener('cancel', (event) => {
      event.preventDefault();
      this.#answered(this.#shown?.type === 'dialog' && this.#shown.kind === 'alert');
    });
    whenClosed(this.#sheet, on.closed);
  }

  /**
   * Takes one of the agent's messages. Returns whether it was about this.
   *
   * @param {Record<string, unknown>} message
   */
  hear(message) {
    const question = readDialog(message) ?? readAuth(message);
    const closed = readClosed(message);
    if (question && this.#open.size < MAX_OPEN) this.#open.set(question.id, question);
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
    const question = this.#shown;
    if (!question || button('ask-yes').disabled) return;
    if (!this.#answer(this.#answerTo(question, accept))) return;
    this.#open.delete(question.id);
    this.#show();
  }

  /**
   * @param {Question} question
   * @param {boolean} accept
   * @returns {Answer}
   */
  #answerTo(question, accept) {
    const { id } = question;
    if (question.type === 'auth') {
      const entered = accept ? { username: this.#user.value, password: this.#password.value } : {};
      return { type: 'auth_answer', id, ...entered };
    }
    const entered = accept && question.kind === 'prompt' ? { text: this.#field.value } : {};
    return { type: 'dialog_answer', id, accept, ...entered };
  }

  #show() {
    const next = [...this.#open.values()].at(-1) ?? null;
    if (next?.id === this.#shown?.id) return;
    this.#shown = next;
    clearTimeout(this.#settled);
    for (const field of [this.#field, this.#user, this.#password]) field.value = ''; // it can be a secret
    if (!next) {
      this.#sheet.close();
      return;
    }
    const words = questionWords(next);
    say('ask-title', words.title);
    say('ask-lead', words.lead);
    say('ask-words', next.type === 'auth' ? next.realm : next.text);
    say('ask-yes', words.yes);
    say('ask-no', words.no);
    box('ask-no').hidden = words.no === '';
    const isPrompt = next.type === 'dialog' && next.kind === 'prompt';
    this.#field.hidden = !isPrompt;
    if (isPrompt) this.#field.value = next.default;
    for (const id of ['ask-user-label', 'ask-password-label']) box(id).hidden = next.type !== 'auth';
    this.#enable(false);
    this.#settled = setTimeout(() => this.#enable(true), SETTLE_MS);
    if (!this.#sheet.open) this.#sheet.showModal();
    if (isPrompt) this.#field.select();
    else if (next.type === 'auth') this.#user.focus();
  }

  /** @param {boolean} on */
  #enable(on) {
    const had = document.activeElement;
    for (const id of ['ask-yes', 'ask-no']) button(id).disabled = !on;
    // A button that is disabled loses the focus, which a screen reader or a keyboard needs here.
    if (on && !(had instanceof HTMLInputElement)) (box('ask-no').hidden ? button('ask-yes') : button('ask-no')).focus();
  }
}
