// @ts-check
// The live view: the picture, how it lies on the screen, and what is done on it.
//
// It knows nothing of sockets or sessions: it is given pictures, and passes input on while it is enabled.

import { box, button, find } from './dom.js';
import { readCursor } from './cursor.js';
import { Fields } from './fields.js';
import { Keyboard } from './keyboard.js';
import { Menu, readMenu } from './menu.js';
import { Pointer } from './pointer.js';
import { Screen } from './screen.js';
import { Typing } from './typing.js';
import { followVisibleWindow } from './window.js';
import { arrange, emptyView, firstMode, fitScale, focusOn, reveal, toDevice, toStage, zoomTo } from './view.js';

/** @typedef {import('./wire.js').InputEvent} InputEvent */
/** @typedef {import('./line.js').Picture} Picture */
/** @typedef {import('./view.js').View} View */
/** @typedef {import('./view.js').Point} Point */

/**
 * @typedef {object} StageOwner
 * @property {(event: InputEvent) => void} send
 * @property {(text: string) => void} paste
 * @property {() => void} pasteClipboard The human wants this device's clipboard in the page.
 * @property {() => void} openOffers The human wants to see what can be filled in.
 * @property {(byKey: boolean) => void} copy The human wants what is selected in the page.
 * @property {(picture: Picture) => void} drawn A picture is on the screen.
 * @property {() => void} leave The human wants the focus out of the page view.
 * @property {() => void} dragged The human tried to drag, which can't be passed on.
 * @property {() => void} tapped On a touch screen, while no keyboard is up.
 * @property {() => void} grabbed A finger was held on the page.
 */

const ZOOM_STEP = 1.25;
/** A press that comes so soon after something changed was meant for what was there before. */
const MEANT_MS = 700;
/** What a page does so soon after the human did something is an answer to that. */
const ANSWER_MS = 3_000;

export class Stage {
  #owner;
  #screen;
  #keyboard;
  #pointer;
  #fields;
  #menu;
  #picture = box('picture');
  #canvas = find('screen', HTMLCanvasElement);
  #typing = new Typing();
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
  /** Whether the human moved the view themselves, and is not to be moved back. */
  #isMoved = false;
  /** When the human last did something on the page. */
  #actedAt = -Infinity;
  /** When the keyboard last came by itself. */
  #raisedAt = -Infinity;
  /** Ends the moment in which Done takes no press. */
  #shifted = 0;

  /** @param {StageOwner} owner */
  constructor(owner) {
    this.#owner = owner;
    this.#screen = new Screen(this.#canvas, (picture, first) => this.#drawn(picture, first));
    this.#keyboard = new Keyboard(this.#typing, {
      send: (event) => this.#send(event),
      paste: (text) => this.#enabled && owner.paste(text),
      filled: (text) => this.#fields.filled(text),
      copy: () => this.#copy(true),
      leave: () => owner.leave(),
      isSoft: () => this.#coarse.matches,
      takes: (kind) => this.#taken.has(kind),
      stuck: () => this.#showSticky(),
    });
    this.#pointer = new Pointer(this.#picture, {
      view: () => this.#view,
      move: (view) => this.#moved(view),
      send: (event) => this.#send(event),
      pressed: (at, touch) => this.#pressed(at, touch),
      clicked: (at) => this.#clicked(at),
      grabbed: (at) => this.#grabbed(at),
      dragged: owner.dragged,
      isPrecise: () => this.#taken.has('pointer'),
      isTouched: () => this.#touched && this.#taken.has('pointer'),
      sticky: () => this.#keyboard.sticky.take(),
    });
    this.#fields = new Fields({
      isTouch: () => this.#coarse.matches,
      isTyping: () => this.#keysShown,
      showKeyboard: (shown) => this.#raise(shown),
      become: (field) => this.#typing.become(field),
      reveal: (isNew) => this.#reveal(isNew),
      covered: (height) => this.#place(arrange(this.#view, { covered: height })),
      paste: (text) => this.#enabled && owner.paste(text),
      pasteClipboard: () => owner.pasteClipboard(),
      openPicker: () => this.#send({ type: 'open_picker' }),
      openOffers: () => this.#enabled && owner.openOffers(),
    });
    this.#menu = new Menu({
      act: (act) => this.#chosen(act),
      closed: () => this.focus(),
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
    if (!enabled) this.#menu.close();
    for (const id of ['back', 'forward', 'reload', 'copy', 'paste', 'keyboard', 'grab', 'field-open', 'field-paste', 'field-fill', 'field-offers']) {
      button(id).disabled = !enabled;
    }
    for (const key of document.querySelectorAll('.key')) key.toggleAttribute('disabled', !enabled);
  }

  /** Puts the keyboard's focus on the page, where that doesn't raise an on-screen keyboard. */
  focus() {
    if (!this.#coarse.matches || this.#keysShown) this.#typing.focus();
  }

  /** What the agent takes beside version 1's events. @param {ReadonlySet<string>} taken */
  takes(taken) {
    this.#taken = taken;
    button('grab').hidden = !this.#coarse.matches || !taken.has('pointer');
    button('copy').hidden = !taken.has('fields');
  }

  /** Takes what the agent tells of the page's field, menu and pointer. @param {Record<string, unknown>} message */
  hear(message) {
    const menu = readMenu(message);
    const cursor = readCursor(message);
    this.#fields.hear(message);
    if (menu) this.#openMenu(menu);
    if (cursor !== null) this.#canvas.style.cursor = cursor;
  }

  /** Forgets what was told of the page. */
  forget() {
    this.#fields.clear();
    this.#menu.close();
    this.#canvas.style.cursor = '';
  }

  /** What there is to choose from. @param {{isOpen: boolean, waits: boolean}} picker */
  choosing(picker) {
    if (picker.isOpen) this.#menu.close();
    this.#fields.choosing(picker);
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
    if (!this.#enabled) return;
    if (event.type !== 'mousemove') this.#actedAt = performance.now();
    this.#owner.send(event);
  }

  /** @param {boolean} byKey */
  #copy(byKey) {
    if (this.#enabled && this.#taken.has('fields')) this.#owner.copy(byKey);
  }

  /** A page can't open it by itself. @param {import('./menu.js').ContextMenu} menu */
  #openMenu(menu) {
    const isAsked = performance.now() - this.#actedAt < ANSWER_MS;
    if (!this.#enabled || !isAsked || document.querySelector('dialog[open]')) return;
    this.#menu.open(menu, toStage(this.#view, menu), !this.#coarse.matches || !this.#keysShown);
  }

  /** @param {import('./menu.js').MenuAct} act */
  #chosen(act) {
    if (act === 'copy') this.#copy(false);
    else if (act === 'paste') this.#owner.pasteClipboard();
    else this.#send({ type: act });
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
    button('copy').addEventListener('click', () => this.#copy(false));
    button('keyboard').addEventListener('click', () => {
      // Who reached for it just when it came by itself wants it to stay.
      const wasRaised = this.#keysShown && performance.now() - this.#raisedAt < MEANT_MS;
      if (wasRaised) this.#typing.focus(); // the press took it away
      else this.#showKeys(!this.#keysShown);
    });
    for (const key of document.querySelectorAll('.key')) {
      // The focus stays where it is: else the on-screen keyboard would go.
      key.addEventListener('pointerdown', (event) => event.preventDefault());
      key.addEventListener('click', () => this.#keyboard.press(key.getAttribute('data-key') ?? ''));
    }
    document.addEventListener('keydown', (event) => {
      const fromButtons = event.key === 'F6' && !event.defaultPrevented && this.#enabled;
      if (!fromButtons || document.querySelector('dialog[open]')) return;
      event.preventDefault();
      this.#typing.focus();
    });
  }

  #showSticky() {
    for (const key of document.querySelectorAll('.key[aria-pressed]')) {
      key.setAttribute('aria-pressed', String(this.#keyboard.sticky.has(key.getAttribute('data-key') ?? '')));
    }
  }

  /** Shows the keyboard for a field of the page, or puts it away with it. @param {boolean} shown */
  #raise(shown) {
    this.#raisedAt = performance.now();
    this.#showKeys(shown);
  }

  /** What ends the request has moved to where something else was: a press that comes now isn't meant for it. */
  #shift() {
    document.body.classList.add('shifting');
    clearTimeout(this.#shifted);
    this.#shifted = setTimeout(() => document.body.classList.remove('shifting'), MEANT_MS);
  }

  /** @param {boolean} shown */
  #showKeys(shown) {
    if (this.#keysShown === shown) return;
    this.#keysShown = shown;
    button('keyboard').setAttribute('aria-expanded', String(shown));
    box('keys').hidden = !shown;
    document.body.classList.toggle('typing', shown);
    this.#shift();
    this.#fields.show();
    if (shown) {
      this.#modeBefore = this.#view.mode;
      this.#typing.focus();
      this.#reveal(true);
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
    const field = this.#fields.current;
    this.#place(hard && this.#lastClick && !field ? focusOn(view, this.#lastClick) : view);
    this.#reveal(false);
  }

  /** Keeps the page's field above the keyboard, unless the human looks elsewhere. @param {boolean} isNew */
  #reveal(isNew) {
    const field = this.#fields.current;
    if (isNew) this.#isMoved = false;
    if (field && this.#keysShown && this.#coarse.matches && !this.#isMoved) this.#place(reveal(this.#view, field.rect));
  }

  /** @param {View} view */
  #moved(view) {
    this.#isMoved = true;
    this.#place(view);
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
    this.#typing.moveTo(at, this.#view.stage);
    if (!touch || this.#keysShown) this.#typing.focus();
  }

  /** Shows at once that a click was sent, however long the page takes. @param {Point} at */
  #clicked(at) {
    this.#lastClick = toDevice(this.#view, at);
    if (!this.#enabled) return;
    this.#fields.tapped(this.#lastClick);
    if (this.#coarse.matches && !this.#keysShown && !this.#taken.has('fields')) this.#owner.tapped();
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
