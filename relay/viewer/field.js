// @ts-check
// Where typed text goes in the page, as the agent tells it: read, and what follows for the keyboard here.
//
// The label is the page's word. What stands in the field is never told.

/**
 * @typedef {'text' | 'password' | 'email' | 'tel' | 'url' | 'number' | 'search' | 'multiline' | 'rich'} TypedKind
 * @typedef {'date' | 'time' | 'month' | 'week' | 'datetime-local' | 'color' | 'select' | 'file'} PickedKind What has a picker of its own.
 */

/**
 * @typedef {object} Field
 * @property {TypedKind | PickedKind} kind
 * @property {string} inputMode Of HTML's list, or empty.
 * @property {string} enterKey Of HTML's list, or empty.
 * @property {string} autocomplete HTML's tokens, or empty.
 * @property {number | null} maxLength
 * @property {string} label
 * @property {Rect} rect
 */

/** @typedef {{x: number, y: number, width: number, height: number}} Rect In device space. */

/**
 * How an element is made that a phone's keyboard and password manager take for the page's field.
 *
 * @typedef {object} Shape
 * @property {'multiline' | 'text' | 'password' | 'tel' | 'url' | 'search'} type
 * @property {string} inputMode
 * @property {string} enterKey
 * @property {string} autocomplete
 * @property {number | null} maxLength
 */

/** @type {readonly string[]} */
const TYPED = ['text', 'password', 'email', 'tel', 'url', 'number', 'search', 'multiline', 'rich'];
/** @type {readonly string[]} */
const PICKED = ['date', 'time', 'month', 'week', 'datetime-local', 'color', 'select', 'file'];
const INPUT_MODES = new Set(['none', 'text', 'decimal', 'numeric', 'tel', 'search', 'email', 'url']);
const ENTER_KEYS = new Set(['enter', 'done', 'go', 'next', 'previous', 'search', 'send']);
const MAX_LABEL = 100;
const FARTHEST = 100_000;
/** A field for digits that takes no more than this many is one for a code. */
const CODE_MOST = 8;
/** Boxes for single characters of a code: a phone that heeded their length would cut the code. */
const BOX_MOST = 3;

/** The keyboard that goes with a kind, unless the page wants another. @type {Readonly<Record<string, string>>} */
const MODES = { email: 'email', tel: 'tel', url: 'url', number: 'decimal', search: 'search' };
/** What a kind is filled with, unless the page says so. @type {Readonly<Record<string, string>>} */
const FILLED_WITH = { password: 'current-password', email: 'email', tel: 'tel' };

/**
 * Reads where text goes now: `null` for nowhere, `undefined` if the message isn't about that.
 *
 * @param {Record<string, unknown>} message
 * @returns {Field | null | undefined}
 */
export function readField(message) {
  const field = message['field'];
  if (message['type'] !== 'field') return undefined;
  if (typeof field !== 'object' || field === null) return field === null ? null : undefined;
  const { kind, input_mode, enter_key, autocomplete, max_length, label, x, y, width, height } = /** @type {Record<string, unknown>} */ (field);
  if (typeof kind !== 'string' || !(TYPED.includes(kind) || PICKED.includes(kind))) return undefined;
  if (!isNear(x) || !isNear(y) || !isNear(width) || !isNear(height)) return undefined;
  return {
    kind: /** @type {Field['kind']} */ (kind),
    inputMode: oneOf(INPUT_MODES, input_mode),
    enterKey: oneOf(ENTER_KEYS, enter_key),
    autocomplete: typeof autocomplete === 'string' && /^[a-z0-9 -]{1,100}$/iu.test(autocomplete) ? autocomplete.toLowerCase() : '',
    maxLength: typeof max_length === 'number' && Number.isInteger(max_length) && max_length > 0 ? max_length : null,
    label: typeof label === 'string' ? label.slice(0, MAX_LABEL) : '',
    rect: { x, y, width, height },
  };
}

/** Whether text is typed there. @param {Field | null} field @returns {field is Field} */
export function isTyped(field) {
  return field !== null && TYPED.includes(field.kind);
}

/** Whether it has a picker that can be asked for again. @param {Field | null} field @returns {field is Field} */
export function isPicked(field) {
  return field !== null && field.kind !== 'file' && PICKED.includes(field.kind);
}

/** Whether a phone is to show its keyboard there: a page may bring one of its own. @param {Field | null} field */
export function wantsKeyboard(field) {
  return isTyped(field) && field.inputMode !== 'none';
}

/** Whether it is one for a code that somebody was sent. @param {Field | null} field */
export function isForCode(field) {
  if (!isTyped(field)) return false;
  if (field.autocomplete.split(' ').includes('one-time-code')) return true;
  const isDigits = field.inputMode === 'numeric' || field.kind === 'number' || field.kind === 'tel';
  return isDigits && field.maxLength !== null && field.maxLength <= CODE_MOST;
}

/** Whether it is the same field elsewhere on the screen. @param {Field} one @param {Field} other */
export function isSameField(one, other) {
  const { rect, ...rest } = one;
  const { rect: otherRect, ...otherRest } = other;
  const isAsLarge = rect.width === otherRect.width && rect.height === otherRect.height;
  return isAsLarge && JSON.stringify(rest) === JSON.stringify(otherRest);
}

/**
 * The element for a field. Elements for addresses and numbers tell no selection and drop what they don't
 * like, so those are plain text with the right keyboard.
 *
 * @param {Field} field
 * @returns {Shape}
 */
export function shapeOf(field) {
  const { kind, inputMode, enterKey, autocomplete, maxLength } = field;
  const isCutCode = isForCode(field) && maxLength !== null && maxLength <= BOX_MOST;
  return {
    type: typeOf(kind),
    inputMode: (inputMode === 'none' ? '' : inputMode) || (MODES[kind] ?? ''),
    enterKey,
    autocomplete: autocomplete || (FILLED_WITH[kind] ?? 'off'),
    maxLength: isCutCode ? null : maxLength,
  };
}

/** @param {Field['kind']} kind @returns {Shape['type']} */
function typeOf(kind) {
  switch (kind) {
    case 'password':
    case 'tel':
    case 'url':
    case 'search':
      return kind;
    case 'multiline':
    case 'rich':
      return 'multiline';
    default:
      return 'text';
  }
}

/** @param {ReadonlySet<string>} known @param {unknown} value */
function oneOf(known, value) {
  return typeof value === 'string' && known.has(value) ? value : '';
}

/** @param {unknown} value @returns {value is number} */
function isNear(value) {
  return typeof value === 'number' && Number.isFinite(value) && Math.abs(value) <= FARTHEST;
}
