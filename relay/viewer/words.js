// @ts-check
// Everything the page says about its state, in one place: what is going on, and what to do next.

import { phaseOf } from './state.js';

/** @typedef {import('./state.js').Facts} Facts */
/** @typedef {import('./state.js').Problem} Problem */

/** @typedef {{label: string, act: 'retry' | 'again' | 'here' | 'reload'}} Action */
/** @typedef {{status: string, title: string, text: string, icon?: string, action?: Action}} Words */

export const PRIVACY =
  'What you type is encrypted for the agent’s computer. The picture is not end-to-end encrypted: the relay in between could see it.';

export const NOT_SENT = 'The connection dropped: your last keys or clicks may not have arrived.';
export const TOO_FAST = 'That was more than can be sent at once. Some of it was left out.';
export const NO_DRAGGING = 'Dragging can’t be passed on to the page yet. Clicking, typing and scrolling can.';
export const HOW_TO_TYPE = 'To type, press the keyboard button.';
export const ONE_MINUTE = 'One minute left.';
export const TOO_LARGE = 'That was too large to send, so it was left out.';

/** @type {Readonly<Record<string, string>>} */
const NOTICES = {
  confirm_dismissed: 'The page asked a yes/no question; it was answered with “No”, because it can’t be shown here yet.',
};

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

/** @param {string} code */
export function noticeOf(code) {
  return Object.hasOwn(NOTICES, code) ? NOTICES[code] ?? '' : '';
}

/** @param {number} length In UTF-16 units. @param {number} most */
export function tooLong(length, most) {
  return `That is ${length.toLocaleString('en')} characters. At most ${most.toLocaleString('en')} can be pasted at once.`;
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
    case 'live':
      return facts.finishing ? finishing(facts) : { status: 'Live', title: '', text: '' };
    case 'reconnecting':
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
function finishing(facts) {
  if (!facts.slow) return { status: 'Sending…', title: 'Telling the agent…', text: 'Keep this page open for a moment.' };
  return {
    status: 'No answer yet',
    title: 'The agent hasn’t answered yet',
    text: 'Its computer may be busy. You can tell it once more, or leave this page open.',
    action: { label: 'Tell it again', act: 'again' },
  };
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
      return {
        status: 'Open elsewhere',
        title: 'Open in another place',
        text: 'This link was opened in another window or on another device, which has taken over. Only one can be used at a time.',
        icon: 'screens',
        action: { label: 'Use it here instead', act: 'here' },
      };
    default:
      return { status: 'Ended', title: 'The agent was lost', text: 'Its computer or its browser went away, so this can’t go on. Ask your agent to try again: it will send you a new link.', icon: 'alert' };
  }
}

/** @type {Readonly<Record<Problem, Words>>} */
const PROBLEMS = {
  incomplete: { status: 'Link incomplete', title: 'This link is incomplete', text: 'A part at its end is missing, and only that part opens the request. Copy the whole link again, or click it where your agent wrote it.', icon: 'alert' },
  malformed: { status: 'No request here', title: 'There is nothing here', text: 'This address isn’t a request’s link. Click the link where your agent wrote it.', icon: 'alert' },
  newer: { status: 'Newer link', title: 'This link is too new for this page', text: 'The agent speaks a later version than the relay that serves this page. Whoever runs the relay has to update it.', icon: 'alert' },
  refused: { status: 'Link not valid', title: 'This link isn’t valid', text: 'The relay doesn’t accept its key. Copy the whole link again, or ask your agent for a new one.', icon: 'alert' },
  unknown: { status: 'Ended', title: 'This request has ended', text: 'It was finished some time ago, or never was here. If your agent still waits, ask it for a new link.', icon: 'clock' },
  expired: { status: 'Time is up', title: 'Time is up', text: 'The request ran out. Ask your agent to try again: it will send you a new link.', icon: 'clock' },
  unreachable: { status: 'Not connected', title: 'Can’t reach the relay', text: 'Check your internet connection, then try again.', icon: 'alert', action: LOOK_AGAIN },
  insecure: { status: 'Not secure', title: 'This page needs https', text: 'What you type must be encrypted, and browsers allow that only on https pages and on localhost. Ask whoever runs the relay for an https link: AUTHLOOP_TLS=self-signed or a tunnel in AUTHLOOP_PUBLIC_URL gives one.', icon: 'lock' },
};
