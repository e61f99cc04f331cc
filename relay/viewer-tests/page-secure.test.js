// What the page does with a secure session, in a real browser: the session is a stand-in that the test
// holds in its hand. The page runs under the headers that fence it in.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startFake } from './fake.js';
import { startBrowser } from './webdriver.js';

const OPENED = [['opened'], ['agent', true]];
const SECURED = [...OPENED, ['secured', { expiresIn: 540_000, resumed: false, lost: 0 }]];
const LINK = `#2.${'A'.repeat(66)}`;

/** One browser for a group of tests, a fake relay for each. */
function inBrowser(options, define) {
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

describe('a secure link', () => inBrowser({}, (story) => {
  story('nothing connects before Start', async (scene) => {
    await scene.open();
    assert.equal(await scene.run('return document.body.dataset.state'), 'card');
    assert.equal(await scene.run('return globalThis.lines === undefined'), true);
    await scene.browser.click('start');
    await scene.browser.until('globalThis.line !== undefined');
    assert.deepEqual(await scene.asked(), [['connect']]);
    assert.ok(!scene.fake.requests.some((request) => request.startsWith('UPGRADE')));
  });

  story('is stored before its fragment leaves the address, and again with its end', async (scene) => {
    await scene.open();
    const [stored, hash] = await scene.run('return [globalThis.stored, location.hash]');
    assert.equal(stored[0].hash, LINK);
    assert.equal(hash, '');
    assert.ok(stored[1].expiresAt < stored[0].expiresAt);
    assert.equal(await scene.shows('unkept'), false);
  });

  story('that can’t be stored stays in the address, and the card says so', async (scene) => {
    await scene.open('?unkept');
    assert.equal(await scene.run('return location.hash'), LINK);
    assert.equal(await scene.shows('unkept'), true);
  });

  story('reloaded after Start goes on by itself', async (scene) => {
    await scene.live();
    await scene.run('location.reload()');
    await scene.browser.until('globalThis.lines?.length === 1 && line.asked.length > 0');
    assert.deepEqual(await scene.asked(), [['connect']]);
  });

  story('reloaded before Start shows Start again', async (scene) => {
    await scene.open();
    await scene.run('document.body.dataset.state = "old"; location.reload()');
    await scene.state('card');
    assert.equal(await scene.run('return globalThis.lines === undefined'), true);
  });

  story('opened once more in the tab shows Start, though it was started before', async (scene) => {
    await scene.live();
    await scene.open('', '');
    await scene.state('card');
    assert.equal(await scene.run('return globalThis.lines === undefined'), true);
  });

  story('clicked again in this browser is the stored one, with its proof', async (scene) => {
    await scene.open();
    await scene.run('const [key] = Object.keys(localStorage); localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key)), resume: "proof" }))');
    await scene.start();
    assert.deepEqual(await scene.run('return [line.link.resume, globalThis.stored, location.hash]'), ['proof', null, '']);
  });

  story('of another agent under the same address is never given the stored proof', async (scene) => {
    await scene.open();
    await scene.run('const [key] = Object.keys(localStorage); localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key)), resume: "proof" }))');
    await scene.open('', `#2.B${'A'.repeat(65)}`);
    await scene.browser.click('start');
    await scene.browser.until('globalThis.line !== undefined');
    assert.equal(await scene.run('return line.link.resume ?? null'), null);
  });

  for (const [name, query, fragment, words] of [
    ['without its fragment, and nothing stored', '', '', /link is incomplete/u],
    ['cut short', '', '#2.AAAA', /link is incomplete/u],
    ['with something added', '', `${LINK}x`, /link is damaged/u],
    ['of a later version', '', '#3.AAAA', /too new/u],
    ['whose fragment went to a server', `%23${LINK.slice(1)}`, '', /can’t be used any more/u],
  ]) {
    story(`${name} says what is wrong, and asks nobody`, async (scene) => {
      await scene.browser.goto(scene.fake.url);
      await scene.run('localStorage.clear()');
      scene.fake.requests.length = 0;
      await scene.open(query, fragment);
      await scene.state('error');
      assert.match(await scene.text('ended'), words);
      assert.ok(!scene.fake.requests.some((request) => request.endsWith('/card') || request.startsWith('UPGRADE')));
    });
  }

  story('over plain http from another computer says what to do', async (scene) => {
    await scene.browser.goto(scene.fake.secureUrl().replace('127.0.0.1', 'relay.test'));
    await scene.state('error');
    assert.match(await scene.text('ended'), /needs https/u);
  });

  story('behind a service worker stops, and removes it', async (scene) => {
    await scene.open();
    await scene.run(`const policy = trustedTypes.createPolicy('test', { createScriptURL: (url) => url });
      navigator.serviceWorker.register(policy.createScriptURL('/s/worker.js')).then(() => navigator.serviceWorker.ready).then(() => { globalThis.ready = true; })`);
    await scene.browser.until('globalThis.ready === true');
    await scene.open();
    await scene.state('error');
    assert.match(await scene.text('ended'), /page was stopped/u);
    assert.equal(await scene.run('return location.hash'), LINK);
    await scene.open();
    await scene.state('card');
  });

  story('that the relay calls done was at most over: the relay can’t know', async (scene) => {
    scene.fake.card.status = 'RESOLVED';
    await scene.open();
    await scene.state('error');
    assert.match(await scene.text('ended-title'), /has ended/u);
  });
}));

describe('a secure session', () => inBrowser({}, (story) => {
  story('is marked as encrypted once it is, and explains what that covers', async (scene) => {
    await scene.start();
    await scene.hear(...OPENED);
    assert.equal(await scene.shows('mark'), false);
    await scene.hear(...SECURED);
    assert.equal(await scene.shows('mark'), true);
    await scene.browser.click('mark');
    assert.match(await scene.text('secure-sheet'), /could serve a page that spies/u);
    assert.equal(await scene.text('secure-host'), await scene.run('return location.host'));
  });

  story('tells which picture is on the screen', async (scene) => {
    await scene.live();
    await scene.picture(5);
    await scene.browser.until('line.asked.some(([verb, counter]) => verb === "drawn" && counter === 5)');
  });

  story('passes input on', async (scene) => {
    await scene.live();
    await scene.browser.type('x');
    const [, , [verb, event]] = [null, ...await scene.asked()];
    assert.deepEqual([verb, event.type, event.key], ['send', 'keypress', 'x']);
  });

  for (const [reason, words] of [['silent', /picture is frozen/u], ['picture', /picture is behind/u], ['unheard', /input isn’t arriving/u]]) {
    story(`frozen as ${reason} keeps the picture grey, takes no input and says why`, async (scene) => {
      await scene.live();
      await scene.hear(['frozen', reason]);
      await scene.state('frozen');
      assert.match(await scene.text('veil-title'), words);
      assert.match(await scene.run('return getComputedStyle(document.getElementById("screen")).filter'), /grayscale/u);
      assert.equal(await scene.shows('screen'), true);
      await scene.browser.type('x');
      assert.deepEqual(await scene.asked(), [['connect']]);
      await scene.hear(['thawed']);
      await scene.state('live');
    });
  }

  story('hidden and seen again shows nothing until the agent has answered', async (scene) => {
    await scene.live();
    await scene.turn(true);
    await scene.state('frozen');
    assert.equal(await scene.shows('screen'), false);
    await scene.turn(false);
    assert.equal(await scene.shows('screen'), false);
    assert.deepEqual((await scene.asked()).slice(1), [['hide', true], ['hide', false]]);
    await scene.hear(['thawed']);
    await scene.state('waiting');
    await scene.picture(1);
    await scene.state('live');
    assert.equal(await scene.shows('screen'), true);
  });

  story('woken from a freeze is covered and asks the agent', async (scene) => {
    await scene.live();
    await scene.run('document.dispatchEvent(new Event("resume"))');
    await scene.state('frozen');
    assert.equal(await scene.shows('screen'), false);
    assert.deepEqual((await scene.asked()).slice(1), [['woke']]);
  });

  story('that the page leaves keeps neither picture nor connection, and comes back with the page', async (scene) => {
    await scene.live();
    await scene.run('dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }))');
    await scene.state('reconnecting');
    assert.equal(await scene.shows('screen'), false);
    await scene.run('dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))');
    assert.deepEqual((await scene.asked()).slice(1), [['leave'], ['connect']]);
  });

  story('a picture that was on its way when the page left is never shown', async (scene) => {
    await scene.live();
    await scene.run('line.picture(1); dispatchEvent(new PageTransitionEvent("pagehide"))');
    await scene.run('return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    assert.equal(await scene.shows('screen'), false);
    assert.ok(!(await scene.run('return line.asked')).some(([verb, counter]) => verb === 'drawn' && counter === 1));
  });

  story('says that a click was dropped, and why', async (scene) => {
    await scene.live();
    await scene.hear(['dropped', 'click', 'navigated']);
    await scene.toast('the page had changed');
  });

  story('says how much got lost with the connection', async (scene) => {
    await scene.live();
    await scene.hear(['lost', 1006, 0]);
    await scene.state('reconnecting');
    await scene.hear(['opened'], ['secured', { expiresIn: 500_000, resumed: true, lost: 3 }]);
    await scene.state('live');
    await scene.toast('3 keys or clicks got lost');
  });

  story('counts down by the agent’s word, not by the relay’s', async (scene) => {
    await scene.start();
    await scene.hear(...OPENED, ['secured', { expiresIn: 90_000, resumed: false, lost: 0 }]);
    assert.match(await scene.text('time-left'), /^1:(?:30|2[0-9])$/u);
  });

  story('Done goes on being sent until the agent confirms it', async (scene) => {
    await scene.live();
    await scene.browser.click('done');
    assert.equal(await scene.text('state'), 'Sending…');
    await scene.hear(['lost', 1006, 0]);
    assert.equal(await scene.text('state'), 'Sending…');
    await scene.hear(['opened'], ['secured', { expiresIn: 500_000, resumed: true, lost: 0 }]);
    await scene.state('live');
    assert.deepEqual((await scene.asked()).slice(1), [['finish', 'resolved']]);
    await scene.hear(['ended', 'resolved']);
    await scene.state('ended');
    assert.match(await scene.text('ended-title'), /^Done/u);
    assert.deepEqual((await scene.asked()).at(-1), ['stop']);
  });

  story('Done can be said while the connection is being got back', async (scene) => {
    await scene.live();
    await scene.hear(['lost', 1006, 0]);
    await scene.browser.click('done');
    assert.deepEqual((await scene.asked()).slice(1), [['finish', 'resolved']]);
  });

  for (const how of ['resolved', 'cancelled']) {
    story(`the relay’s word ${how} never ends it`, async (scene) => {
      await scene.live();
      await scene.hear(['relayEnded', how]);
      assert.equal(await scene.run('return document.body.dataset.state'), 'live');
    });
  }

  story('the relay’s word that time is up ends it', async (scene) => {
    await scene.live();
    await scene.hear(['relayEnded', 'expired']);
    await scene.state('ended');
    assert.equal(await scene.run('return document.body.dataset.outcome'), 'expired');
  });

  story('closed before the agent confirmed is never called done', async (scene) => {
    await scene.live();
    await scene.browser.click('done');
    await scene.hear(['closed', 4404]);
    await scene.state('ended');
    assert.equal(await scene.text('ended-title'), 'Ended without an answer');
  });

  for (const [code, title] of [['tampered', 'The connection was damaged or tampered with'], ['unanswered', 'The agent’s computer doesn’t answer']]) {
    story(`${code} is told, and tried again by the human’s hand only`, async (scene) => {
      await scene.live();
      await scene.hear(['closed', code]);
      await scene.state('ended');
      assert.equal(await scene.text('ended-title'), title);
      await scene.run('dispatchEvent(new Event("online")); dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))');
      assert.deepEqual((await scene.asked()).slice(1), []);
      await scene.browser.click('ended-action');
      assert.deepEqual((await scene.asked()).slice(1), [['retry']]);
      await scene.state('reconnecting');
    });
  }
}));

describe('who controls', () => inBrowser({}, (story) => {
  story('somebody else who asks is told beside the work, which goes on', async (scene) => {
    await scene.live();
    await scene.hear(['takeover', 7]);
    assert.equal(await scene.shows('takeover'), true);
    await scene.browser.type('x');
    assert.deepEqual((await scene.asked()).at(-2)[1].key, 'x');
    await scene.browser.click('keep');
    assert.deepEqual((await scene.asked()).at(-1), ['answerTakeover', 7, 'keep']);
    assert.equal(await scene.shows('takeover'), false);
    assert.equal(await scene.run('return document.activeElement.id'), 'typing');
  });

  story('control can’t be handed over by a click that was meant for something else', async (scene) => {
    await scene.live();
    const before = await scene.run(`line.hear(['takeover', 7]);
      const button = document.getElementById('hand-over');
      button.click();
      return [button.disabled, line.asked.filter(([verb]) => verb === 'answerTakeover').length]`);
    assert.deepEqual(before, [true, 0]);
    await scene.browser.until('!document.getElementById("hand-over").disabled');
    await scene.browser.click('hand-over');
    assert.deepEqual((await scene.asked()).at(-1), ['answerTakeover', 7, 'hand_over']);
    await scene.hear(['closed', 'taken_over']);
    await scene.state('ended');
    assert.equal(await scene.text('ended-title'), 'You handed it over');
  });

  story('the question goes away by itself', async (scene) => {
    await scene.live();
    await scene.hear(['takeover', 7], ['takeoverGone', 6]);
    assert.equal(await scene.shows('takeover'), true);
    await scene.hear(['takeoverGone', 7]);
    assert.equal(await scene.shows('takeover'), false);
  });

  story('F6 goes to the question’s harmless answer', async (scene) => {
    await scene.live();
    await scene.hear(['takeover', 7]);
    await scene.browser.type('\uE036');
    assert.equal(await scene.run('return document.activeElement.id'), 'keep');
  });

  story('taken over, it stays away until the human asks for it back', async (scene) => {
    await scene.live();
    await scene.hear(['closed', 'taken_over']);
    await scene.state('ended');
    assert.equal(await scene.run('return document.body.dataset.outcome'), 'elsewhere');
    await scene.run('dispatchEvent(new Event("online")); dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))');
    assert.deepEqual(await scene.asked(), [['connect']]);
    await scene.run('location.reload()');
    await scene.state('card');
  });

  story('in use, it says who is asked and for how long, also across sockets', async (scene) => {
    await scene.start();
    await scene.hear(...OPENED, ['busy', 57]);
    await scene.state('barred');
    assert.match(await scene.text('veil-text'), /57 seconds to answer/u);
    await scene.hear(['lost', 4403, 0], ['opened'], ['busy', 54]);
    assert.match(await scene.text('veil-text'), /54 seconds/u);
    await scene.hear(['closed', 4403]);
    assert.equal(await scene.text('veil-title'), 'It wasn’t handed over');
    await scene.browser.click('veil-action');
    assert.deepEqual(await scene.asked(), [['connect'], ['retry']]);
    await scene.hear(...SECURED);
    await scene.picture(0);
    await scene.state('live');
  });
}));

for (const [device, options] of [['a desktop', {}], ['a phone', { phone: true }]]) {
  describe(`a PIN, on ${device}`, () => inBrowser(options, (story) => {
    const open = 'document.getElementById("pin-sheet").open';
    const asksForPin = async (scene, wrong) => {
      await scene.hear(...OPENED, ['pinNeeded', wrong]);
      await scene.browser.until(open);
    };

    story('is asked for as six digits, with no offer of codes that came by message', async (scene) => {
      await scene.start();
      await asksForPin(scene, false);
      assert.equal(await scene.run('return document.activeElement.id'), 'pin');
      assert.deepEqual(await scene.run('const { inputMode, autocomplete } = document.getElementById("pin"); return [inputMode, autocomplete]'), ['numeric', 'off']);
      await scene.browser.type(...'12 34x', '\uE006');
      assert.equal(await scene.text('pin-problem'), 'The PIN has six digits.');
      await scene.browser.type('5', '6');
      await scene.browser.click('pin-send');
      assert.deepEqual(await scene.asked(), [['connect'], ['answerPin', '123456']]);
      assert.equal(await scene.text('veil-title'), 'Checking the PIN');
      assert.equal(await scene.run('return document.getElementById("pin").value'), '');
    });

    story('that was wrong is asked for again', async (scene) => {
      await scene.start();
      await asksForPin(scene, false);
      await scene.browser.type(...'111111', '\uE006');
      await asksForPin(scene, true);
      assert.match(await scene.text('pin-problem'), /was wrong/u);
      await scene.browser.type(...'222222', '\uE006');
      assert.deepEqual((await scene.asked()).slice(1), [['answerPin', '111111'], ['answerPin', '222222']]);
      await scene.hear(['secured', { expiresIn: 500_000, resumed: false, lost: 0 }]);
      await scene.picture(0);
      await scene.state('live');
    });

    story('put away can be entered later', async (scene) => {
      await scene.start();
      await asksForPin(scene, false);
      await scene.run('document.querySelector("#pin-sheet [data-close]").click()');
      await scene.hear(['agent', true]);
      assert.equal(await scene.run(`return ${open}`), false);
      await scene.browser.click('veil-action');
      await scene.browser.until(open);
    });

    story('no longer asked for takes its sheet away', async (scene) => {
      await scene.start();
      await asksForPin(scene, false);
      await scene.hear(['lost', 1006, 0]);
      assert.equal(await scene.run(`return ${open}`), false);
    });

    story('entered wrongly too often locks everybody new out, in words', async (scene) => {
      await scene.start();
      await asksForPin(scene, true);
      await scene.hear(['closedToStrangers']);
      assert.equal(await scene.run(`return ${open}`), false);
      assert.equal(await scene.text('veil-title'), 'No one new is let in');
      await scene.browser.click('veil-action');
      assert.deepEqual(await scene.asked(), [['connect'], ['retry']]);
    });
  }));
}

describe('on a phone', () => inBrowser({ phone: true }, (story) => {
  story('every secure state fits into 360 pixels, and buttons into a thumb', async (scene) => {
    await scene.live();
    for (const said of [['takeover', 7], ['frozen', 'silent'], ['frozen', 'asleep']]) {
      await scene.hear(said);
      const wrong = await scene.run(`return [...document.querySelectorAll('#bar *, #takeover, #takeover *, #veil *')]
        .filter((element) => element.checkVisibility() && !element.matches('.unseen, svg *'))
        .filter((element) => element.getBoundingClientRect().right > innerWidth || (element.matches('#takeover button') && element.offsetHeight < 44))
        .map((element) => element.id || element.className)`);
      assert.deepEqual(wrong, [], said.join(' '));
    }
  });

  story('the explanation opens at its beginning', async (scene) => {
    await scene.live();
    await scene.browser.click('mark');
    assert.equal(await scene.run('return document.getElementById("secure-sheet").scrollTop'), 0);
  });
}));
