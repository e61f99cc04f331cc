// @ts-check
// What lies over the page for a moment: the sheets (about, encryption, give up, paste, copy, PIN).

import { box, button, find, say, whenClosed } from './dom.js';
import { COPIED, SIX_DIGITS, WRONG_PIN, tooLong } from './sayings.js';
import { toast } from './toast.js';
import { MAX_PASTE } from './wire.js';

/** @typedef {'about' | 'secure' | 'cancel' | 'paste' | 'copy' | 'pin'} Sheet */

/** @type {readonly Sheet[]} */
const SHEETS = ['about', 'secure', 'cancel', 'paste', 'copy', 'pin'];

/**
 * @param {Sheet} name
 * @param {boolean} [wrong] Of the PIN: whether the last one was.
 */
export function openSheet(name, wrong = false) {
  const sheet = sheetOf(name);
  if (name === 'pin') say('pin-problem', wrong ? WRONG_PIN : '');
  if (!sheet.open) sheet.showModal();
}

/** Shows text that this browser wouldn't copy by itself. @param {string} text */
export function offerCopy(text) {
  const field = find('copy-text', HTMLTextAreaElement);
  field.value = text;
  openSheet('copy');
  field.select();
}

/** Closes one, or whichever is open. @param {readonly Sheet[]} names */
export function closeSheets(...names) {
  for (const name of names.length > 0 ? names : SHEETS) sheetOf(name).close();
}

/**
 * Makes the sheets work.
 *
 * @param {object} on
 * @param {(text: string) => void} on.paste Text to paste, within the limit.
 * @param {() => void} on.giveUp
 * @param {(pin: string) => void} on.pin Six digits.
 * @param {() => void} on.closed A sheet was closed, by whatever means.
 */
export function wireSheets(on) {
  for (const name of SHEETS) {
    const sheet = sheetOf(name);
    sheet.addEventListener('click', (event) => {
      const { target } = event;
      const closes = target === sheet || (target instanceof Element && target.closest('[data-close]'));
      if (closes) sheet.close();
    });
    whenClosed(sheet, on.closed);
  }
  button('confirm-cancel').addEventListener('click', () => {
    sheetOf('cancel').close();
    on.giveUp();
  });
  wirePaste(on.paste);
  wireCopy();
  wirePin(on.pin);
}

/** @param {(text: string) => void} paste */
function wirePaste(paste) {
  const field = find('paste-text', HTMLTextAreaElement);
  const send = () => {
    const problem = pasteProblem(field.value);
    box('paste-problem').textContent = problem;
    if (problem !== '') return;
    const text = field.value;
    sheetOf('paste').close();
    if (text !== '') paste(text);
  };
  button('paste-send').addEventListener('click', send);
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    send();
  });
  // What was pasted can be a secret: it doesn't stay.
  whenClosed(sheetOf('paste'), () => {
    field.value = '';
    box('paste-problem').textContent = '';
  });
}

function wireCopy() {
  const field = find('copy-text', HTMLTextAreaElement);
  button('copy-take').addEventListener('click', () => {
    field.select();
    void copyByHand(field.value).then((copied) => {
      if (!copied) return; // it is selected: this device's own way is left
      sheetOf('copy').close();
      toast(COPIED);
    });
  });
  whenClosed(sheetOf('copy'), () => {
    field.value = '';
  });
}

/** @param {string} text What is selected, too. */
async function copyByHand(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return document.execCommand('copy');
  }
}

/** @param {(pin: string) => void} answer */
function wirePin(answer) {
  const field = find('pin', HTMLInputElement);
  const send = () => {
    const pin = field.value;
    if (!/^[0-9]{6}$/u.test(pin)) {
      say('pin-problem', SIX_DIGITS);
      field.focus();
      return;
    }
    field.value = '';
    sheetOf('pin').close();
    answer(pin);
  };
  field.addEventListener('input', () => {
    field.value = pinDigits(field.value);
    say('pin-problem', '');
  });
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    send();
  });
  button('pin-send').addEventListener('click', send);
  whenClosed(sheetOf('pin'), () => {
    field.value = '';
  });
}

/** The digits of what was typed or pasted, such as `123 456`. @param {string} text */
export function pinDigits(text) {
  return text.normalize('NFKC').replace(/[^0-9]/gu, '').slice(0, 6);
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
