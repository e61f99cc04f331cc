// @ts-check
// The files the page wants, as the agent passes it on: read, put into words, and held against the limits
// before a byte is sent. What kinds it takes are the page's own words.

/**
 * @typedef {object} Wanted
 * @property {number} id
 * @property {boolean} multiple
 * @property {boolean} folder
 * @property {string[]} accept
 * @property {'' | 'user' | 'environment'} capture
 * @property {number} limit The largest file, in bytes.
 * @property {number} left What the session has left for files, in bytes.
 * @property {number | null} choice Of files that were dropped: this page's number for them.
 */

/**
 * @typedef {{type: 'file', id: number, n: number, of: number, choice: number, name: string, mime: string, size: number}} FileHead
 * @typedef {{type: 'file_chunk', id: number, n: number, offset: number, data: string}} FileChunk
 * @typedef {{type: 'files_done' | 'files_cancel', id: number}} FilesWord
 * @typedef {{type: 'files_drop', choice: number, x: number, y: number}} FilesDrop
 * @typedef {FileHead | FileChunk | FilesWord | FilesDrop} FileEvent
 */

/** @typedef {{id: number, n: number, got: number}} Got */
/** @typedef {{id: number, n: number, why: string}} Refused */

export const MAX_FILES = 20;

const MAX_KINDS = 32;
const MAX_KIND = 100;
const MAX_BYTES = 2 ** 40;

export const NO_LONGER = 'The page doesn’t wait for a file any more. Press its button again.';
export const NOT_READABLE = 'That file can’t be read. It may have been moved or changed: choose it again.';
export const NO_FOLDERS = 'A folder can’t be dropped. Drop the files in it.';
export const NO_DROPPING = 'Files can’t be dropped onto the page now.';
export const NOT_DROPPED = 'Your files weren’t passed on: the page had changed in the meantime. Have a look, then drop them again.';

/**
 * Reads what the page wants; `null` if the message isn't about that.
 *
 * @param {Record<string, unknown>} message
 * @returns {Wanted | null}
 */
export function readWanted(message) {
  const { type, id, accept, capture, choice } = message;
  const [limit, left] = [size(message['limit']), size(message['left'])];
  if (type !== 'files' || !isNumber(id) || limit === null || left === null || !Array.isArray(accept)) return null;
  return {
    id,
    multiple: message['multiple'] === true,
    folder: message['folder'] === true,
    accept: accept.slice(0, MAX_KINDS).filter(isKind),
    capture: capture === 'user' || capture === 'environment' ? capture : '',
    limit,
    left,
    choice: isNumber(choice) ? choice : null,
  };
}

/**
 * Reads how much of a file has arrived; `null` if the message isn't about that.
 *
 * @param {Record<string, unknown>} message
 * @returns {Got | null}
 */
export function readGot({ type, id, n, got }) {
  const arrived = size(got);
  return type === 'file_got' && isNumber(id) && isNumber(n) && arrived !== null ? { id, n, got: arrived } : null;
}

/**
 * Reads which file was refused; `null` if the message isn't about that.
 *
 * @param {Record<string, unknown>} message
 * @returns {Refused | null}
 */
export function readRefused({ type, id, n, why }) {
  return type === 'file_refused' && isNumber(id) && isNumber(n) && typeof why === 'string' ? { id, n, why } : null;
}

/** @param {number} count */
export function arrivedWords(count) {
  return count === 1 ? 'The page has your file.' : `The page has your ${count} files.`;
}

/** @param {Wanted} wanted */
export function titleOf({ multiple, folder, choice }) {
  if (choice !== null) return 'Your files go to the page';
  if (folder) return 'The page wants a folder';
  return multiple ? 'The page wants files' : 'The page wants a file';
}

/** @param {Wanted} wanted */
export function leadOf({ limit, left, folder, multiple, accept }) {
  const kinds = accept.length === 0 ? '' : ', of these kinds';
  const each = `At most ${sizeWords(Math.min(limit, left))}${multiple || folder ? ' each' : ''}${kinds}.`;
  return folder ? `Choose the files that are in it. ${each}` : each;
}

/** What may be picked, in the page's own words; empty when anything. @param {Wanted} wanted */
export function kindsOf({ accept }) {
  return accept.join(', ');
}

/** Whether a photo may be what it wants. @param {Wanted} wanted */
export function takesPhotos({ accept, capture }) {
  return capture !== '' || accept.length === 0 || accept.some((kind) => /^image\/|^\.(?:jpe?g|png|heic|webp)$/iu.test(kind));
}

/**
 * Why these can't be sent; empty when they can.
 *
 * @param {Wanted} wanted
 * @param {readonly {name: string, size: number}[]} files
 */
export function problemOf(wanted, files) {
  const { multiple, folder, limit, left } = wanted;
  if (files.length > 1 && !multiple && !folder) return refusalWords('too_many', wanted);
  if (files.length > MAX_FILES) return `At most ${MAX_FILES} files can be sent at once.`;
  const large = files.find((file) => file.size > limit);
  if (large) return `“${large.name}” has ${sizeWords(large.size)}. At most ${sizeWords(limit)} can be sent.`;
  const total = files.reduce((sum, file) => sum + file.size, 0);
  return total > left ? `That is ${sizeWords(total)} together. ${sizeWords(left)} are left for files here.` : '';
}

/**
 * What the agent refused a file for, in words.
 *
 * @param {string} why
 * @param {Pick<Wanted, 'multiple' | 'folder' | 'limit'>} wanted
 */
export function refusalWords(why, { multiple, folder, limit }) {
  switch (why) {
    case 'too_large':
      return `That is too large. A file may have at most ${sizeWords(limit)}.`;
    case 'no_room':
      return 'There is no room left for files on the agent’s computer.';
    case 'too_many':
      return multiple || folder ? `At most ${MAX_FILES} files can be sent at once.` : 'The page takes one file only.';
    case 'elsewhere':
      return 'Files can’t be dropped here, because the agent’s browser runs on another computer. Use the page’s own button for files.';
    case 'gone':
      return NO_LONGER;
    default:
      return 'The file didn’t arrive whole. Choose it again.';
  }
}

/** @param {number} bytes */
export function sizeWords(bytes) {
  if (bytes < 1_000) return `${bytes} B`;
  // Binary, as the limits are.
  const [unit, name] = bytes < 1_000 * 1_024 ? [1_024, 'kB'] : [1_048_576, 'MB'];
  return `${(bytes / unit).toLocaleString('en', { maximumFractionDigits: bytes < 10 * unit ? 1 : 0 })} ${name}`;
}

/** @param {unknown} kind @returns {kind is string} */
function isKind(kind) {
  return typeof kind === 'string' && kind !== '' && kind.length <= MAX_KIND;
}

/** @param {unknown} value */
function size(value) {
  return isNumber(value) && value <= MAX_BYTES ? value : null;
}

/** @param {unknown} value @returns {value is number} */
function isNumber(value) {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
