// @ts-check
// Verified pictures on their way to the screen, and what is acknowledged of them.
//
//   offered ─▶ waiting (one: the newest) ─▶ decoding ─▶ shown (two at most) ─▶ drawn
//
// A picture is dealt with once it is drawn, replaced by a newer one, or can't be decoded. What is
// acknowledged is the newest before which nothing is left to be dealt with.

/** @typedef {import('./epoch.js').VerifiedFrame} VerifiedFrame */
/** @typedef {{epoch: number, frame: VerifiedFrame}} Picture */

/**
 * @template Bitmap
 * @typedef {object} PicturesOutlet
 * @property {(jpeg: Uint8Array<ArrayBuffer>) => Promise<Bitmap>} decode
 * @property {(bitmap: Bitmap) => void} discard A bitmap that nobody will see.
 * @property {(bitmap: Bitmap, picture: Picture) => void} show
 * @property {(epoch: number, frame: number, waiting: number) => void} ack
 */

const MAX_SHOWN = 2;

/** @template Bitmap */
export class Pictures {
  /** @type {PicturesOutlet<Bitmap>} */
  #outlet;
  #epoch = 0;
  /** @type {Picture | null} */
  #waiting = null;
  /** @type {Picture | null} The newest that was offered: shown again after a pause. */
  #newest = null;
  /** @type {Picture[]} Given to the page, not known to be drawn. */
  #shown = [];
  #decoding = false;
  #paused = false;
  /** @type {{counter: number, dealt: boolean}[]} This epoch's, in order, from the first not dealt with. */
  #received = [];
  #acknowledged = -1;
  /** @type {{epoch: number, counter: number} | null} */
  #onScreen = null;

  /** @param {PicturesOutlet<Bitmap>} outlet */
  constructor(outlet) {
    this.#outlet = outlet;
  }

  /** The newest picture on screen. */
  get onScreen() {
    return this.#onScreen;
  }

  /**
   * Its counter, if it is of this epoch.
   *
   * @param {number | undefined} epoch
   * @returns {number | null}
   */
  seen(epoch) {
    return this.#onScreen && this.#onScreen.epoch === epoch ? this.#onScreen.counter : null;
  }

  /** Another epoch begins: what is left of the old one is neither shown nor acknowledged. @param {number} epoch */
  begin(epoch) {
    this.#epoch = epoch;
    this.#waiting = null;
    this.#newest = null;
    this.#shown = [];
    this.#received = [];
    this.#acknowledged = -1;
  }

  /**
   * @param {number} epoch
   * @param {VerifiedFrame} frame
   */
  offer(epoch, frame) {
    const replaced = this.#waiting;
    this.#waiting = { epoch, frame };
    this.#newest = this.#waiting;
    if (epoch === this.#epoch) this.#received.push({ counter: frame.counter, dealt: false });
    if (replaced) this.#deal([replaced]);
    void this.#run();
  }

  /**
   * The page painted a picture, and needs none before it.
   *
   * @param {number} epoch
   * @param {number} counter
   */
  drawn(epoch, counter) {
    const at = this.#shown.findIndex((picture) => picture.epoch === epoch && picture.frame.counter === counter);
    const picture = this.#shown[at];
    if (!picture) return;
    if (!this.#paused) this.#onScreen = { epoch, counter };
    this.#deal(this.#shown.splice(0, at + 1));
    void this.#run();
  }

  /** Nobody looks, or nobody may: the page blanks its canvas. */
  pause() {
    this.#paused = true;
    this.#onScreen = null;
  }

  /** Shows the newest again. */
  resume() {
    if (!this.#paused) return;
    this.#paused = false;
    this.#deal(this.#shown.splice(0));
    this.#waiting ??= this.#newest;
    void this.#run();
  }

  /** The page is visible again: acknowledges the newest received, at once. */
  acknowledgeNewest() {
    for (const entry of this.#received) entry.dealt = true;
    this.#advance();
    if (this.#acknowledged >= 0) this.#outlet.ack(this.#epoch, this.#acknowledged, 0);
  }

  async #run() {
    if (this.#decoding) return;
    this.#decoding = true;
    while (this.#waiting && !this.#paused && this.#shown.length < MAX_SHOWN) {
      const picture = this.#waiting;
      this.#waiting = null;
      const bitmap = await this.#outlet.decode(picture.frame.jpeg).catch(() => null);
      if (!bitmap) {
        this.#deal([picture]);
      } else if (picture.epoch !== this.#epoch) {
        this.#outlet.discard(bitmap);
      } else if (this.#paused) {
        this.#outlet.discard(bitmap);
        if (this.#waiting) this.#deal([picture]);
        else this.#waiting = picture;
      } else {
        this.#shown.push(picture);
        this.#outlet.show(bitmap, picture);
      }
    }
    this.#decoding = false;
  }

  /** @param {Picture[]} pictures */
  #deal(pictures) {
    for (const { epoch, frame } of pictures) {
      const entry = this.#received.find(({ counter }) => counter === frame.counter);
      if (entry && epoch === this.#epoch) entry.dealt = true;
    }
    if (this.#advance()) this.#outlet.ack(this.#epoch, this.#acknowledged, this.#received.filter(({ dealt }) => !dealt).length);
  }

  /** @returns {boolean} Whether there is something new to acknowledge. */
  #advance() {
    const before = this.#acknowledged;
    while (this.#received[0]?.dealt) this.#acknowledged = this.#received.shift()?.counter ?? before;
    // Of neighbours that are dealt with the newest will do.
    this.#received = this.#received.filter(({ dealt }, at, all) => !(dealt && all[at + 1]?.dealt));
    return this.#acknowledged > before;
  }
}
