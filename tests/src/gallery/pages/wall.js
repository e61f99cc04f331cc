'use strict';
// What every wall has: a record of what its listeners were told, and a way to say that it is passed.

/** Read by the tests behind the agent's back, and by whoever opens the console. */
globalThis.wall = { passed: false, log: [] };

/** Enough for anything a human does to one wall; a page gone wild must not take all memory. */
const MOST = 20_000;

const byId = (id) => document.getElementById(id);

/** Writes an event down as the browser told it. */
function note(event, more = {}) {
  if (wall.log.length >= MOST) return;
  const on = event.target?.id ?? '';
  wall.log.push({ type: event.type, on, trusted: event.isTrusted, ...more });
}

/** Writes down every event of these types on an element, with what `read` finds in it. */
function watch(element, types, read = () => ({})) {
  for (const type of types.split(' ')) element.addEventListener(type, (event) => note(event, read(event)), true);
}

/** What is worth knowing of each kind of event. */
const ofKey = ({ key, code, keyCode, repeat, ctrlKey, shiftKey, altKey, metaKey }) =>
  ({ key, code, keyCode, repeat, ctrlKey, shiftKey, altKey, metaKey });
const ofPointer = ({ button, buttons, clientX, clientY, detail, pressure }) =>
  ({ button, buttons, x: clientX, y: clientY, detail, pressure });
const ofInput = ({ inputType, data, target }) => ({ inputType, data, value: target.value ?? target.textContent });

/** The human is through. */
function pass() {
  if (wall.passed) return;
  wall.passed = true;
  document.body.classList.add('passed');
  byId('verdict').textContent = 'PASSED';
  if (parent !== window) parent.postMessage({ passed: true, log: wall.log }, '*');
}

// The strip shows its colour once the page is settled: a human takes that long to see where they are, and a
// hand-off passes no click on that came sooner. After a reload it is as if nobody had asked for a colour.
const SETTLED_MS = 500;
setTimeout(() => {
  const isReloaded = performance.getEntriesByType('navigation')[0]?.type === 'reload';
  const colour = isReloaded ? null : new URLSearchParams(location.search).get('mark');
  byId('mark')?.style.setProperty('background', /^[0-9a-f]{6}$/.test(colour) ? `#${colour}` : '#14213d');
}, SETTLED_MS);
