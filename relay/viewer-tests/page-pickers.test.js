// What stands for the pickers that a browser doesn't paint: lists, dates, times and colours.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { SECURED, inBrowser } from './scene.js';

const FRUIT = ['Apple', 'Apricot', 'Banana', 'Blueberry', 'Cherry', 'Date', 'Elderberry', 'Fig', 'Grape', 'Kiwi', 'Lemon', 'Mango', 'Nectarine', 'Orange', 'Pêche'];
const LIST = { type: 'picker', id: 9, kind: 'select', label: '<b>Fruit</b>', multiple: false };
const few = (more = {}) => ({ ...LIST, options: FRUIT.slice(0, 5).map((text, place) => ({ text, disabled: place === 1, selected: place === 2 })), ...more });
const many = (more = {}) => ({ ...LIST, options: FRUIT.map((text) => ({ text })), ...more });
const [ENTER, ESCAPE, DOWN, UP, END, SPACE] = ['\uE007', '\uE00C', '\uE015', '\uE013', '\uE010', ' '];

const settled = (scene) => scene.browser.until('"settled" in document.getElementById("choose-sheet").dataset');

async function offered(scene, picker) {
  await scene.live();
  await scene.hear(['state', { type: 'agent', takes: ['pointer', 'fields'] }], ['state', picker]);
  const sheet = picker.options ? 'choose-sheet' : 'value-sheet';
  if (picker.options) await settled(scene);
  assert.equal(await scene.shows(sheet), true);
}

const answers = async (scene) => (await scene.asked()).filter(([verb, { type } = {}]) => verb === 'send' && type === 'picker_answer').map(([, event]) => event);
const answered = async (scene) => {
  await scene.browser.until('line.asked.some(([verb, event]) => verb === "send" && event.type === "picker_answer")');
  return answers(scene);
};
const click = (scene, place) => scene.browser.click(`choice-${place}`);
const active = (scene) => scene.run('return document.querySelector(".choice.active")?.textContent ?? null');
const seen = (scene) => scene.run('return [...document.querySelectorAll("#choose-list [role=option]")].filter((row) => row.checkVisibility()).map((row) => row.textContent)');

for (const profile of [{}, { phone: true }]) {
  describe(`a list to choose from, ${profile.phone ? 'on a phone' : 'on a desktop'}`, () => inBrowser(profile, (story) => {
    story('shows the page’s words as text, what is chosen, and answers once', async (scene) => {
      await offered(scene, few());
      assert.equal(await scene.text('choose-label'), '<b>Fruit</b>');
      assert.deepEqual(await scene.run('return [...document.querySelectorAll(".choice")].map((row) => [row.textContent, row.ariaSelected, row.ariaDisabled])'), [
        ['Apple', 'false', null], ['Apricot', 'false', 'true'], ['Banana', 'true', null], ['Blueberry', 'false', null], ['Cherry', 'false', null],
      ]);
      assert.equal(await active(scene), 'Banana');
      await click(scene, 1);
      assert.deepEqual(await answers(scene), [], 'what is disabled isn’t chosen');
      await click(scene, 3);
      assert.deepEqual(await answered(scene), [{ type: 'picker_answer', id: 9, chosen: [3] }]);
      assert.equal(await scene.shows('choose-sheet'), false);
      if (!profile.phone) assert.equal(await scene.run('return document.activeElement.id'), 'typing');
    });

    story('takes no choice before the finger can have meant it', async (scene) => {
      await scene.live();
      const sent = await scene.run(`line.hear(['state', arguments[0]]);
        document.getElementById('choice-0').click();
        return line.asked.filter(([verb]) => verb === 'send').length`, few());
      assert.equal(sent, 0);
    });

    story('is moved through by keys', async (scene) => {
      await offered(scene, few());
      await scene.browser.type(UP);
      assert.equal(await active(scene), 'Apple', 'past what is disabled');
      await scene.browser.type(END, UP);
      assert.equal(await active(scene), 'Blueberry');
      await scene.browser.type('b');
      assert.equal(await active(scene), 'Banana', 'the next that begins so');
      await scene.browser.type(ENTER);
      assert.deepEqual(await answered(scene), [{ type: 'picker_answer', id: 9, chosen: [2] }]);
    });

    story('is put away by Escape, by Cancel and from beside it, without a choice', async (scene) => {
      await offered(scene, few());
      await scene.browser.type(ESCAPE);
      await scene.hear(['state', few({ id: 10 })]);
      await scene.browser.click('choose-cancel');
      await scene.hear(['state', few({ id: 11 })]);
      await scene.run('document.getElementById("choose-sheet").click()');
      assert.deepEqual(await answers(scene), [9, 10, 11].map((id) => ({ type: 'picker_answer', id })));
      assert.equal(await scene.shows('choose-sheet'), false);
    });

    story('takes any number where the page does', async (scene) => {
      await offered(scene, few({ multiple: true }));
      assert.equal(await scene.run('return document.getElementById("choose-list").getAttribute("aria-multiselectable")'), 'true');
      await click(scene, 4);
      await click(scene, 0);
      await click(scene, 2);
      assert.deepEqual(await answers(scene), []);
      await scene.browser.click('choose-ok');
      assert.deepEqual(await answered(scene), [{ type: 'picker_answer', id: 9, chosen: [0, 4] }]);
    });

    story('takes any number from the keyboard', async (scene) => {
      await offered(scene, few({ multiple: true }));
      await scene.browser.type(DOWN, SPACE, DOWN, SPACE, ENTER);
      assert.deepEqual(await answered(scene), [{ type: 'picker_answer', id: 9, chosen: [2, 3, 4] }]);
    });

    story('shows its groups, and narrows down when it is long', async (scene) => {
      const options = FRUIT.map((text, place) => ({ text, group: place < 3 ? '<i>A</i>' : place < 9 ? 'B' : '' }));
      await offered(scene, many({ options }));
      assert.deepEqual(await scene.run('return [...document.querySelectorAll(".choice-group")].map((name) => name.textContent)'), ['<i>A</i>', 'B']);
      await scene.browser.click('choose-filter');
      await scene.browser.type(...'pec');
      assert.deepEqual(await seen(scene), ['Pêche']);
      assert.equal(await scene.run('return [...document.querySelectorAll(".choice-group")].some((name) => name.checkVisibility())'), false);
      assert.equal(await active(scene), 'Pêche');
      await scene.browser.type('x');
      assert.equal(await scene.text('choose-note'), 'Nothing in the list fits that.');
      assert.equal(await active(scene), null);
      await scene.browser.type('\uE003', ENTER);
      assert.deepEqual(await answered(scene), [{ type: 'picker_answer', id: 9, chosen: [14] }]);
    });

    story('of what a page suggests waits until it is asked for, and disturbs nobody who types', async (scene) => {
      await scene.live();
      await scene.hear(['state', { type: 'agent', takes: ['pointer', 'fields'] }], ['state', few({ kind: 'datalist', label: '' })]);
      assert.equal(await scene.shows('choose-sheet'), false);
      const open = async () => {
        await scene.browser.click('field-offers');
        await settled(scene);
      };
      await open();
      assert.equal(await scene.shows('choose-filter'), false, 'it is short');
      assert.equal(await scene.text('choose-title'), 'Fill in');
      assert.equal(await scene.shows('field-offers'), false);
      await scene.browser.type(ESCAPE);
      assert.deepEqual([await scene.shows('choose-sheet'), await answers(scene)], [false, []]);
      await open();
      await click(scene, 0);
      assert.deepEqual(await answered(scene), [{ type: 'picker_answer', id: 9, chosen: [0] }]);
      await scene.hear(['state', few({ id: 10, kind: 'datalist' })], ['state', { type: 'sheet_closed', id: 10 }]);
      assert.equal(await scene.shows('field-offers'), false);
    });

    story('counts for nothing what is chosen but disabled', async (scene) => {
      await offered(scene, { ...few({ multiple: true }), options: [{ text: 'a', selected: true, disabled: true }, { text: 'b' }] });
      await click(scene, 1);
      await scene.browser.click('choose-ok');
      assert.deepEqual(await answered(scene), [{ type: 'picker_answer', id: 9, chosen: [1] }]);
    });

    story('goes with the page, with a newer one and with the connection', async (scene) => {
      await offered(scene, few());
      await scene.hear(['state', { type: 'sheet_closed', id: 8 }]);
      assert.equal(await scene.shows('choose-sheet'), true);
      await scene.hear(['state', { type: 'picker', id: 10, kind: 'date', label: '', value: '', min: '', max: '', step: '' }]);
      assert.deepEqual([await scene.shows('choose-sheet'), await scene.shows('value-sheet')], [false, true]);
      await scene.hear(['state', { type: 'sheet_closed', id: 10 }]);
      assert.equal(await scene.shows('value-sheet'), false);
      await scene.hear(['state', few({ id: 11 })]);
      await scene.hear(...SECURED);
      assert.equal(await scene.shows('choose-sheet'), false);
      assert.deepEqual(await answers(scene), []);
    });

    story('of a thousand fits the screen, and says that there are more', async (scene) => {
      await offered(scene, many({ more: true, options: Array.from({ length: 1_000 }, (_, place) => ({ text: `Option ${place} ${'x'.repeat(place % 180)}`, selected: place === 700 })) }));
      assert.match(await scene.text('choose-note'), /^Only the first 1,000 are listed/u);
      const fits = await scene.run(`const sheet = document.getElementById('choose-sheet').getBoundingClientRect();
        const ok = document.getElementById('choose-cancel').getBoundingClientRect();
        const row = document.getElementById('choice-700').getBoundingClientRect();
        return [sheet.top >= 0 && sheet.bottom <= innerHeight && sheet.right <= innerWidth, ok.bottom <= innerHeight && ok.top > 0, row.top >= 0 && row.bottom <= ok.top]`);
      assert.deepEqual(fits, [true, true, true]);
    });
  }));

  describe(`a date, a time or a colour, ${profile.phone ? 'on a phone' : 'on a desktop'}`, () => inBrowser(profile, (story) => {
    const VALUE = { type: 'picker', id: 9, label: 'Arrival', value: '', min: '', max: '', step: '' };
    const enter = (scene, value) => scene.run(`const field = document.getElementById('value-field'); field.value = arguments[0]; field.dispatchEvent(new Event('input'))`, value);

    story('is this device’s own, begins with the page’s value and answers with the human’s', async (scene) => {
      const kinds = { date: ['2027-01-31', '2027-02-28'], time: ['18:30', '07:05'], month: ['2027-01', '2028-12'], week: ['2027-W05', '2026-W53'], 'datetime-local': ['2027-01-31T18:30', '2027-02-01T00:00'], color: ['#3366cc', '#ff0000'] };
      await scene.live();
      for (const [kind, [before, after]] of Object.entries(kinds)) {
        await scene.hear(['state', { ...VALUE, kind, value: before }]);
        const [type, value, label] = await scene.run('const field = document.getElementById("value-field"); return [field.type, field.value, document.getElementById("value-label").textContent]');
        assert.deepEqual([type, value, label], [kind, before, 'Arrival']);
        await enter(scene, after);
        await scene.run('document.getElementById("value-ok").click()');
        const last = (await answers(scene)).at(-1);
        assert.deepEqual(last, { type: 'picker_answer', id: 9, value: after }, kind);
        assert.equal(await scene.run('return document.getElementById("value-field").value !== arguments[0]', after), true, 'it doesn’t stay');
      }
    });

    story('stays within the page’s bounds, and can be none', async (scene) => {
      await offered(scene, { ...VALUE, kind: 'date', value: '2027-01-10', min: '2027-01-05', max: '2027-01-20' });
      await enter(scene, '2027-02-10');
      await scene.run('document.getElementById("value-ok").click()');
      assert.notEqual(await scene.text('value-problem'), '');
      assert.deepEqual(await answers(scene), []);
      await enter(scene, '');
      assert.equal(await scene.text('value-problem'), '');
      await scene.run('document.getElementById("value-ok").click()');
      assert.deepEqual(await answered(scene), [{ type: 'picker_answer', id: 9, value: '' }]);
    });

    story('is put away without a value', async (scene) => {
      await offered(scene, { ...VALUE, kind: 'time' });
      await scene.run('document.getElementById("value-cancel").click()');
      assert.deepEqual(await answered(scene), [{ type: 'picker_answer', id: 9 }]);
    });

    story('that was put away can be had again', async (scene) => {
      await offered(scene, { ...VALUE, kind: 'date' });
      await scene.hear(['state', { type: 'field', page: 1, field: { kind: 'date', label: 'Arrival', x: 1, y: 1, width: 9, height: 9 } }]);
      assert.equal(await scene.shows('field-bar'), false);
      await scene.run('document.getElementById("value-cancel").click()');
      assert.equal(await scene.text('field-open'), 'Choose: Arrival');
      await scene.browser.click('field-open');
      assert.deepEqual((await scene.asked()).at(-1), ['send', { type: 'open_picker' }]);
    });
  }));
}
