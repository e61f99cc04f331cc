// @ts-check
// One line over the page, for some seconds. Another that comes soon waits until the first can have been read.

import { box } from './dom.js';

const SHOWN_MS = 6_000;
/** So long it is shown at least, when another follows. */
const READ_MS = 2_000;
/** How many may wait; the oldest gives way. */
const MOST_WAITING = 3;

/** @type {string[]} */
let waiting = [];
let shownAt = -Infinity;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** Shows one line for some seconds. @param {string} text */
export function toast(text) {
  const element = box('toast');
  const left = shownAt + READ_MS - performance.now();
  const isHidden = !element.classList.contains('shown');
  if (isHidden || (waiting.length === 0 && (element.textContent === text || left <= 0))) {
    show(text);
    return;
  }
  waiting = [...waiting.filter((other) => other !== text), text].slice(-MOST_WAITING);
  clearTimeout(timer);
  timer = setTimeout(next, left);
}

/** Takes the line away, and those that wait. */
export function clearToast() {
  waiting = [];
  clearTimeout(timer);
  box('toast').classList.remove('shown');
}

/** @param {string} text */
function show(text) {
  const element = box('toast');
  element.textContent = text;
  element.classList.add('shown');
  shownAt = performance.now();
  clearTimeout(timer);
  timer = setTimeout(next, waiting.length > 0 ? READ_MS : SHOWN_MS);
}

function next() {
  const text = waiting.shift();
  if (text === undefined) clearToast();
  else show(text);
}
