// What a link of version 2, whole or not, makes of the page.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { LINK, inBrowser } from './scene.js';

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
      // That page asks for its own card, which is not what is counted here.
      await scene.browser.until('document.body?.dataset.state !== "loading"');
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
