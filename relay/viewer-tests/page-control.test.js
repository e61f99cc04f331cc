// Who controls: challengers, PINs, and what a phone has room for.

import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { OPENED, SECURED, inBrowser } from './scene.js';

describe('who controls', () => inBrowser({}, (story) => {
  story('somebody else who asks is told beside the work, which goes on', async (scene) => {
    await scene.live();
    await scene.hear(['takeover', 7]);
    assert.equal(await scene.shows('takeover'), true);
    await scene.browser.type('x');
    assert.deepEqual((await scene.asked()).at(-2)[1].key, 'x');
    await scene.browser.click('keep');
    assert.deepEqual((await scene.asked()).at(-1), ['answerTakeover', 7, 'keep']);
    assert.equal(await scene.shows('takeover'), false);
    assert.equal(await scene.run('return document.activeElement.id'), 'typing');
  });

  story('control can’t be handed over by a click that was meant for something else', async (scene) => {
    await scene.live();
    const before = await scene.run(`line.hear(['takeover', 7]);
      const button = document.getElementById('hand-over');
      button.click();
      return [button.disabled, line.asked.filter(([verb]) => verb === 'answerTakeover').length]`);
    assert.deepEqual(before, [true, 0]);
    await scene.browser.until('!document.getElementById("hand-over").disabled');
    await scene.browser.click('hand-over');
    assert.deepEqual((await scene.asked()).at(-1), ['answerTakeover', 7, 'hand_over']);
    await scene.hear(['closed', 'taken_over']);
    await scene.state('ended');
    assert.equal(await scene.text('ended-title'), 'You handed it over');
  });

  story('the question goes away by itself', async (scene) => {
    await scene.live();
    await scene.hear(['takeover', 7], ['takeoverGone', 6]);
    assert.equal(await scene.shows('takeover'), true);
    await scene.hear(['takeoverGone', 7]);
    assert.equal(await scene.shows('takeover'), false);
  });

  story('F6 goes to the question’s harmless answer', async (scene) => {
    await scene.live();
    await scene.hear(['takeover', 7]);
    await scene.browser.type('\uE036');
    assert.equal(await scene.run('return document.activeElement.id'), 'keep');
  });

  story('taken over, it stays away until the human asks for it back', async (scene) => {
    await scene.live();
    await scene.hear(['closed', 'taken_over']);
    await scene.state('ended');
    assert.equal(await scene.run('return document.body.dataset.outcome'), 'elsewhere');
    await scene.run('dispatchEvent(new Event("online")); dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))');
    assert.deepEqual(await scene.asked(), [['connect']]);
    await scene.run('location.reload()');
    await scene.state('card');
  });

  story('taken over while it was hidden, it is told that it is seen when it is asked back', async (scene) => {
    await scene.live();
    await scene.turn(true);
    await scene.hear(['closed', 'taken_over']);
    await scene.turn(false);
    await scene.state('ended');
    await scene.browser.click('ended-action');
    assert.deepEqual((await scene.asked()).slice(-3), [['hide', true], ['hide', false], ['retry']]);
    await scene.hear(...SECURED);
    await scene.picture(1);
    await scene.state('live');
  });

  story('in use, it says who is asked and for how long, also across sockets', async (scene) => {
    await scene.start();
    await scene.hear(...OPENED, ['busy', 57]);
    await scene.state('barred');
    assert.match(await scene.text('veil-text'), /57 seconds to answer/u);
    await scene.hear(['lost', 4403, 0], ['opened'], ['busy', 54]);
    assert.match(await scene.text('veil-text'), /54 seconds/u);
    await scene.hear(['closed', 4403]);
    assert.equal(await scene.text('veil-title'), 'It wasn’t handed over');
    await scene.browser.click('veil-action');
    assert.deepEqual(await scene.asked(), [['connect'], ['retry']]);
    await scene.hear(...SECURED);
    await scene.picture(0);
    await scene.state('live');
  });
}));

for (const [device, options] of [['a desktop', {}], ['a phone', { phone: true }]]) {
  describe(`a PIN, on ${device}`, () => inBrowser(options, (story) => {
    const open = 'document.getElementById("pin-sheet").open';
    const asksForPin = async (scene, wrong) => {
      await scene.hear(...OPENED, ['pinNeeded', wrong]);
      await scene.browser.until(open);
    };

    story('is asked for as six digits, with no offer of codes that came by message', async (scene) => {
      await scene.start();
      await asksForPin(scene, false);
      assert.equal(await scene.run('return document.activeElement.id'), 'pin');
      assert.deepEqual(await scene.run('const { inputMode, autocomplete } = document.getElementById("pin"); return [inputMode, autocomplete]'), ['numeric', 'off']);
      await scene.browser.type(...'12 34x', '\uE006');
      assert.equal(await scene.text('pin-problem'), 'The PIN has six digits.');
      await scene.browser.type('5', '6');
      await scene.browser.click('pin-send');
      assert.deepEqual(await scene.asked(), [['connect'], ['answerPin', '123456']]);
      assert.equal(await scene.text('veil-title'), 'Checking the PIN');
      assert.equal(await scene.run('return document.getElementById("pin").value'), '');
    });

    story('that was wrong is asked for again', async (scene) => {
      await scene.start();
      await asksForPin(scene, false);
      await scene.browser.type(...'111111', '\uE006');
      await asksForPin(scene, true);
      assert.match(await scene.text('pin-problem'), /was wrong/u);
      await scene.browser.type(...'222222', '\uE006');
      assert.deepEqual((await scene.asked()).slice(1), [['answerPin', '111111'], ['answerPin', '222222']]);
      await scene.hear(['secured', { expiresIn: 500_000, resumed: false, lost: 0 }]);
      await scene.picture(0);
      await scene.state('live');
    });

    story('asked for again keeps what is typed when the browser says late that the sheet was closed', async (scene) => {
      await scene.start();
      await asksForPin(scene, false);
      await scene.run(`const [again] = arguments, field = document.getElementById('pin');
        const type = (pin) => {
          field.value = pin;
          field.dispatchEvent(new InputEvent('input'));
        };
        type('111111');
        document.getElementById('pin-send').click();
        line.hear(...again);
        type('222222');
        return new Promise((done) => setTimeout(done, 100));`, [...OPENED, ['pinNeeded', true]]);
      await scene.browser.click('pin-send');
      assert.deepEqual((await scene.asked()).slice(1), [['answerPin', '111111'], ['answerPin', '222222']]);
    });

    story('put away can be entered later', async (scene) => {
      await scene.start();
      await asksForPin(scene, false);
      await scene.run('document.querySelector("#pin-sheet [data-close]").click()');
      await scene.hear(['agent', true]);
      assert.equal(await scene.run(`return ${open}`), false);
      await scene.browser.click('veil-action');
      await scene.browser.until(open);
    });

    story('no longer asked for takes its sheet away', async (scene) => {
      await scene.start();
      await asksForPin(scene, false);
      await scene.hear(['lost', 1006, 0]);
      assert.equal(await scene.run(`return ${open}`), false);
    });

    story('entered wrongly too often locks everybody new out, in words', async (scene) => {
      await scene.start();
      await asksForPin(scene, true);
      await scene.hear(['closedToStrangers']);
      assert.equal(await scene.run(`return ${open}`), false);
      assert.equal(await scene.text('veil-title'), 'No one new is let in');
      await scene.browser.click('veil-action');
      assert.deepEqual(await scene.asked(), [['connect'], ['retry']]);
    });
  }));
}

describe('on a phone', () => inBrowser({ phone: true }, (story) => {
  story('every secure state fits into 360 pixels, and buttons into a thumb', async (scene) => {
    await scene.live();
    for (const said of [['takeover', 7], ['frozen', 'silent'], ['frozen', 'asleep']]) {
      await scene.hear(said);
      const wrong = await scene.run(`return [...document.querySelectorAll('#bar *, #takeover, #takeover *, #veil *')]
        .filter((element) => element.checkVisibility() && !element.matches('.unseen, svg *'))
        .filter((element) => element.getBoundingClientRect().right > innerWidth || (element.matches('#takeover button') && element.offsetHeight < 44))
        .map((element) => element.id || element.className)`);
      assert.deepEqual(wrong, [], said.join(' '));
    }
  });

  story('the explanation opens at its beginning', async (scene) => {
    await scene.live();
    await scene.browser.click('mark');
    assert.equal(await scene.run('return document.getElementById("secure-sheet").scrollTop'), 0);
  });
}));
