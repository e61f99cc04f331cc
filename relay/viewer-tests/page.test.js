// The page in a real browser, by WebDriver, against a relay and an agent that keep to the wire's words.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startFake } from './fake.js';
import { startBrowser } from './webdriver.js';

const KEYS = { enter: '\uE006', shift: '\uE008', control: '\uE009' };
const types = (events) => events.map(({ type }) => type);

/** One browser for a group of tests, a fake relay for each. */
function inBrowser(options, define) {
  /** @type {Awaited<ReturnType<typeof startBrowser>> | undefined} */
  let browser;
  before(async () => { browser = await startBrowser(options); });
  after(() => browser?.close());
  define((name, story) => test(name, { timeout: 60_000 }, async () => {
    const fake = await startFake();
    try {
      await story(browser, fake);
      assert.deepEqual(await browser.complaints(), []);
    } finally {
      await browser.leave();
      await fake.close();
    }
  }));
}

async function goLive(browser, fake) {
  await browser.goto(fake.url);
  await browser.state('card');
  await browser.click('start');
  await browser.state('live');
}

describe('on a desktop', () => inBrowser({}, (story) => {
  story('nothing connects before Start', async (browser, fake) => {
    await browser.goto(fake.url);
    await browser.state('card');
    assert.ok(fake.requests.some((request) => request.endsWith('/card')));
    assert.ok(!fake.requests.some((request) => request.startsWith('UPGRADE')));
    await browser.click('start');
    await browser.state('live');
    assert.deepEqual(fake.requests.filter((request) => request.startsWith('UPGRADE')), ['UPGRADE /stream/sess_test']);
  });

  story('a picture is drawn and its size is told', async (browser, fake) => {
    await goLive(browser, fake);
    const told = await browser.run('return { ...document.getElementById("screen").dataset }');
    assert.deepEqual(told, { frames: '1', deviceWidth: '1280', deviceHeight: '720' });
    fake.sendFrame();
    await browser.until('document.getElementById("screen").dataset.frames === "2"');
  });

  story('a picture of another length than announced is dropped', async (browser, fake) => {
    await goLive(browser, fake);
    const whole = fake.picture;
    fake.say({ type: 'frame', deviceWidth: 9, deviceHeight: 9, jpegSize: whole.length + 1 });
    fake.picture = whole;
    fake.sendFrame();
    await browser.until('document.getElementById("screen").dataset.frames === "2"');
    assert.equal(await browser.run('return document.getElementById("screen").dataset.deviceWidth'), '1280');
  });

  story('clicks land on the page’s points, with their buttons', async (browser, fake) => {
    await goLive(browser, fake);
    await browser.press(640, 300);
    const click = await fake.heard(({ type }) => type === 'click');
    assert.ok(Math.abs(click.x - 640) <= 1.5 && Math.abs(click.y - 300) <= 1.5, JSON.stringify(click));
    assert.deepEqual(Object.keys(click), ['type', 'x', 'y']);
    await browser.press(10, 700, { button: 2 });
    assert.equal((await fake.heard(({ x }) => x < 20)).button, 'right');
    await browser.press(1200, 20, { button: 1 });
    assert.equal((await fake.heard(({ x }) => x > 1000)).button, 'middle');
  });

  story('a double click is two clicks and then itself, at one place', async (browser, fake) => {
    await goLive(browser, fake);
    await browser.press(200, 200, { times: 2 });
    await fake.heard(({ type }) => type === 'dblclick');
    assert.deepEqual(types(fake.events), ['click', 'click', 'dblclick']);
    assert.equal(new Set(fake.events.map(({ x, y }) => `${x},${y}`)).size, 1);
  });

  story('keys arrive in order, each with its release', async (browser, fake) => {
    await goLive(browser, fake);
    await browser.type('h', 'i', KEYS.enter);
    await fake.heard(({ type, key }) => type === 'keyup' && key === 'Enter');
    const keys = fake.events.map(({ type, key, code }) => `${type} ${key} ${code}`);
    assert.deepEqual(keys, ['keypress h KeyH', 'keyup h KeyH', 'keypress i KeyI', 'keyup i KeyI', 'keydown Enter Enter', 'keyup Enter Enter']);
  });

  story('a fast burst keeps its order', async (browser, fake) => {
    await goLive(browser, fake);
    const text = 'correcthorsebatterystaple0123456789';
    await browser.type(...text);
    await fake.heard(({ type, key }) => type === 'keyup' && key === '9');
    assert.equal(fake.events.filter(({ type }) => type === 'keypress').map(({ key }) => key).join(''), text);
  });

  story('Ctrl+A goes to the page as a shortcut', async (browser, fake) => {
    await goLive(browser, fake);
    await browser.act('key', [{ type: 'keyDown', value: KEYS.control }, { type: 'keyDown', value: 'a' }, { type: 'keyUp', value: 'a' }, { type: 'keyUp', value: KEYS.control }]);
    const down = await fake.heard(({ type, key }) => type === 'keydown' && key === 'a');
    assert.equal(down.ctrlKey, true);
    await fake.heard(({ type, key }) => type === 'keyup' && key === 'Control');
  });

  story('an input method’s text arrives once it is chosen', async (browser, fake) => {
    await goLive(browser, fake);
    await browser.devtools('Input.imeSetComposition', { text: 'ni', selectionStart: 2, selectionEnd: 2 });
    await browser.devtools('Input.imeSetComposition', { text: 'nihao', selectionStart: 5, selectionEnd: 5 });
    await browser.devtools('Input.insertText', { text: '你好' });
    await browser.devtools('Input.insertText', { text: '!' });
    await fake.heard(({ key }) => key === '!');
    assert.deepEqual(fake.events.map(({ type, key, code }) => [type, key, code]), [['keypress', '你', undefined], ['keypress', '好', undefined], ['keypress', '!', undefined]]);
  });

  story('the wheel scrolls the page under the pointer', async (browser, fake) => {
    await goLive(browser, fake);
    const { x, y } = await browser.point(640, 360);
    await browser.devtools('Input.dispatchMouseEvent', { type: 'mouseWheel', x, y, deltaX: 0, deltaY: 120 });
    const scroll = await fake.heard(({ type }) => type === 'scroll');
    assert.ok(scroll.deltaY > 0 && scroll.deltaX === 0 && Math.abs(scroll.x - 640) < 1.5);
  });

  story('history buttons are passed on', async (browser, fake) => {
    await goLive(browser, fake);
    for (const id of ['back', 'forward', 'reload']) await browser.click(id);
    await fake.heard(({ type }) => type === 'reload');
    assert.deepEqual(types(fake.events), ['back', 'forward', 'reload']);
  });

  story('zooming in moves the points along', async (browser, fake) => {
    await goLive(browser, fake);
    await browser.click('zoom-in');
    await browser.click('zoom-in');
    await browser.press(640, 360);
    const click = await fake.heard(({ type }) => type === 'click');
    assert.ok(Math.abs(click.x - 640) <= 1.5 && Math.abs(click.y - 360) <= 1.5, JSON.stringify(click));
    await browser.click('zoom-fit');
    const [picture, room] = await browser.run('return ["screen", "picture"].map((id) => document.getElementById(id).getBoundingClientRect().height)');
    assert.ok(picture <= room);
  });

  story('without leave to read the clipboard, pasting asks for the text', async (browser, fake) => {
    await goLive(browser, fake);
    await browser.click('paste');
    await browser.until('document.getElementById("paste-sheet").open');
    await browser.run('document.getElementById("paste-text").value = "a".repeat(10001)');
    await browser.click('paste-send');
    assert.match(await browser.run('return document.getElementById("paste-problem").textContent'), /10,001 characters/);
    await browser.run('document.getElementById("paste-text").value = "hunter2"');
    await browser.click('paste-send');
    assert.deepEqual(await fake.heard(({ type }) => type === 'paste'), { type: 'paste', text: 'hunter2' });
    assert.equal(await browser.run('return document.getElementById("paste-text").value'), '');
  });

  story('F6 goes from the page to the buttons and back', async (browser, fake) => {
    await goLive(browser, fake);
    const focused = () => browser.run('return document.activeElement.id');
    assert.equal(await focused(), 'typing');
    await browser.type('\uE036');
    assert.equal(await focused(), 'done');
    await browser.type('\uE036');
    assert.equal(await focused(), 'typing');
  });

  story('Done follows all that was typed, and ends when the agent has gone', async (browser, fake) => {
    await goLive(browser, fake);
    await browser.type('4', '2');
    await browser.click('done');
    await fake.heard(({ type }) => type === 'resolved');
    assert.deepEqual(types(fake.events.filter(({ type }) => type !== 'keyup')), ['keypress', 'keypress', 'resolved']);
    assert.equal(await browser.run('return document.body.dataset.state'), 'live');
    fake.card.status = 'RESOLVED';
    fake.agentLeaves();
    await browser.state('ended');
    assert.equal(await browser.run('return document.body.dataset.outcome'), 'resolved');
    assert.match(await browser.run('return document.getElementById("ended").textContent'), /You can close this page/);
  });

  story('Done is said again when the connection drops before the agent has heard it', async (browser, fake) => {
    await goLive(browser, fake);
    await browser.click('done');
    await fake.heard(({ type }) => type === 'resolved');
    fake.events.length = 0;
    fake.drop();
    await fake.heard(({ type }) => type === 'resolved');
  });

  story('giving up asks first', async (browser, fake) => {
    await goLive(browser, fake);
    await browser.click('cancel');
    await browser.until('document.getElementById("cancel-sheet").open');
    assert.deepEqual(fake.events, []);
    await browser.click('confirm-cancel');
    await fake.heard(({ type }) => type === 'cancelled');
    fake.say({ type: 'session_cancelled' });
    await browser.state('ended');
    assert.equal(await browser.run('return document.getElementById("ended-title").textContent'), 'The agent has been told');
  });

  story('a lost connection comes back by itself, under the same key', async (browser, fake) => {
    await goLive(browser, fake);
    fake.refuseWith = 1012;
    fake.drop();
    await browser.state('reconnecting');
    fake.refuseWith = 0;
    await browser.state('live');
    await browser.press(100, 100);
    await fake.heard(({ type }) => type === 'click');
    assert.ok(fake.viewerKeys.length >= 2);
    assert.equal(new Set(fake.viewerKeys).size, 1);
  });

  story('every repeat of the agent’s key is answered, with the same key', async (browser, fake) => {
    await goLive(browser, fake);
    fake.sendKey();
    fake.sendKey();
    await browser.type('x');
    await fake.heard(({ key }) => key === 'x');
    assert.equal(fake.viewerKeys.length, 3);
    assert.equal(new Set(fake.viewerKeys).size, 1);
  });

  story('an agent that goes away is said so, and input waits for it', async (browser, fake) => {
    await goLive(browser, fake);
    fake.agentLeaves();
    await browser.state('waiting');
    assert.equal(await browser.run('return document.getElementById("state").textContent'), 'Agent away');
    await browser.type('x');
    fake.agentJoins();
    await browser.state('live');
    await browser.type('y');
    await fake.heard(({ key }) => key === 'y');
    assert.ok(!fake.events.some(({ key }) => key === 'x'));
  });

  story('opened elsewhere, it stays away until it is asked back', async (browser, fake) => {
    await goLive(browser, fake);
    fake.drop(4408);
    await browser.state('ended');
    assert.equal(await browser.run('return document.body.dataset.outcome'), 'elsewhere');
    assert.equal(fake.requests.filter((request) => request.startsWith('UPGRADE')).length, 1);
    await browser.click('ended-action');
    await browser.state('live');
  });

  for (const [code, status, state, outcome] of [[4410, 'ACTIVE', 'ended', 'expired'], [4404, 'CANCELLED', 'ended', 'cancelled'],
    [4404, 'ACTIVE', 'ended', 'error'], [4401, 'ACTIVE', 'error', undefined]]) {
    story(`a close with ${code} of a session that is ${status} ends in ${outcome ?? state}`, async (browser, fake) => {
      fake.refuseWith = code;
      await browser.goto(fake.url);
      await browser.state('card');
      fake.card.status = status;
      await browser.click('start');
      await browser.state(state);
      assert.equal(await browser.run('return document.body.dataset.outcome') ?? undefined, outcome);
    });
  }

  for (const [notice, outcome] of [['session_expired', 'expired'], ['session_resolved', 'resolved'], ['session_cancelled', 'cancelled']]) {
    story(`${notice} ends the page as ${outcome}`, async (browser, fake) => {
      await goLive(browser, fake);
      fake.say({ type: notice });
      await browser.state('ended');
      assert.equal(await browser.run('return document.body.dataset.outcome'), outcome);
    });
  }

  story('a dismissed question of the page is told', async (browser, fake) => {
    await goLive(browser, fake);
    fake.say({ type: 'notice', code: 'confirm_dismissed' });
    await browser.until('document.getElementById("toast").textContent.includes("yes/no question")');
  });

  story('what is told right after something else waits until that can have been read', async (browser, fake) => {
    await goLive(browser, fake);
    await browser.run(`globalThis.told = [];
      new MutationObserver(() => told.push(document.getElementById('toast').textContent))
        .observe(document.getElementById('toast'), { childList: true, characterData: true, subtree: true })`);
    fake.say({ type: 'notice', code: 'confirm_dismissed' });
    fake.say({ type: 'notice', code: 'print' });
    await browser.until('told.length === 1');
    assert.match(await browser.run('return document.querySelector("#toast.shown").textContent'), /yes\/no question/);
    await browser.until('told.length === 2');
    assert.match(await browser.run('return document.querySelector("#toast.shown").textContent'), /print/);
  });

  story('a link without its secret says what to do and asks nobody', async (browser, fake) => {
    await browser.goto(fake.url.split('#')[0]);
    await browser.state('error');
    assert.match(await browser.run('return document.getElementById("ended").textContent'), /link is incomplete/);
    assert.ok(!fake.requests.some((request) => request.endsWith('/card')));
  });

  story('over plain http from another computer it says what is missing', async (browser, fake) => {
    await browser.goto(fake.url.replace('127.0.0.1', 'relay.test'));
    await browser.state('error');
    assert.match(await browser.run('return document.getElementById("ended").textContent'), /needs https/);
    assert.ok(!fake.requests.some((request) => request.endsWith('/card')));
  });

  story('markup in an agent’s texts stays text', async (browser, fake) => {
    fake.card = { service: '<img src=x onerror=alert(1)>', status: 'PENDING', context: { hint: '<b>hi</b>' } };
    await browser.goto(fake.url);
    await browser.state('card');
    assert.equal(await browser.run('return document.getElementById("service").textContent'), fake.card.service);
    assert.equal(await browser.run('return document.getElementById("hint").children.length'), 0);
  });
}));

describe('on a phone', () => inBrowser({ phone: true }, (story) => {
  const TOUCH = { touch: true };

  story('everything fits into 360 pixels', async (browser, fake) => {
    await goLive(browser, fake);
    const wide = await browser.run(`return [...document.querySelectorAll('#bar *, #tools *, #actions *')]
      .filter((element) => element.getBoundingClientRect().right > innerWidth).map((element) => element.id)`);
    assert.deepEqual(wide, []);
    const small = await browser.run(`return [...document.querySelectorAll('#tools button, #actions button')]
      .filter((element) => element.offsetParent && element.offsetHeight < 44).map((element) => element.id)`);
    assert.deepEqual(small, []);
  });

  story('a tap clicks, two double-click at one place', async (browser, fake) => {
    await goLive(browser, fake);
    await browser.press(640, 300, { ...TOUCH, times: 2 });
    await fake.heard(({ type }) => type === 'dblclick');
    assert.deepEqual(types(fake.events), ['click', 'click', 'dblclick']);
    assert.ok(Math.abs(fake.events[0].x - 640) <= 2 && Math.abs(fake.events[0].y - 300) <= 2);
  });

  story('the first tap tells how to type', async (browser, fake) => {
    await goLive(browser, fake);
    const shown = 'document.querySelector("#toast.shown")?.textContent.includes("keyboard") === true';
    assert.equal(await browser.run(`return ${shown}`), false);
    await browser.press(640, 300, TOUCH);
    await browser.until(shown);
  });

  story('a finger moving up scrolls the page down', async (browser, fake) => {
    await goLive(browser, fake);
    const { x, y } = await browser.point(640, 500);
    const move = (dy, duration) => ({ type: 'pointerMove', duration, x: Math.round(x), y: Math.round(y) + dy });
    await browser.act('pointer', [move(0, 0), { type: 'pointerDown', button: 0 }, move(-120, 100), { type: 'pointerUp', button: 0 }], { pointerType: 'touch' });
    const scroll = await fake.heard(({ type }) => type === 'scroll');
    assert.ok(scroll.deltaY > 0 && scroll.deltaX === 0, JSON.stringify(scroll));
    assert.ok(!fake.events.some(({ type }) => type === 'click'));
  });

  story('a finger held still is a right click', async (browser, fake) => {
    await goLive(browser, fake);
    const { x, y } = await browser.point(640, 300);
    const move = { type: 'pointerMove', duration: 0, x: Math.round(x), y: Math.round(y) };
    await browser.act('pointer', [move, { type: 'pointerDown', button: 0 }, { type: 'pause', duration: 900 }, { type: 'pointerUp', button: 0 }], { pointerType: 'touch' });
    const click = await fake.heard(({ type }) => type === 'click');
    assert.equal(click.button, 'right');
    assert.equal(fake.events.length, 1);
  });

  story('a soft keyboard’s words appear as they are typed, and change with its mind', async (browser, fake) => {
    await goLive(browser, fake);
    await browser.click('keyboard');
    const compose = (text) => browser.devtools('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    for (const text of ['t', 'te', 'teh']) await compose(text);
    await fake.heard(({ key }) => key === 'h');
    await browser.devtools('Input.insertText', { text: 'the' });
    await browser.devtools('Input.insertText', { text: ' ' });
    await fake.heard(({ key }) => key === ' ');
    assert.deepEqual(fake.events.filter(({ type }) => type !== 'keyup').map(({ key }) => key), ['t', 'e', 'h', 'Backspace', 'Backspace', 'h', 'e', ' ']);
  });

  story('the row of keys has Esc, Tab and a Ctrl that waits for its letter', async (browser, fake) => {
    await goLive(browser, fake);
    await browser.click('keyboard');
    await browser.run('document.querySelector("[data-key=Tab]").click(); document.querySelector("[data-key=Control]").click()');
    await browser.devtools('Input.insertText', { text: 'a' });
    const shortcut = await fake.heard(({ type, key }) => type === 'keyup' && key === 'a');
    assert.equal(shortcut.ctrlKey, true);
    assert.deepEqual(types(fake.events), ['keydown', 'keyup', 'keydown', 'keyup']);
    assert.equal(await browser.run('return document.querySelector("[data-key=Control]").getAttribute("aria-pressed")'), 'false');
  });
}));
