// @ts-check
// What the page knows, and which state follows from it. Pure: facts in, one phase out.
//
//   loading -> card -> connecting -> waiting <-> live <-> frozen
//      |        |          |  ^         ^  |------ any of these -> reconnecting, and back
//      |        |          |  |         v
//      +--> error <--------+  +------ barred              any ------> ended
//
// Phases aren't stored, so that no two of them can disagree with what happened. `barred` and `frozen`
// come up in version 2 only.

/** @typedef {'loading' | 'card' | 'connecting' | 'waiting' | 'barred' | 'live' | 'frozen' | 'reconnecting' | 'ended' | 'error'} Phase */
/** @typedef {'resolved' | 'cancelled' | 'expired' | 'error' | 'elsewhere' | 'unconfirmed' | 'tampered' | 'unanswered' | 'broken'} Outcome */
/** @typedef {import('./link.js').LinkProblem | import('./card.js').CardProblem | 'damaged' | 'insecure' | 'interposed'} Problem */

/**
 * Why the agent, though it is there, doesn't let this page in yet.
 *
 * @typedef {{by: 'busy', left: number}} Busy Somebody else is asked, for so many seconds more.
 * @typedef {{by: 'pin', wrong: boolean, checking: boolean}} Pin
 * @typedef {{by: 'locked'}} Locked Too many wrong PINs were tried.
 * @typedef {Busy | Pin | Locked} Bar
 */

/** @typedef {'silent' | 'picture' | 'unheard' | 'asleep'} Frozen Why what is seen may be old. */

/**
 * @typedef {object} Facts
 * @property {boolean} secure Whether the link is one of version 2: everything is end-to-end encrypted.
 * @property {Problem | null} problem Why nothing can be shown.
 * @property {boolean} hasCard
 * @property {boolean} started The human pressed Start.
 * @property {boolean} connected To the relay.
 * @property {boolean} wasConnected
 * @property {number} failures Of connecting, in a row.
 * @property {boolean} agentHere
 * @property {boolean} agentWasHere
 * @property {boolean} secured A key is agreed on: input can be sent.
 * @property {boolean} hadControl It was so before.
 * @property {boolean} pictured There is a picture to look at.
 * @property {Bar | null} barred
 * @property {Frozen | null} frozen
 * @property {number | null} challenger Somebody else who asks for control, by the agent's number.
 * @property {boolean} handedOver The human gave control to a challenger.
 * @property {'resolved' | 'cancelled' | null} finishing What the human said, until the agent has heard it.
 * @property {boolean} slow The agent takes long to hear it.
 * @property {{outcome: Outcome, byYou: boolean} | null} end
 */

/** What a connection knew, gone with it. */
export const NO_CONNECTION = Object.freeze({
  connected: false,
  agentHere: false,
  secured: false,
  barred: null,
  frozen: null,
  challenger: null,
});

/** @type {Readonly<Facts>} */
export const NOTHING_KNOWN = Object.freeze({
  ...NO_CONNECTION,
  secure: false,
  problem: null,
  hasCard: false,
  started: false,
  wasConnected: false,
  failures: 0,
  agentWasHere: false,
  hadControl: false,
  pictured: false,
  handedOver: false,
  finishing: null,
  slow: false,
  end: null,
});

/** @type {readonly Phase[]} */
const OPEN = ['connecting', 'waiting', 'barred', 'live', 'frozen', 'reconnecting'];

/**
 * @param {Facts} facts
 * @returns {Phase}
 */
export function phaseOf(facts) {
  if (facts.end) return 'ended';
  if (facts.problem) return 'error';
  if (!facts.hasCard) return 'loading';
  if (!facts.started) return 'card';
  if (facts.barred) return 'barred';
  if (!facts.connected) return facts.wasConnected ? 'reconnecting' : 'connecting';
  if (facts.secured && facts.frozen) return 'frozen';
  return facts.secured && facts.pictured ? 'live' : 'waiting';
}

/** Whether the agent's page, or what stands for it, is on the screen. @param {Phase} phase */
export function isOpen(phase) {
  return OPEN.includes(phase);
}

/**
 * Whether the human can say how it ended. In version 2 the word waits for the connection by itself, so
 * that nobody has to watch for it.
 *
 * @param {Facts} facts
 */
export function canFinish(facts) {
  const phase = phaseOf(facts);
  const later = facts.secure && facts.hadControl && (phase === 'frozen' || phase === 'reconnecting');
  return !facts.finishing && (phase === 'live' || later);
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

/**
 * What the end of a connection means, by its close code or by what the page itself found out.
 *
 * @param {number | string} code
 * @param {Facts} facts
 * @returns {{problem: Problem} | {outcome: Outcome} | {barred: Bar}}
 */
export function closeOf(code, facts) {
  switch (code) {
    case 4401:
      return { problem: 'refused' };
    case 4403:
      return { barred: { by: 'busy', left: 0 } };
    case 4408:
    case 'taken_over':
      return { outcome: 'elsewhere' };
    case 4410:
      return { outcome: 'expired' };
    case 4426:
      return { problem: 'newer' };
    case 4400:
    case 'tampered':
      return { outcome: 'tampered' };
    case 'unanswered':
    case 'broken':
      return { outcome: code };
    default:
      return { outcome: facts.secure && facts.finishing ? 'unconfirmed' : 'error' };
  }
}
