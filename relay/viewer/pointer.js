// @ts-check
// Mouse, pen and fingers on the stage: what goes to the page as clicks and scrolls, and what only moves
// the view of it.
//
// Scrolling moves the view first and, at its edge, the page: as a phone does with a zoomed page.

import { Gestures } from './gestures.js';
import { pan, toDevice, zoomTo } from './view.js';

/** @typedef {import('./wire.js').InputEvent} InputEvent */
/** @typedef {import('./view.js').View} View */
/** @typedef {import('./view.js').Point} Point */
/** @typedef {import('./gestures.js').Gesture} Gesture */

/**
 * @typedef {object} PointerOwner
 * @property {() => View} view
 * @property {(view: View) => void} move
 * @property {(event: InputEvent) => void} send
 * @property {(at: Point, touch: boolean) => void} pressed A press begins, at a point of the stage.
 * @property {(at: Point) => void} clicked A click was sent.
 * @property {() => void} dragged The human dragged with a mouse, which can't be passed on.
 */

/** Two clicks this near in time (milliseconds) and place (device pixels) are a double click. */
const DOUBLE_MS = 500;
const DOUBLE_SLOP = 4;
const DOUBLE_TAP_SLOP = 28;
/** A mouse that moves this far while pressed drags. */
const DRAG_SLOP = 8;
const LINE_PX = 33;

/** @typedef {{x: number, y: number, id: number, button: number, dragging: boolean}} Press */

export class Pointer {
  #element;
  #owner;
  #gestures = new Gestures();
  /** @type {Press | null} */
  #press = null;
  /** The click that a next one may double. @type {{at: Point, time: number, count: number} | null} */
  #last = null;
  /** Scrolling since the last paint. @type {{at: Point, x: number, y: number} | null} */
  #scroll = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #holdTimer;
  #flight = 0;
  #onMac = /Mac/u.test(navigator.platform);

  /**
   * @param {HTMLElement} element The stage; points are taken from its corner.
   * @param {PointerOwner} owner
   */
  constructor(element, owner) {
    this.#element = element;
    this.#owner = owner;
    element.addEventListener('pointerdown', (event) => this.#down(event));
    element.addEventListener('pointermove', (event) => this.#move(event));
    element.addEventListener('pointerup', (event) => this.#up(event));
    element.addEventListener('pointercancel', (event) => this.#cancel(event));
    element.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    for (const kind of ['contextmenu', 'mousedown', 'mouseup', 'auxclick', 'dragstart']) {
      element.addEventListener(kind, (event) => event.preventDefault());
    }
  }

  /** @param {PointerEvent} event */
  #down(event) {
    const at = this.#pointOf(event);
    const touch = event.pointerType === 'touch';
    event.preventDefault();
    this.#element.setPointerCapture(event.pointerId);
    cancelAnimationFrame(this.#flight);
    this.#owner.pressed(at, touch);
    if (touch) {
      this.#gestures.down(event.pointerId, at, event.timeStamp);
      this.#awaitHold(event.timeStamp);
    } else {
      const button = this.#onMac && event.ctrlKey && event.button === 0 ? 2 : event.button;
      this.#press = { ...at, id: event.pointerId, button, dragging: false };
    }
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const at = this.#pointOf(event);
    if (event.pointerType === 'touch') {
      this.#act(this.#gestures.move(event.pointerId, at, event.timeStamp), event.timeStamp);
      return;
    }
    const press = this.#press;
    if (!press || press.id !== event.pointerId) return;
    if (!press.dragging && Math.hypot(at.x - press.x, at.y - press.y) <= DRAG_SLOP) return;
    const moved = pan(this.#owner.view(), at.x - press.x, at.y - press.y);
    const stuck = moved.view.x === this.#owner.view().x && moved.view.y === this.#owner.view().y;
    if (!press.dragging && stuck) this.#owner.dragged();
    this.#owner.move(moved.view);
    this.#press = { ...press, ...at, dragging: true };
  }

  /** @param {PointerEvent} event */
  #up(event) {
    if (event.pointerType === 'touch') {
      clearTimeout(this.#holdTimer);
      this.#act(this.#gestures.up(event.pointerId, event.timeStamp), event.timeStamp);
      return;
    }
    const press = this.#press;
    this.#press = null;
    if (!press || press.id !== event.pointerId || press.dragging) return;
    if (press.button === 3) this.#owner.send({ type: 'back' });
    else if (press.button === 4) this.#owner.send({ type: 'forward' });
    else if (press.button === 1) this.#click(press, 'middle');
    else if (press.button === 2) this.#click(press, 'right');
    else this.#leftClick(press, event.timeStamp, DOUBLE_SLOP);
  }

  /** @param {PointerEvent} event */
  #cancel(event) {
    clearTimeout(this.#holdTimer);
    this.#gestures.cancel(event.pointerId);
    this.#press = null;
  }

  /** @param {number} now */
  #awaitHold(now) {
    clearTimeout(this.#holdTimer);
    const { deadline } = this.#gestures;
    if (deadline === null) return;
    this.#holdTimer = setTimeout(() => this.#act(this.#gestures.wake(deadline), deadline), deadline - now);
  }

  /**
   * @param {Gesture | null} gesture
   * @param {number} now
   */
  #act(gesture, now) {
    if (!gesture) return;
    switch (gesture.kind) {
      case 'tap':
        this.#leftClick(gesture.at, now, DOUBLE_TAP_SLOP);
        break;
      case 'hold':
        navigator.vibrate?.(12);
        this.#click(gesture.at, 'right');
        break;
      case 'drag':
        this.#shift(gesture.from, gesture.dx, gesture.dy);
        break;
      case 'fling':
        this.#fly(gesture.from, gesture.vx, gesture.vy);
        break;
      case 'pinch': {
        const moved = pan(this.#owner.view(), gesture.dx, gesture.dy).view;
        this.#owner.move(zoomTo(moved, moved.scale * gesture.factor, gesture.at));
        break;
      }
    }
  }

  /**
   * A double click is two clicks at the same place and then its own event; a third click is a triple one.
   *
   * @param {Point} at
   * @param {number} time
   * @param {number} slop
   */
  #leftClick(at, time, slop) {
    const { inside, ...point } = toDevice(this.#owner.view(), at);
    if (!inside) return;
    const last = this.#last;
    const near = last && time - last.time <= DOUBLE_MS && Math.hypot(point.x - last.at.x, point.y - last.at.y) <= slop;
    const again = last && near && last.count < 3 ? last : null;
    const place = again ? again.at : point;
    const count = again ? again.count + 1 : 1;
    this.#last = { at: place, time, count };
    this.#owner.send(count === 3 ? { type: 'click', ...place, clickCount: 3 } : { type: 'click', ...place });
    if (count === 2) this.#owner.send({ type: 'dblclick', ...place });
    this.#owner.clicked(at);
  }

  /**
   * @param {Point} at
   * @param {'middle' | 'right'} button
   */
  #click(at, button) {
    const { inside, ...point } = toDevice(this.#owner.view(), at);
    this.#last = null;
    if (!inside) return;
    this.#owner.send({ type: 'click', ...point, button });
    this.#owner.clicked(at);
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault();
    const at = this.#pointOf(event);
    const view = this.#owner.view();
    const unit = [1, LINE_PX, view.device.height][event.deltaMode] ?? 1;
    if (event.ctrlKey) {
      const step = Math.max(-60, Math.min(60, event.deltaY * unit));
      this.#owner.move(zoomTo(view, view.scale * Math.exp(-step / 150), at));
      return;
    }
    const sideways = event.shiftKey && event.deltaX === 0;
    const [dx, dy] = sideways ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
    this.#shift(at, -dx * unit, -dy * unit);
  }

  /**
   * Moves what is seen: the view as far as it goes, then the page.
   *
   * @param {Point} at
   * @param {number} dx
   * @param {number} dy
   */
  #shift(at, dx, dy) {
    const { view, left } = pan(this.#owner.view(), dx, dy);
    this.#owner.move(view);
    if (Math.abs(left.x) < 0.01 && Math.abs(left.y) < 0.01) return;
    const { x, y } = toDevice(view, at);
    if (!this.#scroll) requestAnimationFrame(() => this.#flush());
    const sum = this.#scroll ?? { at: { x, y }, x: 0, y: 0 };
    this.#scroll = { at: sum.at, x: sum.x - left.x / view.scale, y: sum.y - left.y / view.scale };
  }

  #flush() {
    const scroll = this.#scroll;
    this.#scroll = null;
    if (scroll) this.#owner.send({ type: 'scroll', ...scroll.at, deltaX: hundredths(scroll.x), deltaY: hundredths(scroll.y) });
  }

  /**
   * Goes on scrolling after a flick, ever slower.
   *
   * @param {Point} at
   * @param {number} vx
   * @param {number} vy
   */
  #fly(at, vx, vy) {
    let [x, y, last] = [vx, vy, performance.now()];
    const step = (/** @type {number} */ now) => {
      const time = Math.max(0, Math.min(50, now - last));
      last = now;
      this.#shift(at, x * time, y * time);
      const rest = Math.exp(-time / 325);
      [x, y] = [x * rest, y * rest];
      if (Math.hypot(x, y) > 0.03) this.#flight = requestAnimationFrame(step);
    };
    this.#flight = requestAnimationFrame(step);
  }

  /** @param {MouseEvent} event */
  #pointOf(event) {
    const box = this.#element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }
}

/** @param {number} value */
function hundredths(value) {
  return Math.round(value * 100) / 100;
}
