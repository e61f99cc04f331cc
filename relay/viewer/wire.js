// @ts-check
// The stream's text messages in protocol version 1, as the viewer reads them, and its input events.
//
// Whatever this module doesn't know, or that breaks a limit, is `null`: its reader drops it.

/**
 * @typedef {object} Modifiers
 * @property {boolean} altKey
 * @property {boolean} ctrlKey
 * @property {boolean} metaKey
 * @property {boolean} shiftKey
 */

/**
 * What a human does, as the agent reads it. Coordinates are in the frame's device space.
 *
 * @typedef {'left' | 'middle' | 'right'} MouseButton
 * @typedef {{type: 'click', x: number, y: number, button?: MouseButton, clickCount?: number}} Click
 * @typedef {{type: 'dblclick', x: number, y: number}} DoubleClick
 * @typedef {{type: 'scroll', x: number, y: number, deltaX: number, deltaY: number, modifiers?: number}} Scroll
 * @typedef {{type: 'keypress', key: string, code?: string} & Modifiers} KeyPress
 * @typedef {{type: 'keydown' | 'keyup', key: string, code: string, keyCode?: number, repeat?: boolean} & Modifiers} Key
 * @typedef {{type: 'paste', text: string}} Paste
 * @typedef {{type: 'back' | 'forward' | 'reload' | 'resolved' | 'cancelled'}} Plain
 */

/**
 * What only an agent of version 2 that says so takes: modifiers are CDP's bits, and moves and releases may
 * lie beyond the frame.
 *
 * @typedef {{type: 'mousemove', x: number, y: number, modifiers?: number}} MouseMove
 * @typedef {{type: 'mousedown', x: number, y: number, button: MouseButton, clickCount: number, modifiers?: number}} MouseDown
 * @typedef {{type: 'mouseup', x: number, y: number, button: MouseButton, modifiers?: number}} MouseUp
 * @typedef {{type: 'touch', touches: {id: number, x: number, y: number}[]}} Touch All fingers that are down.
 * @typedef {{type: 'compose', text: string, start: number, end: number}} Compose
 * @typedef {{type: 'commit', text: string}} Commit
 * @typedef {{type: 'touchcancel' | 'release_all'}} LetGo
 * @typedef {import('./questions.js').Answer | import('./files.js').FileEvent | {type: 'tab', page: number}} Beside
 * @typedef {import('./picker.js').PickerAnswer | {type: 'copy' | 'open_picker'}} OfFields What only an agent with `fields` takes.
 * @typedef {MouseMove | MouseDown | MouseUp | Touch | Compose | Commit | LetGo | Beside | OfFields} Added
 * @typedef {Click | DoubleClick | Scroll | KeyPress | Key | Paste | Plain | Added} InputEvent
 */

/**
 * A frame's geometry. The rest of Chromium's metadata is the agent's business.
 *
 * @typedef {object} FrameMeta
 * @property {number} deviceWidth In CSS pixels of the agent's browser.
 * @property {number} deviceHeight In CSS pixels of the agent's browser.
 * @property {number} jpegSize The length of the picture that follows, in bytes.
 */

/**
 * @typedef {{type: 'agent_connected' | 'agent_disconnected'}} Presence
 * @typedef {{type: 'session_expired' | 'session_cancelled' | 'session_resolved'}} SessionEnd
 * @typedef {{type: 'pubkey', key: string}} PublicKey
 * @typedef {{type: 'frame', meta: FrameMeta}} FrameHead
 * @typedef {{type: 'notice', code: string}} Notice
 * @typedef {Presence | SessionEnd | PublicKey | FrameHead | Notice} FromRelay
 */

/** The longest text the page pastes, in UTF-16 units; the agent refuses more. */
export const MAX_PASTE = 10_000;

const MAX_TEXT = 65_536;
const MAX_JPEG = 16 * 1024 * 1024;
const MAX_SIDE = 10_000;

/**
 * Reads one text message.
 *
 * @param {string} text
 * @returns {FromRelay | null}
 */
export function parseMessage(text) {
  if (text.length > MAX_TEXT) return null;
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const message = /** @type {Record<string, unknown>} */ (value);
  switch (message['type']) {
    case 'agent_connected':
    case 'agent_disconnected':
    case 'session_expired':
    case 'session_cancelled':
    case 'session_resolved':
      return { type: message['type'] };
    case 'pubkey':
      return typeof message['key'] === 'string' ? { type: 'pubkey', key: message['key'] } : null;
    case 'notice':
      return typeof message['code'] === 'string' ? { type: 'notice', code: message['code'] } : null;
    case 'frame':
      return parseFrame(message);
    default:
      return null;
  }
}

/**
 * @param {Record<string, unknown>} message
 * @returns {FrameHead | null}
 */
function parseFrame(message) {
  const deviceWidth = within(message['deviceWidth'], MAX_SIDE);
  const deviceHeight = within(message['deviceHeight'], MAX_SIDE);
  const jpegSize = within(message['jpegSize'], MAX_JPEG);
  if (!deviceWidth || !deviceHeight || !jpegSize) return null;
  return { type: 'frame', meta: { deviceWidth, deviceHeight, jpegSize } };
}

/**
 * @param {unknown} value
 * @param {number} most
 */
function within(value, most) {
  return typeof value === 'number' && value > 0 && value <= most ? value : 0;
}
