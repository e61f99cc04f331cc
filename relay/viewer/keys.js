// @ts-check
// What a key on this computer means for the agent's page. Pure: no DOM, no state but `HeldKeys`.
//
// A key goes one of three ways: to the page, to the text field (what it makes there is read as text: input
// methods, soft keyboards, dead keys, paste), or it stays with this browser.

/** @typedef {import('./wire.js').InputEvent} InputEvent */
/** @typedef {import('./wire.js').Modifiers} Modifiers */

/**
 * @typedef {object} KeyStroke A keyboard event's members, and whether AltGr is held.
 * @property {string} key
 * @property {string} code
 * @property {number} keyCode
 * @property {boolean} isComposing
 * @property {boolean} altKey
 * @property {boolean} ctrlKey
 * @property {boolean} metaKey
 * @property {boolean} shiftKey
 * @property {boolean} altGraph
 * @property {boolean} [repeat]
 */

/** @typedef {{onMac: boolean, precise: boolean}} Desk Whether this computer is Apple's; whether the agent takes keys as they are held. */

/** @typedef {{to: 'page', events: InputEvent[]} | {to: 'text'} | {to: 'browser'} | {to: 'buttons'}} Route */

const NAMED = new Set([
  'Enter', 'Tab', 'Escape', 'Backspace', 'Delete', 'Insert', 'Home', 'End', 'PageUp', 'PageDown',
  'ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown', 'ContextMenu', 'Shift', 'Control', 'Alt', 'Meta',
  'F1', 'F2', 'F3', 'F4', 'F7', 'F8', 'F9', 'F10',
]);

const MODIFIERS = new Set(['Shift', 'Control', 'Alt', 'Meta']);

/** Leaves the page view, as F6 goes from pane to pane elsewhere. */
const LEAVE = 'F6';

/** With Ctrl or Cmd these open, close and zoom this browser's own windows. */
const BROWSERS_OWN = new Set(['t', 'n', 'w', 'q', 'l', '+', '-', '=', '0']);

/** The modifiers of a stroke without any. @type {Readonly<Modifiers>} */
export const NO_MODIFIERS = Object.freeze({ altKey: false, ctrlKey: false, metaKey: false, shiftKey: false });

/** Text longer than this, in characters, is pasted rather than typed key by key. */
const TYPED_MOST = 64;
/** The longest `key` an agent takes, in UTF-16 units. */
const KEY_MOST = 20;

/**
 * Decides where a key press goes.
 *
 * @param {KeyStroke} stroke
 * @param {Desk} desk
 * @returns {Route}
 */
export function routeKeyDown(stroke, desk) {
  const { key } = stroke;
  if (stroke.isComposing || stroke.keyCode === 229 || ['Unidentified', 'Process', 'Dead', ''].includes(key)) {
    return { to: 'text' };
  }
  if (key === LEAVE) return { to: 'buttons' };
  const command = historyCommand(stroke, desk.onMac);
  if (command) return { to: 'page', events: [{ type: command }] };
  if (NAMED.has(key)) {
    if (key === 'Insert' && stroke.shiftKey) return { to: 'text' };
    return { to: 'page', events: [pressed(stroke, desk)] };
  }
  return isNamed(key) ? { to: 'browser' } : routeCharacter(stroke, desk);
}

/**
 * @param {KeyStroke} stroke
 * @param {Desk} desk
 * @returns {Route}
 */
function routeCharacter(stroke, desk) {
  const { key, code } = stroke;
  // Ctrl+Alt, or Alt alone, made another character of this key: that is AltGr's or Option's text.
  const isMade = stroke.altKey && !stroke.metaKey && !isOwnCharacter(key, code);
  if (stroke.altGraph || isMade) {
    return { to: 'page', events: [typed({ ...stroke, altKey: false, ctrlKey: false }, desk)] };
  }
  if (!stroke.ctrlKey && !stroke.metaKey) return { to: 'page', events: [typed(stroke, desk)] };
  const letter = key.toLowerCase();
  if (letter === 'v' && !stroke.altKey) return { to: 'text' }; // this computer's clipboard, by the paste event
  if (BROWSERS_OWN.has(letter) && !stroke.altKey) return { to: 'browser' };
  const down = pressed(stroke, desk);
  // A Mac never tells when a letter is released while Cmd is held.
  return { to: 'page', events: stroke.metaKey ? [down, lifted(down)] : [down] };
}

/**
 * The keys that a browser itself would act on: the page's browser is elsewhere, and has buttons for them.
 *
 * @param {KeyStroke} stroke
 * @param {boolean} onMac
 * @returns {'back' | 'forward' | 'reload' | null}
 */
function historyCommand({ key, altKey, ctrlKey, metaKey, shiftKey }, onMac) {
  if (key === 'BrowserBack') return 'back';
  if (key === 'BrowserForward') return 'forward';
  if (key === 'BrowserRefresh' || key === 'F5') return 'reload';
  const command = onMac ? metaKey && !ctrlKey : ctrlKey && !metaKey;
  if (command && !altKey && key.toLowerCase() === 'r') return 'reload';
  if (onMac) {
    if (command && key === '[') return 'back';
    return command && key === ']' ? 'forward' : null;
  }
  if (!altKey || ctrlKey || metaKey || shiftKey) return null;
  if (key === 'ArrowLeft') return 'back';
  return key === 'ArrowRight' ? 'forward' : null;
}

/**
 * Whether a key copies or cuts, wherever the page's browser runs.
 *
 * @param {Modifiers & {key: string}} stroke
 * @param {boolean} onMac
 */
export function asksForCopy({ key, altKey, ctrlKey, metaKey, shiftKey }, onMac) {
  const command = ctrlKey !== metaKey && (ctrlKey || onMac);
  const letter = key.toLowerCase();
  return command && !altKey && !shiftKey && (letter === 'c' || letter === 'x');
}

/**
 * Whether text came from a password manager or the like, which may act by itself.
 *
 * @param {string} inputType What the browser calls it; empty where it has no name for it.
 */
export function isFill(inputType) {
  return inputType === '' || inputType === 'insertReplacementText';
}

/**
 * Whether text came whole, such as a code from a message or what was dictated, rather than by keys.
 *
 * @param {string} text
 * @param {boolean} isSoft Whether keys come from an on-screen keyboard.
 */
export function isAtOnce(text, isSoft) {
  return isSoft && graphemes(text).length > 1;
}

/** What is down, so that every press has one release. */
export class HeldKeys {
  /** @type {Map<string, {key: string, code: string}>} */
  #held = new Map();

  /**
   * Notes the presses among what is sent.
   *
   * @param {readonly InputEvent[]} events
   */
  note(events) {
    for (const event of events) {
      if (event.type === 'keyup') this.#held.delete(event.code);
      else if ((event.type === 'keydown' || event.type === 'keypress') && event.code) {
        this.#held.set(event.code, { key: event.key, code: event.code });
      }
    }
  }

  /**
   * @param {KeyStroke} stroke
   * @returns {InputEvent[]} The release, under the name the key was pressed by; none if it wasn't.
   */
  release(stroke) {
    const held = this.#held.get(stroke.code);
    if (!held) return [];
    this.#held.delete(stroke.code);
    return [{ type: 'keyup', ...held, ...modifiersOf(stroke) }];
  }

  /** @returns {InputEvent[]} What a Mac doesn't tell with Cmd's own release: that of the keys held meanwhile. */
  releaseUntold() {
    const untold = [...this.#held.values()].filter(({ key }) => !MODIFIERS.has(key));
    for (const { code } of untold) this.#held.delete(code);
    return untold.map((key) => ({ type: 'keyup', ...key, ...NO_MODIFIERS }));
  }

  /** Whether a key is down. */
  get any() {
    return this.#held.size > 0;
  }

  /** @returns {InputEvent[]} A release for every key that is down. */
  releaseAll() {
    const held = [...this.#held.values()];
    this.#held.clear();
    return held.map((key) => ({ type: 'keyup', ...key, ...NO_MODIFIERS }));
  }
}

/**
 * Text that came without keys, as events: typed when it is short, else pasted.
 *
 * @param {string} text
 * @returns {InputEvent[]}
 */
export function typeText(text) {
  const plain = text.replace(/\r\n?/gu, '\n');
  if (plain === '') return [];
  if (plain === '\n') return pressNamed('Enter', NO_MODIFIERS);
  const characters = graphemes(plain);
  if (plain.includes('\n') || characters.length > TYPED_MOST) return [{ type: 'paste', text: plain }];
  return characters.map((key) =>
    key.length > KEY_MOST ? { type: 'paste', text: key } : { type: 'keypress', key, ...NO_MODIFIERS });
}

/**
 * A key of the on-screen row, or a character while its Ctrl is on: down and up.
 *
 * @param {string} key
 * @param {Modifiers} modifiers
 * @returns {InputEvent[]}
 */
export function pressNamed(key, modifiers) {
  const stroke = { key, code: codeOf(key), ...modifiers };
  return [{ type: 'keydown', ...stroke }, { type: 'keyup', ...stroke }];
}

/**
 * How to make one text of another at the end of a field: an input method changes its mind.
 *
 * @param {string} from
 * @param {string} to
 * @returns {{erase: number, insert: string}} Characters to erase, then text to insert.
 */
export function difference(from, to) {
  const old = graphemes(from);
  const now = graphemes(to);
  let same = 0;
  while (same < old.length && same < now.length && old[same] === now[same]) same += 1;
  return { erase: old.length - same, insert: now.slice(same).join('') };
}

/**
 * A key that types: held until it is released, where the agent takes that, and repeating meanwhile.
 *
 * @param {KeyStroke} stroke
 * @param {Desk} desk
 * @returns {InputEvent}
 */
function typed(stroke, desk) {
  const { key, code } = stroke;
  return desk.precise ? pressed(stroke, desk) : { type: 'keypress', key, code, ...modifiersOf(stroke) };
}

/**
 * @param {KeyStroke} stroke
 * @param {Desk} desk
 * @returns {import('./wire.js').Key}
 */
function pressed(stroke, { precise }) {
  const { key, code, keyCode, repeat = false } = stroke;
  const down = { type: /** @type {const} */ ('keydown'), key, code, ...modifiersOf(stroke) };
  return precise ? { ...down, ...(keyCode > 0 && keyCode < 256 ? { keyCode } : {}), repeat } : down;
}

/**
 * @param {import('./wire.js').Key} down
 * @returns {import('./wire.js').Key}
 */
function lifted({ key, code, altKey, ctrlKey, metaKey, shiftKey }) {
  return { type: 'keyup', key, code, altKey, ctrlKey, metaKey, shiftKey };
}

/**
 * @param {Modifiers} stroke
 * @returns {Modifiers}
 */
function modifiersOf({ altKey, ctrlKey, metaKey, shiftKey }) {
  return { altKey, ctrlKey, metaKey, shiftKey };
}

/** @param {string} key A name such as `ArrowLeft` rather than a character. */
function isNamed(key) {
  return /^[A-Z][A-Za-z0-9]+$/u.test(key);
}

/**
 * @param {string} key
 * @param {string} code
 */
function isOwnCharacter(key, code) {
  return code !== '' && codeOf(key) === code;
}

/** @param {string} key */
function codeOf(key) {
  if (/^[a-z]$/iu.test(key)) return `Key${key.toUpperCase()}`;
  if (/^[0-9]$/u.test(key)) return `Digit${key}`;
  if (key === 'Control') return 'ControlLeft';
  return isNamed(key) ? key : '';
}

/**
 * @param {string} text
 * @returns {string[]}
 */
function graphemes(text) {
  if (typeof Intl.Segmenter !== 'function') return Array.from(text);
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}
