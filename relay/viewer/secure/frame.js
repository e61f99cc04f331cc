// @ts-check
// A FRAME's plaintext: what the picture says of itself, and the JPEG (§5).

import { Fatal } from './fatal.js';

/** @typedef {import('./bytes.js').Bytes} Bytes */

/**
 * What a picture says of itself. Lengths are CSS pixels of the agent's browser.
 *
 * @typedef {object} SecureFrameMeta
 * @property {boolean} repeat This picture was sealed before.
 * @property {number} page Changes with the tab shown.
 * @property {number} captureMs The agent's clock when it was captured, modulo 2³².
 * @property {number} deviceWidth
 * @property {number} deviceHeight
 * @property {number} offsetTop
 * @property {number} pageScaleFactor
 * @property {number} scrollX
 * @property {number} scrollY
 */

const META = 36;
const MAX_META = 1024;

/**
 * Reads one. Longer or newer metadata is read by its first 36 bytes.
 *
 * @param {Bytes} plaintext
 * @returns {{meta: SecureFrameMeta, ctlNext: number, jpeg: Bytes}}
 * @throws {Fatal}
 */
export function parseFrame(plaintext) {
  const view = new DataView(plaintext.buffer, plaintext.byteOffset, plaintext.length);
  const length = view.byteLength < 2 ? 0 : view.getUint16(0);
  if (length < META || length > MAX_META || view.byteLength < 2 + length) throw new Fatal('expected the metadata of a frame');
  if (view.getUint8(2) === 0) throw new Fatal('expected metadata of version 1 or newer');
  const number = (/** @type {number} */ at) => {
    const value = view.getFloat32(at);
    if (!Number.isFinite(value)) throw new Fatal('expected a finite number');
    return value;
  };
  return {
    meta: {
      repeat: (view.getUint8(3) & 1) === 1,
      page: view.getUint16(4),
      captureMs: view.getUint32(6),
      deviceWidth: number(14),
      deviceHeight: number(18),
      offsetTop: number(22),
      pageScaleFactor: number(26),
      scrollX: number(30),
      scrollY: number(34),
    },
    ctlNext: view.getUint32(10),
    jpeg: plaintext.subarray(2 + length),
  };
}
