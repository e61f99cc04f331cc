// @ts-check
// Writes out a compressed point of P-256, which not every browser's WebCrypto reads.
//
// Only public keys come here. WebCrypto checks the result once more when it is imported.

/** @typedef {import('./bytes.js').Bytes} Bytes */

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const BYTES = 33;

/** The length of an uncompressed point. */
export const POINT = 65;

/**
 * @param {Uint8Array} compressed 33 bytes of SEC1.
 * @returns {Bytes | null} 65 bytes; null when there is no such point on the curve.
 */
export function decompress(compressed) {
  const sign = compressed[0];
  if (compressed.length !== BYTES || (sign !== 2 && sign !== 3)) return null;
  const x = read(compressed.subarray(1));
  if (x >= P) return null;
  const square = mod(x * x * x - 3n * x + B);
  const root = power(square, (P + 1n) / 4n); // P leaves 3 when divided by 4
  if (mod(root * root) !== square) return null;
  const y = root % 2n === BigInt(sign - 2) ? root : mod(-root);
  const point = new Uint8Array(POINT);
  point[0] = 4;
  point.set(compressed.subarray(1), 1);
  write(y, point.subarray(33));
  return point;
}

/** @param {bigint} value */
function mod(value) {
  return ((value % P) + P) % P;
}

/**
 * @param {bigint} base
 * @param {bigint} exponent
 */
function power(base, exponent) {
  let result = 1n;
  for (let [square, left] = [base, exponent]; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

/** @param {Uint8Array} bytes */
function read(bytes) {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/**
 * @param {bigint} value
 * @param {Uint8Array} out
 */
function write(value, out) {
  for (let at = out.length - 1, left = value; at >= 0; at -= 1, left >>= 8n) out[at] = Number(left & 0xffn);
}
