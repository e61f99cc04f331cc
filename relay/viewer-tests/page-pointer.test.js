// What a hand does on the page once the agent takes moves, presses and releases: mouse, fingers, and what
// is let go of when nobody can hear the hand lift.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { inBrowser } from './scene.js';

const TAKES = [['state', { type: 'agent', takes: ['pointer', 'compose'] }]];
const ISSUED = ['mousemove', 'mousedown', 'mouseup', 'scroll', 'click', 'touch', 'touchcancel', 'release_all'];

async function taken(scene) {
  await scene.live();
  await scene.hear(...TAKES);
}

/** What was sent of the pointer, without where it hovered on its way. */
async function sent(scene) {
  const all = await scene.asked();
  return all.filter(([verb, event]) => verb === 'send' && ISSUED.includes(event.type)).map(([, event]) => event);
}

/** Waits until something was sent that fits, and returns all of it. */
async function until(scene, fits) {
  await scene.browser.until(`line.asked.some(([verb, event]) => verb === 'send' && (${fits})(event))`);
  return sent(scene);
}

/** Points of the page, as steps of a pointer in its window. */
async function steps(scene, ...points) {
  const places = [];
  for (const [x, y] of points) places.push(await scene.browser.point(x, y));
  return places.map(({ x, y }) => ({ type: 'pointerMove', duration: 60, x: Math.round(x), y: Math.round(y) }));
}

const near = (event, x, y) => Math.abs(event.x - x) <= 2 && Math.abs(event.y - y) <= 2;
const types = (events) => events.map(({ type }) => type);
const DOWN = { type: 'pointerDown', button: 0 };
const UP = { type: 'pointerUp', button: 0 };

describe('a mouse', () => inBrowser({}, (story) => {
  story('hovers, and is heard at most once a frame', async (scene) => {
    await taken(scene);
    await scene.browser.act('pointer', await steps(scene, [100, 100], [300, 200]), { pointerType: 'mouse' });
    const moves = await until(scene, '({ type, x, y }) => type === "mousemove" && Math.abs(x - 300) < 2 && Math.abs(y - 200) < 2');
    assert.ok(moves.every(({ type }) => type === 'mousemove') && moves.length < 30, JSON.stringify(moves));
  });

  story('drags: a press, moves, and a release where it ends', async (scene) => {
    await taken(scene);
    const [from, over, to] = await steps(scene, [200, 200], [300, 220], [420, 240]);
    await scene.browser.act('pointer', [from, DOWN, over, to, UP], { pointerType: 'mouse' });
    const events = await until(scene, '({ type }) => type === "mouseup"');
    const press = types(events).indexOf('mousedown');
    const [down, up] = [events[press], events.at(-1)];
    assert.ok(near(down, 200, 200) && down.button === 'left' && down.clickCount === 1, JSON.stringify(down));
    assert.ok(near(up, 420, 240) && up.type === 'mouseup', JSON.stringify(up));
    const moves = events.slice(press + 1, -1);
    assert.ok(moves.length >= 2 && moves.every(({ type }) => type === 'mousemove'));
    assert.ok(near(moves.at(-1), 420, 240), 'the last move is where it is let go');
    assert.ok(moves.every(({ x }, index) => index === 0 || x >= moves[index - 1].x), 'in order');
  });

  story('is followed beyond the page while a button is down', async (scene) => {
    await taken(scene);
    const [from] = await steps(scene, [20, 20]);
    await scene.browser.act('pointer', [from, DOWN, { ...from, x: 0, y: 0 }, UP], { pointerType: 'mouse' });
    const up = (await until(scene, '({ type }) => type === "mouseup"')).at(-1);
    assert.ok(up.y < 0, JSON.stringify(up));
  });

  story('presses nothing beside the page', async (scene) => {
    await taken(scene);
    const outside = await scene.run('const box = document.getElementById("picture").getBoundingClientRect(); return { x: Math.round(box.x + 3), y: Math.round(box.bottom - 3) }');
    const inside = (await steps(scene, [640, 360]))[0];
    await scene.browser.act('pointer', [{ type: 'pointerMove', duration: 0, ...outside }, DOWN, UP, inside, DOWN, UP], { pointerType: 'mouse' });
    const events = await until(scene, '({ type }) => type === "mouseup"');
    assert.deepEqual(types(events).filter((type) => type !== 'mousemove'), ['mousedown', 'mouseup']);
  });

  story('counts to three clicks, each with its own button', async (scene) => {
    await taken(scene);
    await scene.browser.press(300, 300, { times: 3 });
    await scene.browser.press(500, 300, { button: 2 });
    await scene.browser.press(600, 300, { button: 1 });
    const events = await until(scene, '({ type, button }) => type === "mouseup" && button === "middle"');
    const presses = events.filter(({ type }) => type === 'mousedown').map(({ button, clickCount }) => [button, clickCount]);
    assert.deepEqual(presses, [['left', 1], ['left', 2], ['left', 3], ['right', 1], ['middle', 1]]);
    assert.equal(events.filter(({ type }) => type === 'mouseup').length, 5);
  });

  story('says when a second button changes while the first is down', async (scene) => {
    await taken(scene);
    const [at] = await steps(scene, [300, 300]);
    const second = (type) => ({ type, button: 2 });
    const both = [second('pointerDown'), DOWN, UP, second('pointerUp')];
    await scene.browser.act('pointer', [at, DOWN, second('pointerDown'), second('pointerUp'), UP, ...both], { pointerType: 'mouse' });
    await scene.browser.until('line.asked.filter(([verb, event]) => verb === "send" && event.type === "mouseup").length === 4');
    const events = await sent(scene);
    assert.deepEqual(events.filter(({ type }) => type !== 'mousemove').map(({ type, button }) => `${type} ${button}`), [
      'mousedown left', 'mousedown right', 'mouseup right', 'mouseup left',
      'mousedown right', 'mousedown left', 'mouseup left', 'mouseup right',
    ]);
  });

  story('clicks and scrolls with what is held on the keyboard', async (scene) => {
    await taken(scene);
    const { x, y } = await scene.browser.point(640, 360);
    const mouse = (type, more) => scene.browser.devtools('Input.dispatchMouseEvent', { type, x, y, modifiers: 8, ...more });
    await mouse('mousePressed', { button: 'left', buttons: 1, clickCount: 1 });
    await mouse('mouseReleased', { button: 'left', buttons: 0, clickCount: 1 });
    await mouse('mouseWheel', { deltaX: 0, deltaY: 120 });
    const events = await until(scene, '({ type }) => type === "scroll"');
    assert.ok(events.every(({ modifiers }) => modifiers === 8), JSON.stringify(events));
    const scroll = events.at(-1);
    assert.ok(scroll.deltaX > 0 && scroll.deltaY === 0, 'Shift scrolls sideways');
  });

  story('lets go when the window loses the focus, and when the page is hidden', async (scene) => {
    await taken(scene);
    const { x, y } = await scene.browser.point(640, 360);
    const press = () => scene.browser.devtools('Input.dispatchMouseEvent', { type: 'mousePressed', x, y, button: 'left', buttons: 1, clickCount: 1 });
    await press();
    await until(scene, '({ type }) => type === "mousedown"');
    await scene.run('dispatchEvent(new Event("blur"))');
    await until(scene, '({ type }) => type === "mouseup"');
    await scene.browser.devtools('Input.dispatchMouseEvent', { type: 'mouseReleased', x, y, button: 'left', buttons: 0, clickCount: 1 });
    await press();
    await scene.turn(true);
    const asked = await scene.asked();
    const tail = asked.slice(-3).map(([verb, event]) => event?.type ?? verb);
    assert.deepEqual(tail, ['mouseup', 'release_all', 'hide']);
    await scene.turn(false);
    await scene.browser.devtools('Input.dispatchMouseEvent', { type: 'mouseReleased', x, y, button: 'left', buttons: 0, clickCount: 1 });
  });

  story('is let go of as soon as it can be said, when the picture froze meanwhile', async (scene) => {
    await taken(scene);
    const { x, y } = await scene.browser.point(640, 360);
    await scene.browser.devtools('Input.dispatchMouseEvent', { type: 'mousePressed', x, y, button: 'left', buttons: 1, clickCount: 1 });
    await until(scene, '({ type }) => type === "mousedown"');
    await scene.hear(['frozen', 'silent']);
    await scene.state('frozen');
    await scene.browser.devtools('Input.dispatchMouseEvent', { type: 'mouseReleased', x, y, button: 'left', buttons: 0, clickCount: 1 });
    assert.equal((await sent(scene)).at(-1).type, 'mousedown');
    await scene.hear(['thawed']);
    await scene.state('live');
    assert.equal((await sent(scene)).at(-1).type, 'release_all');
  });

  story('clicks whole where the agent takes no more', async (scene) => {
    await scene.live();
    await scene.browser.press(300, 300);
    assert.deepEqual(types(await until(scene, '({ type }) => type === "click"')), ['click']);
  });
}));

describe('fingers', () => inBrowser({ phone: true }, (story) => {
  const touch = (scene, ...actions) => scene.browser.act('pointer', actions, { pointerType: 'touch' });
  const HOLD = { type: 'pause', duration: 900 };

  story('tap as a press and a release, twice for a double click', async (scene) => {
    await taken(scene);
    await scene.browser.press(640, 300, { times: 2, touch: true });
    const events = await until(scene, '({ type, clickCount }) => type === "mousedown" && clickCount === 2');
    assert.deepEqual(types(events).slice(0, 3), ['mousedown', 'mouseup', 'mousedown']);
    assert.ok(near(events[0], 640, 300), JSON.stringify(events[0]));
  });

  story('scroll with one finger that moves at once', async (scene) => {
    await taken(scene);
    const [from, to] = await steps(scene, [640, 500], [640, 200]);
    await touch(scene, { ...from, duration: 0 }, DOWN, to, UP);
    const events = await until(scene, '({ type }) => type === "scroll"');
    assert.ok(events.every(({ type, deltaY }) => type === 'scroll' && deltaY > 0));
  });

  story('drag what they were held on, and say how', async (scene) => {
    await taken(scene);
    const [from, to] = await steps(scene, [400, 300], [900, 300]);
    await touch(scene, { ...from, duration: 0 }, DOWN, HOLD, to, UP);
    const events = await until(scene, '({ type }) => type === "mouseup"');
    assert.ok(near(events[0], 400, 300) && events[0].type === 'mousedown', JSON.stringify(events[0]));
    assert.ok(near(events.at(-1), 900, 300) && events.length >= 3, JSON.stringify(events));
    assert.ok(events.slice(1, -1).every(({ type }) => type === 'mousemove'));
    await scene.toast('Move your finger to drag');
  });

  story('held and lifted are a right click', async (scene) => {
    await taken(scene);
    const [at] = await steps(scene, [640, 300]);
    await touch(scene, { ...at, duration: 0 }, DOWN, HOLD, UP);
    const events = await until(scene, '({ type }) => type === "mouseup"');
    assert.deepEqual(events.map(({ type, button }) => `${type} ${button}`), ['mousedown right', 'mouseup right']);
  });

  story('drag at once while the drag button is on', async (scene) => {
    await taken(scene);
    assert.equal(await scene.shows('grab'), true);
    await scene.browser.click('grab');
    assert.equal(await scene.run('return document.getElementById("grab").getAttribute("aria-pressed")'), 'true');
    const [from, to] = await steps(scene, [400, 300], [900, 340]);
    await touch(scene, { ...from, duration: 0 }, DOWN, to, UP);
    const events = await until(scene, '({ type }) => type === "mouseup"');
    assert.ok(near(events[0], 400, 300) && near(events.at(-1), 900, 340), JSON.stringify(events));
    assert.deepEqual([...new Set(types(events))], ['mousedown', 'mousemove', 'mouseup']);
    await scene.browser.press(640, 500, { touch: true });
    await until(scene, '({ type, y }) => type === "mousedown" && y > 450');
  });

  story('go to a page for fingers as they are', async (scene) => {
    await taken(scene);
    await scene.hear(['state', { type: 'page', touch: true }]);
    const [from, to] = await steps(scene, [400, 300], [700, 360]);
    await touch(scene, { ...from, duration: 0 }, DOWN, to, UP);
    const events = await until(scene, '({ type, touches }) => type === "touch" && touches.length === 0');
    assert.ok(events.every(({ type }) => type === 'touch') && events.length >= 3);
    const [first] = events[0].touches;
    assert.ok(first.id === 0 && near(first, 400, 300), JSON.stringify(first));
    assert.ok(near(events.at(-2).touches[0], 700, 360));
  });

  story('are shown no drag button where nothing can be dragged', async (scene) => {
    await scene.live();
    assert.equal(await scene.shows('grab'), false);
  });

  story('have a row of keys whose modifiers hold for what comes next', async (scene) => {
    await taken(scene);
    await scene.browser.click('keyboard');
    const press = (key) => scene.run('document.querySelector(`[data-key=${arguments[0]}]`).click()', key);
    const on = (key) => scene.run('return document.querySelector(`[data-key=${arguments[0]}]`).getAttribute("aria-pressed")', key);
    await press('Shift');
    await press('ArrowLeft');
    await press('ArrowLeft');
    assert.equal(await on('Shift'), 'true', 'a selection can grow');
    await press('Control');
    await scene.browser.devtools('Input.insertText', { text: 'c' });
    await scene.browser.until('line.asked.some(([verb, event]) => verb === "send" && event.key === "c" && event.type === "keyup")');
    assert.deepEqual([await on('Shift'), await on('Control')], ['false', 'false']);
    await press('Control');
    await scene.browser.press(640, 300, { touch: true });
    const down = (await until(scene, '({ type }) => type === "mousedown"')).find(({ type }) => type === 'mousedown');
    assert.equal(down.modifiers, 2);
    const keys = (await scene.asked()).filter(([verb, event]) => verb === 'send' && event.type === 'keydown').map(([, event]) => [event.key, event.shiftKey, event.ctrlKey]);
    assert.deepEqual(keys, [['ArrowLeft', true, false], ['ArrowLeft', true, false], ['c', true, true]]);
  });
}));
