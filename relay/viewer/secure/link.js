// @ts-check
// Reads a link of version 2: `/s/{id}#2.<agent's key and link secret>` (§1).
//
// Each way a link can be bad has a name, because each has other words for the human. A bad link
// connects nowhere. Of a good one only keys are kept: the secret itself is forgotten here.

import { fromBase64Url, toBase64Url, utf8 } from './bytes.js';
import { POINT, decompress } from './curve.js';

/** @typedef {import('./bytes.js').Bytes} Bytes */

/**
 * What a link leaves. It can be posted to the Worker and stored, but its keys can't be exported.
 *
 * @typedef {object} SecureLink
 * @property {string} id The session's id.
 * @property {string} token Admits this page to the relay. A secret, but of no use to decrypt.
 * @property {string} cardUrl Where the session's description is read, with the token as bearer.
 * @property {string} streamUrl Where the stream is opened: no query, no secret.
 * @property {Bytes} agent The agent's static public key: 65 bytes.
 * @property {CryptoKey} psk The handshake's pre-shared key, for HKDF only.
 * @property {Resume | null} resume What proves that this browser had control.
 * @property {number} expiresAt When it is of no use any more, at the latest: milliseconds of `Date.now()`.
 */

/** @typedef {{key: CryptoKey, epoch: number}} Resume An HMAC key that can't be exported, and the epoch it is of. */

/** @typedef {'incomplete' | 'damaged' | 'v1' | 'newer' | 'burnt' | 'not_a_session'} SecureLinkProblem */

/** @typedef {{protocol: string, host: string, pathname: string, search?: string, hash: string}} Place */

const DIGITS = 66;
const COMPRESSED = 33;
const PATH = /^(.*)\/s\/([A-Za-z0-9_-]{1,64})$/u;
const LONGEST_SESSION_MS = 86_400_000;

/**
 * Reads the link a human opened.
 *
 * @param {Place} place Such as `location`.
 * @returns {Promise<{link: SecureLink} | {problem: SecureLinkProblem}>} `v1` is a link of version 1, for the
 *   v1 channel; `burnt` has sent its secret to a server, and must never be used.
 */
export async function parseSecureLink(place) {
  const addresses = addressesOf(place);
  if ('problem' in addresses) return addresses;
  const digits = digitsOf(place.hash.replace(/^#/u, ''));
  if ('problem' in digits) return digits;
  const bytes = fromBase64Url(digits.digits);
  if (!bytes) return { problem: 'damaged' };
  const agent = decompress(bytes.subarray(0, COMPRESSED));
  if (!agent || !(await isPoint(agent))) return { problem: 'damaged' };
  const secret = bytes.subarray(COMPRESSED);
  const keys = await deriveKeys(secret);
  bytes.fill(0);
  return { link: { ...addresses, ...keys, agent, resume: null, expiresAt: Date.now() + LONGEST_SESSION_MS } };
}

/**
 * The addresses around a session's link; its fragment may be missing.
 *
 * @param {Place} place
 * @returns {{id: string, cardUrl: string, streamUrl: string} | {problem: 'burnt' | 'not_a_session'}}
 */
export function addressesOf(place) {
  if (place.pathname.includes('%23') || place.search?.includes('%23')) return { problem: 'burnt' };
  const path = PATH.exec(place.pathname);
  const socket = { 'https:': 'wss:', 'http:': 'ws:' }[place.protocol];
  if (!path || !socket) return { problem: 'not_a_session' };
  const [, prefix = '', id = ''] = path;
  return {
    id,
    cardUrl: `${place.protocol}//${place.host}${prefix}/s/${id}/card`,
    streamUrl: `${socket}//${place.host}${prefix}/stream/${id}`,
  };
}

/**
 * @param {string} fragment
 * @returns {{digits: string} | {problem: SecureLinkProblem}}
 */
function digitsOf(fragment) {
  const dot = fragment.indexOf('.');
  if (dot < 0) return shortOrDamaged(fragment, DIGITS + 2);
  const [version, digits] = [fragment.slice(0, dot), fragment.slice(dot + 1)];
  if (version === '1') return { problem: 'v1' };
  if (version !== '2') return { problem: /^(?:0|[1-9][0-9]*)$/u.test(version) ? 'newer' : 'damaged' };
  return digits.length === DIGITS ? { digits } : shortOrDamaged(digits, DIGITS);
}

/**
 * @param {string} text
 * @param {number} length
 * @returns {{problem: SecureLinkProblem}}
 */
function shortOrDamaged(text, length) {
  return { problem: [...text].length < length ? 'incomplete' : 'damaged' };
}

/** WebCrypto refuses to import what isn't on the curve. @param {Bytes} bytes */
export async function isPoint(bytes) {
  return (await importPoint(bytes)) !== null;
}

/**
 * Imports a public key.
 *
 * @param {Bytes} bytes
 * @returns {Promise<CryptoKey | null>} Null for anything but an uncompressed point of the curve.
 */
export async function importPoint(bytes) {
  if (bytes.length !== POINT || bytes[0] !== 4) return null;
  return crypto.subtle.importKey('raw', bytes, { name: 'ECDH', namedCurve: 'P-256' }, false, []).catch(() => null);
}

/** @param {Bytes} secret The link's: 16 bytes. */
async function deriveKeys(secret) {
  const master = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
  const derive = async (/** @type {string} */ info, /** @type {number} */ bytes) => new Uint8Array(await crypto.subtle.deriveBits(
    { name: 'HKDF', hash: 'SHA-256', salt: utf8('authloop/2'), info: utf8(info) }, master, bytes * 8));
  const psk = await derive('psk', 32);
  const token = toBase64Url(await derive('relay admission', 16));
  try {
    return { token, psk: await crypto.subtle.importKey('raw', psk, 'HKDF', false, ['deriveBits']) };
  } finally {
    psk.fill(0);
  }
}
