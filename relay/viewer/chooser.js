// @ts-check
// The sheet with which the human gives the page its files: picked, photographed or dropped, and how far they
// have come. One at a time, the newest; it goes when the page has them, or doesn't want them any more.

import { box, button, find, say, whenClosed } from './dom.js';
import { NOT_READABLE, NO_LONGER, arrivedWords, kindsOf, leadOf, problemOf, readGot, readRefused, readWanted, refusalWords, sizeWords, takesPhotos, titleOf } from './files.js';
import { Upload } from './upload.js';

/** @typedef {import('./files.js').FileEvent} FileEvent */
/** @typedef {import('./files.js').Wanted} Wanted */

/** How soon after a new connection the agent says again what the page still wants. */
const SAID_AGAIN_MS = 3_000;

/**
 * @typedef {object} ChooserOwner
 * @property {(event: FileEvent) => boolean} send False when it can't be sent now.
 * @property {(text: string) => void} toast
 * @property {() => void} closed
 */

export class Chooser {
  #owner;
  /** @type {Wanted | null} */
  #wanted = null;
  /** @type {Upload | null} */
  #upload = null;
  /** What was dropped, until the agent takes it. @type {{choice: number, files: readonly File[]} | null} */
  #dropped = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #forget;
  #sheet = find('files-sheet', HTMLDialogElement);
  #picker = find('files-input', HTMLInputElement);
  #camera = find('files-camera', HTMLInputElement);

  /** @param {ChooserOwner} owner */
  constructor(owner) {
    this.#owner = owner;
    for (const [id, input] of /** @type {const} */ ([['files-choose', this.#picker], ['files-photo', this.#camera]])) {
      button(id).addEventListener('click', () => input.click());
      input.addEventListener('change', () => {
        const files = [...(input.files ?? [])];
        input.value = ''; // so that the same can be picked again
        if (files.length > 0) this.#pick(files);
      });
    }
    button('files-cancel').addEventListener('click', () => this.#cancel());
    this.#sheet.addEventListener('cancel', (event) => {
      if (event.target !== this.#sheet) return; // a picker that was put away says so, too
      event.preventDefault();
      this.#cancel();
    });
    whenClosed(this.#sheet, owner.closed);
  }

  /**
   * Takes one of the agent's messages. Returns whether it was about this.
   *
   * @param {Record<string, unknown>} message
   */
  hear(message) {
    const wanted = readWanted(message);
    const got = readGot(message);
    const refused = readRefused(message);
    if (wanted) this.#want(wanted);
    else if (got) this.#upload && got.id === this.#wanted?.id && this.#upload.got(got);
    else if (refused) refused.id === this.#wanted?.id && this.#refused(refused.why);
    else if (message['type'] === 'sheet_closed' && this.#wanted && message['id'] === this.#wanted.id) this.#over();
    else return false;
    return true;
  }

  /** Files were dropped onto the page. @param {readonly File[]} files @param {{x: number, y: number}} at */
  drop(files, { x, y }) {
    const choice = newChoice();
    this.#dropped = { choice, files };
    if (!this.#owner.send({ type: 'files_drop', choice, x, y })) this.#dropped = null;
  }

  /** The agent didn't take what was dropped. Returns whether there was anything. */
  notDropped() {
    const had = this.#dropped !== null;
    this.#dropped = null;
    return had;
  }

  /** A new connection: the agent says again what the page still wants. What it doesn't, is over. */
  reconnected() {
    this.#dropped = null;
    if (!this.#wanted) return;
    clearTimeout(this.#forget);
    this.#forget = setTimeout(() => this.#gone(), SAID_AGAIN_MS);
  }

  /** Something can be sent again. */
  resume() {
    this.#upload?.resume();
  }

  /** Forgets all of it. */
  clear() {
    clearTimeout(this.#forget);
    this.#dropped = null;
    this.#stop();
    this.#wanted = null;
    this.#sheet.close();
  }

  /** @param {Wanted} wanted */
  #want(wanted) {
    clearTimeout(this.#forget);
    if (this.#wanted?.id === wanted.id) {
      this.#wanted = wanted;
      this.#upload?.resume();
      return;
    }
    const dropped = this.#dropped?.choice === wanted.choice ? this.#dropped : null;
    if (wanted.choice !== null && !dropped) {
      // Dropped onto another load of this page, which is gone with its files.
      this.#owner.send({ type: 'files_cancel', id: wanted.id });
      return;
    }
    this.#stop();
    this.#wanted = wanted;
    this.#dropped = null;
    this.#show(wanted);
    if (dropped) this.#pick(dropped.files, dropped.choice);
  }

  /** @param {Wanted} wanted */
  #show(wanted) {
    say('files-title', titleOf(wanted));
    say('files-lead', leadOf(wanted));
    say('files-kinds', kindsOf(wanted));
    say('files-problem', '');
    this.#picker.multiple = wanted.multiple || wanted.folder;
    this.#picker.accept = wanted.accept.join(',');
    this.#camera.setAttribute('capture', wanted.capture || 'environment');
    say('files-choose', wanted.multiple || wanted.folder ? 'Choose files' : 'Choose a file');
    this.#offer();
    if (!this.#sheet.open) this.#sheet.showModal();
    button('files-choose').focus();
  }

  /** Shows what can be done: pick, or look at how far it has come. */
  #offer() {
    const wanted = this.#wanted;
    const sends = this.#upload !== null;
    const again = wanted !== null && wanted.choice === null && !sends;
    box('files-choose').hidden = !again;
    box('files-photo').hidden = !again || !matchMedia('(pointer: coarse)').matches || !takesPhotos(wanted);
    box('files-list').hidden = !sends;
  }

  /** @param {readonly File[]} files @param {number} [choice] */
  #pick(files, choice = newChoice()) {
    const wanted = this.#wanted;
    if (!wanted) return;
    const problem = problemOf(wanted, files);
    say('files-problem', problem);
    if (problem !== '') return;
    this.#stop();
    this.#upload = new Upload(wanted.id, files, choice, {
      send: (event) => this.#owner.send(event),
      moved: () => this.#progress(),
      unreadable: () => this.#fail(NOT_READABLE),
    });
    box('files-list').replaceChildren(...files.map(row));
    this.#offer();
    button('files-cancel').focus();
    this.#upload.resume();
  }

  #progress() {
    const rows = box('files-list').querySelectorAll('progress');
    this.#upload?.arrived.forEach((arrived, n) => {
      const bar = rows[n];
      if (bar && arrived >= 0) bar.value = bar.max === 1 && arrived === 0 ? 1 : arrived;
    });
  }

  /** @param {string} why */
  #refused(why) {
    const wanted = this.#wanted;
    if (!wanted) return;
    const words = refusalWords(why, wanted);
    if (why === 'gone' || why === 'elsewhere') {
      this.clear();
      this.#owner.toast(words);
    } else {
      this.#fail(words);
    }
  }

  /** What was picked comes to nothing; something else may be. @param {string} problem */
  #fail(problem) {
    this.#stop();
    this.#offer();
    say('files-problem', problem);
    button(box('files-choose').hidden ? 'files-cancel' : 'files-choose').focus();
  }

  #cancel() {
    const id = this.#wanted?.id;
    this.clear();
    if (id !== undefined) this.#owner.send({ type: 'files_cancel', id });
  }

  /** The page has its files, or doesn't wait any more. */
  #over() {
    const upload = this.#upload;
    this.clear();
    if (upload) this.#owner.toast(upload.isSent ? arrivedWords(upload.files.length) : NO_LONGER);
  }

  #gone() {
    this.clear();
    this.#owner.toast(NO_LONGER);
  }

  #stop() {
    this.#upload?.stop();
    this.#upload = null;
    box('files-list').replaceChildren();
  }
}

/** @param {File} file */
function row({ name, size }) {
  const [item, words, bar, label] = [document.createElement('li'), document.createElement('span'), document.createElement('progress'), document.createElement('span')];
  words.className = 'file-name';
  words.dir = 'auto';
  words.textContent = name;
  label.className = 'muted';
  label.textContent = sizeWords(size);
  bar.max = Math.max(1, size);
  bar.value = 0;
  bar.setAttribute('aria-label', name);
  item.append(words, label, bar);
  return item;
}

function newChoice() {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
