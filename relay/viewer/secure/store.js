// @ts-check
// What a reload needs, in IndexedDB: keys that can't be exported, the admission token, the expiry (§7).
//
// The link's secret is never stored. Whatever fails here only costs the reload: the page then keeps the
// link's fragment.

/** @typedef {import('./link.js').Resume} Resume */
/** @typedef {import('./bytes.js').Bytes} Bytes */

/**
 * @typedef {object} Entry
 * @property {string} id The session's.
 * @property {Bytes} agent
 * @property {string} token
 * @property {CryptoKey} psk
 * @property {Resume | null} resume
 * @property {number} expiresAt Milliseconds of `Date.now()`.
 */

const DATABASE = 'authloop';
const STORE = 'sessions';

/**
 * Stores an entry.
 *
 * @param {Entry} entry
 * @returns {Promise<boolean>} False when it isn't stored.
 */
export function put({ id, agent, token, psk, resume, expiresAt }) {
  return write((store) => {
    store.put({ id, agent, token, psk, resume, expiresAt });
  });
}

/**
 * Reads an entry. Sweeps what has expired, at each load of a page.
 *
 * @param {string} id
 * @param {number} now Milliseconds of `Date.now()`.
 * @returns {Promise<Entry | null>}
 */
export async function load(id, now) {
  /** @type {Entry | null} */
  let found = null;
  const done = await write((store) => each(store, (cursor) => {
    const entry = /** @type {Entry} */ (cursor.value);
    if (!(entry.expiresAt > now)) cursor.delete();
    else if (entry.id === id) found = entry;
  }));
  return done ? found : null;
}

/**
 * Changes an entry, if there is one.
 *
 * @param {string} id
 * @param {Pick<Entry, 'resume' | 'expiresAt'>} changes
 */
export async function update(id, changes) {
  await write((store) => one(store, id, (entry) => store.put({ ...entry, ...changes })));
}

/**
 * Deletes an entry.
 *
 * @param {string} id
 * @param {number | null} epoch Only if it is of this epoch; an entry that has none is of epoch 0.
 */
export async function remove(id, epoch) {
  await write((store) => one(store, id, (entry) => {
    if (epoch === null || (entry.resume?.epoch ?? 0) === epoch) store.delete(id);
  }));
}

/**
 * @param {IDBObjectStore} store
 * @param {string} id
 * @param {(entry: Entry) => void} found
 */
function one(store, id, found) {
  const request = store.get(id);
  request.onsuccess = () => {
    if (request.result) found(request.result);
  };
}

/**
 * @param {IDBObjectStore} store
 * @param {(cursor: IDBCursorWithValue) => void} visit
 */
function each(store, visit) {
  const request = store.openCursor();
  request.onsuccess = () => {
    if (!request.result) return;
    visit(request.result);
    request.result.continue();
  };
}

/**
 * Runs one transaction.
 *
 * @param {(store: IDBObjectStore) => void} run
 * @returns {Promise<boolean>} Whether it is on the disk.
 */
async function write(run) {
  try {
    const database = await open();
    try {
      return await new Promise((done) => {
        const transaction = database.transaction(STORE, 'readwrite', { durability: 'strict' });
        transaction.oncomplete = () => done(true);
        transaction.onabort = () => done(false);
        run(transaction.objectStore(STORE));
      });
    } finally {
      database.close();
    }
  } catch {
    return false; // no storage, or none in this kind of window
  }
}

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((done, failed) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'id' });
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
    request.onblocked = () => failed(new Error('blocked'));
  });
}
