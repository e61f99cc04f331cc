// @ts-check
// Bytes and the few texts they stand for. Pure; whatever isn't well formed is null or a `Fatal`.

import { Fatal } from './fatal.js';

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** @param {string} text */
export function utf8(text) {
  return encoder.encode(text);
}

/**
 * @param {...Uint8Array} parts
 * @returns {Bytes}
 */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Uint8Array} bytes */
export function toBase64Url(bytes) {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/**
 * Reads base64url without padding.
 *
 * @param {string} text
 * @returns {Bytes | null} Null for another alphabet, padding, or unused bits that aren't zero.
 */
export function fromBase64Url(text) {
  if (!/^[A-Za-z0-9_-]*$/u.test(text) || text.length % 4 === 1) return null;
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return toBase64Url(bytes) === text ? bytes : null;
}

/**
 * Reads a JSON object in UTF-8, the form of all JSON in version 2.
 *
 * @param {Uint8Array} bytes
 * @returns {Record<string, unknown>}
 * @throws {Fatal} For anything but an object.
 */
export function parseObject(bytes) {
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(decoder.decode(bytes));
  } catch {
    throw new Fatal('expected JSON in UTF-8');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Fatal('expected a JSON object');
  return /** @type {Record<string, unknown>} */ (value);
}

/**
 * A member that has to be a whole number from 0 to `most`.
 *
 * @param {unknown} value
 * @param {number} [most]
 * @returns {number}
 * @throws {Fatal}
 */
export function whole(value, most = Number.MAX_SAFE_INTEGER) {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most) return value;
  throw new Fatal('expected a whole number within its range');
}

/** The largest u32. */
export const MAX_U32 = 0xffff_ffff;
