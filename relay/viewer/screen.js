// @ts-check
// Draws the newest picture: decodes off the main path, skips what is stale, and tells the page's size.
//
// One picture is decoded and one waits, never more: a slow device sees fewer pictures, not older ones.

/** @typedef {import('./line.js').Picture} Picture */

export class Screen {
  #canvas;
  #context;
  #drawn;
  /** @type {Picture | null} */
  #next = null;
  #busy = false;
  #frames = 0;
  /** Grows when the canvas is cleared: a picture that was on its way then is not drawn. */
  #era = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(picture: Picture, first: boolean) => void} drawn Called after each picture.
   */
  constructor(canvas, drawn) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d', { alpha: false });
    this.#drawn = drawn;
    canvas.dataset['frames'] = '0';
    document.addEventListener('visibilitychange', () => void this.#decode());
  }

  /** How many pictures have been drawn. */
  get frames() {
    return this.#frames;
  }

  /**
   * Offers a picture; the newest wins.
   *
   * @param {Picture} picture
   */
  show(picture) {
    release(this.#next);
    this.#next = picture;
    void this.#decode();
  }

  /** Takes the picture away for good; only a new one is shown. */
  clear() {
    this.#era += 1;
    release(this.#next);
    this.#next = null;
    this.#canvas.dataset['blank'] = '';
    this.#context?.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  async #decode() {
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#next && !document.hidden) {
        const picture = this.#next;
        const era = this.#era;
        this.#next = null;
        const bitmap = 'bitmap' in picture ? picture.bitmap : await createImageBitmap(picture.jpeg).catch(() => null);
        if (!bitmap) continue; // no picture: the next one is on its way
        await nextPaint();
        if (era === this.#era) this.#draw(picture, bitmap);
        bitmap.close();
      }
    } finally {
      this.#busy = false;
    }
  }

  /**
   * @param {Picture} picture
   * @param {ImageBitmap} bitmap
   */
  #draw(picture, bitmap) {
    const canvas = this.#canvas;
    if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
    }
    this.#context?.drawImage(bitmap, 0, 0);
    this.#frames += 1;
    delete canvas.dataset['blank'];
    canvas.dataset['frames'] = String(this.#frames);
    canvas.dataset['deviceWidth'] = String(picture.meta.deviceWidth);
    canvas.dataset['deviceHeight'] = String(picture.meta.deviceHeight);
    this.#drawn(picture, this.#frames === 1);
  }
}

/** @param {Picture | null} picture */
function release(picture) {
  if (picture && 'bitmap' in picture) picture.bitmap.close();
}

/** Waits for the next paint; a hidden page has none, so for a moment at most. */
function nextPaint() {
  return new Promise((wake) => {
    const timer = setTimeout(wake, 100);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      wake(undefined);
    });
  });
}
