// What the page shows and asks of a secure session, from Start to its end.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { OPENED, SECURED, inBrowser } from './scene.js';

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
      assert.deepEqual((await scene.asked()).slice(1), [['hide', false], ['retry']]);
      await scene.state('reconnecting');
    });
  }
}));
