// @ts-check
// What the agent says in CTRL and CLOSE, as the viewer reads it.
//
// A known member of the wrong type is fatal; types that this version doesn't know are passed on as they
// are, for the page to pick from.

import { MAX_U32, parseObject, whole } from './bytes.js';
import { Fatal } from './fatal.js';

/** @typedef {'resolved' | 'cancelled' | 'timeout' | 'error' | 'taken_over'} CloseReason */

/**
 * @typedef {{type: 'heartbeat', lastFrame: number | null, got: number, clock: number}} Heartbeat
 * @typedef {{type: 'ping', n: number}} Ping
 * @typedef {{type: 'takeover', id: number}} Takeover
 * @typedef {{type: 'dropped', kind: string, why: string}} Dropped
 * @typedef {{type: 'notice', code: string}} Notice
 * @typedef {{type: 'state', message: {type: string} & Record<string, unknown>}} State
 * @typedef {Heartbeat | Ping | Takeover | Dropped | Notice | State} FromAgent
 */

const MAX_U16 = 0xffff;
const REASONS = ['resolved', 'cancelled', 'timeout', 'error', 'taken_over'];

/**
 * @param {Uint8Array} plaintext
 * @returns {FromAgent}
 * @throws {Fatal}
 */
export function parseControl(plaintext) {
  const message = parseObject(plaintext);
  const type = text(message['type']);
  switch (type) {
    case 'heartbeat': {
      const last = message['last_frame'];
      const lastFrame = last === null ? null : whole(last);
      return { type, lastFrame, got: whole(message['got']), clock: whole(message['clock'], MAX_U32) };
    }
    case 'ping':
      return { type, n: whole(message['n'], MAX_U32) };
    case 'takeover':
      return { type, id: whole(message['id'], MAX_U16) };
    case 'dropped':
      return { type, kind: text(message['kind']), why: text(message['why']) };
    case 'notice':
      return { type, code: text(message['code']) };
    default:
      return { type: 'state', message: { ...message, type } };
  }
}

/**
 * @param {Uint8Array} plaintext
 * @returns {CloseReason}
 * @throws {Fatal}
 */
export function parseClose(plaintext) {
  const reason = text(parseObject(plaintext)['reason']);
  if (!REASONS.includes(reason)) throw new Fatal('expected a reason that an agent has');
  return /** @type {CloseReason} */ (reason);
}

/** @param {unknown} value */
function text(value) {
  if (typeof value === 'string') return value;
  throw new Fatal('expected a string');
}
