import assert from 'node:assert/strict';
import { test } from 'node:test';

import { retryDelay } from '../viewer/channel.js';
import { spell } from '../viewer/clock.js';
import { NOTHING_KNOWN, NO_CONNECTION, canFinish, closeOf, isOpen, outcomeOf, phaseOf } from '../viewer/state.js';
import { privacyOf, wordsOf } from '../viewer/words.js';

const STARTED = { ...NOTHING_KNOWN, hasCard: true, started: true };
const CONNECTED = { ...STARTED, connected: true, wasConnected: true };
const LIVE = { ...CONNECTED, agentHere: true, agentWasHere: true, secured: true, hadControl: true, pictured: true };
const SECURE = { ...LIVE, secure: true };
const FROZEN = ['silent', 'picture', 'unheard', 'asleep'].map((frozen) => ({ ...SECURE, frozen }));
const BARS = [{ by: 'busy', left: 57 }, { by: 'busy', left: 1 }, { by: 'busy', left: 0 }, { by: 'pin', wrong: false, checking: false },
  { by: 'pin', wrong: false, checking: true }, { by: 'locked' }].map((barred) => ({ ...CONNECTED, secure: true, agentHere: true, barred }));
const phase = (facts) => phaseOf(facts);

test('the phases follow from what happened', () => {
  assert.equal(phase(NOTHING_KNOWN), 'loading');
  assert.equal(phase({ ...NOTHING_KNOWN, hasCard: true }), 'card');
  assert.equal(phase(STARTED), 'connecting');
  assert.equal(phase(CONNECTED), 'waiting');
  assert.equal(phase({ ...CONNECTED, secured: true }), 'waiting');
  assert.equal(phase(LIVE), 'live');
  assert.equal(phase({ ...LIVE, agentHere: false, secured: false }), 'waiting');
  assert.equal(phase({ ...LIVE, connected: false, secured: false }), 'reconnecting');
  assert.equal(phase({ ...LIVE, problem: 'refused' }), 'error');
  assert.equal(phase({ ...LIVE, end: { outcome: 'resolved', byYou: true } }), 'ended');
});

test('a picture that may be old is frozen, never live', () => {
  for (const facts of FROZEN) assert.equal(phase(facts), 'frozen');
  assert.equal(phase({ ...SECURE, frozen: 'silent', connected: false }), 'reconnecting');
});

test('an agent that doesn’t let this page in bars it, whatever else is known', () => {
  for (const facts of BARS) assert.equal(phase(facts), 'barred');
});

test('a lost connection takes with it who was there, who asked, and the bar', () => {
  const gone = { ...SECURE, challenger: 3, barred: { by: 'locked' }, ...NO_CONNECTION };
  assert.equal(phase(gone), 'reconnecting');
  assert.equal(gone.challenger, null);
  assert.equal(phase({ ...gone, connected: true }), 'waiting');
});

test('Done can be said once, in version 2 also while the connection is being got back', () => {
  const frozen = { ...SECURE, frozen: 'silent' };
  const away = { ...SECURE, ...NO_CONNECTION };
  for (const facts of [LIVE, SECURE, frozen, away]) assert.equal(canFinish(facts), true);
  for (const facts of [{ ...LIVE, connected: false }, { ...SECURE, finishing: 'resolved' }, { ...away, hadControl: false }, ...BARS, CONNECTED]) {
    assert.equal(canFinish(facts), false);
  }
});

test('the agent’s page is on the screen from Start to the end', () => {
  assert.deepEqual(['loading', 'card', 'connecting', 'waiting', 'barred', 'live', 'frozen', 'reconnecting', 'ended', 'error'].filter(isOpen),
    ['connecting', 'waiting', 'barred', 'live', 'frozen', 'reconnecting']);
});

test('each way a connection ends means something', () => {
  const means = (code, facts = SECURE) => closeOf(code, facts);
  assert.deepEqual(means(4401), { problem: 'refused' });
  assert.deepEqual(means(4426), { problem: 'newer' });
  assert.deepEqual(means(4403), { barred: { by: 'busy', left: 0 } });
  for (const code of [4408, 'taken_over']) assert.deepEqual(means(code), { outcome: 'elsewhere' });
  for (const code of [4400, 'tampered']) assert.deepEqual(means(code), { outcome: 'tampered' });
  assert.deepEqual(means(4410), { outcome: 'expired' });
  for (const code of ['unanswered', 'broken']) assert.deepEqual(means(code), { outcome: code });
  assert.deepEqual(means(4404), { outcome: 'error' });
});

test('a secure session that ends unconfirmed is never called done', () => {
  for (const code of [1000, 4404, 4999]) {
    assert.deepEqual(closeOf(code, { ...SECURE, finishing: 'resolved' }), { outcome: 'unconfirmed' });
    assert.deepEqual(closeOf(code, { ...SECURE, finishing: 'cancelled' }), { outcome: 'unconfirmed' });
  }
});

test('every state that covers the page says what is going on and what comes next', () => {
  const away = { ...LIVE, agentHere: false, secured: false };
  const lost = { ...LIVE, connected: false, secured: false };
  const covered = [STARTED, { ...STARTED, failures: 3 }, CONNECTED, { ...CONNECTED, agentHere: true }, { ...LIVE, pictured: false },
    away, lost, { ...LIVE, finishing: 'resolved' }, { ...LIVE, finishing: 'cancelled', slow: true },
    ...FROZEN, ...BARS, { ...SECURE, finishing: 'resolved', slow: true }, { ...SECURE, connected: false, finishing: 'resolved' }];
  const ends = ['resolved', 'cancelled', 'expired', 'error', 'elsewhere', 'unconfirmed', 'tampered', 'unanswered', 'broken'].flatMap((outcome) =>
    [true, false].map((byYou) => ({ ...LIVE, end: { outcome, byYou } })));
  const problems = ['incomplete', 'damaged', 'burnt', 'interposed', 'malformed', 'newer', 'refused', 'unknown', 'expired', 'unreachable', 'insecure'].map((problem) =>
    ({ ...NOTHING_KNOWN, problem }));
  for (const facts of [...covered, ...ends, ...problems]) {
    const { status, title, text } = wordsOf(facts);
    assert.ok(status && title && text, JSON.stringify(facts));
    assert.ok(status.length <= 16, status);
  }
  for (const facts of [...ends, ...problems]) assert.ok(wordsOf(facts).icon);
});

test('an end by the human’s own hand reads differently from one elsewhere', () => {
  const title = (outcome, byYou) => wordsOf({ ...LIVE, end: { outcome, byYou } }).title;
  assert.notEqual(title('resolved', true), title('resolved', false));
  assert.notEqual(title('cancelled', true), title('cancelled', false));
});

test('an end that another try may mend offers one, others don’t', () => {
  const action = (outcome) => wordsOf({ ...LIVE, end: { outcome, byYou: false } }).action?.act;
  for (const outcome of ['elsewhere', 'tampered', 'unanswered']) assert.equal(action(outcome), 'here');
  for (const outcome of ['resolved', 'cancelled', 'expired', 'error', 'unconfirmed', 'broken']) assert.equal(action(outcome), undefined);
});

test('a secure page repeats the human’s word by itself, so that it offers no button for it', () => {
  const action = (secure) => wordsOf({ ...LIVE, secure, finishing: 'resolved', slow: true }).action?.act;
  assert.equal(action(true), undefined);
  assert.equal(action(false), 'again');
});

test('a connection that drops while the human’s word is on its way still says that it is being told', () => {
  assert.equal(wordsOf({ ...SECURE, connected: false, finishing: 'resolved' }).status, 'Sending…');
});

test('only version 2 is called end-to-end encrypted for the picture', () => {
  assert.match(privacyOf(true), /^End-to-end encrypted/u);
  assert.match(privacyOf(false), /not end-to-end encrypted/u);
});

test('the relay’s status gives the outcome', () => {
  assert.deepEqual(['PENDING', 'ACTIVE', 'RESOLVED', 'CANCELLED', 'TIMEOUT', 'ERROR', 'toString'].map(outcomeOf),
    [null, null, 'resolved', 'cancelled', 'expired', 'error', null]);
});

test('attempts to reconnect double from a quarter of a second to eight', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 5_000].map((failures) => retryDelay(failures, 1)), [250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
  assert.equal(retryDelay(0, 0), 187.5);
});

test('the time left is spelled as a clock', () => {
  assert.deepEqual([0, 1, 59_000, 60_000, 599_001, 3_600_000, 86_400_000].map(spell), ['0:00', '0:01', '0:59', '1:00', '10:00', '1:00:00', '24:00:00']);
});
