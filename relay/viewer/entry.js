// @ts-check
// From the address to something that can be opened: which version, what admits to it, and whether this
// very tab goes on after a reload. Contacts nobody.
//
// A secure link is stored before its fragment leaves the address bar, so that neither a history nor a
// screenshot holds it and a reload still finds it; if it can't be stored, the fragment stays.

import { PlainSession } from './plain.js';
import { parseLink } from './link.js';
import { parseSecureLink } from './secure/link.js';
import { SecureSession, remember, restore } from './secure/session.js';

/** @typedef {import('./line.js').Line} Line */
/** @typedef {import('./line.js').LineListener} LineListener */
/** @typedef {import('./link.js').Address} Address */
/** @typedef {import('./secure/link.js').SecureLink} SecureLink */
/** @typedef {import('./state.js').Problem} Problem */

/**
 * @typedef {object} Entry
 * @property {string} id
 * @property {boolean} secure Version 2.
 * @property {{cardUrl: string, token: string}} access
 * @property {boolean} kept False when the address had to keep the secret.
 * @property {(endsAt: number) => void} expires Tells when what is kept is of no use any more.
 * @property {boolean} goesOn The human pressed Start in this tab before it was reloaded.
 * @property {(listener: LineListener) => Line} line A new connection, not yet begun.
 */

const STARTED = 'authloop started';

/** @returns {Promise<{entry: Entry} | {problem: Problem}>} */
export async function enter() {
  if (await isInterposed()) return { problem: 'interposed' };
  const opened = parseLink(location);
  if ('problem' in opened) return opened;
  if (!globalThis.isSecureContext || !globalThis.crypto?.subtle) {
    return { problem: opened.version === 'bare' ? 'incomplete' : 'insecure' };
  }
  if (opened.version === 1) return { entry: plainEntry(opened.link) };
  if (opened.version === 'bare') {
    const link = await restore(location);
    return link ? { entry: secureEntry(opened.address, link, true, wasStarted(opened.address.id)) } : { problem: 'incomplete' };
  }
  const read = await parseSecureLink(location);
  if ('problem' in read) return { problem: read.problem === 'incomplete' ? 'incomplete' : 'damaged' };
  const stored = await restore(location);
  const known = stored !== null && isSame(stored, read.link);
  const link = known ? stored : read.link;
  const kept = known || await remember(link);
  if (kept) history.replaceState(history.state, '', location.pathname + location.search);
  const entry = secureEntry(opened.address, link, kept, false);
  return { entry: known ? entry : { ...entry, expires: (endsAt) => expire(link, kept, endsAt) } };
}

/**
 * Whether a link that is opened again is the one this browser has stored, with what proves that it had
 * control: somebody who has lost the tab needn't ask themselves to hand over.
 *
 * @param {SecureLink} one
 * @param {SecureLink} other
 */
function isSame(one, other) {
  return one.token === other.token && one.agent.length === other.agent.length
    && one.agent.every((byte, index) => byte === other.agent[index]);
}

/**
 * @param {SecureLink} link
 * @param {boolean} kept
 * @param {number} endsAt
 */
function expire(link, kept, endsAt) {
  link.expiresAt = Math.min(link.expiresAt, endsAt);
  if (kept) void remember(link);
}

/** Notes that the human pressed Start in this tab; without an id, that there is nothing to go on with. @param {string} [id] */
export function noteStarted(id) {
  try {
    if (id === undefined) sessionStorage.removeItem(STARTED);
    else sessionStorage.setItem(STARTED, id);
  } catch {
    // No storage: a reload shows Start again.
  }
}

/**
 * Whether this load continues what the human started here: somebody who reloads, or comes back to a tab
 * that a phone had put away, expects to go on, and has pressed Start already. A tab that was copied or
 * opened anew hasn't: it would take the session from the first.
 *
 * @param {string} id
 */
function wasStarted(id) {
  const [load] = performance.getEntriesByType('navigation');
  const reloaded = load instanceof PerformanceNavigationTiming && load.type === 'reload';
  const discarded = 'wasDiscarded' in document && document.wasDiscarded === true;
  try {
    return (reloaded || discarded) && sessionStorage.getItem(STARTED) === id;
  } catch {
    return false;
  }
}

/** @param {import('./link.js').Link} link @returns {Entry} */
function plainEntry(link) {
  const line = (/** @type {LineListener} */ listener) => new PlainSession({ link, listener });
  return { id: link.id, secure: false, access: link, kept: true, goesOn: false, expires: () => {}, line };
}

/**
 * @param {Address} address
 * @param {SecureLink} link
 * @param {boolean} kept
 * @param {boolean} goesOn
 * @returns {Entry}
 */
function secureEntry({ id, cardUrl }, link, kept, goesOn) {
  const access = { cardUrl, token: link.token };
  return { id, secure: true, access, kept, goesOn, expires: () => {}, line: (listener) => new SecureSession({ link, listener }) };
}

/**
 * Whether a service worker sits between this page and its server. The page has none of its own: it is
 * removed, and the page must not go on with what may have come from it.
 */
async function isInterposed() {
  if (!navigator.serviceWorker?.controller) return false;
  const all = await navigator.serviceWorker.getRegistrations();
  await Promise.all(all.map((registration) => registration.unregister()));
  return true;
}
