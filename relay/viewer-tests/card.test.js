import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fetchCard, readCard } from '../viewer/card.js';
import { taskOf } from '../viewer/words.js';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const link = { id: 's', token: 'secret', cardUrl: 'https://relay.example/s/s/card', streamUrl: '' };

test('what remains is counted by the relay’s clock, not by this one', () => {
  const body = { expires_at: '2026-01-01T09:05:00Z' };
  assert.equal(readCard(body, 'Thu, 01 Jan 2026 09:00:00 GMT', NOW).endsAt, NOW + 300_000);
});

test('an absent or absurd expiry counts as ten minutes, one in the past as none', () => {
  const left = (expires_at, date) => readCard({ expires_at }, date, NOW).endsAt - NOW;
  assert.equal(left(undefined, null), 600_000);
  assert.equal(left('soon', null), 600_000);
  assert.equal(left('2126-01-01T00:00:00Z', null), 600_000);
  assert.equal(left('2026-01-01T11:59:00Z', null), 0);
});

test('a day is believed although the relay’s clocks differ a little', () => {
  const body = { expires_at: '2026-01-02T12:00:01Z' };
  assert.equal(readCard(body, 'Thu, 01 Jan 2026 12:00:00 GMT', NOW).endsAt, NOW + 86_401_000);
});

test('texts are one bounded line of plain characters', () => {
  const card = readCard({ service: `Git\u202eHub\n\u0007${'x'.repeat(300)}`, context: { hint: 'y'.repeat(2_000) } }, null, NOW);
  assert.ok(card.service.startsWith('Git Hub x'));
  assert.equal(Array.from(card.service).length, 201);
  assert.equal(card.hint.length, 1_001);
});

test('a body that is no card is still shown', () => {
  for (const body of [null, 5, 'x', [], {}, { service: 7, context: 'x', expires_at: {} }]) {
    const card = readCard(body, null, NOW);
    assert.deepEqual([card.service, card.blocker, card.hint, card.host, card.status], ['a website', '', '', '', '']);
  }
});

test('the page’s host is shown in ASCII, and only of web pages', () => {
  const host = (url) => readCard({ context: { url } }, null, NOW).host;
  assert.equal(host('https://user@github.com:8443/login?x=1'), 'github.com:8443');
  assert.match(host('https://git\u04bbub.com/'), /^xn--[a-z0-9-]+\.com$/u);
  assert.equal(host('javascript:alert(1)'), '');
  assert.equal(host('github.com'), '');
});

test('both SDKs’ words for a blocker are understood, and unknown ones are harmless', () => {
  const task = (context) => taskOf(readCard({ context }, null, NOW).blocker);
  assert.equal(task({ blocker_type: 'otp' }), 'Enter a one-time code');
  assert.equal(task({ wall_type: 'sms_otp' }), 'Enter the code from your text message');
  assert.equal(task({ blocker_type: 'constructor' }), 'Help with a step');
  assert.equal(task({ blocker_type: '<b>' }), 'Help with a step');
});

test('the relay’s answer decides what is wrong', async () => {
  const answer = (status) => fetchCard(link, async () => new Response('{}', { status }));
  assert.deepEqual(await answer(401), { problem: 'refused' });
  assert.deepEqual(await answer(404), { problem: 'unknown' });
  assert.deepEqual(await answer(410), { problem: 'expired' });
  assert.deepEqual(await answer(500), { problem: 'unreachable' });
  assert.ok('card' in (await answer(200)));
  assert.deepEqual(await fetchCard(link, () => Promise.reject(new TypeError('offline'))), { problem: 'unreachable' });
  assert.deepEqual(await fetchCard(link, async () => new Response('<html>')), { problem: 'unreachable' });
});

test('the token goes in a header, never in the address', async () => {
  let asked;
  await fetchCard(link, async (url, init) => {
    asked = { url, authorization: init.headers.Authorization };
    return new Response('{}');
  });
  assert.deepEqual(asked, { url: link.cardUrl, authorization: 'Bearer secret' });
});
