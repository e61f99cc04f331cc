// @ts-check
// The shape of the mouse pointer over the page, as the agent tells it: only shapes that every browser draws
// by itself, and never none, so that the human always finds the pointer.

const SHAPES = new Set([
  'default', 'pointer', 'text', 'vertical-text', 'crosshair', 'move', 'grab', 'grabbing', 'help', 'wait', 'progress', 'cell',
  'context-menu', 'alias', 'copy', 'no-drop', 'not-allowed', 'all-scroll', 'col-resize', 'row-resize', 'n-resize', 'e-resize',
  's-resize', 'w-resize', 'ne-resize', 'nw-resize', 'se-resize', 'sw-resize', 'ew-resize', 'ns-resize', 'nesw-resize', 'nwse-resize',
  'zoom-in', 'zoom-out',
]);

/**
 * Reads the shape, `default` for one that isn't shown; `null` if the message isn't about that.
 *
 * @param {Record<string, unknown>} message
 */
export function readCursor({ type, cursor }) {
  if (type !== 'cursor') return null;
  return typeof cursor === 'string' && SHAPES.has(cursor) ? cursor : 'default';
}
