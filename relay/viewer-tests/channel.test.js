// The stream's words, by a socket that the test holds in its hand.

import assert from 'node:assert/strict';
import { createECDH } from 'node:crypto';
import { afterEach, beforeEach, test } from 'node:test';

import { Channel } from '../viewer/channel.js';
import { ViewerKey } from '../viewer/crypto-v1.js';

const RealSocket = globalThis.WebSocket;
const turn = () => new Promise((done) => setImmediate(done));

/** A socket that is open at once and goes nowhere. */
class Socket extends EventTarget {
  static OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  sent = [];

  constructor() {
    super();
    Socket.latest = this;
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {}

  /** The relay speaks. */
  hear(message) {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }
}

let channel;
let heard;

beforeEach(async () => {
  globalThis.WebSocket = Socket;
  heard = [];
  const note = (word) => (value) => heard.push(value === undefined ? word : `${word} ${value}`);
  const listener = { opened: note('opened'), agent: note('agent'), secured: note('secured') };
  channel = new Channel('ws://relay.example/stream/s', await ViewerKey.create(), listener);
  channel.connect();
  Socket.latest.dispatchEvent(new Event('open'));
});

afterEach(() => {
  channel.stop();
  globalThis.WebSocket = RealSocket;
});

/** The agent's key comes; resolves once the page has answered it. */
async function agentsKey() {
  const pair = createECDH('prime256v1');
  pair.generateKeys();
  const socket = Socket.latest;
  const before = socket.sent.length;
  socket.hear({ type: 'pubkey', key: pair.getPublicKey('base64') });
  while (socket.sent.length === before) await turn();
  assert.equal(socket.sent.at(-1).type, 'pubkey');
  await turn();
}

test('an agent that is there gets the key, and then input', async () => {
  Socket.latest.hear({ type: 'agent_connected' });
  await agentsKey();
  assert.deepEqual(heard, ['opened', 'agent true', 'secured']);
  assert.equal(channel.send({ type: 'reload' }), true);
});

test('the key that a relay keeps of an agent that is away opens nothing', async () => {
  await agentsKey();
  assert.deepEqual(heard, ['opened']);
  assert.equal(channel.send({ type: 'reload' }), false, 'nobody would read it');
  Socket.latest.hear({ type: 'agent_connected' });
  await agentsKey();
  assert.deepEqual(heard, ['opened', 'agent true', 'secured']);
});

test('an agent that was there before the connection dropped has to be announced anew', async () => {
  Socket.latest.hear({ type: 'agent_connected' });
  await agentsKey();
  channel.connect();
  await agentsKey();
  assert.equal(channel.send({ type: 'reload' }), false);
});
