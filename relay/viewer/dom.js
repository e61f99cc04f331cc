// @ts-check
// Finding the page's own elements. A missing one is a broken page: it fails at once, and by name.

/**
 * @template {Element} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function find(id, type) {
  const element = document.getElementById(id);
  if (element instanceof type) return element;
  throw new Error(`the page has no ${type.name} #${id}`);
}

/** @param {string} id */
export function button(id) {
  return find(id, HTMLButtonElement);
}

/** @param {string} id */
export function box(id) {
  return find(id, HTMLElement);
}

/**
 * Sets an element's text, and only when it differs: screen readers announce what is written.
 *
 * @param {string} id
 * @param {string} text
 */
export function say(id, text) {
  const element = box(id);
  if (element.textContent !== text) element.textContent = text;
}

/**
 * @param {string} id
 * @param {string} name Of a symbol in the page, without `i-`.
 */
export function setIcon(id, name) {
  find(id, SVGUseElement).setAttribute('href', `#i-${name}`);
}

/**
 * Does something once a sheet has been closed. Browsers say so a while later: who has been asked again by
 * then is typing already, and nothing may be done to that.
 *
 * @param {HTMLDialogElement} sheet
 * @param {() => void} then
 */
export function whenClosed(sheet, then) {
  sheet.addEventListener('close', () => {
    if (!sheet.open) then();
  });
}
