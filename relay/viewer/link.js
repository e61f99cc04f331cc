// @ts-check
// Reads the link a human opened: `/s/{id}#1.<viewer token>`.
//
// The token stays in the fragment, so that it is in no server's log and no referrer. This module
// decides whether a link is whole; it never contacts anybody.

/**
 * @typedef {object} Link
 * @property {string} id The session's id.
 * @property {string} token Admits this page as the session's viewer. A secret.
 * @property {string} cardUrl Where the session's description is read.
 * @property {string} streamUrl Where the stream is opened; its query holds the token.
 */

/** @typedef {'incomplete' | 'newer' | 'malformed'} LinkProblem */

const PATH = /^(.*)\/s\/([A-Za-z0-9_-]{1,128})\/?$/u;
const FRAGMENT = /^#1\.([A-Za-z0-9_.~-]{8,512})$/u;

/**
 * Parses a session's link.
 *
 * @param {{protocol: string, host: string, pathname: string, hash: string}} location
 * @returns {{link: Link} | {problem: LinkProblem}} `newer` is a link of a later protocol version.
 */
export function parseLink(location) {
  const path = PATH.exec(location.pathname);
  if (!path) return { problem: 'malformed' };
  if (/^#?$/u.test(location.hash)) return { problem: 'incomplete' };
  if (/^#[2-9]\./u.test(location.hash)) return { problem: 'newer' };
  const fragment = FRAGMENT.exec(location.hash);
  if (!fragment) return { problem: 'incomplete' };

  const [, prefix = '', id = ''] = path;
  const [, token = ''] = fragment;
  const socket = location.protocol === 'https:' ? 'wss:' : 'ws:';
  const query = `token=${encodeURIComponent(token)}&role=viewer`;
  return {
    link: {
      id,
      token,
      cardUrl: `${location.protocol}//${location.host}${prefix}/s/${id}/card`,
      streamUrl: `${socket}//${location.host}${prefix}/stream/${id}?${query}`,
    },
  };
}
