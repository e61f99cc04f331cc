// @ts-check
// The menu of a right click or a long press, which the browser doesn't paint: opened where the page let its
// own open, and closed by whatever else the human does.

import { box, button } from './dom.js';
import { clearToast } from './toast.js';

/**
 * @typedef {{x: number, y: number, selection: boolean, editable: boolean}} ContextMenu In device space.
 * @typedef {'copy' | 'paste' | 'back' | 'forward' | 'reload'} MenuAct
 */

/** @type {readonly MenuAct[]} */
const ACTS = ['copy', 'paste', 'back', 'forward', 'reload'];
const MARGIN = 8;

export class Menu {
  #menu = box('menu');
  #owner;
  #closing = new AbortController();

  /**
   * @param {object} owner
   * @param {(act: MenuAct) => void} owner.act
   * @param {() => void} owner.closed The focus is needed elsewhere.
   */
  constructor(owner) {
    this.#owner = owner;
    for (const act of ACTS) {
      const item = itemOf(act);
      // A phone's keyboard stays up as long as the focus stays where it is.
      item.addEventListener('pointerdown', (event) => event.preventDefault());
      item.addEventListener('click', () => this.#chosen(act));
    }
    this.#menu.addEventListener('keydown', (event) => this.#key(event));
    this.#menu.addEventListener('contextmenu', (event) => event.preventDefault());
  }

  /**
   * @param {ContextMenu} menu What can be done.
   * @param {{x: number, y: number}} at On the stage.
   * @param {boolean} takesFocus Whether the focus may leave the page view.
   */
  open({ selection, editable }, at, takesFocus) {
    itemOf('copy').hidden = !selection;
    itemOf('paste').hidden = !editable;
    box('menu-rule').hidden = !selection && !editable;
    clearToast(); // it would cover it
    this.#menu.hidden = false;
    this.#place(at);
    if (takesFocus) this.#items()[0]?.focus({ preventScroll: true });
    this.#watch();
  }

  close() {
    if (this.#menu.hidden) return;
    const hadFocus = this.#menu.contains(document.activeElement);
    this.#closing.abort();
    this.#menu.hidden = true;
    if (hadFocus) this.#owner.closed();
  }

  /** @param {MenuAct} act */
  #chosen(act) {
    this.close();
    this.#owner.act(act);
  }

  /** Anything else closes it, and a press does nothing but that. */
  #watch() {
    this.#closing.abort();
    this.#closing = new AbortController();
    const how = { capture: true, signal: this.#closing.signal };
    const outside = (/** @type {Event} */ event) => event.target instanceof Node && !this.#menu.contains(event.target);
    document.addEventListener('pointerdown', (event) => {
      if (!outside(event)) return;
      if (event.target instanceof Element && event.target.closest('#picture')) event.stopPropagation();
      this.close();
    }, how);
    for (const kind of ['keydown', 'wheel']) document.addEventListener(kind, (event) => outside(event) && this.close(), how);
    for (const kind of ['blur', 'resize']) globalThis.addEventListener(kind, ({ target }) => target === globalThis.window && this.close(), how);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const items = this.#items();
    const at = items.findIndex((item) => item === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) items.at(to >= items.length ? 0 : to)?.focus({ preventScroll: true });
    else if (event.key === 'Escape' || event.key === 'Tab') this.close();
    else return;
    event.preventDefault();
  }

  #items() {
    return ACTS.map(itemOf).filter((item) => !item.hidden);
  }

  /** Beside the place, and within the stage. @param {{x: number, y: number}} at */
  #place({ x, y }) {
    const stage = /** @type {HTMLElement} */ (this.#menu.offsetParent);
    const picture = box('picture');
    const [width, height] = [this.#menu.offsetWidth, this.#menu.offsetHeight];
    const within = (/** @type {number} */ wish, /** @type {number} */ size, /** @type {number} */ room) =>
      Math.max(MARGIN, Math.min(wish, room - size - MARGIN));
    this.#menu.style.left = `${within(picture.offsetLeft + x, width, stage.clientWidth)}px`;
    this.#menu.style.top = `${within(picture.offsetTop + y, height, stage.clientHeight)}px`;
  }
}

/**
 * Reads where the page let its menu open; `null` if the message isn't about that.
 *
 * @param {Record<string, unknown>} message
 * @returns {ContextMenu | null}
 */
export function readMenu({ type, x, y, selection, editable }) {
  if (type !== 'menu' || !Number.isFinite(x) || !Number.isFinite(y)) return null;
  return { x: Number(x), y: Number(y), selection: selection === true, editable: editable === true };
}

/** @param {MenuAct} act */
function itemOf(act) {
  return button(`menu-${act}`);
}
