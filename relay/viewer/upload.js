// @ts-check
// What was picked, on its way to the agent: in parts, of which one is un-acknowledged, so that a key never
// waits behind a file. After a lost line it goes on where the agent says it stands.

/** @typedef {import('./files.js').FileEvent} FileEvent */
/** @typedef {import('./files.js').Got} Got */

/** Its record is padded to 16 KiB. */
export const CHUNK = 12_000;

/** So that a fast line stays below what the relay passes on a second. */
const PACE_MS = 4;
/** An answer that doesn't come by then is asked for again. */
const PATIENCE_MS = 10_000;
const MAX_NAME = 200;

/**
 * @typedef {object} UploadOwner
 * @property {(event: FileEvent) => boolean} send False when it can't be sent now.
 * @property {() => void} moved Something of it has arrived.
 * @property {() => void} unreadable A file can't be read any more.
 */

export class Upload {
  #owner;
  #id;
  #choice;
  /** @type {readonly File[]} */
  files;
  /** How much of each has arrived, in bytes; -1 before it is announced. @type {number[]} */
  arrived;
  #n = 0;
  /** What the next acknowledgement has to say; `null` when anything, `undefined` when none is awaited. @type {number | null | undefined} */
  #awaited;
  #over = false;
  #sentAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #patience;

  /**
   * @param {number} id The sheet's.
   * @param {readonly File[]} files At least one.
   * @param {number} choice This page's number for them: another one begins anew.
   * @param {UploadOwner} owner
   */
  constructor(id, files, choice, owner) {
    this.#id = id;
    this.#choice = choice;
    this.#owner = owner;
    this.files = files;
    this.arrived = files.map(() => -1);
  }

  /** Whether all of it is there. */
  get isSent() {
    return this.#n >= this.files.length;
  }

  /** Begins, or goes on after the line was lost or the page asleep. */
  resume() {
    if (this.#over) return;
    const file = this.files[this.#n];
    if (!file) {
      this.#say({ type: 'files_done', id: this.#id });
      return;
    }
    this.#awaited = null;
    const [type, mime] = [/** @type {const} */ ('file'), file.type.slice(0, 100)];
    this.#say({ type, id: this.#id, n: this.#n, of: this.files.length, choice: this.#choice, name: nameOf(file), mime, size: file.size });
  }

  /** An acknowledgement came. @param {Got} got */
  got({ n, got }) {
    const file = this.files[this.#n];
    const fits = this.#awaited === null || this.#awaited === got;
    if (this.#over || !file || n !== this.#n || this.#awaited === undefined || !fits || got > file.size) return;
    this.#awaited = undefined;
    this.arrived[n] = got;
    this.#owner.moved();
    if (got < file.size) {
      this.#pace(() => void this.#part(file, got));
      return;
    }
    this.#n += 1;
    this.resume();
  }

  /** Sends nothing more. */
  stop() {
    this.#over = true;
    clearTimeout(this.#patience);
  }

  /**
   * @param {File} file
   * @param {number} offset
   */
  async #part(file, offset) {
    const n = this.#n;
    const bytes = await file.slice(offset, offset + CHUNK).arrayBuffer().catch(() => null);
    if (this.#over || n !== this.#n || this.#awaited !== undefined) return;
    if (!bytes || bytes.byteLength === 0) {
      this.stop();
      this.#owner.unreadable();
      return;
    }
    this.#awaited = offset + bytes.byteLength;
    this.#say({ type: 'file_chunk', id: this.#id, n, offset, data: base64(new Uint8Array(bytes)) });
  }

  /** @param {FileEvent} event */
  #say(event) {
    this.#sentAt = performance.now();
    this.#owner.send(event);
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.resume(), PATIENCE_MS);
  }

  /** @param {() => void} then */
  #pace(then) {
    const left = PACE_MS - (performance.now() - this.#sentAt);
    if (left > 0) setTimeout(then, left);
    else then();
  }
}

/** @param {File} file */
function nameOf({ name }) {
  if (name.length <= MAX_NAME) return name;
  const ending = /\.[^.]{1,19}$/u.exec(name)?.[0] ?? '';
  return name.slice(0, MAX_NAME - ending.length) + ending;
}

/** @param {Uint8Array} bytes At most a part. */
function base64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}
