// @ts-check
// What this viewer says in an epoch: input with its stamp, the human's last word, answers, acknowledgements.
//
// The last word, Done or giving up, is the one thing that is said again in each new epoch, until the agent's
// CLOSE. All else is said once, and counted when it may not have arrived.

import { utf8 } from './bytes.js';
import { Ledger } from './ledger.js';
import { Outbox } from './outbox.js';
import { Kind } from './records.js';

/** @typedef {import('../wire.js').InputEvent} InputEvent */
/** @typedef {import('./epoch.js').Epoch} Epoch */
/** @typedef {import('./outbox.js').OutboxOutlet} OutboxOutlet */
/** @typedef {import('./pictures.js').Pictures<ImageBitmap>} Screen */
/** @typedef {import('./presence.js').Presence} Presence */

export class Speech {
  #outbox;
  #presence;
  #screen;
  #ledger = new Ledger();
  #hidden = false;
  /** @type {'resolved' | 'cancelled' | null} */
  #word = null;

  /**
   * @param {Omit<OutboxOutlet, 'sent'>} outlet
   * @param {(epoch: number, count: number) => void} sent So many records were sent in an epoch.
   * @param {Presence} presence
   * @param {Screen} screen
   */
  constructor(outlet, sent, presence, screen) {
    this.#presence = presence;
    this.#screen = screen;
    this.#outbox = new Outbox({
      ...outlet,
      sent: (epoch, counter, isInput) => {
        sent(epoch, counter + 1);
        if (isInput) this.#ledger.sent(epoch, counter);
      },
    });
  }

  get isHidden() {
    return this.#hidden;
  }

  /** Everything waits for another epoch. */
  hold() {
    this.#outbox.use(null);
  }

  /** Says everything in this epoch from now on, the last word first that the old one may have lost. @param {Epoch} epoch */
  use(epoch) {
    if (this.#word && !this.#outbox.holds(this.#word)) this.input({ type: this.#word });
    this.#outbox.use(epoch);
  }

  /** Discards what waits, to be told as lost later. */
  discard() {
    this.#ledger.discarded(this.drop());
  }

  /** Discards what waits. @returns {number} How many inputs that were. */
  drop() {
    return this.#outbox.close();
  }

  /**
   * Says an event, with what the human saw and when the human acted.
   *
   * @param {InputEvent} event
   * @returns {boolean} False when it is too long, or too much waits.
   */
  input(event) {
    return this.#outbox.push(event, { seen: this.#screen.onScreen, at: this.#presence.at });
  }

  /**
   * The human's last word. The first one counts.
   *
   * @param {'resolved' | 'cancelled'} word
   * @param {boolean} isJoined Whether there is an epoch to say it in, or to wait for.
   */
  finish(word, isJoined) {
    if (this.#word) return;
    this.#word = word;
    if (isJoined) this.input({ type: word });
  }

  /** Answers a heartbeat of this epoch; another is read, not answered. @param {Epoch} epoch */
  answer(epoch) {
    if (this.#outbox.epoch === epoch) this.beat();
  }

  /** Says the newest heartbeat's answer again: what it holds has changed. */
  beat() {
    const { clock } = this.#presence;
    const last_frame = this.#screen.seen(this.#outbox.epoch?.number);
    if (clock !== null) this.#outbox.say({ type: 'heartbeat', last_frame, hidden: this.#hidden, clock });
  }

  /** @param {boolean} hidden */
  hide(hidden) {
    this.#hidden = hidden;
    this.beat();
  }

  /** Asks for the echo that is needed. */
  ping() {
    if (this.#presence.ping !== null) this.#outbox.say({ type: 'ping', n: this.#presence.ping });
  }

  /**
   * @param {number} id
   * @param {'hand_over' | 'keep'} answer
   */
  takeover(id, answer) {
    this.#outbox.say({ type: 'takeover', id, answer });
  }

  /**
   * @param {number} epoch
   * @param {number} frame
   * @param {number} waiting
   */
  acknowledge(epoch, frame, waiting) {
    this.#outbox.acknowledge(epoch, frame, waiting);
  }

  /** The human leaves for good. @returns {Promise<void>} When that is said, or can't be. */
  leave() {
    return this.#outbox.last(Kind.CLOSE, utf8('{"reason":"left"}'));
  }

  /** Counts what is lost. */
  get ledger() {
    return this.#ledger;
  }
}
