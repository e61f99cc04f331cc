// @ts-check
// Whose the page is and which others there are, as the agent tells it: read and put into words.
//
// Origins are the browser's own word, titles the page's.

/**
 * @typedef {'unknown' | 'secure' | 'insecure' | 'broken' | 'local'} Security
 * @typedef {{origin: string, site: string, began: string, security: Security, title: string}} Shown
 * @typedef {{page: number, origin: string, title: string, shown: boolean}} Tab
 */

/** @type {readonly string[]} */
const SECURITIES = ['unknown', 'secure', 'insecure', 'broken', 'local'];
const MAX_TABS = 32;

/**
 * Reads whose the shown page is; `null` if the message isn't about that.
 *
 * @param {Record<string, unknown>} message
 * @returns {Shown | null}
 */
export function readShown(message) {
  const { type, origin, site, began, security, title } = message;
  if (type !== 'page' || typeof security !== 'string' || !SECURITIES.includes(security)) return null;
  if (typeof origin !== 'string' || typeof site !== 'string' || typeof began !== 'string' || typeof title !== 'string') return null;
  return { origin, site, began, security: /** @type {Security} */ (security), title };
}

/**
 * Reads which pages there are; `null` if the message isn't about that.
 *
 * @param {Record<string, unknown>} message
 * @returns {Tab[] | null}
 */
export function readTabs(message) {
  const tabs = message['tabs'];
  if (message['type'] !== 'tabs' || !Array.isArray(tabs)) return null;
  return tabs.slice(0, MAX_TABS).flatMap((/** @type {unknown} */ tab) => {
    if (typeof tab !== 'object' || tab === null) return [];
    const { page, origin, title, shown } = /** @type {Record<string, unknown>} */ (tab);
    const isTab = Number.isInteger(page) && typeof origin === 'string' && typeof title === 'string' && typeof shown === 'boolean';
    return isTab ? [/** @type {Tab} */ ({ page, origin, title, shown })] : [];
  });
}

/**
 * The address as it is shown: what comes before the site, the site itself, and what comes after. The site
 * is what somebody has to own, so it is what has to be seen.
 *
 * @param {Shown} shown
 * @returns {[string, string, string]}
 */
export function addressParts({ origin, site, security }) {
  if (origin === '') return ['', 'No website', ''];
  const [scheme = '', rest = origin] = origin.split('://');
  const lead = security === 'secure' || security === 'unknown' ? '' : `${scheme}://`;
  const at = site === '' ? -1 : rest.lastIndexOf(site);
  if (at < 0) return [lead, rest, ''];
  return [lead + rest.slice(0, at), site, rest.slice(at + site.length)];
}

/** @type {Readonly<Record<Security, string>>} */
const SECURITY_WORDS = {
  unknown: '',
  secure: 'Secure connection',
  insecure: 'Not secure: others on its way can read it',
  broken: 'Not safe: the site’s certificate isn’t valid',
  local: 'On the agent’s own computer',
};

/** @param {Shown} shown */
export function securityWords({ security }) {
  return SECURITY_WORDS[security];
}

/** What to beware of; empty when nothing. @param {Shown} shown */
export function warningOf({ site, began, security }) {
  if (security === 'broken') return 'Enter nothing here: this may be somebody else’s site.';
  if (began !== '' && site !== began) return `This is ${site === '' ? 'no website' : site} now. You began at ${began}.`;
  return '';
}
