// @ts-check
// Text out of the page: asked for by the human's own act, and put on their clipboard when it comes.
//
// INVARIANT: the clipboard is written only while the human waits for it; what comes unasked is dropped.
// Browsers want the writing begun within the act, so it begins before the text is here.

import { COPIED, COPIED_IN_PART, NOT_COPIED_IN_TIME } from './sayings.js';

/**
 * @typedef {object} CopyingOwner
 * @property {() => boolean} ask Asks the agent; false if that isn't possible now.
 * @property {(text: Promise<string>) => Promise<void>} write Writes the clipboard once the text is there.
 * @property {(text: string) => void} offer Shows the text, for the human to copy it by hand.
 * @property {(words: string) => void} say
 */

/** @typedef {{text: string, more: boolean}} Copied */
/** @typedef {{come: (copied: Copied) => void, fail: () => void, byKey: boolean}} Waiting */

const WAIT_MS = 5_000;
const MAX_UNITS = 50_000;

export class Copying {
  #owner;
  /** @type {Waiting | null} */
  #waiting = null;

  /** @param {CopyingOwner} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  /**
   * The human wants what is selected. Resolves when that is done with.
   *
   * @param {boolean} [byKey] By a key that may mean something else to the page.
   */
  async ask(byKey = false) {
    this.forget();
    if (!this.#owner.ask()) return;
    const copied = this.#await(byKey);
    const written = this.#owner.write(copied.then(({ text }) => text));
    const [{ value: came }, { status }] = /** @type {[{value?: Copied}, {status: string}]} */ (await Promise.allSettled([copied, written]));
    if (!came) return;
    if (status === 'rejected') this.#owner.offer(came.text);
    if (came.more) this.#owner.say(COPIED_IN_PART);
    else if (status === 'fulfilled') this.#owner.say(COPIED);
  }

  /**
   * Takes one of the agent's messages. Returns whether it was about this.
   *
   * @param {Record<string, unknown>} message
   */
  hear(message) {
    const copied = readCopied(message);
    if (copied) this.#take()?.come(copied);
    return copied !== null;
  }

  /**
   * The agent has nothing to copy. Returns whether the human is to be told.
   *
   * @param {string} code Of the notice.
   */
  refused(code) {
    if (code !== 'nothing_selected' && code !== 'not_copied') return true;
    const waiting = this.#take();
    waiting?.fail();
    // Ctrl+C without a selection is a key like any other.
    return waiting !== null && !(waiting.byKey && code === 'nothing_selected');
  }

  /** Waits no longer. */
  forget() {
    this.#take()?.fail();
  }

  /** @param {boolean} byKey @returns {Promise<Copied>} */
  #await(byKey) {
    return new Promise((come, reject) => {
      const waiting = { come, fail: () => reject(new Error('nothing came')), byKey };
      this.#waiting = waiting;
      setTimeout(() => {
        if (this.#waiting !== waiting) return;
        this.forget();
        if (!byKey) this.#owner.say(NOT_COPIED_IN_TIME);
      }, WAIT_MS);
    });
  }

  #take() {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting;
  }
}

/** @param {Promise<string>} text */
export async function writeClipboard(text) {
  const blob = text.then((words) => new Blob([words], { type: 'text/plain' }));
  blob.catch(() => {}); // a browser that refuses at once never looks at it
  if (typeof ClipboardItem !== 'function' || !navigator.clipboard?.write) throw new Error('no clipboard');
  await navigator.clipboard.write([new ClipboardItem({ 'text/plain': blob })]);
}

/**
 * @param {Record<string, unknown>} message
 * @returns {Copied | null}
 */
export function readCopied({ type, text, more }) {
  return type === 'copied' && typeof text === 'string' && text !== '' ? { text: text.slice(0, MAX_UNITS), more: more === true } : null;
}
