// @ts-check
// Files dragged over the page view from the human's own desktop. Elsewhere a drop does nothing: else the
// browser would show the file instead of this page.

import { box } from './dom.js';
import { NO_FOLDERS } from './files.js';

/** @typedef {import('./view.js').Point} Point */

/**
 * @param {object} on
 * @param {() => boolean} on.takes Whether files can be dropped now.
 * @param {(files: readonly File[], at: Point) => void} on.dropped Where, in pixels of the window.
 * @param {(text: string) => void} on.toast
 */
export function watchDrops(on) {
  const stage = box('stage');
  const mark = (/** @type {boolean} */ over) => stage.classList.toggle('dropping', over);
  addEventListener('dragover', (event) => {
    if (!hasFiles(event) || !event.dataTransfer) return;
    event.preventDefault();
    const takes = isOver(stage, event) && on.takes();
    event.dataTransfer.dropEffect = takes ? 'copy' : 'none';
    mark(takes);
  });
  addEventListener('dragleave', (event) => event.relatedTarget === null && mark(false));
  addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    mark(false);
    if (!isOver(stage, event) || !on.takes()) return;
    const items = [...(event.dataTransfer?.items ?? [])];
    if (items.some((item) => item.webkitGetAsEntry()?.isDirectory)) on.toast(NO_FOLDERS);
    else on.dropped([...(event.dataTransfer?.files ?? [])], { x: event.clientX, y: event.clientY });
  });
}

/** @param {DragEvent} event */
function hasFiles({ dataTransfer }) {
  return dataTransfer?.types.includes('Files') === true;
}

/** @param {HTMLElement} stage @param {DragEvent} event */
function isOver(stage, { target }) {
  return target instanceof Node && stage.contains(target);
}
