// @ts-check
// What a relay says in text (§2): untrusted, and never more than a hint.

/** @typedef {'agent_connected' | 'agent_disconnected' | 'expired' | 'cancelled' | 'resolved'} RelayWord */

const MAX_TEXT = 4_096;

/** @type {ReadonlyMap<unknown, RelayWord>} */
const WORDS = new Map([
  ['agent_connected', 'agent_connected'],
  ['agent_disconnected', 'agent_disconnected'],
  ['session_expired', 'expired'],
  ['session_cancelled', 'cancelled'],
  ['session_resolved', 'resolved'],
]);

/**
 * @param {string} text
 * @returns {RelayWord | null} Null for anything else, version 1's messages among them.
 */
export function parseRelayText(text) {
  if (text.length > MAX_TEXT) return null;
  try {
    /** @type {unknown} */
    const value = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('type' in value)) return null;
    return WORDS.get(value.type) ?? null;
  } catch {
    return null;
  }
}
