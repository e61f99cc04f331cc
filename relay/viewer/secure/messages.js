// @ts-check
// What page and Worker say to each other. Each call and each event is one message: its name and its
// arguments.

/** @typedef {import('./alive.js').Frozen} Frozen */
/** @typedef {import('./connection.js').Closing} Closing */
/** @typedef {import('./frame.js').SecureFrameMeta} SecureFrameMeta */

/** @typedef {{bitmap: ImageBitmap, meta: SecureFrameMeta, counter: number, epoch: number}} ShownFrame */

/**
 * What the Worker tells the page. All but `agent`, `relayEnded` and what is said of sockets is the agent's
 * word, verified.
 *
 * @typedef {object} Tell
 * @property {() => void} opened The relay is reached.
 * @property {(here: boolean) => void} agent The agent came or went, says the relay.
 * @property {(news: {expiresIn: number, resumed: boolean, lost: number}) => void} secured Input can be sent; `lost` inputs
 *   never arrived, or nobody can say whether they did.
 * @property {(frame: ShownFrame) => void} frame
 * @property {(reason: Frozen) => void} frozen The picture may not be now, for this reason; for `asleep` it has to be blanked.
 * @property {() => void} thawed
 * @property {(secondsLeft: number) => void} busy Another viewer has the session, and is asked.
 * @property {(wrong: boolean) => void} pinNeeded
 * @property {() => void} closedToStrangers
 * @property {(id: number) => void} takeover Somebody else asks for the session.
 * @property {(id: number) => void} takeoverGone
 * @property {(kind: string, why: string) => void} dropped An input was: `stale` or `navigated` by the agent, `unsent` by this page.
 * @property {(code: string) => void} notice
 * @property {(message: {type: string} & Record<string, unknown>) => void} state
 * @property {(code: number, discarded: number) => void} lost The socket dropped, with input unsent; a retry is on its way.
 * @property {(why: Closing) => void} closed Nothing is dialled any more.
 * @property {(reason: 'resolved' | 'cancelled' | 'timeout' | 'error') => void} ended
 * @property {(how: 'expired' | 'cancelled' | 'resolved') => void} relayEnded The relay's word, untrusted.
 */

/** The events' names. @type {readonly (keyof Tell)[]} */
export const EVENTS = Object.freeze(/** @type {const} */ ([
  'opened', 'agent', 'secured', 'frame', 'frozen', 'thawed', 'busy', 'pinNeeded', 'closedToStrangers', 'takeover',
  'takeoverGone', 'dropped', 'notice', 'state', 'lost', 'closed', 'ended', 'relayEnded',
]));

/** The calls' names, all of them methods of the Worker's `Viewer`. */
export const CALLS = Object.freeze(/** @type {const} */ ([
  'connect', 'send', 'finish', 'answerPin', 'answerTakeover', 'retry', 'leave', 'quit', 'stop', 'drawn', 'hide', 'woke',
]));
