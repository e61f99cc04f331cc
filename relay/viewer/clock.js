// @ts-check
// Counts down to the session's end.

/** @param {number} ms */
export function spell(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes % 60)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/**
 * Calls `tick` at once and every second, until there is nothing left; and at once after a sleep.
 *
 * @param {number} endsAt In milliseconds of this computer's clock.
 * @param {(left: number) => void} tick
 * @returns {() => void} Stops it.
 */
export function countDown(endsAt, tick) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const run = () => {
    clearTimeout(timer);
    const left = endsAt - Date.now();
    tick(Math.max(0, left));
    if (left > 0) timer = setTimeout(run, left % 1000 || 1000);
  };
  document.addEventListener('visibilitychange', run);
  run();
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', run);
  };
}
