// A relay and an agent of version 2 in one, over real sockets: serves the page's modules under the page's
// policy, and lets a test play the agent. It shares no code with the page.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

import { Agent, HELLO1 } from './secure-agent.js';

const VIEWER = new URL('../viewer/', import.meta.url);
const HARNESS = '<!doctype html><html lang="en"><title>harness</title><script type="module" src="/assets/secure-harness.js"></script></html>';

/** The policy of the page, word for word as it is specified. */
const policyFor = (host) => `script-src 'self'; worker-src 'self'; connect-src 'self' ws://${host} wss://${host}; img-src blob:; style-src 'self'; `
  + "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

export async function startRelay() {
  const relay = new Relay();
  await new Promise((ready) => relay.server.listen(0, '127.0.0.1', ready));
  return relay;
}

class Relay {
  agent = new Agent();
  /** What viewers asked for: path and subprotocols. */
  dials = [];
  /** Records of the viewer, opened. */
  said = [];
  epoch = null;
  offers = [];
  sockets = new Set();
  viewer = null;

  constructor() {
    this.server = createServer((request, response) => void this.#serve(request, response));
    this.server.on('upgrade', (request, socket) => this.#upgrade(request, socket));
  }

  get host() {
    return `127.0.0.1:${this.server.address().port}`;
  }

  get url() {
    return `http://${this.host}/s/${this.agent.id}#${this.agent.fragment}`;
  }

  async close() {
    for (const socket of this.sockets) socket.destroy();
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  send(record) {
    this.#write(2, record);
  }

  text(message) {
    this.#write(1, Buffer.from(JSON.stringify(message)));
  }

  drop(code) {
    this.#write(8, Buffer.from([code >> 8, code & 255]));
    this.viewer = null;
  }

  async #serve(request, response) {
    const path = new URL(request.url, 'http://x').pathname;
    const headers = { 'Content-Security-Policy': policyFor(this.host), 'Cache-Control': 'no-store' };
    if (path.startsWith('/s/')) {
      response.writeHead(200, { ...headers, 'Content-Type': 'text/html; charset=utf-8' }).end(HARNESS);
      return;
    }
    const name = path.replace(/^\/assets\//u, '');
    const base = name === 'secure-harness.js' ? import.meta.url : VIEWER;
    const body = /^(?:secure\/)?[a-z0-9-]+\.js$/u.test(name) ? await readFile(new URL(name, base)).catch(() => null) : null;
    if (body) response.writeHead(200, { ...headers, 'Content-Type': 'text/javascript' }).end(body);
    else response.writeHead(path === '/favicon.ico' ? 204 : 404, headers).end();
  }

  #upgrade(request, socket) {
    const protocols = String(request.headers['sec-websocket-protocol']).split(/, */u);
    this.dials.push({ path: request.url, protocols });
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
      + `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: authloop.v2\r\n\r\n`);
    socket.on('error', () => {});
    this.sockets.add(socket);
    this.viewer = socket;
    let buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      buffer = this.#read(socket, Buffer.concat([buffer, chunk]));
    });
    this.text({ type: 'agent_connected' });
  }

  /** Reads the whole messages at the buffer's start and returns the rest. */
  #read(socket, buffer) {
    for (;;) {
      if (buffer.length < 6) return buffer;
      let [length, at] = [buffer[1] & 127, 2];
      if (length === 126) [length, at] = [buffer.length < 8 ? Infinity : buffer.readUInt16BE(2), 4];
      else if (length === 127) [length, at] = [buffer.length < 14 ? Infinity : Number(buffer.readBigUInt64BE(2)), 10];
      if (buffer.length < at + 4 + length) return buffer;
      const mask = buffer.subarray(at, at + 4);
      const body = Buffer.from(buffer.subarray(at + 4, at + 4 + length)).map((byte, index) => byte ^ mask[index % 4]);
      if ((buffer[0] & 15) === 2) this.#record(body);
      if ((buffer[0] & 15) === 8) socket.end();
      buffer = buffer.subarray(at + 4 + length);
    }
  }

  #record(record) {
    if (record[1] !== HELLO1) {
      this.said.push(this.epoch.open(record));
      return;
    }
    const hello = this.agent.read(record);
    this.offers.push({ ...hello.offer, proves: this.epoch && hello.offer.resume === this.agent.proof(this.epoch.resume, hello.ephemeral) });
    this.send(hello.accept());
    this.epoch = hello.epoch;
    this.send(this.epoch.heartbeat());
  }

  #write(opcode, body) {
    const socket = this.viewer;
    if (!socket || socket.destroyed) return;
    const head = Buffer.alloc(body.length < 126 ? 2 : body.length < 65_536 ? 4 : 10);
    head[0] = 0x80 | opcode;
    head[1] = body.length < 126 ? body.length : body.length < 65_536 ? 126 : 127;
    if (head.length === 4) head.writeUInt16BE(body.length, 2);
    if (head.length === 10) head.writeBigUInt64BE(BigInt(body.length), 2);
    socket.write(Buffer.concat([head, body]));
  }
}
