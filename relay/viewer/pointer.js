// @ts-check
// Mouse, pen and fingers on the stage: which of them it is, and what goes to the page, to the view, or first
// to the one and then to the other.

import { Gestures } from './gestures.js';
import { Hand, modifierBits } from './hand.js';
import { Mouse } from './mouse.js';
import { Scroller } from './scroller.js';
import { Touches } from './touches.js';
import { pan, zoomTo } from './view.js';

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
 * @property {(at: Point) => void} grabbed A finger was held so long that it drags now.
 * @property {() => void} dragged The human dragged with a mouse, which can't be passed on.
 * @property {() => boolean} isPrecise Whether the agent takes moves, presses and releases.
 * @property {() => boolean} isTouched Whether the page is one for fingers, and the agent takes them.
 * @property {() => number} sticky Modifiers of the on-screen row, in CDP's bits; taken by what follows.
 */

/** Device pixels that two taps of a double tap may lie apart. */
const DOUBLE_TAP_SLOP = 28;
const LINE_PX = 33;

export class Pointer {
  #element;
  #owner;
  #hand;
  #mouse;
  #scroller;
  #touches;
  #gestures = new Gestures();
  /** Whether the finger that is down goes to the page as it is. */
  #isDirect = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #holdTimer;

  /**
   * @param {HTMLElement} element The stage; points are taken from its corner.
   * @param {PointerOwner} owner
   */
  constructor(element, owner) {
    this.#element = element;
    this.#owner = owner;
    this.#hand = new Hand(owner);
    this.#mouse = new Mouse(this.#hand, { ...owner, go: (type) => owner.send({ type }) });
    this.#scroller = new Scroller(owner);
    this.#touches = new Touches(owner.send, owner.view);
    element.addEventListener('pointerdown', (event) => this.#down(event));
    element.addEventListener('pointermove', (event) => this.#move(event));
    element.addEventListener('pointerup', (event) => this.#up(event));
    element.addEventListener('pointercancel', (event) => this.#cancel(event));
    element.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
    for (const kind of ['contextmenu', 'mousedown', 'mouseup', 'auxclick', 'dragstart']) {
      element.addEventListener(kind, (event) => event.preventDefault());
    }
  }

  /** Whether one finger drags what is under it, rather than scroll. @param {boolean} drags */
  fingerDrags(drags) {
    this.#gestures.drags = drags;
  }

  /** Whether something is down on the page. */
  get holds() {
    return this.#hand.holds || this.#touches.holds;
  }

  /** Lets go of what is down. */
  releaseAll() {
    this.#mouse.cancel();
    this.#touches.cancel();
  }

  /** Forgets what is down: nothing can be said now. */
  forget() {
    this.#hand.forget();
    this.#touches.forget();
    this.#mouse.cancel();
    this.#gestures.reset();
    clearTimeout(this.#holdTimer);
  }

  /** @param {PointerEvent} event */
  #down(event) {
    const at = this.#pointOf(event);
    const touch = event.pointerType === 'touch';
    event.preventDefault();
    this.#element.setPointerCapture(event.pointerId);
    this.#scroller.stop();
    this.#owner.pressed(at, touch);
    if (touch) this.#fingerDown(event, at);
    else this.#mouse.down(event, at);
  }

  /**
   * On a page for fingers the first goes to it as it is. A second takes it back: two are for the view.
   *
   * @param {PointerEvent} event
   * @param {Point} at
   */
  #fingerDown(event, at) {
    const isFirst = this.#gestures.fingers === 0;
    if (isFirst) this.#isDirect = this.#owner.isTouched();
    this.#gestures.holds = this.#owner.isPrecise() && !this.#isDirect;
    const gesture = this.#gestures.down(event.pointerId, at, event.timeStamp);
    if (!this.#isDirect) {
      this.#act(gesture, event.timeStamp);
      this.#awaitHold(event.timeStamp);
    } else if (isFirst) {
      this.#touches.down(event.pointerId, at);
    } else {
      this.#touches.cancel();
    }
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const at = this.#pointOf(event);
    if (event.pointerType !== 'touch') {
      this.#mouse.move(event, at);
      return;
    }
    const gesture = this.#gestures.move(event.pointerId, at, event.timeStamp);
    if (this.#touches.holds) this.#touches.move(event.pointerId, at);
    else this.#act(gesture, event.timeStamp);
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const at = this.#pointOf(event);
    if (event.pointerType !== 'touch') {
      this.#mouse.up(event, at);
      return;
    }
    clearTimeout(this.#holdTimer);
    const gesture = this.#gestures.up(event.pointerId, event.timeStamp);
    if (!this.#touches.holds) {
      this.#act(gesture, event.timeStamp);
      return;
    }
    this.#touches.up(event.pointerId);
    if (gesture?.kind === 'tap') this.#owner.clicked(gesture.at);
  }

  /** @param {PointerEvent} event */
  #cancel(event) {
    clearTimeout(this.#holdTimer);
    this.#gestures.cancel(event.pointerId);
    this.releaseAll();
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
    const how = { time: now, slop: DOUBLE_TAP_SLOP, modifiers: 0 };
    switch (gesture.kind) {
      case 'tap':
        this.#hand.click(gesture.at, 'left', { ...how, modifiers: this.#owner.sticky() });
        break;
      case 'grab':
        navigator.vibrate?.(12);
        this.#owner.grabbed(gesture.at);
        break;
      case 'hold':
        if (!gesture.grabbed) navigator.vibrate?.(12);
        this.#hand.click(gesture.at, 'right', how);
        break;
      case 'press':
        this.#hand.press(gesture.at, 'left', { ...how, slop: 0, modifiers: this.#owner.sticky() });
        this.#hand.move(gesture.to, 0);
        break;
      case 'pull':
        if (this.#hand.holds) this.#hand.move(gesture.at, 0);
        break;
      case 'drop':
        this.#hand.release(gesture.at, 'left', 0);
        break;
      case 'drag':
        this.#scroller.shift(gesture.from, gesture.dx, gesture.dy);
        break;
      case 'fling':
        this.#scroller.fly(gesture.from, gesture.vx, gesture.vy);
        break;
      case 'pinch': {
        const moved = pan(this.#owner.view(), gesture.dx, gesture.dy).view;
        this.#owner.move(zoomTo(moved, moved.scale * gesture.factor, gesture.at));
        break;
      }
    }
  }

  /**
   * Ctrl zooms the view, as it does with a page, and so does a touchpad's pinch, which comes as that.
   *
   * @param {WheelEvent} event
   */
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
    const modifiers = this.#owner.isPrecise() ? modifierBits(event) : 0;
    this.#scroller.shift(at, -dx * unit, -dy * unit, modifiers);
  }

  /** @param {MouseEvent} event */
  #pointOf(event) {
    const box = this.#element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }
}
