// @ts-check
// The bar with the page's true address, which lies outside the picture so that no page can draw it, and
// the strip of tabs.

import { box, say, setIcon } from './dom.js';
import { addressParts, readShown, readTabs, securityWords, warningOf } from './pages.js';

/** @typedef {import('./pages.js').Shown} Shown */
/** @typedef {import('./pages.js').Tab} Tab */

export class Place {
  #choose;

  /** @param {(page: number) => void} choose Shows another tab. */
  constructor(choose) {
    this.#choose = choose;
  }

  /**
   * Takes one of the agent's messages. Returns whether it was about this.
   *
   * @param {Record<string, unknown>} message
   */
  hear(message) {
    const shown = readShown(message);
    const tabs = readTabs(message);
    if (shown) showAddress(shown);
    if (tabs) this.#showTabs(tabs);
    return shown !== null || tabs !== null;
  }

  /** Forgets what was said: nobody says now whether it still holds. */
  clear() {
    box('place').hidden = true;
    this.#showTabs([]);
  }

  /** @param {readonly Tab[]} tabs */
  #showTabs(tabs) {
    const strip = box('tabs');
    const focused = strip.contains(document.activeElement);
    strip.hidden = tabs.length < 2;
    strip.replaceChildren(...tabs.map((tab) => this.#tab(tab)));
    if (focused) strip.querySelector('button')?.focus();
  }

  /** @param {Tab} tab */
  #tab({ page, origin, title, shown }) {
    const element = document.createElement('button');
    element.type = 'button';
    element.className = 'tab';
    element.setAttribute('aria-pressed', String(shown));
    element.textContent = title || origin || 'New tab';
    element.title = origin;
    element.dir = 'auto';
    element.addEventListener('click', () => {
      if (!shown) this.#choose(page);
    });
    return element;
  }
}

/** @param {Shown} shown */
function showAddress(shown) {
  const place = box('place');
  const [lead, site, rest] = addressParts(shown);
  const warning = warningOf(shown);
  place.hidden = false;
  place.dataset['security'] = shown.security;
  place.toggleAttribute('data-warns', warning !== '');
  setIcon('place-icon', warning !== '' || shown.security === 'insecure' ? 'alert' : shown.security === 'secure' ? 'lock' : 'globe');
  say('place-lead', lead);
  say('place-site', site);
  say('place-rest', rest);
  say('place-security', securityWords(shown));
  say('place-warning', warning);
}
