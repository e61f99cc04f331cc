// @ts-check
// An input method's text on its way to the page: shown there as it grows where the agent takes that, else
// typed as it grows, else only once it is done.
//
// A soft keyboard composes every plain word. Those are typed as keys, which every page understands, and put
// right by Backspace; what an alphabet can't spell is composed in the page itself.

/** @typedef {import('./wire.js').InputEvent} InputEvent */

/**
 * @typedef {object} ComposingOwner
 * @property {() => boolean} isLive Whether the agent takes compositions.
 * @property {() => boolean} isSoft Whether keys come from an on-screen keyboard.
 * @property {() => readonly string[]} languages The human's, as BCP 47 has them.
 * @property {(event: InputEvent) => void} send
 * @property {(from: string, to: string) => void} become Types what makes one text of another.
 * @property {(text: string) => void} insert Types it, or more.
 */

/** Scripts whose composition can be typed as it grows. */
const ALPHABETIC = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}\p{P}\p{S}\p{M}]*$/u;
/** Languages that are spelled in one alphabet to become another script: their letters are no text yet. */
const SPELLED = /^(?:zh|ja|ko)\b/u;
/** The longest composition the agent takes, in UTF-16 units. */
const MOST = 1_000;

export class Composing {
  #owner;
  #on = false;
  /** How this one reaches the page; decided by its first letters. @type {'live' | 'typed' | 'end' | null} */
  #how = null;
  /** What the input method holds. */
  #text = '';
  /** What the page has of it. */
  #told = '';

  /** @param {ComposingOwner} owner */
  constructor(owner) {
    this.#owner = owner;
  }

  get isOn() {
    return this.#on;
  }

  /** Whether the page will show it. */
  get isShown() {
    return this.#owner.isLive();
  }

  begin() {
    [this.#on, this.#how, this.#text, this.#told] = [true, null, '', ''];
  }

  /** @param {string} text */
  update(text) {
    this.#text = text;
    if (this.#how === null && text !== '') this.#how = this.#decide(text);
    if (this.#how === 'typed' && ALPHABETIC.test(text)) this.#become(text);
  }

  /**
   * The field shows the newest text, with its selection.
   *
   * @param {number} start
   * @param {number} end
   */
  shown(start, end) {
    if (this.#how !== 'live' || this.#text.length > MOST) return;
    const within = (/** @type {number} */ at) => Math.max(0, Math.min(this.#text.length, at));
    this.#told = this.#text;
    this.#owner.send({ type: 'compose', text: this.#text, start: within(start), end: Math.max(within(start), within(end)) });
  }

  /** @param {string} text What it became. */
  end(text) {
    this.#on = false;
    if (this.#how === 'live' && text.length <= MOST) this.#commit(text);
    else if (this.#how === 'typed') this.#become(text);
    else this.#owner.insert(text);
  }

  /** @param {string} text */
  #commit(text) {
    // What never showed was typed at one go, such as an emoji.
    if (this.#told === '') this.#owner.insert(text);
    else this.#owner.send({ type: 'commit', text });
  }

  /** @param {string} text */
  #become(text) {
    this.#owner.become(this.#told, text);
    this.#told = text;
  }

  /**
   * @param {string} text
   * @returns {'live' | 'typed' | 'end'}
   */
  #decide(text) {
    const { isLive, isSoft, languages } = this.#owner;
    const spells = isLive() && languages().some((language) => SPELLED.test(language));
    if (isSoft() && ALPHABETIC.test(text) && !spells) return 'typed';
    return isLive() ? 'live' : 'end';
  }
}
