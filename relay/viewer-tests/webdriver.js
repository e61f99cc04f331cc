// As much of WebDriver as the page's tests need, over plain HTTP, and the chromedriver that answers it.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
const FLAGS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--hide-scrollbars', '--host-resolver-rules=MAP relay.test 127.0.0.1'];

/** Starts a browser; `phone` gives it a touch screen of 360 x 640. */
export async function startBrowser({ phone = false, dark = false, width = 1280, height = 800 } = {}) {
  const driver = spawn('chromedriver', ['--port=0'], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  const port = await new Promise((found, failed) => {
    driver.on('error', () => failed(new Error('chromedriver is needed: scripts/install-tools.sh browser')));
    driver.stdout.on('data', (text) => {
      const line = /successfully on port (\d+)/.exec(String(text));
      if (line) found(line[1]);
    });
  });
  const profile = await mkdtemp(join(tmpdir(), 'viewer-page-'));
  const args = [...FLAGS, `--user-data-dir=${profile}`, `--window-size=${width},${height}`];
  if (dark) args.push('--blink-settings=preferredColorScheme=0');
  const options = { args };
  if (phone) {
    options.mobileEmulation = {
      deviceMetrics: { width: 360, height: 640, pixelRatio: 3, touch: true, mobile: true },
    };
  }
  const browser = new Browser(`http://127.0.0.1:${port}`, driver, profile);
  await browser.open(options).catch(async (error) => {
    await browser.close();
    throw error;
  });
  return browser;
}

class Browser {
  #base;
  #driver;
  #profile;
  #session = '';

  constructor(base, driver, profile) {
    this.#base = base;
    this.#driver = driver;
    this.#profile = profile;
  }

  async open(options) {
    const capabilities = { alwaysMatch: { 'goog:chromeOptions': options, 'goog:loggingPrefs': { browser: 'ALL' } } };
    const { sessionId } = await this.#call('POST', '/session', { capabilities });
    this.#session = `/session/${sessionId}`;
  }

  async close() {
    await this.#call('DELETE', this.#session).catch(() => {});
    if (this.#driver.exitCode === null) process.kill(-this.#driver.pid);
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Opens an address anew, also when only its fragment differs. */
  async goto(url) {
    await this.#call('POST', `${this.#session}/url`, { url: 'about:blank' });
    await this.#call('POST', `${this.#session}/url`, { url });
  }

  /** Leaves the page, so that it can't complain of what the test takes away. */
  async leave() {
    await this.#call('POST', `${this.#session}/url`, { url: 'about:blank' });
    await this.complaints();
  }

  run(script, ...args) {
    return this.#call('POST', `${this.#session}/execute/sync`, { script, args });
  }

  devtools(cmd, params = {}) {
    return this.#call('POST', `${this.#session}/goog/cdp/execute`, { cmd, params });
  }

  async click(id) {
    const found = await this.#call('POST', `${this.#session}/element`, { using: 'css selector', value: `#${id}` });
    await this.#call('POST', `${this.#session}/element/${found[ELEMENT]}/click`, {});
  }

  /** Waits until a script returns something true, and returns that. */
  async until(script, ...args) {
    for (let tries = 0; tries < 400; tries += 1) {
      const value = await this.run(`return (${script})`, ...args);
      if (value) return value;
      await new Promise((wake) => setTimeout(wake, 50));
    }
    throw new Error(`never came true: ${script}; state ${await this.run('return document.body.outerHTML.slice(0, 200)')}`);
  }

  state(name) {
    return this.until('document.body.dataset.state === arguments[0]', name);
  }

  /** Where a point of the agent's page is in this window. */
  point(x, y) {
    return this.run(`const c = document.getElementById('screen'), r = c.getBoundingClientRect();
      return { x: r.left + arguments[0] / c.dataset.deviceWidth * r.width, y: r.top + arguments[1] / c.dataset.deviceHeight * r.height };`, x, y);
  }

  /** Performs WebDriver actions of one pointer or keyboard, and lets go. */
  async act(type, actions, parameters) {
    const source = { type, id: type, actions, ...(parameters ? { parameters } : {}) };
    await this.#call('POST', `${this.#session}/actions`, { actions: [source] });
  }

  /** Clicks, or taps, at a point of the agent's page. */
  async press(x, y, { times = 1, button = 0, touch = false } = {}) {
    const at = await this.point(x, y);
    const once = [{ type: 'pointerDown', button }, { type: 'pointerUp', button }];
    const move = { type: 'pointerMove', duration: 0, x: Math.round(at.x), y: Math.round(at.y) };
    await this.act('pointer', [move, ...Array.from({ length: times }, () => once).flat()], { pointerType: touch ? 'touch' : 'mouse' });
  }

  async type(...keys) {
    await this.act('key', keys.flatMap((value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }]));
  }

  async screenshot() {
    return Buffer.from(await this.#call('GET', `${this.#session}/screenshot`), 'base64');
  }

  /** What the page wrote to the console as an error, such as a breach of its content security policy. */
  async complaints() {
    const lines = await this.#call('POST', `${this.#session}/se/log`, { type: 'browser' });
    return lines.filter(({ level }) => level === 'SEVERE').map(({ message }) => message);
  }

  async #call(method, path, body) {
    const answer = await fetch(this.#base + path, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
    const { value } = await answer.json();
    if (value?.error) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  }
}
