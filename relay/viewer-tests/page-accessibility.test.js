// What screen readers find in the page, and whether people can read it: axe-core's judgement of every state,
// on a desk and on a phone, by day and by night, in a real browser.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe } from 'node:test';

import { OPENED, SECURED, inBrowser } from './scene.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Shown on top of the live view, one at a time. */
const SHEETS = ['about', 'secure', 'cancel', 'paste', 'copy', 'pin'];

const CARD = {
  service: 'Harbour Bank',
  status: 'PENDING',
  context: { url: 'https://bank.example/login', blocker_type: 'password', hint: 'Sign in, then press Done.' },
};

/** What axe finds wrong, in words: the rule, and the elements. */
async function faults(scene) {
  // A style on its way from one colour to the other is neither.
  await scene.browser.until('document.getAnimations().every((animation) => animation.playState !== "running" || animation.effect.getComputedTiming().iterations === Infinity)');
  if (!(await scene.run('return typeof globalThis.axe === "object"'))) await scene.run(AXE);
  const found = await scene.run(`return globalThis.axe.run(document, { resultTypes: ['violations'] })
    .then(({ violations, passes }) => [passes.length, violations.map(({ id, nodes }) =>
      id + ': ' + nodes.map(({ target, any }) => target.join(' ') + ' ' + (any[0]?.message ?? '')).join('; '))])`);
  const [held, broken] = found;
  assert.ok(held > 10, 'axe looked at the page');
  return broken;
}

for (const [where, options] of [
  ['on a desktop', {}],
  ['on a desktop by night', { dark: true }],
  ['on a phone', { phone: true }],
  ['on a phone by night', { phone: true, dark: true }],
]) {
  describe(`axe finds nothing wrong ${where}`, () => inBrowser(options, (story) => {
    story('with the card', async (scene) => {
      scene.fake.card = CARD;
      await scene.open();
      assert.deepEqual(await faults(scene), []);
    });

    story('with the live view, its keys and what is told there', async (scene) => {
      await scene.live();
      assert.deepEqual(await faults(scene), []);
      await scene.browser.click('keyboard');
      assert.deepEqual(await faults(scene), []);
      await scene.hear(['takeover', 7], ['dropped', 'click', 'navigated']);
      assert.deepEqual(await faults(scene), []);
    });

    story('with any sheet', async (scene) => {
      scene.fake.card = CARD;
      await scene.live();
      for (const sheet of SHEETS) {
        await scene.run('document.getElementById(arguments[0]).showModal()', `${sheet}-sheet`);
        assert.deepEqual(await faults(scene), [], sheet);
        await scene.run('document.getElementById(arguments[0]).close()', `${sheet}-sheet`);
      }
    });

    story('with what the page asks', async (scene) => {
      await scene.live();
      for (const kind of ['confirm', 'prompt']) {
        const dialog = { type: 'dialog', id: 7, kind, origin: 'https://bank.example', text: 'Who are you?', default: '' };
        await scene.hear(['state', dialog]);
        await scene.browser.until('!document.getElementById("ask-yes").disabled');
        assert.deepEqual(await faults(scene), [], kind);
        await scene.browser.click('ask-no');
      }
    });

    story('with files for the page, picked and on their way', async (scene) => {
      await scene.live();
      await scene.hear(['state', { type: 'files', id: 9, multiple: true, folder: false, accept: ['image/*'], capture: '', limit: 9_000, left: 9_000 }]);
      assert.deepEqual(await faults(scene), []);
      await scene.run(`const picked = new DataTransfer();
        picked.items.add(new File(['abc'], 'passport.jpg'));
        const input = document.getElementById('files-input');
        input.files = picked.files;
        input.dispatchEvent(new Event('change'))`);
      assert.deepEqual(await faults(scene), []);
      await scene.hear(['state', { type: 'file_refused', id: 9, n: 0, why: 'broken' }]);
      assert.deepEqual(await faults(scene), []);
    });

    story('with a list to choose from, and with dates and colours', async (scene) => {
      await scene.live();
      const option = (text, place) => ({ text, group: place < 9 ? 'First' : '', disabled: place === 2, selected: place === 1 });
      const options = Array.from({ length: 20 }, (_, place) => option(`Option ${place}`, place));
      for (const list of [{ options }, { options: options.slice(0, 3), multiple: true }, { options: options.slice(0, 3), label: '', more: true }]) {
        await scene.hear(['state', { type: 'picker', id: 9, kind: 'select', label: 'Fruit', ...list }]);
        assert.deepEqual(await faults(scene), [], JSON.stringify(list).slice(0, 60));
      }
      for (const kind of ['date', 'time', 'month', 'week', 'datetime-local', 'color']) {
        await scene.hear(['state', { type: 'picker', id: 9, kind, label: 'Arrival', value: '', min: '', max: '', step: '' }]);
        await scene.run('document.getElementById("value-problem").textContent = "That is too late."');
        assert.deepEqual(await faults(scene), [], kind);
      }
    });

    story('with a field of the page, and with its menu', async (scene) => {
      await scene.live();
      const field = { kind: 'tel', input_mode: '', enter_key: '', autocomplete: 'one-time-code', label: 'Code', x: 1, y: 1, width: 9, height: 9 };
      await scene.hear(['state', { type: 'agent', takes: ['pointer', 'fields'] }], ['state', { type: 'field', field }],
        ['state', { type: 'picker', id: 9, kind: 'datalist', label: 'Code', options: [{ text: '123456' }] }]);
      assert.deepEqual(await faults(scene), []);
      await scene.hear(['state', { type: 'sheet_closed', id: 9 }]);
      await scene.hear(['state', { type: 'field', field: { ...field, kind: 'date' } }]);
      await scene.browser.press(640, 100, { touch: options.phone === true });
      await scene.hear(['state', { type: 'menu', x: 300, y: 200, selection: true, editable: true }]);
      assert.equal(await scene.shows('menu'), true);
      assert.deepEqual(await faults(scene), []);
    });

    story('with a page that waits', async (scene) => {
      await scene.live();
      for (const said of [['frozen', 'silent'], ['frozen', 'asleep']]) {
        await scene.hear(said);
        assert.deepEqual(await faults(scene), [], said.join(' '));
      }
    });

    story('while another has control', async (scene) => {
      await scene.start();
      await scene.hear(...OPENED, ['busy', 57]);
      await scene.state('barred');
      assert.deepEqual(await faults(scene), []);
    });

    story('with a good end, and with a bad one', async (scene) => {
      for (const reason of ['resolved', 'timeout']) {
        await scene.live();
        await scene.hear(['closed', reason]);
        await scene.state('ended');
        assert.deepEqual(await faults(scene), [], reason);
      }
    });

    story('with a link that opens nothing', async (scene) => {
      await scene.browser.goto(scene.fake.secureUrl('', '#2.AAAA'));
      await scene.state('error');
      assert.deepEqual(await faults(scene), []);
    });
  }));
}
