// @ts-check
// The socket to the relay: dialled with the admission token, and dialled again as its end asks for.
//
// Everything a relay says by closing is its word alone. It can make the viewer wait, come back or stop;
// it can't make a session look done.

/** @typedef {import('./bytes.js').Bytes} Bytes */
/** @typedef {import('./link.js').SecureLink} SecureLink */
/** @typedef {import('./platform.js').Platform} Platform */
/** @typedef {import('./platform.js').Socket} Socket */

/** The codes a socket is closed with (§7). */
export const Close = Object.freeze({
  DONE: 1000,
  BROKEN: 1006,
  RESTART: 1012,
  DAMAGED: 4400,
  TOKEN: 4401,
  BUSY: 4403,
  ENDED: 4404,
  ELSEWHERE: 4408,
  TOO_MANY: 4409,
  EXPIRED: 4410,
  NEWER: 4426,
});

/** @typedef {number | 'tampered' | 'unanswered' | 'taken_over' | 'broken'} Closing Why nothing is dialled any more. */

/**
 * @typedef {object} ConnectionListener
 * @property {() => void} opened
 * @property {(text: string) => void} text
 * @property {(bytes: Bytes) => void} binary
 * @property {(code: number, willRetry: boolean) => void} dropped The socket is gone.
 * @property {(why: Closing) => void} closed Nothing is dialled any more.
 * @property {() => number | null} busy Another viewer has the session: when to dial again, in milliseconds, or never.
 */

const SUBPROTOCOL = 'authloop.v2';
const CONNECT_TIMEOUT_MS = 15_000;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 8_000;
/** How long a viewer that said too much stays away at least. */
const COOL_DOWN_MS = 5_000;
const MAX_BUFFERED = 65_536;
const DAMAGES = 3;
const DAMAGES_WITHIN_MS = 30_000;
/** @type {readonly number[]} */
const FINAL = [Close.TOKEN, Close.ENDED, Close.EXPIRED, Close.NEWER];

export class Connection {
  #link;
  #platform;
  #listener;
  /** @type {Socket | null} */
  #socket = null;
  #failures = 0;
  /** @type {number[]} When the last ones ended as damaged. */
  #damages = [];
  /** @type {unknown} */
  #timer;

  /**
   * @param {SecureLink} link
   * @param {Platform} platform
   * @param {ConnectionListener} listener
   */
  constructor(link, platform, listener) {
    this.#link = link;
    this.#platform = platform;
    this.#listener = listener;
  }

  /** Whether there is no socket: the next is waited for, or none wanted. */
  get isResting() {
    return this.#socket === null;
  }

  get congested() {
    return (this.#socket?.bufferedAmount ?? 0) > MAX_BUFFERED;
  }

  /** Dials, now; also what a wait for the next attempt is cut short with. */
  connect() {
    this.stop();
    const { streamUrl, token } = this.#link;
    const socket = this.#platform.dial(streamUrl, [SUBPROTOCOL, token]);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#timer = this.#platform.later(() => this.#lose(socket, Close.BROKEN), CONNECT_TIMEOUT_MS);
    socket.addEventListener('open', () => this.#opened(socket));
    socket.addEventListener('message', (event) => this.#received(socket, event.data));
    socket.addEventListener('close', (event) => this.#lose(socket, event.code ?? Close.BROKEN));
  }

  /**
   * @param {Bytes} record
   * @returns {boolean} False when there is no socket.
   */
  send(record) {
    if (this.#socket?.readyState !== 1) return false;
    this.#socket.send(record);
    return true;
  }

  /** A handshake succeeded: the next failure is the first again. */
  succeeded() {
    this.#failures = 0;
  }

  /** Closes with 4400, and dials again if that didn't happen too often. */
  fail() {
    this.#end(Close.DAMAGED);
  }

  /** Closes with 1000 and dials again: a key has been used enough. */
  restart() {
    this.#end(Close.RESTART);
  }

  /** Closes with 1000 and dials never again by itself. @param {Closing} why */
  giveUp(why) {
    if (!this.#socket) return;
    this.stop();
    this.#listener.dropped(Close.DONE, false);
    this.#listener.closed(why);
  }

  /** Ends it, silently. @param {number} [code] */
  stop(code = Close.DONE) {
    this.#platform.never(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(code);
  }

  /** @param {Socket} socket */
  #opened(socket) {
    if (socket !== this.#socket) return;
    this.#platform.never(this.#timer);
    // A relay that takes the socket for something else isn't spoken to.
    if (socket.protocol === SUBPROTOCOL) this.#listener.opened();
    else this.#lose(socket, Close.BROKEN);
  }

  /**
   * @param {Socket} socket
   * @param {unknown} data
   */
  #received(socket, data) {
    if (socket !== this.#socket) return;
    if (typeof data === 'string') this.#listener.text(data);
    else if (data instanceof ArrayBuffer) this.#listener.binary(new Uint8Array(data));
  }

  /** This side ends it. @param {number} code */
  #end(code) {
    if (this.#socket) this.#lose(this.#socket, code);
  }

  /**
   * @param {Socket} socket
   * @param {number} code
   */
  #lose(socket, code) {
    if (socket !== this.#socket) return;
    this.stop(code === Close.DAMAGED ? code : Close.DONE);
    const next = this.#after(code);
    this.#listener.dropped(code, typeof next === 'number');
    if (typeof next === 'number') this.#timer = this.#platform.later(() => this.connect(), next);
    else this.#listener.closed(next.why);
  }

  /**
   * @param {number} code
   * @returns {number | {why: Closing}} When to dial again, in milliseconds.
   */
  #after(code) {
    if (FINAL.includes(code)) return { why: code };
    if (code === Close.ELSEWHERE) return { why: 'taken_over' };
    if (code === Close.BUSY) return this.#listener.busy() ?? { why: code };
    if (code === Close.DAMAGED && this.#isTampered()) return { why: 'tampered' };
    this.#failures += 1;
    const delay = retryDelay(this.#failures - 1, this.#platform.random());
    return code === Close.TOO_MANY ? Math.max(COOL_DOWN_MS, delay) : delay;
  }

  #isTampered() {
    const now = this.#platform.now();
    this.#damages = [...this.#damages.filter((at) => now - at < DAMAGES_WITHIN_MS), now];
    return this.#damages.length > DAMAGES;
  }
}

/**
 * How long to wait before the next attempt: doubling from 0.25 to 8 s, spread by a quarter.
 *
 * @param {number} failures Attempts that failed in a row before.
 * @param {number} random From 0 to 1.
 */
export function retryDelay(failures, random) {
  const delay = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 10));
  return delay * (0.75 + random / 4);
}
