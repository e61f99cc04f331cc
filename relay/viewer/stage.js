// @ts-check
// The live view: the picture, how it lies on the screen, and what is done on it.
//
// It knows nothing of sockets or sessions: it is given pictures, and passes input on while it is enabled.

import { box, button, find } from './dom.js';
import { Keyboard } from './keyboard.js';
import { Pointer } from './pointer.js';
import { Screen } from './screen.js';
import { followVisibleWindow } from './window.js';
import { arrange, emptyView, firstMode, fitScale, focusOn, toDevice, zoomTo } from './view.js';

/** @typedef {import('./wire.js').InputEvent} InputEvent */
/** @typedef {import('./line.js').Picture} Picture */
/** @typedef {import('./view.js').View} View */
/** @typedef {import('./view.js').Point} Point */

/**
 * @typedef {object} StageOwner
 * @property {(event: InputEvent) => void} send
 * @property {(text: string) => void} paste
 * @property {(picture: Picture) => void} drawn A picture is on the screen.
 * @property {() => void} leave The human wants the focus out of the page view.
 * @property {() => void} dragged The human tried to drag, which can't be passed on.
 * @property {() => void} tapped On a touch screen, while no keyboard is up.
 * @property {() => void} grabbed A finger was held on the page.
 */

const ZOOM_STEP = 1.25;

export class Stage {
  #owner;
  #screen;
  #keyboard;
  #pointer;
  #picture = box('picture');
  #canvas = find('screen', HTMLCanvasElement);
  #typing = find('typing', HTMLTextAreaElement);
  #view = emptyView();
  #enabled = false;
  /** What the agent takes beside version 1's events. @type {ReadonlySet<string>} */
  #taken = new Set();
  /** Whether the agent takes this beside version 1's events. @param {string} kind */
  has(kind) {
    return this.#taken.has(kind);
  }

  /** Where a place in the window lies in the page; `null` beside it. @param {Point} at */
  placeOf({ x, y }) {
    const { left, top } = this.#picture.getBoundingClientRect();
    const place = toDevice(this.#view, { x: x - left, y: y - top });
    return place.inside ? { x: place.x, y: place.y } : null;
  }

  /** Whether the page is one for fingers. */
  #touched = false;
  /** Something was down when nothing could be said any more. */
  #owesRelease = false;
  #coarse = matchMedia('(pointer: coarse)');
  #keysShown = false;
  /** Where the human clicked last, in device space. @type {Point | null} */
  #lastClick = null;
  /** The mode to return to when typing ends. @type {View['mode'] | null} */
  #modeBefore = null;

  /** @param {StageOwner} owner */
  constructor(owner) {
    this.#owner = owner;
    this.#screen = new Screen(this.#canvas, (picture, first) => this.#drawn(picture, first));
    this.#keyboard = new Keyboard(this.#typing, {
      send: (event) => this.#send(event),
      paste: (text) => this.#enabled && owner.paste(text),
      leave: () => owner.leave(),
      isSoft: () => this.#coarse.matches,
      takes: (kind) => this.#taken.has(kind),
      stuck: () => this.#showSticky(),
    });
    this.#pointer = new Pointer(this.#picture, {
      view: () => this.#view,
      move: (view) => this.#place(view),
      send: (event) => this.#send(event),
      pressed: (at, touch) => this.#pressed(at, touch),
      clicked: (at) => this.#clicked(at),
      grabbed: (at) => this.#grabbed(at),
      dragged: owner.dragged,
      isPrecise: () => this.#taken.has('pointer'),
      isTouched: () => this.#touched && this.#taken.has('pointer'),
      sticky: () => this.#keyboard.sticky.take(),
    });
    globalThis.addEventListener('blur', () => this.#pointer.releaseAll());
    this.#wireButtons();
    followVisibleWindow(() => this.#showKeys(false));
    new ResizeObserver(() => this.#resized()).observe(this.#picture);
  }

  /** @param {Picture} picture */
  show(picture) {
    this.#screen.show(picture);
  }

  /** Takes the picture away, until another one comes. */
  clear() {
    this.#screen.clear();
  }

  /** Whether input is passed on. @param {boolean} enabled */
  enable(enabled) {
    if (this.#enabled && !enabled) {
      this.#owesRelease ||= this.#pointer.holds || this.#keyboard.holds;
      this.#pointer.forget();
      this.#keyboard.forget();
    }
    this.#enabled = enabled;
    if (enabled && this.#owesRelease) this.letGo();
    for (const id of ['back', 'forward', 'reload', 'paste', 'keyboard', 'grab']) button(id).disabled = !enabled;
    for (const key of document.querySelectorAll('.key')) key.toggleAttribute('disabled', !enabled);
  }

  /** Puts the keyboard's focus on the page, where that doesn't raise an on-screen keyboard. */
  focus() {
    if (!this.#coarse.matches || this.#keysShown) this.#typing.focus({ preventScroll: true });
  }

  /** What the agent takes beside version 1's events. @param {ReadonlySet<string>} taken */
  takes(taken) {
    this.#taken = taken;
    button('grab').hidden = !this.#coarse.matches || !taken.has('pointer');
  }

  /** Whether the page is one for fingers, which go to it as they are. @param {boolean} touched */
  touch(touched) {
    this.#touched = touched;
  }

  /** Lets everything go that is down, while it can still be said: nobody may hear the hand lift. */
  letGo() {
    this.#owesRelease = false;
    this.#pointer.releaseAll();
    this.#keyboard.releaseAll();
    if (this.#taken.has('pointer')) this.#send({ type: 'release_all' });
  }

  /** Lets keys go before something else is said, such as that the human is done. */
  release() {
    this.#pointer.releaseAll();
    this.#keyboard.releaseAll();
    this.#showKeys(false);
  }

  /** @param {InputEvent} event */
  #send(event) {
    if (this.#enabled) this.#owner.send(event);
  }

  #wireButtons() {
    for (const type of /** @type {const} */ (['back', 'forward', 'reload'])) {
      button(type).addEventListener('click', () => this.#send({ type }));
    }
    button('zoom-in').addEventListener('click', () => this.#zoom(this.#view.scale * ZOOM_STEP));
    button('zoom-out').addEventListener('click', () => this.#zoom(this.#view.scale / ZOOM_STEP));
    button('zoom-actual').addEventListener('click', () => this.#zoom(1));
    button('zoom-fit').addEventListener('click', () => this.#place(arrange(this.#view, { mode: 'fit' })));
    button('grab').addEventListener('click', () => {
      const drags = button('grab').getAttribute('aria-pressed') !== 'true';
      button('grab').setAttribute('aria-pressed', String(drags));
      this.#pointer.fingerDrags(drags);
    });
    button('keyboard').addEventListener('click', () => this.#showKeys(!this.#keysShown));
    for (const key of document.querySelectorAll('.key')) {
      // The focus stays where it is: else the on-screen keyboard would go.
      key.addEventListener('pointerdown', (event) => event.preventDefault());
      key.addEventListener('click', () => this.#keyboard.press(key.getAttribute('data-key') ?? ''));
    }
    document.addEventListener('keydown', (event) => {
      const fromButtons = event.key === 'F6' && !event.defaultPrevented && this.#enabled;
      if (!fromButtons || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      this.#typing.focus({ preventScroll: true });
    });
  }

  #showSticky() {
    for (const key of document.querySelectorAll('.key[aria-pressed]')) {
      key.setAttribute('aria-pressed', String(this.#keyboard.sticky.has(key.getAttribute('data-key') ?? '')));
    }
  }

  /** @param {boolean} shown */
  #showKeys(shown) {
    if (this.#keysShown === shown) return;
    this.#keysShown = shown;
    button('keyboard').setAttribute('aria-expanded', String(shown));
    box('keys').hidden = !shown;
    document.body.classList.toggle('typing', shown);
    if (shown) {
      this.#modeBefore = this.#view.mode;
      this.#typing.focus({ preventScroll: true });
    } else {
      if (this.#coarse.matches) this.#typing.blur();
      if (this.#modeBefore && this.#modeBefore !== 'free') this.#place(arrange(this.#view, { mode: this.#modeBefore }));
      this.#modeBefore = null;
    }
  }

  /** @param {number} scale */
  #zoom(scale) {
    const { width, height } = this.#view.stage;
    this.#modeBefore = null;
    this.#place(zoomTo(this.#view, scale, { x: width / 2, y: height / 2 }));
  }

  /**
   * @param {Picture} picture
   * @param {boolean} first
   */
  #drawn(picture, first) {
    const { deviceWidth, deviceHeight } = picture.meta;
    const { device } = this.#view;
    if (first || device.width !== deviceWidth || device.height !== deviceHeight) {
      const sized = arrange({ ...this.#view, stage: this.#size() }, { device: { width: deviceWidth, height: deviceHeight } });
      this.#place(first ? arrange(sized, { mode: this.#coarse.matches ? firstMode(sized) : 'fit' }) : sized);
    }
    this.#owner.drawn(picture);
  }

  #resized() {
    if (this.#screen.frames === 0) return;
    const view = arrange(this.#view, { stage: this.#size() });
    const hard = this.#keysShown && this.#coarse.matches && fitScale(view) < 0.6;
    this.#place(hard && this.#lastClick ? focusOn(view, this.#lastClick) : view);
  }

  #size() {
    return { width: Math.max(1, this.#picture.clientWidth), height: Math.max(1, this.#picture.clientHeight) };
  }

  /** @param {View} view */
  #place(view) {
    this.#view = view;
    const { style } = this.#canvas;
    style.width = `${view.device.width * view.scale}px`;
    style.height = `${view.device.height * view.scale}px`;
    style.transform = `translate(${view.x}px, ${view.y}px)`;
    const percent = `${Math.round(view.scale * 100)} %`;
    const actual = button('zoom-actual');
    if (actual.textContent !== percent) {
      actual.textContent = percent;
      actual.setAttribute('aria-label', `Actual size, now ${percent}`);
    }
    button('zoom-fit').setAttribute('aria-pressed', String(view.mode === 'fit'));
  }

  /**
   * @param {Point} at
   * @param {boolean} touch
   */
  #pressed(at, touch) {
    // Input methods put their window where the field is.
    this.#typing.style.left = `${Math.max(0, Math.min(at.x, this.#view.stage.width - 40))}px`;
    this.#typing.style.top = `${Math.max(0, Math.min(at.y, this.#view.stage.height - 40))}px`;
    if (!touch || this.#keysShown) this.#typing.focus({ preventScroll: true });
  }

  /** Shows at once that a click was sent, however long the page takes. @param {Point} at */
  #clicked(at) {
    this.#lastClick = toDevice(this.#view, at);
    if (!this.#enabled) return;
    if (this.#coarse.matches && !this.#keysShown) this.#owner.tapped();
    this.#ring(at, 'ring');
  }

  /** Shows that a finger holds what is under it. @param {Point} at */
  #grabbed(at) {
    if (!this.#enabled) return;
    this.#ring(at, 'ring grabbed');
    this.#owner.grabbed();
  }

  /**
   * @param {Point} at
   * @param {string} look
   */
  #ring(at, look) {
    const ring = document.createElement('span');
    ring.className = look;
    ring.style.left = `${at.x}px`;
    ring.style.top = `${at.y}px`;
    this.#picture.append(ring);
    setTimeout(() => ring.remove(), 450);
  }
}
