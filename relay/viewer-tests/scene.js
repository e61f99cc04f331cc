// A page with a secure session, in a real browser: the session is a stand-in that the test holds in its
// hand. The page runs under the headers that fence it in.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startFake } from './fake.js';
import { startBrowser } from './webdriver.js';

export const OPENED = [['opened'], ['agent', true]];
export const SECURED = [...OPENED, ['secured', { expiresIn: 540_000, resumed: false, lost: 0 }]];
export const LINK = `#2.${'A'.repeat(66)}`;

/** One browser for a group of tests, a fake relay for each. */
export function inBrowser(options, define) {
  let browser;
  before(async () => { browser = await startBrowser(options); });
  after(() => browser?.close());
  define((name, story) => test(name, { timeout: 60_000 }, async () => {
    const fake = await startFake({ secure: 'fake' });
    try {
      await story(new Scene(browser, fake));
      assert.deepEqual(await browser.complaints(), []);
    } finally {
      await browser.leave();
      await fake.close();
    }
  }));
}

class Scene {
  constructor(browser, fake) {
    this.browser = browser;
    this.fake = fake;
  }

  /** Opens a link and waits for its card. */
  async open(query, fragment) {
    await this.browser.goto(this.fake.secureUrl(query, fragment));
    await this.browser.until('document.body.dataset.state !== "loading"');
  }

  async start() {
    await this.open();
    await this.browser.click('start');
    await this.browser.until('globalThis.line !== undefined');
  }

  async live() {
    await this.start();
    await this.hear(...SECURED);
    await this.picture(0);
    await this.browser.state('live');
  }

  hear(...said) {
    return this.browser.run('line.hear(...arguments[0])', said);
  }

  /** Has the page hear something as soon as it has sent an event of a type, however slow this computer is. */
  answers(type, ...said) {
    return this.run(`const [type, said] = arguments;
      globalThis.owed = true;
      line.send = (event) => {
        const sent = Object.getPrototypeOf(line).send.call(line, event);
        if (event.type === type) {
          delete line.send;
          setTimeout(() => {
            line.hear(...said);
            globalThis.owed = false;
          });
        }
        return sent;
      }`, type, said);
  }

  /** Waits until the page has heard that. */
  answered() {
    return this.browser.until('globalThis.owed === false');
  }

  picture(counter) {
    return this.browser.run('line.picture(arguments[0])', counter);
  }

  /** What the page asked of the session, but for pictures drawn. */
  async asked() {
    const all = await this.browser.run('return line.asked');
    return all.filter(([verb]) => verb !== 'drawn');
  }

  text(id) {
    return this.browser.run('return document.getElementById(arguments[0]).textContent.trim()', id);
  }

  shows(id) {
    return this.browser.run('return document.getElementById(arguments[0]).checkVisibility({ visibilityProperty: true })', id);
  }

  state(name) {
    return this.browser.state(name);
  }

  run(script, ...args) {
    return this.browser.run(script, ...args);
  }

  toast(part) {
    return this.browser.until('document.querySelector("#toast.shown")?.textContent.includes(arguments[0]) === true', part);
  }

  /** What a hidden, or a returning, page hears. */
  turn(hidden) {
    return this.run(`Object.defineProperty(document, 'hidden', { value: arguments[0], configurable: true });
      document.dispatchEvent(new Event('visibilitychange'))`, hidden);
  }
}
