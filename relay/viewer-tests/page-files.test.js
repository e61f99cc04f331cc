// Files for the page: what it wants, what is picked, and how that gets there part by part.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { SECURED, inBrowser } from './scene.js';

const WANTED = { type: 'files', id: 9, multiple: true, folder: false, accept: ['image/*', '.pdf'], capture: '', limit: 26_214_400, left: 104_857_600 };
const PART = 12_000;

const wants = (scene, message = {}) => scene.hear(['state', { ...WANTED, ...message }]);
const says = (scene, message) => scene.hear(['state', message]);

/** Picks files as people do: by the browser's own dialog, which ends with a `change`. */
const picks = (scene, files, input = 'files-input') => scene.run(`const [files, id] = arguments;
  const picked = new DataTransfer();
  for (const { name, size, type } of files) picked.items.add(new File([new Uint8Array(size).fill(7)], name, { type }));
  const input = document.getElementById(id);
  input.files = picked.files;
  input.dispatchEvent(new Event('change', { bubbles: true }))`, files, input);

/** What the page sent of files. */
const sent = async (scene) => {
  const asked = await scene.asked();
  return asked.filter(([verb, event]) => verb === 'send' && event.type.startsWith('file')).map(([, event]) => event);
};

/** Waits for so many of these, and returns the last. */
const nth = async (scene, count) => {
  await scene.browser.until(`line.asked.filter(([verb, event]) => verb === 'send' && event.type.startsWith('file')).length >= ${count}`);
  return (await sent(scene)).at(-1);
};

const JPEG = { name: 'passport.jpg', size: 2 * PART + 5, type: 'image/jpeg' };

for (const profile of [{}, { phone: true }]) {
  describe(`files for the page, ${profile.phone ? 'on a phone' : 'on a desktop'}`, () => inBrowser(profile, (story) => {
    story('a file goes in parts, each after the one before has arrived', async (scene) => {
      await scene.live();
      await wants(scene);
      assert.equal(await scene.text('files-title'), 'The page wants files');
      assert.equal(await scene.text('files-kinds'), 'image/*, .pdf');
      assert.deepEqual(await scene.run('const { accept, multiple } = document.getElementById("files-input"); return [accept, multiple]'), ['image/*,.pdf', true]);
      await picks(scene, [JPEG]);
      const head = await nth(scene, 1);
      assert.deepEqual({ ...head, choice: 0 }, { type: 'file', id: 9, n: 0, of: 1, choice: 0, name: 'passport.jpg', mime: 'image/jpeg', size: JPEG.size });
      for (const [count, got] of [[2, 0], [3, PART], [4, 2 * PART]]) {
        await says(scene, { type: 'file_got', id: 9, n: 0, got });
        const chunk = await nth(scene, count);
        assert.deepEqual([chunk.type, chunk.offset, atob(chunk.data).length], ['file_chunk', got, Math.min(PART, JPEG.size - got)]);
      }
      assert.equal((await sent(scene)).length, 4, 'one is on its way at a time');
      assert.equal(await scene.run('return document.querySelector("#files-list progress").value'), 2 * PART);
      await says(scene, { type: 'file_got', id: 9, n: 0, got: JPEG.size });
      assert.deepEqual(await nth(scene, 5), { type: 'files_done', id: 9 });
      await says(scene, { type: 'sheet_closed', id: 9 });
      assert.equal(await scene.shows('files-sheet'), false);
      await scene.toast('has your file');
    });

    story('what is too much is said before a byte is sent', async (scene) => {
      await scene.live();
      await wants(scene, { multiple: false, limit: 1_000, left: 1_500 });
      const problem = async (...sizes) => {
        await picks(scene, sizes.map((size, n) => ({ name: `${n}.pdf`, size, type: '' })));
        return scene.text('files-problem');
      };
      assert.match(await problem(1_001), /“0.pdf” has 1 kB/);
      assert.match(await problem(1, 1), /one file only/);
      await wants(scene, { id: 10, multiple: true, limit: 1_000, left: 1_500 });
      assert.match(await problem(1_000, 1_000), /left for files/);
      assert.match(await problem(...Array(21).fill(1)), /At most 20 files/);
      assert.deepEqual(await sent(scene), []);
      assert.equal(await problem(1_000), '');
      assert.equal((await nth(scene, 1)).size, 1_000);
    });

    story('what the agent refuses is said in words, and something else can be picked', async (scene) => {
      await scene.live();
      await wants(scene);
      await picks(scene, [JPEG]);
      const first = await nth(scene, 1);
      await says(scene, { type: 'file_refused', id: 9, n: 0, why: 'no_room' });
      assert.match(await scene.text('files-problem'), /no room left/);
      assert.equal(await scene.shows('files-choose'), true);
      await picks(scene, [JPEG]);
      const second = await nth(scene, 2);
      assert.notEqual(second.choice, first.choice, 'it begins anew');
      await says(scene, { type: 'file_refused', id: 9, n: 0, why: 'gone' });
      assert.equal(await scene.shows('files-sheet'), false);
      await scene.toast('doesn’t wait for a file');
    });

    story('Cancel and Escape put it away, and the agent knows', async (scene) => {
      await scene.live();
      await wants(scene);
      await scene.browser.click('files-cancel');
      await wants(scene, { id: 10 });
      await scene.browser.type('\uE00C');
      assert.deepEqual(await sent(scene), [{ type: 'files_cancel', id: 9 }, { type: 'files_cancel', id: 10 }]);
      assert.equal(await scene.shows('files-sheet'), false);
    });

    story('after a lost line it goes on where it stood', async (scene) => {
      await scene.live();
      await wants(scene);
      await picks(scene, [JPEG]);
      const first = await nth(scene, 1);
      await says(scene, { type: 'file_got', id: 9, n: 0, got: 0 });
      await nth(scene, 2);
      await scene.hear(['lost', 1006, 0], ...SECURED);
      const again = await nth(scene, 3);
      assert.deepEqual(again, first);
      await wants(scene);
      await says(scene, { type: 'file_got', id: 9, n: 0, got: PART });
      assert.equal(await scene.shows('files-sheet'), true);
      await scene.browser.until('line.asked.at(-1)[1].offset === 12000');
      assert.equal((await sent(scene)).filter(({ offset }) => offset === PART).length, 1);
    });

    story('what the page doesn’t want any more after that is over', async (scene) => {
      await scene.live();
      await wants(scene);
      await scene.hear(...SECURED);
      await scene.browser.until('!document.getElementById("files-sheet").open');
      await scene.toast('doesn’t wait for a file');
    });

    story('what was picked while nothing could be sent goes as soon as it can', async (scene) => {
      await scene.live();
      await wants(scene);
      await scene.hear(['frozen', 'asleep']);
      await picks(scene, [JPEG]);
      assert.deepEqual(await sent(scene), []);
      await scene.hear(['thawed']);
      await scene.picture(1);
      assert.equal((await nth(scene, 1)).name, 'passport.jpg');
    });

    story('a photo is offered where there is a camera and the page may want one', async (scene) => {
      await scene.live();
      await wants(scene, { capture: 'user' });
      assert.equal(await scene.shows('files-photo'), profile.phone === true);
      assert.equal(await scene.run('return document.getElementById("files-camera").getAttribute("capture")'), 'user');
      await wants(scene, { id: 10, accept: ['.pdf'] });
      assert.equal(await scene.shows('files-photo'), false);
      await picks(scene, [{ name: 'IMG_1.jpg', size: 3, type: 'image/jpeg' }], 'files-camera');
      assert.equal((await nth(scene, 1)).name, 'IMG_1.jpg');
    });

    story('files that are dropped onto the page go there, once the agent takes them', async (scene) => {
      await scene.live();
      const drops = () => scene.run(`const box = document.getElementById('screen').getBoundingClientRect();
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(['abc'], 'a.pdf'));
        const at = { bubbles: true, cancelable: true, dataTransfer, clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 };
        const target = document.getElementById('screen');
        const over = new DragEvent('dragover', at);
        target.dispatchEvent(over);
        const dropping = document.getElementById('stage').classList.contains('dropping');
        target.dispatchEvent(new DragEvent('drop', at));
        return [over.defaultPrevented, dropping]`);
      assert.deepEqual(await drops(), [true, false], 'the agent doesn’t take files');
      assert.deepEqual(await sent(scene), []);
      await says(scene, { type: 'agent', takes: ['pointer', 'files'] });
      assert.deepEqual(await drops(), [true, true]);
      const drop = await nth(scene, 1);
      assert.equal(drop.type, 'files_drop');
      assert.ok(drop.x > 0 && drop.y > 0);
      await wants(scene, { choice: drop.choice });
      assert.equal(await scene.shows('files-choose'), false);
      assert.equal((await nth(scene, 2)).choice, drop.choice);
      await says(scene, { type: 'file_refused', id: 9, n: 0, why: 'elsewhere' });
      await scene.toast('runs on another computer');
    });

    story('what was dropped onto a page that has changed is told, and onto another load is put away', async (scene) => {
      await scene.live();
      await says(scene, { type: 'agent', takes: ['files'] });
      await scene.run(`const box = document.getElementById('screen').getBoundingClientRect();
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(['abc'], 'a.pdf'));
        document.getElementById('screen').dispatchEvent(new DragEvent('drop', { bubbles: true, dataTransfer, clientX: box.x + 5, clientY: box.y + 5 }))`);
      await nth(scene, 1);
      await scene.hear(['dropped', 'click', 'navigated']);
      await scene.toast('files weren’t passed on');
      await wants(scene, { choice: 1 });
      assert.deepEqual(await nth(scene, 2), { type: 'files_cancel', id: 9 });
      assert.equal(await scene.shows('files-sheet'), false);
    });

    story('what isn’t a wish for files is no sheet', async (scene) => {
      await scene.live();
      for (const message of [{ id: '9' }, { limit: -1 }, { left: 'all' }, { accept: 'image/*' }]) await wants(scene, message);
      assert.equal(await scene.shows('files-sheet'), false);
    });
  }));
}
