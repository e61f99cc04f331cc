// @ts-check
// The Worker's end of the page: turns messages into calls of the viewer, and what it tells into messages.

import { workerPlatform } from './platform.js';
import { remove, update } from './store.js';
import { Viewer } from './viewer.js';
import { CALLS, EVENTS } from './messages.js';

/** @typedef {import('./messages.js').Tell} Tell */
/** @typedef {{open: import('./link.js').SecureLink} | {call: typeof CALLS[number], args: never[]}} FromPage */

/** @type {Viewer | null} */
let viewer = null;

const tell = /** @type {Tell} */ (Object.fromEntries(EVENTS.map((event) => [event, (/** @type {unknown[]} */ ...args) => {
  const [first] = args;
  const isFrame = typeof first === 'object' && first !== null && 'bitmap' in first;
  postMessage({ event, args }, isFrame ? { transfer: [/** @type {ImageBitmap} */ (first.bitmap)] } : {});
}])));

addEventListener('message', ({ data }) => {
  const message = /** @type {FromPage} */ (data);
  if ('open' in message) {
    viewer = new Viewer(message.open, { ...workerPlatform(), keep: update, forget: remove }, tell);
  } else if (viewer && CALLS.includes(message.call)) {
    const call = /** @type {(...args: unknown[]) => unknown} */ (viewer[message.call]);
    void call.apply(viewer, message.args);
  }
});
