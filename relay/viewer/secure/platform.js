// @ts-check
// What the viewer needs of the Worker it runs in, so that tests can give it another world.

/** @typedef {import('./link.js').Resume} Resume */

/**
 * As much of a WebSocket as is used.
 *
 * @typedef {object} Socket
 * @property {string} binaryType
 * @property {number} readyState 1 is open.
 * @property {number} bufferedAmount
 * @property {string} protocol The subprotocol that the relay chose.
 * @property {(data: Uint8Array<ArrayBuffer>) => void} send
 * @property {(code?: number) => void} close
 * @property {(type: string, listener: (event: {data?: unknown, code?: number}) => void) => void} addEventListener
 */

/**
 * @typedef {object} Platform
 * @property {(url: string, protocols: string[]) => Socket} dial
 * @property {() => number} now Milliseconds of a steady clock.
 * @property {() => number} wall Milliseconds of the wall clock.
 * @property {(run: () => void, ms: number) => unknown} later
 * @property {(timer: unknown) => void} never Takes back what `later` returned.
 * @property {() => number} random From 0 to 1; for the spread of retries, never for keys.
 * @property {(jpeg: Uint8Array<ArrayBuffer>) => Promise<ImageBitmap>} decode
 * @property {(id: string, changes: {resume: Resume, expiresAt: number}) => Promise<void>} keep Updates the stored entry, if there is one.
 * @property {(id: string, epoch: number | null) => Promise<void>} forget Deletes the stored entry; with an epoch only if it is of that one.
 */

/** @returns {Omit<Platform, 'keep' | 'forget'>} The Worker's own. */
export function workerPlatform() {
  return {
    dial: (url, protocols) => new WebSocket(url, protocols),
    now: () => performance.now(),
    wall: () => Date.now(),
    later: (run, ms) => setTimeout(run, ms),
    never: (timer) => clearTimeout(/** @type {number | undefined} */ (timer)),
    random: () => Math.random(),
    decode: (jpeg) => createImageBitmap(new Blob([jpeg], { type: 'image/jpeg' })),
  };
}
