// The Worker, the store and WebCrypto in a real browser, under the page's own policy.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { CTRL, INPUT } from './secure-agent.js';
import { startRelay } from './secure-relay.js';
import { startBrowser } from './webdriver.js';

let browser;
before(async () => { browser = await startBrowser(); });
after(() => browser?.close());

/** A one-pixel JPEG would do; Chromium makes one of the size that is asked for. */
async function jpeg(width, height) {
  const base64 = await browser.run(`const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = arguments;
    return canvas.toDataURL('image/jpeg').split(',')[1];`, width, height);
  return Buffer.from(base64, 'base64');
}

/** Tells a story on a page with the harness. */
function story(name, tell) {
  test(name, { timeout: 60_000 }, async () => {
    const relay = await startRelay();
    try {
      await open(relay);
      await tell(relay);
      assert.deepEqual(await browser.run('return harness.violations'), []);
      assert.deepEqual(await browser.complaints(), []);
    } finally {
      await browser.leave();
      await relay.close();
    }
  });
}

async function open(relay) {
  await browser.goto(relay.url);
  await browser.until('globalThis.harness !== undefined');
}

const harness = (script, ...args) => browser.run(`return (async () => ${script})()`, ...args);
const told = (event) => browser.until('harness.told.find(([name]) => name === arguments[0])', event);

async function heard(relay, fits) {
  for (let tries = 0; tries < 400; tries += 1) {
    const found = relay.said.find(fits);
    if (found) return found;
    await new Promise((wake) => setTimeout(wake, 25));
  }
  throw new Error(`never heard: ${fits}; ${JSON.stringify(relay.said)}`);
}

async function connect(relay) {
  assert.equal(await harness('harness.start(location.href)'), '');
  await browser.run('harness.session()');
  await told('secured');
  assert.deepEqual(await heard(relay, ({ type }) => type === 'ready'), { kind: CTRL, type: 'ready' });
}

story('a session goes through its Worker under the page’s policy: handshake, picture, acknowledgement, input', async (relay) => {
  await connect(relay);
  assert.deepEqual(relay.dials, [{ path: '/stream/sess_1', protocols: ['authloop.v2', relay.agent.token] }]);
  relay.send(relay.epoch.frame({ jpeg: await jpeg(64, 48) }));
  assert.deepEqual((await told('frame'))[1], { width: 64, height: 48, counter: 0 });
  assert.equal((await heard(relay, ({ frame }) => frame === 0)).waiting, 0);
  assert.equal(await browser.run('return harness.secure.send({ type: "reload" })'), true);
  const input = await heard(relay, ({ kind }) => kind === INPUT);
  assert.deepEqual([input.type, input.seen, input.size], ['reload', 0, 256]);
  assert.ok(input.at >= 1_000 && input.at < 61_000);
});

story('nothing is dialled before the page connects', async (relay) => {
  await harness('harness.start(location.href)');
  await harness('harness.remember()');
  await harness('harness.restore()');
  await browser.run('harness.session({ keeps: true })');
  await new Promise((wake) => setTimeout(wake, 200));
  assert.deepEqual(relay.dials, []);
});

story('a reload goes on by what was stored: keys that can’t be exported, and a proof', async (relay) => {
  assert.equal(await harness('harness.restore()'), null);
  await harness('harness.start(location.href)');
  assert.equal(await harness('harness.remember()'), true);
  await browser.run('harness.session()');
  await told('secured');
  await browser.until('harness.restore().then((link) => link.resumeEpoch === 1)');

  await browser.goto(`http://${relay.host}/s/sess_1`);
  await browser.until('globalThis.harness !== undefined');
  const link = await harness('harness.restore()');
  assert.deepEqual([link.id, link.token, link.resumeEpoch, link.extractable], ['sess_1', relay.agent.token, 1, 0]);
  await browser.run('harness.session()');
  await told('secured');
  assert.deepEqual(relay.offers.map(({ proves }) => proves), [null, true]);
});

story('CLOSE deletes what was stored', async (relay) => {
  await harness('harness.start(location.href)');
  await harness('harness.remember()');
  await browser.run('harness.session()');
  await told('secured');
  relay.send(relay.epoch.close('resolved'));
  assert.deepEqual(await told('ended'), ['ended', 'resolved']);
  await browser.until('harness.restore().then((link) => link === null)');
});

story('expired entries are swept at a load, others stay', async () => {
  await harness('harness.start(location.href)');
  await harness('harness.remember({ id: "sess_old", expiresAt: Date.now() - 1 })');
  await harness('harness.remember({ id: "sess_other", expiresAt: Date.now() + 60000 })');
  await harness('harness.restore()');
  const ids = await browser.run(`return new Promise((done) => {
    indexedDB.open('authloop').onsuccess = ({ target }) => {
      const keys = target.result.transaction('sessions').objectStore('sessions').getAllKeys();
      keys.onsuccess = () => { target.result.close(); done(keys.result); };
    };
  })`);
  assert.deepEqual(ids, ['sess_other']);
});

story('an entry is deleted by a tab that was taken over only if it is its own', async (relay) => {
  await harness('harness.start(location.href)');
  await harness('harness.remember()');
  await browser.run('harness.session()');
  await told('secured');
  await browser.until('harness.restore().then((link) => link.resumeEpoch === 1)');
  // Another tab went on with it, and its entry is of a later epoch.
  await browser.run(`return import('/assets/secure/store.js').then(async ({ load, put }) => {
    const entry = await load('sess_1', Date.now());
    await put({ ...entry, resume: { ...entry.resume, epoch: 2 } });
  })`);
  relay.send(relay.epoch.close('taken_over'));
  assert.deepEqual(await told('closed'), ['closed', 'taken_over']);
  await new Promise((wake) => setTimeout(wake, 200));
  assert.equal((await harness('harness.restore()')).resumeEpoch, 2);
});

story('a store that fails says so', async () => {
  await harness('harness.start(location.href)');
  await browser.run(`Object.defineProperty(globalThis, 'indexedDB', { value: { open() { throw new Error('private window'); } } })`);
  assert.equal(await harness('harness.remember()'), false);
  assert.equal(await harness('harness.restore()'), null);
});

story('a damaged record closes the socket with 4400, and the viewer comes back', async (relay) => {
  await connect(relay);
  const record = relay.epoch.control({ type: 'title' });
  record[20] ^= 1;
  relay.send(record);
  assert.deepEqual(await told('lost'), ['lost', 4_400, 0]);
  await browser.until('harness.told.filter(([name]) => name === "secured").length === 2');
  assert.equal(relay.offers.at(-1).resume?.length, 43);
});

story('records of both sides are read by the other, and the pieces agree', async (relay) => {
  await harness('harness.start(location.href)');
  const hello1 = Buffer.from(await harness('harness.hello1(3, "123456")'), 'hex');
  const hello = relay.agent.read(hello1);
  assert.deepEqual([hello.attempt, hello.offer], [3, { v: 2, pin: '123456' }]);
  const answer = await harness('harness.hello2(arguments[0])'.replace('arguments[0]', JSON.stringify(hello.accept({ got: 5 }).toString('hex'))));
  assert.deepEqual([answer.ok, answer.epoch, answer.got], [true, 1, 5]);
  assert.equal(hello.epoch.open(Buffer.from(answer.ready, 'hex')).type, 'ready');
  const openHex = (record) => harness(`harness.open('${record.toString('hex')}')`);
  assert.deepEqual(await openHex(hello.epoch.control({ type: 'notice', code: 'x' })), { control: { type: 'notice', code: 'x' } });
  assert.equal((await openHex(hello.epoch.frame({ jpeg: 'j' }))).frame.jpeg, '6a');
  assert.deepEqual(await openHex(hello.epoch.close('timeout')), { close: 'timeout' });
  const sealed = Buffer.from(await harness(`harness.seal(0x13, '${'00'.repeat(10)}')`), 'hex');
  assert.deepEqual(hello.epoch.open(sealed), { kind: 0x13, frame: 0, waiting: 0 });
});
