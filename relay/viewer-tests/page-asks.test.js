// What the page and its server ask outside the picture, and whose the page is.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { SECURED, inBrowser } from './scene.js';

const ASKS = { type: 'dialog', id: 7, kind: 'confirm', origin: 'https://wall.test', text: 'Sure?' };

const asks = (scene, message) => scene.hear(['state', { ...ASKS, ...message }]);
const settled = (scene) => scene.browser.until('!document.getElementById("ask-yes").disabled');
const answers = async (scene) => {
  const asked = await scene.asked();
  return asked.filter(([verb, event]) => verb === 'send' && event.type.endsWith('_answer')).map(([, event]) => event);
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

    story('a server’s question takes a name and a password, which stay nowhere', async (scene) => {
      await scene.live();
      await scene.hear(['state', { type: 'auth', id: 9, origin: 'http://wall.test', realm: 'Staff <i>only</i>', proxy: false }]);
      assert.equal(await scene.text('ask-title'), 'wall.test wants you to sign in');
      assert.equal(await scene.text('ask-words'), 'Staff <i>only</i>');
      assert.match(await scene.text('ask-lead'), /isn’t secure/);
      await settled(scene);
      for (const key of ['a', 'n', 'n', '\uE007', 'p', 'w', '\uE007']) await scene.browser.type(key);
      assert.deepEqual(await answers(scene), [{ type: 'auth_answer', id: 9, username: 'ann', password: 'pw' }]);
      const left = await scene.run('return ["ask-user", "ask-password", "ask-text"].map((id) => document.getElementById(id).value)');
      assert.deepEqual(left, ['', '', '']);
      await scene.hear(['state', { type: 'auth', id: 10, origin: 'https://wall.test', realm: '', proxy: false }]);
      await settled(scene);
      await scene.browser.click('ask-no');
      assert.deepEqual((await answers(scene)).at(-1), { type: 'auth_answer', id: 10 });
    });

    story('the address lies outside the picture, and warns when the site is another', async (scene) => {
      await scene.live();
      assert.equal(await scene.shows('place'), false);
      const page = { type: 'page', page: 0, origin: 'https://login.wall.test', site: 'wall.test', began: 'wall.test', security: 'secure', title: 'Sign in' };
      await scene.hear(['state', page]);
      assert.equal(await scene.text('place-lead'), 'login.');
      assert.equal(await scene.text('place-site'), 'wall.test');
      assert.equal(await scene.shows('place-warning'), false);
      await scene.hear(['state', { ...page, origin: 'https://wall.test.evil.test', site: 'evil.test' }]);
      assert.equal(await scene.text('place-lead'), 'wall.test.');
      assert.equal(await scene.text('place-site'), 'evil.test');
      assert.equal(await scene.text('place-warning'), 'This is evil.test now. You began at wall.test.');
      assert.equal(await scene.run('return document.body.scrollWidth <= innerWidth'), true);
      await scene.hear(['state', { ...page, origin: `https://${'a'.repeat(63)}.${'b'.repeat(63)}.evil.test`, site: 'evil.test' }]);
      const seen = await scene.run(`const box = document.getElementById('place-site').getBoundingClientRect();
        return box.right <= innerWidth && box.width > 40`);
      assert.equal(seen, true, 'the site stays in sight');
      await scene.hear(...SECURED);
      assert.equal(await scene.shows('place'), false, 'nobody says that it still holds');
    });

    story('tabs are there when there are several, and another is a press away', async (scene) => {
      await scene.live();
      const tab = (page, title, shown) => ({ page, title, origin: 'https://wall.test', shown });
      await scene.hear(['state', { type: 'page', page: 0, origin: 'https://wall.test', site: 'wall.test', began: 'wall.test', security: 'secure', title: '' }]);
      await scene.hear(['state', { type: 'tabs', tabs: [tab(0, 'Sign in', true)] }]);
      assert.equal(await scene.shows('tabs'), false);
      await scene.hear(['state', { type: 'tabs', tabs: [tab(0, '<b>Sign in</b>', false), tab(3, '', true)] }]);
      assert.deepEqual(await scene.run('return [...document.querySelectorAll(".tab")].map((tab) => [tab.textContent, tab.ariaPressed])'),
        [['<b>Sign in</b>', 'false'], ['https://wall.test', 'true']]);
      await scene.run('for (const tab of document.querySelectorAll(".tab")) tab.click()');
      assert.deepEqual((await scene.asked()).at(-1), ['send', { type: 'tab', page: 0 }]);
      assert.equal((await scene.asked()).filter(([verb, event]) => verb === 'send' && event.type === 'tab').length, 1);
    });

    story('what isn’t a question is no sheet', async (scene) => {
      await scene.live();
      for (const message of [{ id: '7' }, { kind: 'other' }, { text: 7 }, { type: 'unknown' }]) await asks(scene, message);
      assert.equal(await scene.shows('ask-sheet'), false);
    });
  }));
}
