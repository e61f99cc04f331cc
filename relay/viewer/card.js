// @ts-check
// Fetches and checks a session's card: what the human is asked to do, and until when.
//
// Every text in it was written by an agent or a page: it is bounded here, and only ever shown as text.

/** @typedef {{cardUrl: string, token: string}} CardAccess Where it is, and what admits to it. */

/**
 * @typedef {object} Card
 * @property {string} service One line, at most 200 characters.
 * @property {string} blocker What blocks the agent, in the API's words; empty when unknown.
 * @property {string} hint The agent's note, at most 1,000 characters; may be empty.
 * @property {string} host The page's host, in ASCII; may be empty.
 * @property {string} status The API's status, such as `PENDING`.
 * @property {number} endsAt When the session ends, in milliseconds of this computer's clock.
 */

/** @typedef {'refused' | 'unknown' | 'expired' | 'unreachable'} CardProblem */

const TIMEOUT_MS = 10_000;
const DEFAULT_LIFE_MS = 600_000;
/** A day, and what a relay's own clocks may differ by. */
const MAX_LIFE_MS = 87_000_000;

/**
 * Reads the card from the relay. Changes nothing there.
 *
 * @param {CardAccess} access
 * @param {typeof fetch} [get]
 * @returns {Promise<{card: Card} | {problem: CardProblem}>}
 */
export async function fetchCard(access, get = fetch) {
  try {
    const answer = await get(access.cardUrl, {
      headers: { Authorization: `Bearer ${access.token}` },
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.status === 401 || answer.status === 403) return { problem: 'refused' };
    if (answer.status === 404) return { problem: 'unknown' };
    if (answer.status === 410) return { problem: 'expired' };
    if (!answer.ok) return { problem: 'unreachable' };
    return { card: readCard(await answer.json(), answer.headers.get('Date'), Date.now()) };
  } catch {
    return { problem: 'unreachable' };
  }
}

/**
 * Checks a card's body.
 *
 * @param {unknown} body
 * @param {string | null} date The answer's `Date`: what remains is counted by the relay's clock.
 * @param {number} now This computer's clock, in milliseconds.
 * @returns {Card}
 */
export function readCard(body, date, now) {
  const card = record(body);
  const context = record(card['context']);
  const blocker = text(context['blocker_type'], 40) || text(context['wall_type'], 40);
  return {
    service: text(card['service'], 200) || 'a website',
    blocker: /^[a-z_]+$/u.test(blocker) ? blocker : '',
    hint: text(context['hint'], 1_000),
    host: hostOf(text(context['url'], 2_048)),
    status: text(card['status'], 20),
    endsAt: now + remaining(text(card['expires_at'], 64), date, now),
  };
}

/**
 * @param {string} expiresAt
 * @param {string | null} date
 * @param {number} now
 */
function remaining(expiresAt, date, now) {
  const end = Date.parse(expiresAt);
  const server = date === null ? NaN : Date.parse(date);
  const left = end - (Number.isNaN(server) ? now : server);
  if (Number.isNaN(left) || left > MAX_LIFE_MS) return DEFAULT_LIFE_MS;
  return Math.max(0, left);
}

/**
 * @param {unknown} value
 * @returns {Record<string, unknown>}
 */
function record(value) {
  return typeof value === 'object' && value !== null ? /** @type {Record<string, unknown>} */ (value) : {};
}

/**
 * One line of plain text: control and direction-changing characters would let it pose as something else.
 *
 * @param {unknown} value
 * @param {number} most
 */
function text(value, most) {
  if (typeof value !== 'string') return '';
  const clean = value.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
  const characters = Array.from(clean);
  return characters.length > most ? `${characters.slice(0, most).join('')}…` : clean;
}

/** @param {string} url */
function hostOf(url) {
  try {
    const { protocol, host } = new URL(url);
    return protocol === 'https:' || protocol === 'http:' ? host.slice(0, 253) : '';
  } catch {
    return '';
  }
}
