import assert from 'node:assert/strict';
import { test } from 'node:test';

import { retryDelay } from '../viewer/channel.js';
import { spell } from '../viewer/clock.js';
import { NOTHING_KNOWN, outcomeOf, phaseOf } from '../viewer/state.js';
import { wordsOf } from '../viewer/words.js';

const STARTED = { ...NOTHING_KNOWN, hasCard: true, started: true };
const CONNECTED = { ...STARTED, connected: true, wasConnected: true };
const LIVE = { ...CONNECTED, agentHere: true, agentWasHere: true, secured: true, pictured: true };
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

test('every state that covers the page says what is going on and what comes next', () => {
  const away = { ...LIVE, agentHere: false, secured: false };
  const lost = { ...LIVE, connected: false, secured: false };
  const covered = [STARTED, { ...STARTED, failures: 3 }, CONNECTED, { ...CONNECTED, agentHere: true }, { ...LIVE, pictured: false },
    away, lost, { ...LIVE, finishing: 'resolved' }, { ...LIVE, finishing: 'cancelled', slow: true }];
  const ends = ['resolved', 'cancelled', 'expired', 'error', 'elsewhere'].flatMap((outcome) =>
    [true, false].map((byYou) => ({ ...LIVE, end: { outcome, byYou } })));
  const problems = ['incomplete', 'malformed', 'newer', 'refused', 'unknown', 'expired', 'unreachable', 'insecure'].map((problem) =>
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

test('only a session opened elsewhere offers to take it back', () => {
  const action = (outcome) => wordsOf({ ...LIVE, end: { outcome, byYou: false } }).action?.act;
  assert.equal(action('elsewhere'), 'here');
  for (const outcome of ['resolved', 'cancelled', 'expired', 'error']) assert.equal(action(outcome), undefined);
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
