// @ts-check
// Draws the newest picture: decodes off the main path, skips what is stale, and tells the page's size.
//
// One picture is decoded and one waits, never more: a slow device sees fewer pictures, not older ones.

/** @typedef {import('./wire.js').FrameMeta} FrameMeta */

export class Screen {
  #canvas;
  #context;
  #drawn;
  /** @type {{meta: FrameMeta, jpeg: Blob} | null} */
  #next = null;
  #busy = false;
  #frames = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(meta: FrameMeta, first: boolean) => void} drawn Called after each picture.
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
   * @param {FrameMeta} meta
   * @param {Blob} jpeg
   */
  show(meta, jpeg) {
    this.#next = { meta, jpeg };
    void this.#decode();
  }

  async #decode() {
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#next && !document.hidden) {
        const { meta, jpeg } = this.#next;
        this.#next = null;
        const bitmap = await createImageBitmap(jpeg).catch(() => null);
        if (!bitmap) continue; // no picture: the next one is on its way
        await nextPaint();
        this.#draw(meta, bitmap);
        bitmap.close();
      }
    } finally {
      this.#busy = false;
    }
  }

  /**
   * @param {FrameMeta} meta
   * @param {ImageBitmap} bitmap
   */
  #draw(meta, bitmap) {
    const canvas = this.#canvas;
    if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) {
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
    }
    this.#context?.drawImage(bitmap, 0, 0);
    this.#frames += 1;
    canvas.dataset['frames'] = String(this.#frames);
    canvas.dataset['deviceWidth'] = String(meta.deviceWidth);
    canvas.dataset['deviceHeight'] = String(meta.deviceHeight);
    this.#drawn(meta, this.#frames === 1);
  }
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
