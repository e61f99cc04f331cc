// What the page asks outside its picture: dialogs.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { SECURED, inBrowser } from './scene.js';

const ASKS = { type: 'dialog', id: 7, kind: 'confirm', origin: 'https://wall.test', text: 'Sure?' };

const asks = (scene, message) => scene.hear(['state', { ...ASKS, ...message }]);
const settled = (scene) => scene.browser.until('!document.getElementById("ask-yes").disabled');
const answers = async (scene) => {
  const asked = await scene.asked();
  return asked.filter(([verb, event]) => verb === 'send' && event.type === 'dialog_answer').map(([, event]) => event);
};

for (const profile of [{}, { phone: true }]) {
  describe(`what the page asks, ${profile.phone ? 'on a phone' : 'on a desktop'}`, () => inBrowser(profile, (story) => {
    story('a question is shown as the page’s own, and answered once', async (scene) => {
      await scene.live();
      await asks(scene, { text: '<b>Sure?</b>\nReally?' });
      assert.equal(await scene.shows('ask-sheet'), true);
      assert.equal(await scene.text('ask-title'), 'wall.test asks');
      assert.equal(await scene.text('ask-words'), '<b>Sure?</b>\nReally?');
      await settled(scene);
      await scene.browser.click('ask-yes');
      assert.deepEqual(await answers(scene), [{ type: 'dialog_answer', id: 7, accept: true }]);
      assert.equal(await scene.shows('ask-sheet'), false);
      if (!profile.phone) assert.equal(await scene.run('return document.activeElement.id'), 'typing');
    });

    story('a yes that was meant for something else isn’t taken', async (scene) => {
      await scene.live();
      const [disabled, sent] = await scene.run(`line.hear(['state', arguments[0]]);
        const button = document.getElementById('ask-yes');
        button.click();
        return [button.disabled, line.asked.filter(([verb]) => verb === 'send').length]`, ASKS);
      assert.equal(disabled, true);
      assert.equal(sent, 0);
    });

    story('Escape means no, and for an alert just on', async (scene) => {
      await scene.live();
      await asks(scene, {});
      await settled(scene);
      await scene.browser.type('\uE00C');
      await asks(scene, { id: 8, kind: 'alert' });
      await settled(scene);
      assert.equal(await scene.shows('ask-no'), false);
      await scene.browser.type('\uE00C');
      assert.deepEqual((await answers(scene)).map(({ id, accept }) => [id, accept]), [[7, false], [8, true]]);
    });

    story('a prompt begins with the page’s text and sends the human’s', async (scene) => {
      await scene.live();
      await asks(scene, { kind: 'prompt', default: 'Ann' });
      assert.equal(await scene.run('return document.getElementById("ask-text").value'), 'Ann');
      await settled(scene);
      for (const key of ['B', 'e', 'a', '\uE007']) await scene.browser.type(key);
      assert.deepEqual(await answers(scene), [{ type: 'dialog_answer', id: 7, accept: true, text: 'Bea' }]);
      assert.equal(await scene.run('return document.getElementById("ask-text").value'), '', 'it doesn’t stay');
    });

    story('one that goes away by itself is gone', async (scene) => {
      await scene.live();
      await asks(scene, {});
      await scene.hear(['state', { type: 'sheet_closed', id: 6 }]);
      assert.equal(await scene.shows('ask-sheet'), true);
      await scene.hear(['state', { type: 'sheet_closed', id: 7 }]);
      assert.equal(await scene.shows('ask-sheet'), false);
      assert.deepEqual(await answers(scene), []);
    });

    story('after a new connection only what is still asked is shown', async (scene) => {
      await scene.live();
      await asks(scene, {});
      await scene.hear(...SECURED);
      assert.equal(await scene.shows('ask-sheet'), false);
    });

    story('what isn’t a question is no sheet', async (scene) => {
      await scene.live();
      for (const message of [{ id: '7' }, { kind: 'other' }, { text: 7 }, { type: 'unknown' }]) await asks(scene, message);
      assert.equal(await scene.shows('ask-sheet'), false);
    });
  }));
}
