// A relay and an agent in one, for the page's tests: serves the page, plays both by script, opens what
// the page sealed. It keeps to the wire's description and shares no code with the page.

import { createHash, createECDH, createDecipheriv } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { crc32, deflateSync } from 'node:zlib';

export const TOKEN = 'viewer-token-0123456789';
const VIEWER = new URL('../viewer/', import.meta.url);
const HERE = new URL('./', import.meta.url);
const TYPES = { html: 'text/html; charset=utf-8', css: 'text/css', js: 'text/javascript' };
const policy = (host) => `script-src 'self'; worker-src 'self'; connect-src 'self' wss://${host}; img-src blob:; style-src 'self'; `
  + "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/** Starts one on a free port of this computer; `close` ends it. */
export async function startFake(options = {}) {
  const fake = new Fake(options);
  await new Promise((ready) => fake.server.listen(options.port ?? 0, '127.0.0.1', ready));
  return fake;
}

class Fake {
  /** Everything the page sent, opened, in order. */
  events = [];
  /** What the page asked the relay for, such as `GET /s/x`. */
  requests = [];
  card = { service: 'GitHub', status: 'PENDING', context: {} };
  endsAt = Date.now() + 600_000;
  /** Whether an agent is there when the page connects. */
  agentHere = true;
  sendsFrames = true;
  refuseWith = 0;
  /** Plays the agent of a secure session: hears the page's records. */
  agent = null;
  viewer = null;
  sockets = new Set();
  /** What each stream was opened with. */
  subprotocols = [];
  viewerKeys = [];
  #key = createECDH('prime256v1');
  #waiting = [];

  constructor({ picture, secure = 'real', device = { width: 1280, height: 720 } }) {
    this.secure = secure;
    this.#key.generateKeys();
    this.device = device;
    this.picture = picture ?? gradient(device.width, device.height);
    this.server = createServer((request, response) => void this.#serve(request, response));
    this.server.on('upgrade', (request, socket) => this.#upgrade(request, socket));
  }

  get url() {
    return `http://127.0.0.1:${this.server.address().port}/s/sess_test#1.${TOKEN}`;
  }

  /** A link of version 2. */
  secureUrl(query = '', fragment = `#2.${'A'.repeat(66)}`) {
    return `${this.url.split('#')[0]}${query}${fragment}`;
  }

  async close() {
    this.agent?.stop();
    for (const socket of this.sockets) socket.destroy();
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** Waits until the page has sent an event that fits. */
  async heard(fits) {
    for (;;) {
      const event = this.events.find(fits);
      if (event) return event;
      await new Promise((wake) => this.#waiting.push(wake));
    }
  }

  say(message) {
    this.#write(0x1, Buffer.from(JSON.stringify(message)));
  }

  sendRecord(record) {
    this.#write(0x2, record);
  }

  /** Wakes those who wait for the page to have sent something. */
  heardSomething() {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Waits until something holds; it is looked at when the page has sent something. */
  async until(holds) {
    while (!holds()) await new Promise((wake) => this.#waiting.push(wake));
  }

  sendKey() {
    this.say({ type: 'pubkey', key: this.#key.getPublicKey('base64') });
  }

  sendFrame() {
    const { width, height } = this.device;
    const rest = { offsetTop: 0, pageScaleFactor: 1, scrollOffsetX: 0, scrollOffsetY: 0 };
    this.say({ type: 'frame', deviceWidth: width, deviceHeight: height, ...rest, jpegSize: this.picture.length });
    this.#write(0x2, this.picture);
  }

  agentJoins() {
    this.agentHere = true;
    this.say({ type: 'agent_connected' });
    if (this.agent) return;
    this.sendKey();
    if (this.sendsFrames) this.sendFrame();
  }

  agentLeaves() {
    this.agentHere = false;
    this.say({ type: 'agent_disconnected' });
  }

  /** Closes the page's socket with a code; without one the connection just breaks. */
  drop(code) {
    const socket = this.viewer;
    if (!socket) return;
    if (code) this.#write(0x8, Buffer.from([code >> 8, code & 255]));
    else socket.destroy();
    this.viewer = null;
  }

  async #serve(request, response) {
    const path = new URL(request.url, 'http://x').pathname;
    this.requests.push(`${request.method} ${path}`);
    const headers = { 'Content-Security-Policy': policy(request.headers.host), 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };
    if (path.endsWith('/card')) {
      const allowed = request.headers.authorization === `Bearer ${this.agent?.token ?? TOKEN}`;
      const status = this.cardStatus ?? (allowed ? 200 : 401);
      const body = status === 200 ? { ...this.card, expires_at: new Date(this.endsAt).toISOString() } : { error: 'refused' };
      response.writeHead(status, { ...headers, 'Content-Type': 'application/json' }).end(JSON.stringify(body));
      return;
    }
    if (path === '/s/worker.js') {
      response.writeHead(200, { 'Content-Type': TYPES.js }).end('addEventListener("fetch", () => {});');
      return;
    }
    const name = path.startsWith('/s/') ? 'index.html' : path.replace(/^\/assets\//, '');
    const faked = this.secure === 'fake' && name.startsWith('secure/');
    const type = TYPES[name.split('.').at(-1)];
    const place = faked ? new URL(`fake-${name}`, HERE) : new URL(name, VIEWER);
    const body = type && /^(?:secure\/)?[a-z0-9.-]+$/.test(name) ? await readFile(place).catch(() => null) : null;
    if (body) response.writeHead(200, { ...headers, 'Content-Type': type }).end(body);
    else response.writeHead(404, headers).end();
  }

  #upgrade(request, socket) {
    this.requests.push(`UPGRADE ${request.url.split('?')[0]}`);
    this.lastUpgrade = request.url;
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    const offered = request.headers['sec-websocket-protocol'] ?? '';
    this.subprotocols.push(offered);
    const chosen = offered.startsWith('authloop.v2') ? 'Sec-WebSocket-Protocol: authloop.v2\r\n' : '';
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${chosen}Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
    socket.on('error', () => {});
    this.sockets.add(socket);
    this.viewer = socket;
    let buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      buffer = this.#read(socket, Buffer.concat([buffer, chunk]));
    });
    if (this.refuseWith) {
      this.drop(this.refuseWith);
    } else if (this.agentHere) {
      this.agentJoins();
    }
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
      if ((buffer[0] & 15) === 2) this.agent?.receive(body);
      if ((buffer[0] & 15) === 1) this.#message(JSON.parse(body.toString()));
      if ((buffer[0] & 15) === 8) socket.end();
      buffer = buffer.subarray(at + 4 + length);
    }
  }

  #message(message) {
    if (message.type === 'pubkey') this.viewerKeys.push(message.key);
    if (message.type !== 'encrypted') return;
    const { iv, ciphertext, tag } = message.payload;
    const secret = this.#key.computeSecret(Buffer.from(this.viewerKeys.at(-1), 'base64'));
    const opener = createDecipheriv('aes-256-gcm', secret, Buffer.from(iv, 'base64'));
    opener.setAuthTag(Buffer.from(tag, 'base64'));
    const plain = Buffer.concat([opener.update(Buffer.from(ciphertext, 'base64')), opener.final()]);
    this.events.push(JSON.parse(plain.toString()));
    this.heardSomething();
  }

  #write(opcode, body) {
    const socket = this.viewer;
    if (!socket || socket.destroyed) return;
    const head = body.length < 126 ? Buffer.from([0x80 | opcode, body.length]) : Buffer.alloc(body.length < 65_536 ? 4 : 10);
    if (body.length >= 126) {
      head[0] = 0x80 | opcode;
      head[1] = body.length < 65_536 ? 126 : 127;
      if (body.length < 65_536) head.writeUInt16BE(body.length, 2);
      else head.writeBigUInt64BE(BigInt(body.length), 2);
    }
    socket.write(Buffer.concat([head, body]));
  }
}

/** A picture of the given size: what is tested is never what is in it. */
function gradient(width, height) {
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows.writeUInt8((x * 255 / width) | 0, y * (width * 3 + 1) + 1 + x * 3);
  }
  const size = Buffer.alloc(13);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  size.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([signature, chunk('IHDR', size), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(name, body) {
  const named = Buffer.concat([Buffer.from(name), body]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}
