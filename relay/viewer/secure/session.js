// @ts-check
// The page's handle of an encrypted session. Keys, records and timers live in the Worker behind it, so that
// a busy page neither delays nor sees them.

import { addressesOf } from './link.js';
import { load, put } from './store.js';
import { CALLS, EVENTS } from './messages.js';

/** @typedef {import('../wire.js').InputEvent} InputEvent */
/** @typedef {import('./link.js').SecureLink} SecureLink */
/** @typedef {import('./link.js').Place} Place */
/** @typedef {import('./messages.js').Tell} Listener */

export class SecureSession {
  #listener;
  /** @type {Worker | null} */
  #worker;
  #secured = false;
  #frozen = false;
  #agentHere = false;
  /** @type {Map<number, number>} The epoch of each picture that the page may draw, by its counter. */
  #shown = new Map();

  /** @param {{link: SecureLink, listener: Listener, worker?: Worker}} parts A worker is given by tests only. */
  constructor({ link, listener, worker = startWorker() }) {
    this.#listener = listener;
    this.#worker = worker;
    worker.addEventListener('message', ({ data }) => this.#heard(data));
    worker.addEventListener('error', () => this.#broke());
    worker.postMessage({ open: link });
  }

  /** Connects, now; also what a wait for the next attempt is cut short with. */
  connect() {
    this.#call('connect');
  }

  /**
   * Sends input, in order.
   *
   * @param {InputEvent} event
   * @returns {boolean} False when it can't be sent now. What the Worker then still refuses comes as `dropped`.
   */
  send(event) {
    if (!this.#secured || this.#frozen || !this.#agentHere) return false;
    return this.#call('send', event);
  }

  /** The human's word, repeated until the agent confirms it. The first one counts. @param {'resolved' | 'cancelled'} how */
  finish(how) {
    this.#call('finish', how);
  }

  /** @param {string} pin 6 digits. */
  answerPin(pin) {
    this.#call('answerPin', pin);
  }

  /**
   * @param {number} id
   * @param {'hand_over' | 'keep'} answer
   */
  answerTakeover(id, answer) {
    this.#call('answerTakeover', id, answer);
  }

  /** Asks anew, at once. */
  retry() {
    this.#call('retry');
  }

  /** The page goes, or is put aside: closes the socket. `connect` comes back. */
  leave() {
    this.#secured = false;
    this.#call('leave');
  }

  /** The human goes for good, and gives control away. */
  quit() {
    this.#secured = false;
    this.#call('quit');
  }

  /** Ends it, silently and for good. */
  stop() {
    this.#worker?.terminate(); // its keys and its socket go with it
    this.#worker = null;
    this.#secured = false;
  }

  /** The picture of this counter was painted; those before it need not be. @param {number} counter */
  drawn(counter) {
    const epoch = this.#shown.get(counter);
    if (epoch !== undefined) this.#call('drawn', epoch, counter);
  }

  /** At each change of `document.visibilityState`. @param {boolean} hidden */
  hide(hidden) {
    this.#call('hide', hidden);
  }

  /** At `pageshow` and `resume`. */
  woke() {
    this.#call('woke');
  }

  /**
   * @param {typeof CALLS[number]} call
   * @param {...unknown} args
   * @returns {boolean} Whether there is somebody to hear it.
   */
  #call(call, ...args) {
    this.#worker?.postMessage({ call, args });
    return this.#worker !== null;
  }

  /** @param {{event: keyof Listener, args: never[]}} message */
  #heard({ event, args }) {
    if (!this.#worker || !EVENTS.includes(event)) return;
    this.#learn(event, args);
    const told = /** @type {(...args: unknown[]) => void} */ (this.#listener[event]);
    told.apply(this.#listener, args);
  }

  /**
   * Keeps up with what `send` has to know at once.
   *
   * @param {keyof Listener} event
   * @param {unknown[]} args
   */
  #learn(event, args) {
    if (event === 'secured') [this.#secured, this.#frozen, this.#agentHere] = [true, false, true];
    else if (event === 'frozen') this.#frozen = true;
    else if (event === 'thawed') this.#frozen = false;
    else if (event === 'agent') this.#agentHere = args[0] === true;
    else if (event === 'lost' || event === 'closed' || event === 'ended') this.#secured = false;
    else if (event === 'frame') {
      const { counter, epoch } = /** @type {import('./messages.js').ShownFrame} */ (args[0]);
      this.#shown.set(counter, epoch);
      for (const [old] of this.#shown) if (this.#shown.size > 4) this.#shown.delete(old);
    }
  }

  /** The Worker couldn't be loaded, or broke: there is no session without it. */
  #broke() {
    if (!this.#worker) return;
    this.stop();
    this.#listener.closed('broken');
  }
}

/**
 * Finds what an earlier load of this page stored, and sweeps what has expired.
 *
 * @param {Place} [place]
 * @returns {Promise<SecureLink | null>}
 */
export async function restore(place = location) {
  const addresses = addressesOf(place);
  if ('problem' in addresses) return null;
  const entry = await load(addresses.id, Date.now());
  return entry && { ...entry, ...addresses };
}

/**
 * Stores what a reload needs. The link's fragment may be dropped only once this is true.
 *
 * @param {SecureLink} link
 * @returns {Promise<boolean>}
 */
export function remember(link) {
  return put(link);
}

/** Under the page's policy a Worker's address has to be vouched for; this is the only one that is. */
function startWorker() {
  const url = new URL('./worker.js', import.meta.url).href;
  policy ??= types?.createPolicy('authloop-worker', { createScriptURL: () => url });
  return new Worker(policy ? policy.createScriptURL(url) : url, { type: 'module' });
}

/** Not every browser has them. */
const types = /** @type {{trustedTypes?: {createPolicy: Function}}} */ (globalThis).trustedTypes;
/** @type {{createScriptURL: (url: string) => string} | undefined} */
let policy;
