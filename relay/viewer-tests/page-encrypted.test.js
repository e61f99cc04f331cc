// The page with its real Worker in a real browser, against an agent that was written after the
// protocol's description and a relay that passes records on.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { FakeAgent } from './fake-agent.js';
import { startFake } from './fake.js';
import { ACK, CTRL } from './secure-agent.js';
import { startBrowser } from './webdriver.js';

const frames = 'Number(document.getElementById("screen").dataset.frames)';

describe('a session that is end-to-end encrypted', () => {
  let browser;
  before(async () => { browser = await startBrowser(); });
  after(() => browser?.close());

  /** A fake relay with an agent for each story. */
  const story = (name, tell) => test(name, { timeout: 60_000 }, async () => {
    const fake = await startFake();
    const agent = new FakeAgent(fake);
    fake.agent = agent;
    try {
      await tell(agent, fake);
      assert.deepEqual(await browser.complaints(), []);
    } finally {
      await browser.leave();
      await fake.close();
    }
  });

  async function start(agent) {
    await browser.goto(agent.url);
    await browser.state('card');
    await browser.click('start');
  }

  async function goLive(agent) {
    await start(agent);
    await browser.state('live');
  }

  const text = (id) => browser.run('return document.getElementById(arguments[0]).textContent', id);

  story('goes live from the link alone: a picture, and acknowledged', async (agent, fake) => {
    await goLive(agent);
    await browser.until(`${frames} === 1`);
    await fake.until(() => agent.control.some(({ kind, frame }) => kind === ACK && frame === 0));
    assert.equal(await browser.run('return location.hash'), '');
  });

  story('is admitted by a subprotocol: no address holds a secret', async (agent, fake) => {
    await goLive(agent);
    assert.deepEqual(fake.subprotocols, [`authloop.v2, ${agent.token}`]);
    assert.equal(fake.lastUpgrade, '/stream/sess_test');
  });

  story('takes input with the picture it was meant for', async (agent, fake) => {
    await goLive(agent);
    await browser.until(`${frames} === 1`);
    await browser.press(640, 300);
    const click = await fake.heard(({ type }) => type === 'click');
    assert.ok(Math.abs(click.x - 640) <= 1.5 && Math.abs(click.y - 300) <= 1.5, JSON.stringify(click));
    assert.equal(click.seen, 0);
    assert.equal(typeof click.at, 'number');
  });

  story('a fast burst of keys keeps its order', async (agent, fake) => {
    await goLive(agent);
    await browser.type(...'correct horse');
    await fake.heard(({ type, key }) => type === 'keyup' && key === 'e' && fake.events.filter((event) => event.type === 'keypress').length === 13);
    assert.equal(fake.events.filter(({ type }) => type === 'keypress').map(({ key }) => key).join(''), 'correct horse');
  });

  story('Done ends it by the agent’s own CLOSE', async (agent) => {
    await goLive(agent);
    await browser.click('done');
    await browser.state('ended');
    assert.equal(await browser.run('return document.body.dataset.outcome'), 'resolved');
  });

  story('Done that got lost with the connection is said again', async (agent, fake) => {
    await goLive(agent);
    fake.refuseWith = 1012;
    fake.drop();
    await browser.state('reconnecting');
    await browser.click('done');
    fake.refuseWith = 0;
    await browser.state('ended');
    assert.deepEqual(fake.events.map(({ type }) => type), ['resolved']);
  });

  story('a lost connection is resumed by proof', async (agent, fake) => {
    await goLive(agent);
    fake.drop();
    await fake.until(() => agent.epochs === 2);
    await browser.state('live');
    assert.deepEqual(agent.offers.map(({ proven }) => proven), [false, true]);
    await browser.type('y');
    await fake.heard(({ key }) => key === 'y');
  });

  story('a reload goes on by itself, by proof and without the fragment', async (agent, fake) => {
    await goLive(agent);
    await browser.run('location.reload()');
    await fake.until(() => agent.epochs === 2);
    await browser.state('live');
    assert.deepEqual(agent.offers.map(({ proven }) => proven), [false, true]);
  });

  story('the link clicked again in this browser goes on by proof, after Start', async (agent) => {
    await goLive(agent);
    await goLive(agent);
    assert.deepEqual(agent.offers.map(({ proven }) => proven), [false, true]);
  });

  story('an agent that falls silent freezes the picture, and thaws it', async (agent) => {
    await goLive(agent);
    agent.silent = true;
    await browser.state('frozen');
    agent.silent = false;
    await browser.state('live');
  });

  story('a hidden page shows its picture again only after the agent’s answer', async (agent, fake) => {
    await goLive(agent);
    const hide = (hidden) => browser.run(`Object.defineProperty(document, 'hidden', { value: arguments[0], configurable: true });
      document.dispatchEvent(new Event('visibilitychange'))`, hidden);
    await hide(true);
    await browser.state('frozen');
    await hide(false);
    await fake.until(() => agent.control.some(({ kind, type }) => kind === CTRL && type === 'ping'));
    await browser.state('live');
    assert.equal(await browser.run('return document.getElementById("screen").checkVisibility({ visibilityProperty: true })'), true);
  });

  story('a PIN is asked for and sent in the handshake', async (agent, fake) => {
    agent.refusals = [{ ok: false, reason: 'pin' }, { ok: false, reason: 'pin' }];
    await start(agent);
    const open = 'document.getElementById("pin-sheet").open';
    await browser.until(open);
    await browser.type(...'111111', '\uE006');
    await fake.until(() => agent.offers.length === 2);
    await browser.until(`${open} && document.getElementById("pin-problem").textContent.includes("wrong")`);
    await browser.type(...'123456', '\uE006');
    await browser.state('live');
    assert.deepEqual(agent.offers.map(({ pin }) => pin), [undefined, '111111', '123456']);
  });

  story('somebody else in control is asked, and lets this page in', async (agent) => {
    agent.refusals = [{ ok: false, reason: 'busy' }];
    await start(agent);
    await browser.state('barred');
    assert.equal(await text('veil-title'), 'Somebody is using this already');
    await browser.state('live');
  });

  story('a challenger is answered, and takes over', async (agent, fake) => {
    await goLive(agent);
    agent.say({ type: 'takeover', id: 9 });
    await browser.until('!document.getElementById("takeover").hidden && !document.getElementById("hand-over").disabled');
    await browser.click('hand-over');
    await fake.until(() => agent.control.some(({ type, id, answer }) => type === 'takeover' && id === 9 && answer === 'hand_over'));
    agent.send(agent.epoch.close('taken_over'));
    await browser.state('ended');
    assert.equal(await text('ended-title'), 'You handed it over');
  });

  story('a dropped click is told', async (agent) => {
    await goLive(agent);
    agent.say({ type: 'dropped', kind: 'click', why: 'navigated' });
    await browser.until('document.querySelector("#toast.shown")?.textContent.includes("the page had changed") === true');
  });

  story('records that are damaged again and again are told as that', async (agent) => {
    await goLive(agent);
    agent.damages = true;
    await browser.state('ended');
    assert.equal(await text('ended-title'), 'The connection was damaged or tampered with');
  });

  story('pictures and words of version 1 do nothing but end the connection', async (agent, fake) => {
    agent.refusals = Array.from({ length: 50 }, () => ({ ok: false, reason: 'busy' }));
    await start(agent);
    await browser.state('barred');
    fake.sendKey();
    fake.say({ type: 'session_resolved' });
    fake.sendFrame();
    await fake.until(() => fake.subprotocols.length === 2);
    assert.deepEqual(await browser.run(`return [document.body.dataset.outcome ?? null, ${frames}]`), [null, 0]);
    assert.deepEqual(fake.viewerKeys, []);
  });

  story('a damaged link connects nowhere', async (agent, fake) => {
    for (const damaged of [`${agent.url.slice(0, -1)}B`, `${agent.url}A`]) {
      await browser.goto(damaged);
      await browser.state('error');
      assert.match(await text('ended'), /link is damaged/u);
    }
    assert.ok(!fake.requests.some((request) => request.endsWith('/card') || request.startsWith('UPGRADE')));
  });
});
