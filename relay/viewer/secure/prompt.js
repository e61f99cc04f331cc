// @ts-check
// The question whether somebody else may take over: one at a time, for a minute (§7).

/** @typedef {import('./platform.js').Platform} Platform */

const ASKS_FOR_MS = 60_000;

export class Prompt {
  #platform;
  #tell;
  /** @type {number | null} */
  #id = null;
  /** @type {unknown} */
  #timer;

  /**
   * @param {Platform} platform
   * @param {{takeover: (id: number) => void, takeoverGone: (id: number) => void}} tell
   */
  constructor(platform, tell) {
    this.#platform = platform;
    this.#tell = tell;
  }

  /** @param {number} id */
  ask(id) {
    if (id !== this.#id) {
      this.clear();
      this.#tell.takeover(id);
    }
    this.#id = id;
    this.#platform.never(this.#timer);
    this.#timer = this.#platform.later(() => this.clear(), ASKS_FOR_MS);
  }

  /**
   * The human answered.
   *
   * @param {number} id
   * @returns {boolean} Whether that is still asked.
   */
  answer(id) {
    if (id !== this.#id) return false;
    this.#id = null;
    this.#platform.never(this.#timer);
    return true;
  }

  /** Nobody has to answer any more. */
  clear() {
    const id = this.#id;
    this.#id = null;
    this.#platform.never(this.#timer);
    if (id !== null) this.#tell.takeoverGone(id);
  }
}
