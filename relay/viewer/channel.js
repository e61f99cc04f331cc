// @ts-check
// The stream to the agent: the socket, its reconnecting, the key exchange and the queue of sealed input.
//
// It tells what happened and never what to show. No input leaves it in plaintext, and none before the
// agent's key is there.

import { seal } from './crypto-v1.js';
import { SendQueue } from './queue.js';
import { parseMessage } from './wire.js';

/** @typedef {import('./crypto-v1.js').ViewerKey} ViewerKey */
/** @typedef {import('./crypto-v1.js').Sealed} Sealed */
/** @typedef {import('./wire.js').InputEvent} InputEvent */
/** @typedef {import('./wire.js').FrameMeta} FrameMeta */
/** @typedef {import('./wire.js').FromRelay} FromRelay */

/**
 * What the page hears.
 *
 * @typedef {object} Listener
 * @property {() => void} opened The relay is reached.
 * @property {(code: number, discarded: number) => void} lost The socket dropped, with input unsent; a retry is on its way.
 * @property {(code: number) => void} closed The relay closed the stream for good.
 * @property {(present: boolean) => void} agent The agent came or went.
 * @property {() => void} secured Input can be sent.
 * @property {(meta: FrameMeta, jpeg: Blob) => void} frame
 * @property {(how: 'expired' | 'cancelled' | 'resolved') => void} ended The relay's word that the session ended.
 * @property {(code: string) => void} notice
 */

/** The relay's close codes (4000 and up are the protocol's own). */
export const Close = Object.freeze({
  DONE: 1000,
  TOO_LARGE: 1009,
  RESTART: 1012,
  TOKEN: 4401,
  ENDED: 4404,
  ELSEWHERE: 4408,
  EXPIRED: 4410,
  NEWER: 4426,
});

/** @type {readonly number[]} */
const FINAL = [Close.DONE, Close.TOKEN, Close.ENDED, Close.ELSEWHERE, Close.EXPIRED, Close.NEWER];
const CONNECT_TIMEOUT_MS = 15_000;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 8_000;
const MAX_BUFFERED = 65_536;

export class Channel {
  #url;
  #key;
  #listener;
  /** @type {SendQueue<Sealed>} */
  #queue;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {FrameMeta | null} Announced, its picture not yet here. */
  #head = null;
  /** Whether the relay says so: the key it keeps outlives the agent's connection. */
  #agentHere = false;
  /** The agent's latest key, so that an older agreement can't overtake it. */
  #agentKey = '';
  #failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {string} url
   * @param {ViewerKey} key
   * @param {Listener} listener
   */
  constructor(url, key, listener) {
    this.#url = url;
    this.#key = key;
    this.#listener = listener;
    this.#queue = new SendQueue({
      transmit: (payload) => this.#transmit({ type: 'encrypted', payload }),
      congested: () => (this.#socket?.bufferedAmount ?? 0) > MAX_BUFFERED,
      now: () => performance.now(),
      sleep: (ms) => new Promise((wake) => setTimeout(wake, ms)),
    });
  }

  /** Connects, now; also what a wait for the next attempt is cut short with. */
  connect() {
    this.stop();
    const socket = new WebSocket(this.#url);
    socket.binaryType = 'blob';
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#lose(socket, 1006), CONNECT_TIMEOUT_MS);
    socket.addEventListener('open', () => this.#opened(socket));
    socket.addEventListener('message', (event) => this.#received(socket, event.data));
    socket.addEventListener('close', (event) => this.#lose(socket, event.code));
  }

  /** Whether the next attempt is only waited for. */
  get isResting() {
    return this.#socket === null;
  }

  /**
   * Sends input, in order.
   *
   * @param {InputEvent} event
   * @returns {boolean} False when there is no agent to read it, or too much waits.
   */
  send(event) {
    return this.#queue.push(event);
  }

  /** Ends it, silently. */
  stop() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    this.#head = null;
    this.#agentHere = false;
    this.#agentKey = '';
    socket?.close(Close.DONE);
    return this.#queue.close();
  }

  /** @param {WebSocket} socket */
  #opened(socket) {
    if (socket !== this.#socket) return;
    clearTimeout(this.#timer);
    this.#listener.opened();
  }

  /**
   * @param {WebSocket} socket
   * @param {number} code
   */
  #lose(socket, code) {
    if (socket !== this.#socket) return;
    const discarded = this.stop();
    if (FINAL.includes(code)) {
      this.#listener.closed(code);
      return;
    }
    this.#timer = setTimeout(() => this.connect(), retryDelay(this.#failures, Math.random()));
    this.#failures += 1;
    this.#listener.lost(code, discarded);
  }

  /**
   * @param {WebSocket} socket
   * @param {unknown} data
   */
  #received(socket, data) {
    if (socket !== this.#socket) return;
    this.#failures = 0;
    const head = this.#head;
    this.#head = null;
    if (data instanceof Blob) {
      if (head && head.jpegSize === data.size) this.#listener.frame(head, data);
    } else if (typeof data === 'string') {
      const message = parseMessage(data);
      if (message) this.#heard(message);
    }
  }

  /** @param {FromRelay} message */
  #heard(message) {
    switch (message.type) {
      case 'frame':
        this.#head = message.meta;
        break;
      case 'pubkey':
        void this.#agree(message.key);
        break;
      case 'agent_connected':
        this.#agentHere = true;
        this.#listener.agent(true);
        break;
      case 'agent_disconnected':
        this.#agentHere = false;
        this.#agentKey = '';
        this.#queue.close();
        this.#listener.agent(false);
        break;
      case 'notice':
        this.#listener.notice(message.code);
        break;
      case 'session_expired':
        this.#listener.ended('expired');
        break;
      case 'session_cancelled':
        this.#listener.ended('cancelled');
        break;
      case 'session_resolved':
        this.#listener.ended('resolved');
        break;
    }
  }

  /**
   * Answers the agent's key with ours, each time it is sent. Input follows only while the agent is
   * there to read it: one that comes back sends its key again.
   *
   * @param {string} theirs
   */
  async #agree(theirs) {
    const socket = this.#socket;
    this.#agentKey = theirs;
    /** @type {CryptoKey} */
    let key;
    try {
      key = await this.#key.agree(theirs);
    } catch {
      return; // no point of the curve: nothing to agree on
    }
    if (socket !== this.#socket || theirs !== this.#agentKey) return;
    this.#transmit({ type: 'pubkey', key: this.#key.publicKey });
    if (!this.#agentHere) return;
    this.#queue.open((event) => seal(key, event));
    this.#listener.secured();
  }

  /** @param {object} message */
  #transmit(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

/**
 * How long to wait before the next attempt: doubling from 0.25 to 8 s, spread by a quarter.
 *
 * @param {number} failures Attempts that failed in a row.
 * @param {number} random From 0 to 1.
 */
export function retryDelay(failures, random) {
  const delay = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures, 10));
  return delay * (0.75 + random / 4);
}
