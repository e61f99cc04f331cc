// @ts-check
// Counts which input never arrived, so that the page can say exactly what was lost (§7).
//
// Nothing here is ever resent: a doubled keystroke in a password is worse than a lost one.

import { Fatal } from './fatal.js';

const MAX_REMEMBERED = 4_096;

export class Ledger {
  /** @type {Map<number, {sent: () => number, got: number, inputs: number[]}>} By epoch; no more than a few. */
  #epochs = new Map();
  #lost = 0;

  /**
   * Another epoch begins.
   *
   * @param {number} epoch
   * @param {() => number} sent How many records were sent in it.
   */
  begin(epoch, sent) {
    this.#epochs.set(epoch, { sent, got: 0, inputs: [] });
    const [oldest] = this.#epochs.keys();
    if (this.#epochs.size > 8 && oldest !== undefined) this.#write(oldest);
  }

  /**
   * An input was sent.
   *
   * @param {number} epoch
   * @param {number} counter Its record's.
   */
  sent(epoch, counter) {
    const inputs = this.#epochs.get(epoch)?.inputs;
    if (inputs && inputs.length < MAX_REMEMBERED) inputs.push(counter);
  }

  /** Input was given up before it was sent. @param {number} count */
  discarded(count) {
    this.#lost += count;
  }

  /**
   * The agent confirmed so many records of an epoch.
   *
   * @param {number} epoch
   * @param {number} got
   * @throws {Fatal} When that can't be.
   */
  got(epoch, got) {
    const known = this.#epochs.get(epoch);
    if (!known) return;
    if (got < known.got || got > known.sent()) throw new Fatal('confirmed what can’t be');
    known.got = got;
    known.inputs = known.inputs.filter((counter) => counter >= got);
  }

  /**
   * Another handshake succeeded: all that isn't confirmed by now is lost.
   *
   * @param {number | null} got
   * @param {number | null} epoch What `got` speaks of.
   * @throws {Fatal} When that can't be.
   */
  settle(got, epoch) {
    if (got !== null && epoch !== null) this.got(epoch, got);
    for (const number of [...this.#epochs.keys()]) this.#write(number);
  }

  /** How many inputs were lost since this was asked last. */
  take() {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /** @param {number} epoch */
  #write(epoch) {
    this.#lost += this.#epochs.get(epoch)?.inputs.length ?? 0;
    this.#epochs.delete(epoch);
  }
}
