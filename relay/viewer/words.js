// @ts-check
// Everything the page says about its state, in one place: what is going on, and what to do next.

import { phaseOf } from './state.js';

/** @typedef {import('./state.js').Facts} Facts */
/** @typedef {import('./state.js').Problem} Problem */

/** @typedef {{label: string, act: 'retry' | 'again' | 'here' | 'reload' | 'pin' | 'ask'}} Action */
/** @typedef {{status: string, title: string, text: string, icon?: string, action?: Action}} Words */

const PRIVACY =
  'What you type is encrypted for the agent’s computer. The picture is not end-to-end encrypted: the relay in between could see it.';

const PRIVACY_SECURE =
  'End-to-end encrypted: what you see and type here is readable only on this page and on the agent’s computer.';

/** @type {Readonly<Record<string, string>>} */
const TASKS = {
  otp: 'Enter a one-time code',
  sms_otp: 'Enter the code from your text message',
  email_otp: 'Enter the code from your e-mail',
  totp: 'Enter the code from your authenticator app',
  password: 'Enter your password',
  captcha: 'Show that you’re human',
  image_captcha: 'Show that you’re human',
  behavioral_captcha: 'Show that you’re human',
  security_question: 'Answer a security question',
  document_upload: 'Provide a document',
};

/**
 * What the human is asked to do, in a few words.
 *
 * @param {string} blocker The API's word for what blocks the agent.
 */
export function taskOf(blocker) {
  return Object.hasOwn(TASKS, blocker) ? TASKS[blocker] ?? '' : 'Help with a step';
}

/** @param {string} service */
export function explain(service) {
  return `Your agent is at a step on ${service} that only you can do. Use its browser tab right here, then press Done.`;
}

/** Who can read what passes. @param {boolean} secure Whether the link is one of version 2. */
export function privacyOf(secure) {
  return secure ? PRIVACY_SECURE : PRIVACY;
}

/**
 * @param {Facts} facts
 * @returns {Words}
 */
export function wordsOf(facts) {
  switch (phaseOf(facts)) {
    case 'loading':
      return { status: 'Opening…', title: '', text: '' };
    case 'card':
      return { status: 'Ready', title: '', text: '' };
    case 'connecting':
      return facts.failures < 2
        ? { status: 'Connecting…', title: 'Connecting…', text: 'Reaching the relay that passes the page on.' }
        : { status: 'Not connected', title: 'Can’t reach the relay', text: 'Check your internet connection. This page keeps trying.', action: TRY_NOW };
    case 'waiting':
      return waiting(facts);
    case 'barred':
      return barred(facts.barred);
    case 'frozen':
      return facts.finishing ? finishing(facts) : FROZEN[facts.frozen ?? 'silent'];
    case 'live':
      return facts.finishing ? finishing(facts) : { status: 'Live', title: '', text: '' };
    case 'reconnecting':
      if (facts.finishing) return finishing(facts);
      return {
        status: 'Reconnecting…',
        title: 'Connection lost',
        text: 'Getting it back. The page stays as it is, so you lose nothing.',
        ...(facts.failures < 3 ? {} : { action: TRY_NOW }),
      };
    case 'ended':
      return ended(facts);
    case 'error':
      return facts.problem ? PROBLEMS[facts.problem] : PROBLEMS.unreachable;
  }
}

/** @type {Action} */
const TRY_NOW = { label: 'Try now', act: 'retry' };
/** @type {Action} */
const LOOK_AGAIN = { label: 'Try again', act: 'reload' };

/** @type {Readonly<Record<import('./state.js').Frozen, Words>>} */
const FROZEN = {
  silent: { status: 'Frozen', title: 'The picture is frozen', text: 'Nothing has been heard from the agent’s computer for some seconds, so this picture may be old. Keys and clicks are held back until it answers.' },
  picture: { status: 'Frozen', title: 'The picture is behind', text: 'The page has changed, but the new picture hasn’t arrived. Keys and clicks are held back until it does.' },
  unheard: { status: 'Frozen', title: 'Your input isn’t arriving', text: 'The agent’s computer hasn’t confirmed what you did last. Keys and clicks are held back until it does.' },
  asleep: { status: 'Checking…', title: 'Welcome back', text: 'Making sure that you see the page as it is now, not as it was.' },
};

/**
 * @param {import('./state.js').Bar | null} bar
 * @returns {Words}
 */
function barred(bar) {
  switch (bar?.by) {
    case 'pin':
      return bar.checking
        ? { status: 'Checking…', title: 'Checking the PIN', text: 'The agent’s computer compares it.' }
        : { status: 'PIN needed', title: 'A PIN is needed', text: 'The agent’s computer has sent it another way than this link, such as a notification or a message.', action: { label: 'Enter the PIN', act: 'pin' } };
    case 'locked':
      return {
        status: 'Locked',
        title: 'No one new is let in',
        text: 'A wrong PIN was entered too often. Whoever has control can go on; otherwise cancel the request in the chat with your agent and let it send a new link.',
        action: { label: 'Try again', act: 'ask' },
      };
    default:
      return bar?.by === 'busy' && bar.left > 0
        ? { status: 'In use', title: 'Somebody is using this already', text: `They are being asked to hand it over, and have ${seconds(bar.left)} to answer. Is it you, in another window or on another device? Then allow it there.` }
        : { status: 'In use', title: 'It wasn’t handed over', text: 'Somebody else goes on using this. If that isn’t you or a person you trust, cancel the request in the chat with your agent.', action: { label: 'Ask again', act: 'ask' } };
  }
}

/** @param {number} count */
function seconds(count) {
  const whole = Math.ceil(count);
  return whole === 1 ? 'a second' : `${whole} seconds`;
}

/**
 * @param {Facts} facts
 * @returns {Words}
 */
function waiting(facts) {
  if (facts.finishing) return finishing(facts);
  if (facts.agentHere && facts.secured) {
    return { status: 'Almost there…', title: 'Getting the picture', text: 'The agent’s computer is sending the page.' };
  }
  if (facts.agentHere) {
    return { status: 'Securing…', title: 'Securing the connection', text: 'Agreeing on a key with the agent’s computer.' };
  }
  return facts.agentWasHere
    ? { status: 'Agent away', title: 'The agent’s computer is away', text: 'Its connection dropped. It usually is back within half a minute; otherwise the request ends.' }
    : { status: 'Waiting…', title: 'Waiting for the agent', text: 'Its computer isn’t connected yet. This page goes on by itself once it is.' };
}

/**
 * @param {Facts} facts
 * @returns {Words}
 */
function finishing({ slow, secure }) {
  if (!slow) return { status: 'Sending…', title: 'Telling the agent…', text: 'Keep this page open for a moment.' };
  const words = { status: 'No answer yet', title: 'The agent hasn’t answered yet' };
  return secure
    ? { ...words, text: 'This page tells it again by itself, until it has confirmed. Please keep the page open.' }
    : { ...words, text: 'Its computer may be busy. You can tell it once more, or leave this page open.', action: { label: 'Tell it again', act: 'again' } };
}

/**
 * @param {Facts} facts
 * @returns {Words}
 */
function ended({ end }) {
  const byYou = end?.byYou === true;
  switch (end?.outcome) {
    case 'resolved':
      return byYou
        ? { status: 'Done', title: 'Done. Thank you!', text: 'The agent has been told and carries on from here. You can close this page.', icon: 'check' }
        : { status: 'Done', title: 'Already done', text: 'This was marked as done elsewhere, and the agent carries on. You can close this page.', icon: 'check' };
    case 'cancelled':
      return byYou
        ? { status: 'Ended', title: 'The agent has been told', text: 'It knows that you couldn’t do this and no longer waits. You can close this page.', icon: 'cross' }
        : { status: 'Ended', title: 'No longer needed', text: 'The agent took its request back. There is nothing left to do, and you can close this page.', icon: 'cross' };
    case 'expired':
      return { status: 'Time is up', title: 'Time is up', text: 'The request ran out before it was done. Ask your agent to try again: it will send you a new link.', icon: 'clock' };
    case 'elsewhere':
      return byYou
        ? { status: 'Handed over', title: 'You handed it over', text: 'It is used in the other place now. You can close this page.', icon: 'screens', action: { label: 'Ask for it back', act: 'here' } }
        : {
          status: 'Open elsewhere',
          title: 'Open in another place',
          text: 'This link was opened in another window or on another device, which has taken over. Only one can be used at a time.',
          icon: 'screens',
          action: { label: 'Use it here instead', act: 'here' },
        };
    case 'tampered':
      return {
        status: 'Damaged',
        title: 'The connection was damaged or tampered with',
        text: 'Again and again something on the way changed what was sent, so this page has stopped. Nothing false was shown or passed on. Try another network, or ask your agent for a new link.',
        icon: 'alert',
        action: { label: 'Try again', act: 'here' },
      };
    case 'unanswered':
      return { status: 'No answer', title: 'The agent’s computer doesn’t answer', text: 'It is said to be connected, but no secure connection to it came about. Check that this is the newest link your agent gave you.', icon: 'alert', action: { label: 'Try again', act: 'here' } };
    case 'broken':
      return { status: 'Stopped', title: 'This page has stopped working', text: 'Its part that encrypts couldn’t run in this browser. Load the page again; if that doesn’t help, open the link in another browser.', icon: 'alert' };
    case 'unconfirmed':
      return { status: 'Not confirmed', title: 'Ended without an answer', text: 'The connection ended before the agent confirmed what you told it. Look in the chat with your agent whether it knows.', icon: 'alert' };
    default:
      return { status: 'Ended', title: 'The page is gone', text: 'Its tab was closed or crashed, or the agent’s browser or computer went away, so this can’t go on. Ask your agent to try again: it will send you a new link.', icon: 'alert' };
  }
}

/** @type {Readonly<Record<Problem, Words>>} */
const PROBLEMS = {
  incomplete: { status: 'Link incomplete', title: 'This link is incomplete', text: 'A part at its end is missing, and only that part opens the request. Copy the whole link again, or click it where your agent wrote it. If it worked in this browser before, it has ended or run out.', icon: 'alert' },
  damaged: { status: 'Link damaged', title: 'This link is damaged', text: 'Its last part has been changed or has something added. Copy the whole link again, or click it where your agent wrote it.', icon: 'alert' },
  burnt: { status: 'Link used up', title: 'This link can’t be used any more', text: 'A mail or chat filter has rewritten it and so has seen its secret. Ask your agent for a new link, and open it right where the agent writes it.', icon: 'alert' },
  interposed: { status: 'Stopped', title: 'This page was stopped', text: 'A helper script of this address (a service worker) stood between you and this page and could have changed it. It has been removed. Close this page, then open your link again.', icon: 'alert' },
  malformed: { status: 'No request here', title: 'There is nothing here', text: 'This address isn’t a request’s link. Click the link where your agent wrote it.', icon: 'alert' },
  newer: { status: 'Newer link', title: 'This link is too new for this page', text: 'The agent speaks a later version than the relay that serves this page. Whoever runs the relay has to update it.', icon: 'alert' },
  refused: { status: 'Link not valid', title: 'This link isn’t valid', text: 'The relay doesn’t accept its key. Copy the whole link again, or ask your agent for a new one.', icon: 'alert' },
  unknown: { status: 'Ended', title: 'This request has ended', text: 'It was finished some time ago, or never was here. If your agent still waits, ask it for a new link.', icon: 'clock' },
  expired: { status: 'Time is up', title: 'Time is up', text: 'The request ran out. Ask your agent to try again: it will send you a new link.', icon: 'clock' },
  unreachable: { status: 'Not connected', title: 'Can’t reach the relay', text: 'Check your internet connection, then try again.', icon: 'alert', action: LOOK_AGAIN },
  insecure: { status: 'Not secure', title: 'This page needs https', text: 'What you type must be encrypted, and browsers allow that only on https pages and on localhost. Ask whoever runs the relay for an https link: AUTHLOOP_TLS=self-signed or a tunnel in AUTHLOOP_PUBLIC_URL gives one.', icon: 'lock' },
};
