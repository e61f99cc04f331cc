import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseLink } from '../viewer/link.js';

const at = (pathname, hash, protocol = 'https:', search = '') => parseLink({ protocol, host: 'relay.example:8443', pathname, search, hash });
const CARD = 'https://relay.example:8443/s/sess_1/card';

test('a whole link gives the card and the stream', () => {
  const { link } = at('/s/sess_Ab-1_', '#1.tok_EN-123.~4');
  assert.deepEqual(link, {
    id: 'sess_Ab-1_',
    token: 'tok_EN-123.~4',
    cardUrl: 'https://relay.example:8443/s/sess_Ab-1_/card',
    streamUrl: 'wss://relay.example:8443/stream/sess_Ab-1_?token=tok_EN-123.~4&role=viewer',
  });
});

test('a relay under a path and on plain http keeps both', () => {
  const { link } = at('/tunnel/s/sess_1', '#1.tokentoken', 'http:');
  assert.equal(link.cardUrl, 'http://relay.example:8443/tunnel/s/sess_1/card');
  assert.equal(link.streamUrl, 'ws://relay.example:8443/tunnel/stream/sess_1?token=tokentoken&role=viewer');
});

test('the version comes from the fragment alone', () => {
  assert.equal(at('/s/sess_1', '#1.tokentoken').version, 1);
  assert.deepEqual(at('/s/sess_1', '#2.AAAA'), { version: 2, address: { id: 'sess_1', cardUrl: CARD } });
  assert.deepEqual(at('/s/sess_1', ''), { version: 'bare', address: { id: 'sess_1', cardUrl: CARD } });
  assert.deepEqual(at('/s/sess_1', '#'), { version: 'bare', address: { id: 'sess_1', cardUrl: CARD } });
});

test('what is missing or foreign is told apart', () => {
  assert.deepEqual(at('/s/sess_1', '#1.'), { problem: 'incomplete' });
  assert.deepEqual(at('/s/sess_1', '#2'), { problem: 'incomplete' });
  assert.deepEqual(at('/s/sess_1', '#1.short'), { problem: 'incomplete' });
  assert.deepEqual(at('/s/sess_1', '#1.has&role=agent'), { problem: 'incomplete' });
  assert.deepEqual(at('/s/sess_1', '#3.AAAABBBBCCCC'), { problem: 'newer' });
  assert.deepEqual(at('/s/sess_1', '#12.AAAABBBBCCCC'), { problem: 'newer' });
  assert.deepEqual(at('/', '#1.tokentoken'), { problem: 'malformed' });
  assert.deepEqual(at('/s/a/b', '#1.tokentoken'), { problem: 'malformed' });
  assert.deepEqual(at(`/s/${'x'.repeat(65)}`, '#2.AAAA'), { problem: 'malformed' });
});

test('a link whose fragment was sent to a server is burnt, whatever its version', () => {
  assert.deepEqual(at('/s/sess_1%231.tokentoken', ''), { problem: 'burnt' });
  assert.deepEqual(at('/s/sess_1%232.AAAA', ''), { problem: 'burnt' });
  assert.deepEqual(at('/s/sess_1%232.AAAA', '#2.AAAA'), { problem: 'burnt' });
  assert.deepEqual(at('/s/sess_1', '', 'https:', '?%232.AAAA'), { problem: 'burnt' });
});
