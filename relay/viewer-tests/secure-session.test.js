// The page's handle of the Worker: what it knows at once, and what it passes on.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { CALLS, EVENTS } from '../viewer/secure/messages.js';
import { SecureSession } from '../viewer/secure/session.js';
import { Viewer } from '../viewer/secure/viewer.js';

class FakeWorker extends EventTarget {
  posted = [];
  terminated = false;

  postMessage(message) {
    this.posted.push(message);
  }

  terminate() {
    this.terminated = true;
  }

  tell(event, ...args) {
    this.dispatchEvent(new MessageEvent('message', { data: { event, args } }));
  }
}

let worker;
let session;
let told;
const reload = { type: 'reload' };

beforeEach(() => {
  worker = new FakeWorker();
  told = [];
  const listener = Object.fromEntries(EVENTS.map((event) => [event, (...args) => told.push([event, ...args])]));
  session = new SecureSession({ link: { id: 'sess_1' }, listener, worker });
});

const secure = () => worker.tell('secured', { expiresIn: 1, resumed: false, lost: 0 });

test('the Worker gets the link once, and nothing connects by itself', () => {
  assert.deepEqual(worker.posted, [{ open: { id: 'sess_1' } }]);
});

test('every call is one of the Worker’s, with its arguments', () => {
  worker.posted = [];
  session.connect();
  session.finish('resolved');
  session.answerPin('123456');
  session.answerTakeover(3, 'keep');
  session.retry();
  session.hide(true);
  session.woke();
  session.leave();
  session.quit();
  assert.deepEqual(worker.posted.map(({ call, args }) => [call, ...args]), [
    ['connect'], ['finish', 'resolved'], ['answerPin', '123456'], ['answerTakeover', 3, 'keep'], ['retry'], ['hide', true], ['woke'], ['leave'], ['quit'],
  ]);
  for (const call of CALLS) assert.equal(typeof Viewer.prototype[call], 'function', call);
});

test('every event reaches the listener', () => {
  for (const event of EVENTS) worker.tell(event, { counter: 1, epoch: 1 });
  assert.deepEqual(told.map(([event]) => event), EVENTS);
  worker.tell('constructor');
  worker.tell('__proto__');
  assert.equal(told.length, EVENTS.length);
});

test('input can be sent only when it is secured, not frozen, and an agent is there', () => {
  assert.equal(session.send(reload), false);
  secure();
  assert.equal(session.send(reload), true);
  worker.tell('frozen', 'silent');
  assert.equal(session.send(reload), false);
  worker.tell('thawed');
  assert.equal(session.send(reload), true);
  worker.tell('agent', false);
  assert.equal(session.send(reload), false);
  secure();
  for (const end of ['lost', 'closed', 'ended']) {
    worker.tell(end, 1_006);
    assert.equal(session.send(reload), false, end);
    secure();
    assert.equal(session.send(reload), true);
  }
});

test('a picture is called drawn by its counter, in the epoch it came in', () => {
  worker.tell('frame', { counter: 5, epoch: 1 });
  worker.tell('frame', { counter: 5, epoch: 2 });
  worker.posted = [];
  session.drawn(5);
  session.drawn(6);
  assert.deepEqual(worker.posted, [{ call: 'drawn', args: [2, 5] }]);
});

test('stopping ends the Worker, and nothing is heard of it any more', () => {
  secure();
  session.stop();
  assert.equal(worker.terminated, true);
  worker.posted = [];
  told = [];
  worker.tell('frame', { counter: 5, epoch: 1 });
  session.connect();
  assert.equal(session.send(reload), false);
  assert.deepEqual([worker.posted, told], [[], []]);
});

test('a Worker that breaks closes the session', () => {
  worker.dispatchEvent(new Event('error'));
  assert.deepEqual(told, [['closed', 'broken']]);
  assert.equal(worker.terminated, true);
});
