// @ts-check
// What the page knows, and which state follows from it. Pure: facts in, one phase out.
//
//   loading -> card -> connecting -> waiting <-> live
//      |        |          |            ^---------> reconnecting (from either, and back)
//      +--> error <--------+            any ------> ended
//
// Phases aren't stored, so that no two of them can disagree with what happened.

/** @typedef {'loading' | 'card' | 'connecting' | 'waiting' | 'live' | 'reconnecting' | 'ended' | 'error'} Phase */
/** @typedef {'resolved' | 'cancelled' | 'expired' | 'error' | 'elsewhere'} Outcome */
/** @typedef {import('./link.js').LinkProblem | import('./card.js').CardProblem | 'insecure'} Problem */

/**
 * @typedef {object} Facts
 * @property {Problem | null} problem Why nothing can be shown.
 * @property {boolean} hasCard
 * @property {boolean} started The human pressed Start.
 * @property {boolean} connected To the relay.
 * @property {boolean} wasConnected
 * @property {number} failures Of connecting, in a row.
 * @property {boolean} agentHere
 * @property {boolean} agentWasHere
 * @property {boolean} secured A key is agreed on: input can be sent.
 * @property {boolean} pictured There is a picture to look at.
 * @property {'resolved' | 'cancelled' | null} finishing What the human said, until the agent has heard it.
 * @property {boolean} slow The agent takes long to hear it.
 * @property {{outcome: Outcome, byYou: boolean} | null} end
 */

/** @type {Readonly<Facts>} */
export const NOTHING_KNOWN = Object.freeze({
  problem: null,
  hasCard: false,
  started: false,
  connected: false,
  wasConnected: false,
  failures: 0,
  agentHere: false,
  agentWasHere: false,
  secured: false,
  pictured: false,
  finishing: null,
  slow: false,
  end: null,
});

/**
 * @param {Facts} facts
 * @returns {Phase}
 */
export function phaseOf(facts) {
  if (facts.end) return 'ended';
  if (facts.problem) return 'error';
  if (!facts.hasCard) return 'loading';
  if (!facts.started) return 'card';
  if (!facts.connected) return facts.wasConnected ? 'reconnecting' : 'connecting';
  return facts.secured && facts.pictured ? 'live' : 'waiting';
}

/**
 * @param {string} status The API's.
 * @returns {Outcome | null} Null while the session goes on.
 */
export function outcomeOf(status) {
  switch (status) {
    case 'RESOLVED':
      return 'resolved';
    case 'CANCELLED':
      return 'cancelled';
    case 'TIMEOUT':
      return 'expired';
    case 'ERROR':
      return 'error';
    default:
      return null;
  }
}
