// @ts-check
// Where the agent's page lies on this screen: fit, zoom, pan, and the way back from a point to the page.
//
// Pure maths on immutable values. Three spaces: the *stage* (CSS pixels of this page, from the stage's
// corner), the *picture* (the JPEG's pixels, which nobody here needs) and the *device* (the frame's
// deviceWidth x deviceHeight, in which input is sent). The page's own scroll and zoom are the agent's business.

/** @typedef {{width: number, height: number}} Size */
/** @typedef {{x: number, y: number}} Point */

/**
 * @typedef {object} View
 * @property {Size} stage
 * @property {Size} device
 * @property {'fit' | 'fill' | 'free'} mode `fit` shows all, `fill` leaves no empty margin, `free` is the human's choice.
 * @property {number} covered How much of the stage's lower end something of ours covers, in CSS pixels.
 * @property {number} scale CSS pixels on the stage for one device pixel.
 * @property {number} x Of the picture's left edge on the stage.
 * @property {number} y Of the picture's top edge on the stage.
 */

/** A page enlarged more than this is only blurred. */
const MAX_FIT = 1.5;
const MAX_SCALE = 4;
/** Under this scale a page that is shown whole can't be read. */
const LEGIBLE = 0.6;
/** The scale a page is read at comfortably on a phone. */
const READING = 0.8;
/** What is to be seen around a field that is brought into sight. */
const AROUND = 16;
/** How far beyond the page a drag is followed, in device pixels. */
const FARTHEST = 10_000;

/** @returns {View} Nothing to show yet. */
export function emptyView() {
  return { stage: { width: 1, height: 1 }, device: { width: 1, height: 1 }, mode: 'fit', covered: 0, scale: 1, x: 0, y: 0 };
}

/**
 * The same page on a stage, or a page, of another size.
 *
 * @param {View} view
 * @param {Partial<Pick<View, 'stage' | 'device' | 'mode' | 'covered'>>} change
 * @returns {View}
 */
export function arrange(view, change) {
  const next = { ...view, ...change };
  if (next.mode === 'fit') return settle({ ...next, scale: fitScale(next) });
  if (next.mode === 'fill') return settle({ ...next, scale: fillScale(next), ...centred(view, next) });
  // Keep the point in the middle of the stage where it is.
  const middle = toDevice(view, { x: view.stage.width / 2, y: view.stage.height / 2 });
  const scale = Math.max(next.scale, Math.min(fitScale(next), 1));
  return settle({
    ...next,
    scale,
    x: next.stage.width / 2 - middle.x * scale,
    y: next.stage.height / 2 - middle.y * scale,
  });
}

/**
 * The mode a small screen starts in: whole if that can be read, else filled.
 *
 * @param {View} view
 * @returns {'fit' | 'fill'}
 */
export function firstMode(view) {
  return fitScale(view) < LEGIBLE ? 'fill' : 'fit';
}

/**
 * Zooms so that the point of the page under `at` stays there.
 *
 * @param {View} view
 * @param {number} scale
 * @param {Point} at On the stage.
 * @returns {View}
 */
export function zoomTo(view, scale, at) {
  const least = Math.min(fitScale(view), 1);
  const bounded = Math.max(least, Math.min(MAX_SCALE, scale));
  const factor = bounded / view.scale;
  return settle({
    ...view,
    mode: 'free',
    scale: bounded,
    x: at.x - (at.x - view.x) * factor,
    y: at.y - (at.y - view.y) * factor,
  });
}

/**
 * Moves the picture with a finger, as far as it goes.
 *
 * @param {View} view
 * @param {number} dx
 * @param {number} dy
 * @returns {{view: View, left: Point}} What was left of the movement at the picture's edges.
 */
export function pan(view, dx, dy) {
  const moved = settle({ ...view, x: view.x + dx, y: view.y + dy });
  return { view: moved, left: { x: dx - (moved.x - view.x), y: dy - (moved.y - view.y) } };
}

/**
 * Brings a point of the page into the middle of the stage, at a scale that can be read.
 *
 * @param {View} view
 * @param {Point} point In device space.
 * @returns {View}
 */
export function focusOn(view, point) {
  const scale = Math.max(view.scale, READING);
  return settle({
    ...view,
    mode: 'free',
    scale,
    x: view.stage.width / 2 - point.x * scale,
    y: view.stage.height / 2 - point.y * scale,
  });
}

/**
 * Brings a field of the page into sight, moving no more than it takes.
 *
 * @param {View} view
 * @param {Point & Size} rect In device space.
 * @returns {View}
 */
export function reveal(view, rect) {
  const scale = fitScale(view) < LEGIBLE ? Math.max(view.scale, READING) : view.scale;
  const at = toStage(view, { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 });
  const grown = scale === view.scale ? view : zoomTo(view, scale, at);
  const corner = toStage(grown, rect);
  const dx = into(corner.x, rect.width * grown.scale, view.stage.width);
  const dy = into(corner.y, rect.height * grown.scale, view.stage.height - view.covered);
  return grown === view && dx === 0 && dy === 0 ? view : settle({ ...grown, mode: 'free', x: grown.x + dx, y: grown.y + dy });
}

/**
 * From the page to the stage.
 *
 * @param {View} view
 * @param {Point} point In device space.
 * @returns {Point}
 */
export function toStage({ x, y, scale }, point) {
  return { x: x + point.x * scale, y: y + point.y * scale };
}

/**
 * How far something has to move to be in sight; of what is too large, its beginning.
 *
 * @param {number} at
 * @param {number} length
 * @param {number} room
 */
function into(at, length, room) {
  if (at < AROUND || length + 2 * AROUND > room) return AROUND - at;
  return Math.min(0, room - AROUND - length - at);
}

/**
 * From the stage to the page. A point beside the picture gives the nearest one on it.
 *
 * @param {View} view
 * @param {Point} point On the stage.
 * @returns {Point & {inside: boolean}} In device space.
 */
export function toDevice(view, point) {
  const x = (point.x - view.x) / view.scale;
  const y = (point.y - view.y) / view.scale;
  const inside = x >= 0 && y >= 0 && x < view.device.width && y < view.device.height;
  return { x: within(x, view.device.width), y: within(y, view.device.height), inside };
}

/**
 * From the stage to where a drag that goes beyond the page is, as far as the agent follows.
 *
 * @param {View} view
 * @param {Point} point On the stage.
 * @returns {Point} In device space.
 */
export function reach(view, point) {
  return { x: bounded((point.x - view.x) / view.scale), y: bounded((point.y - view.y) / view.scale) };
}

/** @param {Pick<View, 'stage' | 'device'>} view */
export function fitScale({ stage, device }) {
  return Math.min(stage.width / device.width, stage.height / device.height, MAX_FIT);
}

/** @param {Pick<View, 'stage' | 'device'>} view */
function fillScale({ stage, device }) {
  const cover = Math.max(stage.width / device.width, stage.height / device.height);
  return Math.max(fitScale({ stage, device }), Math.min(cover, 1));
}

/**
 * Keeps what was in the middle of a filled stage there; a new one starts with the page's top middle.
 *
 * @param {View} before
 * @param {View} next
 * @returns {Point}
 */
function centred(before, next) {
  const scale = fillScale(next);
  const stays = before.mode === 'fill' && before.device.width === next.device.width;
  const middle = stays ? (before.stage.width / 2 - before.x) / before.scale : next.device.width / 2;
  return { x: next.stage.width / 2 - middle * scale, y: stays ? before.y : 0 };
}

/**
 * Centres what is smaller than the stage, and leaves no margin beside what is larger; what is covered of it
 * can be moved into sight.
 *
 * @param {View} view
 * @returns {View}
 */
function settle(view) {
  return {
    ...view,
    x: settled(view.x, view.device.width * view.scale, view.stage.width),
    y: settled(view.y, view.device.height * view.scale, view.stage.height, view.covered),
  };
}

/**
 * @param {number} at
 * @param {number} length
 * @param {number} room
 * @param {number} [covered]
 */
function settled(at, length, room, covered = 0) {
  const least = room - covered - length;
  if (least >= 0) return Math.min(Math.round((room - length) / 2), least);
  return Math.min(0, Math.max(least, at));
}

/**
 * @param {number} value
 * @param {number} size
 */
function within(value, size) {
  const clamped = Math.max(0, Math.min(size - 1, value));
  return Math.round(clamped * 100) / 100;
}

/** @param {number} value */
function bounded(value) {
  const clamped = Math.max(-FARTHEST, Math.min(FARTHEST, value));
  return Math.round(clamped * 100) / 100;
}
