// @ts-check
// Reads the address a human opened: `/s/{id}#1.<viewer token>`, or `/s/{id}#2.<key and secret>`.
//
// The secret stays in the fragment, so that it is in no server's log and no referrer. Which version of
// the protocol is spoken follows from here alone, never from a relay's word. This module contacts nobody.

/**
 * @typedef {object} Address
 * @property {string} id The session's id.
 * @property {string} cardUrl Where the session's description is read.
 */

/**
 * A link of version 1.
 *
 * @typedef {object} TokenPart
 * @property {string} token Admits this page as the session's viewer. A secret.
 * @property {string} streamUrl Where the stream is opened; its query holds the token.
 * @typedef {Address & TokenPart} Link
 */

/**
 * `burnt` is a link whose `#` was encoded on its way: a filter has read its secret.
 *
 * @typedef {'incomplete' | 'newer' | 'malformed' | 'burnt'} LinkProblem
 */

/**
 * `bare` has no fragment: it opens what this browser has kept, if anything. What a link of version 2
 * holds is read by its own module.
 *
 * @typedef {{version: 1, link: Link} | {version: 2, address: Address} | {version: 'bare', address: Address}} Opened
 */

const PATH = /^(.*)\/s\/([A-Za-z0-9_-]{1,128})\/?$/u;
const FRAGMENT = /^#1\.([A-Za-z0-9_.~-]{8,512})$/u;
const LATER = /^#(?!1\.)[0-9]+\./u;
const MAX_SECURE_ID = 64;

/**
 * Parses a session's address.
 *
 * @param {{protocol: string, host: string, pathname: string, search?: string, hash: string}} location
 * @returns {Opened | {problem: LinkProblem}} `newer` is a link of a later protocol version.
 */
export function parseLink(location) {
  if (/%23/u.test(location.pathname + (location.search ?? ''))) return { problem: 'burnt' };
  const path = PATH.exec(location.pathname);
  if (!path) return { problem: 'malformed' };
  const [, prefix = '', id = ''] = path;
  const { protocol, host, hash } = location;
  const cardUrl = `${protocol}//${host}${prefix}/s/${id}/card`;
  if (hash === '' || hash === '#') return { version: 'bare', address: { id, cardUrl } };
  if (hash.startsWith('#2.')) {
    return id.length > MAX_SECURE_ID ? { problem: 'malformed' } : { version: 2, address: { id, cardUrl } };
  }
  if (LATER.test(hash)) return { problem: 'newer' };
  const fragment = FRAGMENT.exec(hash);
  if (!fragment) return { problem: 'incomplete' };

  const [, token = ''] = fragment;
  const socket = protocol === 'https:' ? 'wss:' : 'ws:';
  const query = `token=${encodeURIComponent(token)}&role=viewer`;
  return { version: 1, link: { id, token, cardUrl, streamUrl: `${socket}//${host}${prefix}/stream/${id}?${query}` } };
}
