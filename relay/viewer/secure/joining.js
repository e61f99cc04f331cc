// @ts-check
// Asks the agent to be let in: one handshake after another on one socket, until one is confirmed (§4, §7).
//
//   away ─agent there─▶ asking ─HELLO2 ok─▶ confirming ─first record─▶ in
//                         ▲ │ └─ busy: again in 3 s, for 60 s · pin: when it is typed · closed: never
//                         └─┴─ 5 s of silence, three times more; then given up

import { Fatal } from './fatal.js';
import { Handshake } from './handshake.js';

/** @typedef {import('./bytes.js').Bytes} Bytes */
/** @typedef {import('./handshake.js').Accepted} Accepted */
/** @typedef {import('./handshake.js').Refusal} Refusal */
/** @typedef {import('./link.js').SecureLink} SecureLink */
/** @typedef {import('./platform.js').Platform} Platform */
/** @typedef {import('./records.js').Header} Header */

/**
 * @typedef {object} JoiningListener
 * @property {() => CryptoKey | null} resume What proves that this viewer had control.
 * @property {(record: Bytes) => void} send
 * @property {() => void} began A handshake begins; an older one is of no use any more.
 * @property {(answer: Accepted) => Promise<void>} accepted
 * @property {(secondsLeft: number) => void} busy
 * @property {() => void} stillBusy The 60 s are over.
 * @property {(wrong: boolean) => void} pinNeeded
 * @property {() => void} closedToStrangers
 * @property {() => void} unanswered
 * @property {(error: unknown) => void} failed
 */

const ANSWER_WITHIN_MS = 5_000;
const MORE_TRIES = 3;
const CHALLENGE_EVERY_MS = 3_000;
const CHALLENGE_FOR_MS = 60_000;
/** What this viewer knows beyond the protocol's core. */
const CAPS = Object.freeze(['sheets', 'fields', 'files']);

export class Joining {
  #link;
  #platform;
  #listener;
  /** Whether the relay says so. */
  #agentHere = false;
  /** Handshakes begun on this socket. */
  #attempts = 0;
  #triesLeft = MORE_TRIES;
  /** @type {Handshake | null} The one whose HELLO2 is awaited. */
  #awaited = null;
  /** What runs belongs to this; another object means it is outdated. */
  #series = {};
  /** Whether a HELLO1 is being made. */
  #starting = false;
  /** @type {string | null} */
  #pin = null;
  /** Whether the handshake under way brought it. */
  #broughtPin = false;
  /** Whether nobody knows what became of it. */
  #pinIsOut = false;
  /** @type {number | null} */
  #challengeEnds = null;
  /** @type {unknown} */
  #timer;

  /**
   * @param {SecureLink} link
   * @param {Platform} platform
   * @param {JoiningListener} listener
   */
  constructor(link, platform, listener) {
    this.#link = link;
    this.#platform = platform;
    this.#listener = listener;
  }

  get agentHere() {
    return this.#agentHere;
  }

  /** The agent came, or came back: a HELLO1 follows, of which a relay can have only one made at a time. */
  agentCame() {
    this.#agentHere = true;
    if (!this.#starting) this.#startOver();
  }

  /** Nobody is there to answer. What was sent may still be answered. */
  agentWent() {
    this.#agentHere = false;
    this.#platform.never(this.#timer);
  }

  /** The socket is gone. */
  reset() {
    this.agentWent();
    this.#abandon();
    this.#attempts = 0;
    this.#triesLeft = MORE_TRIES;
  }

  /** The human typed it. @param {string} pin 6 digits. */
  answerPin(pin) {
    this.#pin = pin;
    [this.#broughtPin, this.#pinIsOut] = [false, false];
    if (this.#agentHere) this.#startOver();
  }

  /** The human asks again. */
  retry() {
    this.#challengeEnds = null;
    if (this.#agentHere) this.#startOver();
  }

  /** The new epoch's first record verified. */
  confirmed() {
    this.#series = {};
    this.#platform.never(this.#timer);
    this.#triesLeft = MORE_TRIES;
    this.#challengeEnds = null;
    this.#pin = null;
  }

  /**
   * Takes a HELLO2.
   *
   * @param {Header} header
   * @param {Bytes} record
   */
  async receive(header, record) {
    if (header.epoch === 0 && header.counter < this.#attempts - 1) return; // of an older attempt
    const handshake = this.#awaited;
    const series = this.#series;
    this.#awaited = null;
    this.#platform.never(this.#timer);
    try {
      if (!handshake || header.epoch !== 0 || header.counter !== this.#attempts - 1) throw new Fatal('an answer that wasn’t awaited');
      const answer = await handshake.read(record);
      if (series !== this.#series) return;
      this.#pinIsOut = false;
      if (!answer.ok) {
        this.#refused(answer.reason);
        return;
      }
      await this.#listener.accepted(answer);
      if (series === this.#series) this.#await(series);
    } catch (error) {
      if (series === this.#series) this.#listener.failed(error);
    }
  }

  /** When to come back, in milliseconds, or never: another viewer has the session. @returns {number | null} */
  challenge() {
    const now = this.#platform.now();
    this.#challengeEnds ??= now + CHALLENGE_FOR_MS;
    const left = this.#challengeEnds - now;
    if (left < CHALLENGE_EVERY_MS) {
      this.#challengeEnds = null;
      return null;
    }
    this.#listener.busy(Math.ceil(left / 1000));
    return CHALLENGE_EVERY_MS;
  }

  /** @param {Refusal} reason */
  #refused(reason) {
    this.#triesLeft = MORE_TRIES;
    if (reason === 'pin') {
      const wrong = this.#broughtPin;
      if (wrong) this.#pin = null;
      if (this.#pin === null) this.#listener.pinNeeded(wrong); // else it is brought once the agent is back
    } else if (reason === 'closed') {
      this.#pin = null;
      this.#listener.closedToStrangers();
    } else {
      const again = this.challenge();
      if (again === null) this.#listener.stillBusy();
      else this.#timer = this.#platform.later(() => this.#agentHere && void this.#begin(), again);
    }
  }

  #startOver() {
    this.#triesLeft = MORE_TRIES;
    void this.#begin();
  }

  /** A PIN that may have been wrong isn't brought again unasked: each time would count as another try. */
  #abandon() {
    if (this.#pinIsOut) this.#pin = null;
    this.#pinIsOut = false;
    this.#series = {};
    this.#starting = false;
    this.#awaited?.wipe();
    this.#awaited = null;
    this.#platform.never(this.#timer);
  }

  async #begin() {
    this.#abandon();
    const series = this.#series;
    const attempt = this.#attempts;
    this.#attempts += 1;
    this.#listener.began();
    this.#starting = true;
    this.#broughtPin = this.#pin !== null;
    try {
      const offer = { caps: CAPS, pin: this.#pin, resume: this.#listener.resume() };
      const { handshake, record } = await Handshake.start(this.#link, attempt, offer);
      if (series !== this.#series) {
        handshake.wipe();
        return;
      }
      this.#starting = false;
      this.#awaited = handshake;
      this.#pinIsOut = this.#broughtPin;
      this.#listener.send(record);
      this.#await(series);
    } catch (error) {
      if (series === this.#series) this.#listener.failed(error);
    }
  }

  /** Waits for HELLO2, or the new epoch's first record. @param {object} series */
  #await(series) {
    this.#platform.never(this.#timer);
    if (!this.#agentHere) return;
    this.#timer = this.#platform.later(() => {
      if (series !== this.#series) return;
      if (this.#triesLeft === 0) {
        this.#abandon();
        this.#listener.unanswered();
        return;
      }
      this.#triesLeft -= 1;
      void this.#begin();
    }, ANSWER_WITHIN_MS);
  }
}
