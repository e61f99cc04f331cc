// @ts-check
// What the page says in passing, one line at a time.

export const NOT_SENT = 'The connection dropped: your last keys or clicks may not have arrived.';
export const TOO_FAST = 'That was more than can be sent at once. Some of it was left out.';
export const HELD_BACK = 'Nothing can be passed on to the page right now, so that was left out.';
export const NO_DRAGGING = 'Dragging can’t be passed on to the page yet. Clicking, typing and scrolling can.';
export const HOW_TO_TYPE = 'To type, press the keyboard button.';
export const HOW_TO_DRAG = 'Move your finger to drag, or lift it for a right click.';
export const ONE_MINUTE = 'One minute left.';
export const TOO_LARGE = 'That was too large to send, so it was left out.';
export const COPIED = 'Copied.';
export const COPIED_IN_PART = 'Only the beginning was copied: the selection is too long.';
export const NOT_COPIED_IN_TIME = 'Nothing came to be copied. Try it again.';
export const SIX_DIGITS = 'The PIN has six digits.';
export const WRONG_PIN = 'That PIN was wrong. After three wrong ones no more are taken.';

/** @type {Readonly<Record<string, string>>} */
const NOTICES = {
  confirm_dismissed: 'The page asked a yes/no question; it was answered with “No”, because it can’t be shown here.',
  page_crashed: 'The page crashed. It is being loaded again, so what you entered there may be lost.',
  dialog_answered: 'The page asked something, and another program answered before you could.',
  nothing_selected: 'Nothing is selected in the page. Select some text first.',
  not_copied: 'What is in a password field can’t be copied.',
  not_chosen: 'The page didn’t take that choice. Have a look, then choose again.',
  permission_refused: 'The page asked for a permission, such as your location, and the agent’s browser refused it.',
  keys_lost: 'What you type doesn’t arrive in the page: a box of the agent’s browser that can’t be shown here may be in the way, such as one for a passkey. Reload the page to be rid of it.',
  print: 'The page wants to print. That can’t be done from here.',
  download: 'The page downloads a file. It stays on the agent’s computer.',
};

/** Inputs by their type, as a human calls them. @type {Readonly<Record<string, string>>} */
const KINDS = {
  click: 'click',
  dblclick: 'double click',
  mousedown: 'click',
  touch: 'touch',
  scroll: 'scrolling',
  keypress: 'key',
  keydown: 'key',
  compose: 'text',
  commit: 'text',
  paste: 'pasted text',
  copy: 'copying',
  picker_answer: 'choice',
  back: 'going back',
  forward: 'going forward',
  reload: 'reloading',
};

const DROPS_TOGETHER_MS = 250;

/** @param {string} code */
export function noticeOf(code) {
  return Object.hasOwn(NOTICES, code) ? NOTICES[code] ?? '' : '';
}

/** @param {number} length In UTF-16 units. @param {number} most */
export function tooLong(length, most) {
  return `That is ${length.toLocaleString('en')} characters. At most ${most.toLocaleString('en')} can be pasted at once.`;
}

/** @param {number} count Inputs that never arrived, when a connection broke. */
export function lostWords(count) {
  const what = count === 1 ? 'One key or click' : `${count.toLocaleString('en')} keys or clicks`;
  return `${what} got lost while the connection was down. Check the field before you go on.`;
}

/**
 * What the agent didn't do, and why.
 *
 * @param {ReadonlyMap<string, number>} kinds How often, by an input's type.
 * @param {string} why
 */
export function droppedWords(kinds, why) {
  const known = [...kinds].filter(([kind]) => Object.hasOwn(KINDS, kind));
  const count = known.reduce((sum, [, times]) => sum + times, 0);
  if (count === 0) return '';
  const [kind = ''] = known[0] ?? [];
  const allKeys = known.every(([each]) => KINDS[each] === KINDS['keypress']);
  const what = count === 1 ? `Your ${KINDS[kind] ?? ''} wasn’t` : `${count.toLocaleString('en')} ${allKeys ? 'keys' : 'inputs'} weren’t`;
  if (why === 'unsent') return `${what} passed on, because the picture had stopped. Have a look, then do it again.`;
  return why === 'navigated'
    ? `${what} passed on: the page had changed in the meantime. Have a look, then do it again.`
    : `${what} passed on: it came too late for what you saw. Have a look, then do it again.`;
}

/** Drops come in bursts, such as a click's press and release: it says one line for all of them. */
export class Drops {
  #say;
  #later;
  /** @type {Map<string, number>} */
  #kinds = new Map();
  #why = '';

  /**
   * @param {(text: string) => void} say
   * @param {(done: () => void, ms: number) => void} [later]
   */
  constructor(say, later = (done, ms) => setTimeout(done, ms)) {
    this.#say = say;
    this.#later = later;
  }

  /**
   * @param {string} kind The input's type.
   * @param {string} why
   */
  add(kind, why) {
    if (!Object.hasOwn(KINDS, kind)) return; // a release says nothing of its own
    if (this.#kinds.size === 0) this.#later(() => this.#tell(), DROPS_TOGETHER_MS);
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
    if (this.#why !== 'navigated') this.#why = why;
  }

  #tell() {
    const words = droppedWords(this.#kinds, this.#why);
    this.#kinds = new Map();
    this.#why = '';
    if (words !== '') this.#say(words);
  }
}
