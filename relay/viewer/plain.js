// @ts-check
// A session of protocol version 1, in the shape of one of version 2.
//
// Here the relay's word counts: it is what tells how a session ended, on the stream or when asked. What
// version 2 adds (freezing, PIN, being asked for control) never comes up.

import { fetchCard } from './card.js';
import { Channel, Close } from './channel.js';
import { ViewerKey } from './crypto-v1.js';
import { outcomeOf } from './state.js';

/** @typedef {import('./link.js').Link} Link */
/** @typedef {import('./line.js').Line} Line */
/** @typedef {import('./line.js').LineListener} LineListener */
/** @typedef {import('./wire.js').InputEvent} InputEvent */

const ASK_EVERY_MS = 1_500;
/** @type {Readonly<Record<string, 'resolved' | 'cancelled' | 'timeout' | 'error'>>} */
const REASONS = { resolved: 'resolved', cancelled: 'cancelled', expired: 'timeout', error: 'error' };

/** @implements {Line} */
export class PlainSession {
  #link;
  #listener;
  /** @type {Channel | null} */
  #channel = null;
  #stopped = false;
  /** @type {'resolved' | 'cancelled' | null} */
  #finishing = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #askTimer;

  /** @param {{link: Link, listener: LineListener}} parts */
  constructor({ link, listener }) {
    this.#link = link;
    this.#listener = listener;
  }

  connect() {
    this.#stopped = false;
    if (this.#channel) this.#channel.connect();
    else void this.#open();
  }

  retry() {
    this.connect();
  }

  /** @param {InputEvent} event */
  send(event) {
    return this.#channel?.send(event) ?? false;
  }

  /** @param {'resolved' | 'cancelled'} how */
  finish(how) {
    this.#finishing = how;
    this.send({ type: how });
    this.#askLater();
  }

  leave() {
    this.#channel?.stop();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#askTimer);
    this.#channel?.stop();
  }

  answerPin() {}
  answerTakeover() {}
  drawn() {}
  hide() {}
  woke() {}

  async #open() {
    const key = await ViewerKey.create();
    if (this.#stopped) return;
    const listener = this.#listener;
    this.#channel = new Channel(this.#link.streamUrl, key, {
      opened: () => listener.opened(),
      lost: (code, discarded) => listener.lost(code, discarded),
      closed: (code) => void this.#closed(code),
      agent: (here) => this.#agent(here),
      secured: () => this.#secured(),
      frame: (meta, jpeg) => listener.frame({ meta, jpeg }),
      ended: (how) => this.#end(REASONS[how] ?? 'error'),
      notice: (code) => listener.notice(code),
    });
    this.#channel.connect();
  }

  /** @param {boolean} here */
  #agent(here) {
    this.#listener.agent(here);
    if (!here && this.#finishing) void this.#ask();
  }

  #secured() {
    this.#listener.secured({ expiresIn: null, resumed: false, lost: 0 });
    // The connection dropped after the human's word: the agent may not have heard it.
    if (this.#finishing) this.send({ type: this.#finishing });
  }

  /** @param {number} code */
  async #closed(code) {
    const known = [Close.ELSEWHERE, Close.EXPIRED, Close.TOKEN, Close.NEWER].some((final) => final === code);
    if (known) this.#listener.closed(code);
    else if (!(await this.#ask())) this.#end(this.#finishing ?? 'error');
  }

  /** The agent's way out isn't always seen on the stream: the relay knows. */
  #askLater() {
    clearTimeout(this.#askTimer);
    this.#askTimer = setTimeout(async () => {
      if (!(await this.#ask())) this.#askLater();
    }, ASK_EVERY_MS);
  }

  /** @returns {Promise<boolean>} Whether the session is over, as the relay says. */
  async #ask() {
    const answer = await fetchCard(this.#link);
    const outcome = 'card' in answer ? outcomeOf(answer.card.status) : answer.problem === 'expired' ? 'expired' : null;
    if (outcome) this.#end(REASONS[outcome] ?? 'error');
    return this.#stopped || outcome !== null;
  }

  /** @param {'resolved' | 'cancelled' | 'timeout' | 'error'} reason */
  #end(reason) {
    if (!this.#stopped) this.#listener.ended(reason);
  }
}
