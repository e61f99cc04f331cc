// @ts-check
// The keys of an epoch, derived from what the handshake agreed on (§4), and the proof that resumes one (§7).
//
// Each direction and stream has a key and an IV of its own, so that no record can be reflected. No key
// can be exported; the IVs are bytes, because WebCrypto takes each record's nonce as bytes.

import { concat, toBase64Url, utf8 } from './bytes.js';

/** @typedef {import('./bytes.js').Bytes} Bytes */
/** @typedef {import('./noise.js').Agreed} Agreed */

/** @typedef {{key: CryptoKey, iv: Bytes}} StreamKey */

/**
 * @typedef {object} EpochSecrets
 * @property {StreamKey} toAgent Control from viewer to agent.
 * @property {StreamKey} toViewer Control from agent to viewer.
 * @property {StreamKey} frames From agent to viewer.
 * @property {CryptoKey} resume Signs the proof that lets this viewer take control again.
 * @property {Bytes} sas Five bytes that are equal at both ends; nothing shows them yet.
 */

/**
 * @param {Agreed} agreed
 * @returns {Promise<EpochSecrets>}
 */
export async function deriveSecrets({ hash, keys }) {
  const parameters = (/** @type {string} */ label) => (
    { name: 'HKDF', hash: 'SHA-256', salt: hash, info: utf8(`authloop/2 ${label}`) });
  const bytes = async (/** @type {string} */ label, /** @type {number} */ length) => (
    new Uint8Array(await crypto.subtle.deriveBits(parameters(label), keys, length * 8)));
  const stream = async (/** @type {string} */ name, /** @type {KeyUsage} */ usage) => ({
    key: await crypto.subtle.deriveKey(parameters(`${name} key`), keys, { name: 'AES-GCM', length: 256 }, false, [usage]),
    iv: await bytes(`${name} iv`, 12),
  });
  const signing = { name: 'HMAC', hash: 'SHA-256', length: 256 };
  const [toAgent, toViewer, frames, resume, sas] = await Promise.all([
    stream('v2a ctl', 'encrypt'),
    stream('a2v ctl', 'decrypt'),
    stream('a2v frm', 'decrypt'),
    crypto.subtle.deriveKey(parameters('resume'), keys, signing, false, ['sign']),
    bytes('sas', 5),
  ]);
  return { toAgent, toViewer, frames, resume, sas };
}

/**
 * Proves that this viewer had control, for a handshake with this ephemeral key.
 *
 * @param {CryptoKey} resume
 * @param {Bytes} ephemeral 65 bytes.
 * @returns {Promise<string>} 43 characters.
 */
export async function proveResume(resume, ephemeral) {
  const proof = await crypto.subtle.sign('HMAC', resume, concat(utf8('resume'), ephemeral));
  return toBase64Url(new Uint8Array(proof));
}
