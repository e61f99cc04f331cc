// What the page does for the field that has the focus: the right keyboard, what a phone fills in, and where
// the field lies. And what is taken out of the page: copies, and the menu that copies.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { SECURED, inBrowser } from './scene.js';

const TAKES = ['state', { type: 'agent', takes: ['pointer', 'compose', 'fields'] }];
const RAW = { kind: 'text', input_mode: '', enter_key: '', autocomplete: '', multiple: false, label: 'Name', x: 440, y: 300, width: 400, height: 56 };
const field = (more) => ['state', { type: 'field', page: 1, field: more === null ? null : { ...RAW, ...more } }];
const MENU = ['state', { type: 'menu', x: 640, y: 360, selection: true, editable: true }];

async function taken(scene, ...said) {
  await scene.live();
  await scene.hear(TAKES, ...said);
}

const sent = async (scene, ...types) => (await scene.asked()).filter(([verb, { type } = {}]) => verb === 'send' && types.includes(type)).map(([, event]) => event);
const until = (scene, type) => scene.browser.until('line.asked.some(([verb, event]) => verb === "send" && event.type === arguments[0])', type);
const focused = (scene) => scene.run(`const { localName, type, inputMode, enterKeyHint, ariaLabel, value } = document.activeElement;
  return { localName, type, inputMode, enterKeyHint, ariaLabel, value: value?.replaceAll('\\u200b', '') ?? null,
    autocomplete: document.activeElement.getAttribute('autocomplete'), maxLength: document.activeElement.maxLength }`);
const isTyping = (scene) => scene.run('return document.body.classList.contains("typing")');
const tap = (scene, x, y) => scene.browser.press(x, y, { touch: true });
/** Taps, whereupon the page has the focus where it says. */
async function tapInto(scene, ...said) {
  await scene.answers('mouseup', ...said);
  await tap(scene, 640, 320);
  await scene.answered();
}
const DOWN = { type: 'pointerDown', button: 0 };
const UP = { type: 'pointerUp', button: 0 };

describe('a field on a phone', () => inBrowser({ phone: true }, (story) => {
  story('that a tap gave the focus raises the keyboard that is made for it', async (scene) => {
    await taken(scene);
    await tapInto(scene, field({ kind: 'password', enter_key: 'go', autocomplete: 'current-password', label: 'PIN', max_length: 12 }));
    assert.equal(await isTyping(scene), true);
    const { maxLength, ...is } = await focused(scene);
    assert.deepEqual(is, {
      localName: 'input', type: 'password', inputMode: '', enterKeyHint: 'go', ariaLabel: 'PIN. What you type goes to the page.', value: '', autocomplete: 'current-password',
    });
    assert.equal(maxLength, 20, 'beside eight invisible characters');
    await scene.hear(field({ kind: 'email', label: '' }));
    const next = await focused(scene);
    assert.deepEqual([next.localName, next.type, next.inputMode, next.autocomplete], ['input', 'text', 'email', 'email']);
    await scene.hear(field({ kind: 'multiline', enter_key: 'enter' }));
    assert.deepEqual([(await focused(scene)).localName, (await focused(scene)).enterKeyHint], ['textarea', 'enter']);
    assert.equal(await scene.run('return document.querySelectorAll("#typing-box input").length'), 0, 'none is left of the others');
  });

  story('that nobody tapped raises none, but can be tapped in the bar', async (scene) => {
    await taken(scene, field({ label: '<b>Mail</b>' }));
    assert.equal(await isTyping(scene), false);
    assert.equal(await scene.text('field-open'), 'Type into: <b>Mail</b>');
    await scene.browser.click('field-open');
    assert.equal(await isTyping(scene), true);
    assert.equal((await focused(scene)).localName, 'input');
    assert.equal(await scene.shows('field-bar'), false);
  });

  story('has the keyboard again when it is tapped again', async (scene) => {
    await taken(scene, field({}));
    await tap(scene, 640, 320);
    assert.equal(await isTyping(scene), true);
    await new Promise((wake) => setTimeout(wake, 800));
    await scene.browser.click('keyboard');
    assert.equal(await isTyping(scene), false);
    await tap(scene, 640, 150);
    assert.equal(await isTyping(scene), false, 'beside it');
    await tap(scene, 640, 320);
    assert.equal(await isTyping(scene), true);
  });

  story('takes the keyboard away when it is left, and keeps it on the way to another', async (scene) => {
    await taken(scene);
    await tapInto(scene, field({}), field(null), field({ label: 'Town' }));
    await new Promise((wake) => setTimeout(wake, 600));
    assert.equal(await isTyping(scene), true);
    await scene.hear(field(null));
    await scene.browser.until('!document.body.classList.contains("typing")');
    assert.equal(await scene.run('return document.querySelectorAll("#typing-box input").length'), 0);
    assert.equal(await scene.run('return document.getElementById("typing").hidden'), false);
  });

  story('of a page with keys of its own raises none', async (scene) => {
    await taken(scene);
    await tapInto(scene, field({ input_mode: 'none' }));
    assert.equal(await isTyping(scene), false);
  });

  const fill = (scene, text) => scene.run(`const field = document.querySelector('#typing-box input');
    field.value = arguments[0];
    field.dispatchEvent(new Event('input', { bubbles: true }))`, text);

  story('is filled in one piece by a password manager, at the human’s word for this site', async (scene) => {
    const page = { type: 'page', page: 0, origin: 'https://login.wall.test', site: 'wall.test', began: 'wall.test', security: 'secure', title: '' };
    await taken(scene, ['state', page]);
    await tapInto(scene, field({ kind: 'password' }));
    await fill(scene, 's3cret & more');
    assert.deepEqual(await sent(scene, 'paste', 'keypress'), [], 'it may have come unasked');
    assert.equal((await focused(scene)).value, '');
    assert.equal(await scene.text('field-fill'), 'Fill in on wall.test');
    await scene.browser.click('field-fill');
    assert.deepEqual(await sent(scene, 'paste', 'keypress'), [{ type: 'paste', text: 's3cret & more' }]);
    assert.equal(await scene.shows('field-fill'), false);
    await fill(scene, 'another');
    await scene.hear(field({ kind: 'password', label: 'Elsewhere' }));
    assert.equal(await scene.shows('field-fill'), false, 'it was meant for the other');
    await fill(scene, 'another');
    await scene.hear(['state', { ...page, site: 'evil.test' }]);
    assert.equal(await scene.shows('field-fill'), false, 'it was meant for the other site');
    await scene.run('document.activeElement.blur()');
    await fill(scene, 'unasked');
    assert.equal(await scene.shows('field-fill'), false);
    assert.equal((await sent(scene, 'paste')).length, 1);
  });

  story('that holds no secret is filled in at once', async (scene) => {
    await taken(scene);
    await tapInto(scene, field({ autocomplete: 'username' }));
    await fill(scene, 'ann');
    assert.deepEqual(await sent(scene, 'paste'), [{ type: 'paste', text: 'ann' }]);
  });

  story('takes a code from a message at once, and typed letters one by one', async (scene) => {
    await taken(scene);
    await tapInto(scene, field({ input_mode: 'numeric', autocomplete: 'one-time-code', max_length: 1 }));
    await scene.browser.devtools('Input.insertText', { text: '123456' });
    await until(scene, 'paste');
    await scene.browser.devtools('Input.insertText', { text: '7' });
    await until(scene, 'keypress');
    assert.deepEqual((await sent(scene, 'paste', 'keypress')).map(({ text, key }) => text ?? key), ['123456', '7']);
    assert.equal((await focused(scene)).value, '');
  });

  story('is deleted in as soon as something was typed', async (scene) => {
    await taken(scene);
    await tapInto(scene, field({}));
    await scene.browser.devtools('Input.insertText', { text: 'a' });
    await until(scene, 'keypress');
    await scene.browser.devtools('Input.dispatchKeyEvent', { type: 'keyDown', key: 'Unidentified', windowsVirtualKeyCode: 229, commands: ['deleteBackward'] });
    await until(scene, 'keydown');
    assert.deepEqual((await sent(scene, 'keydown')).map(({ key }) => key), ['Backspace']);
  });

  story('is composed in like any other', async (scene) => {
    await taken(scene);
    await tapInto(scene, field({ kind: 'search' }));
    const compose = (text) => scene.browser.devtools('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    for (const text of ['t', 'te']) await compose(text);
    await scene.browser.devtools('Input.insertText', { text: 'ten' });
    await scene.browser.until('line.asked.filter(([verb, event]) => verb === "send" && event.type === "keypress").length === 3');
    assert.equal((await sent(scene, 'keypress')).map(({ key }) => key).join(''), 'ten');
    await compose('に');
    await scene.browser.devtools('Input.insertText', { text: '日' });
    await until(scene, 'commit');
    assert.deepEqual((await sent(scene, 'compose', 'commit')).map(({ text }) => text), ['に', '日', '日']);
    await scene.hear(field({ kind: 'password' }));
    for (const text of ['p', 'pw']) await compose(text);
    await scene.browser.devtools('Input.insertText', { text: 'pw' });
    await scene.browser.until('line.asked.filter(([verb, event]) => verb === "send" && event.type === "keypress").length === 5');
    assert.equal((await sent(scene, 'keypress')).map(({ key }) => key).join(''), 'tenpw');
  });

  story('of another kind waits for the word that is being composed, unless it was tapped', async (scene) => {
    await taken(scene);
    await scene.browser.click('keyboard');
    const compose = (text) => scene.browser.devtools('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
    await compose('an');
    await scene.hear(field({ kind: 'email' }));
    await compose('ann');
    await scene.browser.devtools('Input.insertText', { text: 'ann' });
    await scene.browser.until('document.activeElement.inputMode === "email"');
    await compose('b');
    await tapInto(scene, field({ kind: 'password' }));
    assert.equal((await focused(scene)).type, 'password');
    assert.equal((await sent(scene, 'keypress', 'keydown')).map(({ key }) => key).join(''), 'annb');
  });

  story('that raised the keyboard isn’t taken it away by a press that came too soon', async (scene) => {
    await taken(scene, field({}));
    const shown = await scene.run(`document.getElementById('field-open').click();
      document.getElementById('keyboard').focus();
      document.getElementById('keyboard').click();
      return [document.body.classList.contains('typing'), document.getElementById('typing-box').contains(document.activeElement)]`);
    assert.deepEqual(shown, [true, true]);
  });

  story('that goes with the keyboard has no press end the request that was meant for something else', async (scene) => {
    await taken(scene, field({}));
    const [left, soon, later] = await scene.run(`const done = document.getElementById('done');
      const at = () => { const { left, top, width, height } = done.getBoundingClientRect(); return [left + width / 2, top + height / 2]; };
      const isHit = () => done.contains(document.elementFromPoint(...at()));
      document.getElementById('keyboard').click();
      const before = at();
      document.getElementById('field-open').focus();
      return new Promise((end) => setTimeout(() => {
        document.getElementById('keyboard').click();
        const [soon, moved] = [isHit(), String(at()) !== String(before)];
        setTimeout(() => end([moved, soon, isHit()]), 900);
      }, 900))`);
    assert.deepEqual([left, soon, later], [true, false, true]);
  });

  story('for a code has a button that pastes it', async (scene) => {
    await taken(scene, field({ autocomplete: 'one-time-code', label: 'Code' }));
    await scene.run('Object.defineProperty(navigator, "clipboard", { value: { readText: () => Promise.resolve("424242") }, configurable: true })');
    await scene.browser.click('field-paste');
    await until(scene, 'paste');
    assert.deepEqual(await sent(scene, 'paste'), [{ type: 'paste', text: '424242' }]);
    await scene.browser.click('keyboard');
    assert.equal(await scene.shows('field-paste'), true, 'also while typing');
    await scene.run('Object.defineProperty(navigator, "clipboard", { value: { readText: () => Promise.reject(new Error("denied")) }, configurable: true })');
    await scene.browser.click('field-paste');
    await scene.browser.until('document.getElementById("paste-sheet").open');
    await scene.run('document.getElementById("paste-sheet").close()');
    await scene.hear(field({ label: 'Name' }));
    assert.equal(await scene.shows('field-paste'), false);
  });

  story('lies in sight above the keyboard, until the human looks elsewhere', async (scene) => {
    await taken(scene);
    const low = { x: 1_000, y: 640, width: 200, height: 40 };
    await scene.hear(field(low));
    await scene.browser.click('keyboard');
    const inSight = `(() => {
      const c = document.getElementById('screen'), r = c.getBoundingClientRect(), s = document.getElementById('stage').getBoundingClientRect();
      const { x, y, width, height } = ${JSON.stringify(low)}, scale = r.width / c.dataset.deviceWidth;
      return r.left + x * scale >= s.left && r.left + (x + width) * scale <= s.right && r.top + y * scale >= s.top && r.top + (y + height) * scale <= s.bottom;
    })()`;
    await scene.browser.until('document.getElementById("screen").getBoundingClientRect().left < 0');
    await scene.browser.until(inSight);
    await scene.run('document.documentElement.style.setProperty("--height", "340px")');
    await scene.browser.until('document.getElementById("stage").getBoundingClientRect().bottom < 345');
    await scene.browser.until(inSight); // a keyboard has come up
    const [from, to] = [60, 300].map((x) => ({ type: 'pointerMove', duration: x, x, y: 180 }));
    await scene.browser.act('pointer', [from, DOWN, to, UP], { pointerType: 'touch' });
    const moved = await scene.run('return document.getElementById("screen").style.transform');
    await scene.hear(field({ ...low, y: 636 }));
    assert.equal(await scene.run('return document.getElementById("screen").style.transform'), moved, 'the human’s own view stays');
    await scene.hear(field({ ...low, label: 'Another' }));
    await scene.browser.until(inSight);
  });

  story('isn’t covered by what is shown for it', async (scene) => {
    await taken(scene);
    const low = { x: 500, y: 670, width: 200, height: 50, autocomplete: 'one-time-code' };
    await scene.hear(field(low));
    await scene.browser.click('keyboard');
    await scene.browser.until(`(() => { const c = document.getElementById('screen'), r = c.getBoundingClientRect();
      return r.top + 720 * r.width / c.dataset.deviceWidth <= document.getElementById('field-bar').getBoundingClientRect().top; })()`);
  });

  story('is forgotten with the connection', async (scene) => {
    await taken(scene, field({}));
    await scene.hear(...SECURED);
    assert.equal(await scene.shows('field-bar'), false);
  });
}));

describe('fingers on a page for fingers', () => inBrowser({ phone: true }, (story) => {
  const TOUCH = ['state', { type: 'page', touch: true }];

  story('raise the keyboard for the field they tap', async (scene) => {
    await taken(scene, TOUCH);
    await scene.answers('touch', field({}));
    await tap(scene, 640, 320);
    await scene.answered();
    await scene.browser.until('document.body.classList.contains("typing")');
    assert.deepEqual((await sent(scene, 'touch')).map(({ touches }) => touches.length), [1, 0]);
  });

  story('zoom the view when they are two, and the page is told that the first is gone', async (scene) => {
    await taken(scene, TOUCH);
    const { x, y } = await scene.browser.point(640, 300);
    const touch = (type, ...points) => scene.browser.devtools('Input.dispatchTouchEvent', { type, touchPoints: points.map(([px, id]) => ({ x: px, y, id })) });
    const scale = () => scene.run('return document.getElementById("screen").getBoundingClientRect().width');
    const before = await scale();
    await touch('touchStart', [x - 20, 0]);
    await touch('touchStart', [x - 20, 0], [x + 20, 1]);
    await touch('touchMove', [x - 60, 0], [x + 60, 1]);
    await touch('touchMove', [x - 100, 0], [x + 100, 1]);
    await touch('touchEnd');
    assert.ok(await scale() > before * 1.5, 'it is larger');
    assert.deepEqual((await sent(scene, 'touch', 'touchcancel', 'mousedown', 'scroll')).map(({ type }) => type), ['touch', 'touchcancel']);
    await tap(scene, 640, 300);
    assert.deepEqual((await sent(scene, 'touch', 'touchcancel')).map(({ type }) => type), ['touch', 'touchcancel', 'touch', 'touch']);
  });
}));

describe('a field at a desk', () => inBrowser({}, (story) => {
  story('changes nothing for the keyboard', async (scene) => {
    await taken(scene, field({ kind: 'password', autocomplete: 'one-time-code' }));
    assert.equal(await scene.run('return document.activeElement.id'), 'typing');
    assert.equal(await scene.shows('field-bar'), false);
    await scene.browser.press(640, 320);
    assert.equal(await isTyping(scene), false, 'a click into it is no wish for a row of keys');
  });
}));

for (const profile of [{}, { phone: true }]) {
  const touch = profile.phone === true;
  /** Does what opens a page's menu, whereupon the agent tells. */
  const act = async (scene, ...said) => {
    await scene.answers('mouseup', ...said);
    await scene.browser.press(640, 200, touch ? { touch } : { button: 2 });
    await scene.answered();
  };

  describe(`copying out, ${touch ? 'on a phone' : 'on a desktop'}`, () => inBrowser(profile, (story) => {
    const write = (scene, works) => scene.run(`Object.defineProperty(navigator, 'clipboard', { configurable: true, value: {
      write: ([item]) => arguments[0] ? item.getType('text/plain').then((blob) => blob.text()).then((text) => { globalThis.wrote = text; }) : Promise.reject(new Error('no')),
      writeText: (text) => { globalThis.wrote = text; return Promise.resolve(); } } })`, works);
    const wrote = (scene) => scene.browser.until('globalThis.wrote');

    story('is by the human’s act, to their own clipboard', async (scene) => {
      await scene.live();
      assert.equal(await scene.shows('copy'), false, 'an agent that can’t');
      await scene.hear(TAKES);
      await write(scene, true);
      await scene.hear(['state', { type: 'copied', text: 'unasked' }]);
      await scene.answers('copy', ['state', { type: 'copied', text: 'Grüße 你好' }]);
      await scene.browser.click('copy');
      assert.deepEqual(await sent(scene, 'copy'), [{ type: 'copy' }]);
      assert.equal(await wrote(scene), 'Grüße 你好');
      await scene.toast('Copied');
    });

    story('that a browser refuses is done by one more press, and leaves nothing', async (scene) => {
      await taken(scene);
      await write(scene, false);
      await scene.answers('copy', ['state', { type: 'copied', text: '<b>words</b>' }]);
      await scene.browser.click('copy');
      await scene.browser.until('document.getElementById("copy-sheet").open');
      assert.equal(await scene.run('const { value, selectionStart, selectionEnd } = document.getElementById("copy-text"); return value.slice(selectionStart, selectionEnd)'), '<b>words</b>');
      await scene.browser.click('copy-take');
      assert.equal(await wrote(scene), '<b>words</b>');
      await scene.browser.until('!document.getElementById("copy-sheet").open');
      assert.equal(await scene.run('return document.getElementById("copy-text").value'), '');
    });

    story('says when nothing is selected, or may be copied', async (scene) => {
      await taken(scene);
      await write(scene, true);
      await scene.answers('copy', ['notice', 'nothing_selected']);
      await scene.browser.click('copy');
      await scene.toast('Nothing is selected');
      await scene.answers('copy', ['notice', 'not_copied'], ['state', { type: 'copied', text: 'late' }]);
      await scene.browser.click('copy');
      await scene.toast('password field');
      assert.equal(await scene.run('return globalThis.wrote ?? null'), null);
    });
  }));

  describe(`the menu, ${touch ? 'on a phone' : 'on a desktop'}`, () => inBrowser(profile, (story) => {
    story('opens where the page let its own, and does what is chosen', async (scene) => {
      await taken(scene);
      await act(scene, MENU);
      assert.equal(await scene.shows('menu'), true);
      const [inside, focus] = await scene.run(`const box = document.getElementById('menu').getBoundingClientRect(), stage = document.getElementById('stage').getBoundingClientRect();
        return [box.left >= stage.left && box.right <= stage.right && box.top >= stage.top && box.bottom <= stage.bottom, document.activeElement.id]`);
      assert.deepEqual([inside, focus], [true, 'menu-copy']);
      await scene.browser.click('menu-reload');
      assert.deepEqual(await sent(scene, 'reload'), [{ type: 'reload' }]);
      assert.equal(await scene.shows('menu'), false);
    });

    story('has what makes sense there', async (scene) => {
      await taken(scene);
      await act(scene, ['state', { ...MENU[1], selection: false, editable: false }]);
      assert.deepEqual(await Promise.all(['menu-copy', 'menu-paste', 'menu-rule', 'menu-back'].map((id) => scene.shows(id))), [false, false, false, true]);
      await scene.run('document.getElementById("menu").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }))');
      assert.equal(await scene.shows('menu'), false);
      await act(scene, ['state', { ...MENU[1], selection: false }]);
      assert.deepEqual([await scene.shows('menu-copy'), await scene.shows('menu-paste')], [false, true]);
    });

    story('is closed by anything else, which does nothing besides', async (scene) => {
      await taken(scene);
      await act(scene, MENU);
      const before = await sent(scene, 'mousedown', 'touch');
      await scene.browser.press(640, 40, touch ? { touch } : {});
      assert.equal(await scene.shows('menu'), false);
      assert.deepEqual(await sent(scene, 'mousedown', 'touch'), before);
      await act(scene, MENU, ['frozen', 'silent']);
      assert.equal(await scene.shows('menu'), false);
    });

    story('isn’t opened by a page on its own', async (scene) => {
      await taken(scene, MENU);
      assert.equal(await scene.shows('menu'), false);
    });
  }));
}

describe('at a desk', () => inBrowser({}, (story) => {
  story('the menu is moved through by keys, and the focus comes back', async (scene) => {
    await taken(scene);
    await scene.answers('mouseup', MENU);
    await scene.browser.press(640, 200, { button: 2 });
    await scene.answered();
    const at = () => scene.run('return document.activeElement.id');
    await scene.browser.type('\uE015', '\uE015');
    assert.equal(await at(), 'menu-back');
    await scene.browser.type('\uE013', '\uE013', '\uE013');
    assert.equal(await at(), 'menu-reload');
    await scene.browser.type('\uE00C');
    assert.deepEqual([await at(), await scene.shows('menu')], ['typing', false]);
    assert.deepEqual(await sent(scene, 'keydown'), [], 'none of it was for the page');
  });

  story('Ctrl+C is the page’s key and copies, and says nothing when there is nothing', async (scene) => {
    await taken(scene);
    await scene.browser.act('key', [{ type: 'keyDown', value: '\uE009' }, { type: 'keyDown', value: 'c' }, { type: 'keyUp', value: 'c' }, { type: 'keyUp', value: '\uE009' }]);
    await scene.browser.until('line.asked.filter(([verb, event]) => verb === "send" && event.type === "keyup").length === 2');
    assert.deepEqual((await sent(scene, 'copy', 'keydown')).map(({ type, key }) => key ?? type), ['Control', 'copy', 'c']);
    await scene.hear(['notice', 'nothing_selected']);
    assert.equal(await scene.run('return document.querySelector("#toast.shown") === null'), true);
  });

  story('what is copied is on this computer’s clipboard', async (scene) => {
    await taken(scene);
    await scene.browser.devtools('Browser.grantPermissions', { permissions: ['clipboardReadWrite', 'clipboardSanitizedWrite'] });
    await scene.answers('copy', ['state', { type: 'copied', text: 'from the page' }]);
    await scene.browser.click('copy');
    await scene.toast('Copied');
    assert.equal(await scene.run('return navigator.clipboard.readText()'), 'from the page');
  });

  story('the pointer has the page’s shape', async (scene) => {
    await taken(scene, ['state', { type: 'cursor', cursor: 'text' }]);
    const shape = () => scene.run('return getComputedStyle(document.getElementById("screen")).cursor');
    assert.equal(await shape(), 'text');
    await scene.hear(['state', { type: 'cursor', cursor: 'none' }]);
    assert.equal(await shape(), 'default');
  });
}));
