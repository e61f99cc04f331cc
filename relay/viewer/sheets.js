// @ts-check
// What lies over the page for a moment: the sheets (about, give up, paste) and the toast.

import { box, button, find } from './dom.js';
import { MAX_PASTE } from './wire.js';
import { tooLong } from './words.js';

const TOAST_MS = 6_000;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let toastTimer;

/** Shows one line for some seconds. @param {string} text */
export function toast(text) {
  const element = box('toast');
  clearTimeout(toastTimer);
  element.textContent = text;
  element.classList.add('shown');
  toastTimer = setTimeout(() => element.classList.remove('shown'), TOAST_MS);
}

/** Takes the line away. */
export function clearToast() {
  clearTimeout(toastTimer);
  box('toast').classList.remove('shown');
}

/** @param {'about' | 'cancel' | 'paste'} name */
export function openSheet(name) {
  const sheet = sheetOf(name);
  if (!sheet.open) sheet.showModal();
}

/** Closes whichever is open. */
export function closeSheets() {
  for (const name of ['about', 'cancel', 'paste']) sheetOf(name).close();
}

/**
 * Makes the sheets work.
 *
 * @param {object} on
 * @param {(text: string) => void} on.paste Text to paste, within the limit.
 * @param {() => void} on.giveUp
 * @param {() => void} on.closed A sheet was closed, by whatever means.
 */
export function wireSheets(on) {
  for (const name of ['about', 'cancel', 'paste']) {
    const sheet = sheetOf(name);
    sheet.addEventListener('click', (event) => {
      const { target } = event;
      const closes = target === sheet || (target instanceof Element && target.closest('[data-close]'));
      if (closes) sheet.close();
    });
    sheet.addEventListener('close', on.closed);
  }
  button('confirm-cancel').addEventListener('click', () => {
    sheetOf('cancel').close();
    on.giveUp();
  });
  const field = find('paste-text', HTMLTextAreaElement);
  const send = () => {
    const problem = pasteProblem(field.value);
    box('paste-problem').textContent = problem;
    if (problem !== '') return;
    const text = field.value;
    sheetOf('paste').close();
    if (text !== '') on.paste(text);
  };
  button('paste-send').addEventListener('click', send);
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  });
  // What was pasted can be a secret: it doesn't stay.
  sheetOf('paste').addEventListener('close', () => {
    field.value = '';
    box('paste-problem').textContent = '';
  });
}

/**
 * @param {string} text
 * @returns {string} Why it can't be pasted; empty when it can.
 */
export function pasteProblem(text) {
  return text.length > MAX_PASTE ? tooLong(text.length, MAX_PASTE) : '';
}

/** @param {string} name */
function sheetOf(name) {
  return find(`${name}-sheet`, HTMLDialogElement);
}
