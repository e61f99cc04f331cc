// A viewer in a world of the test's making: its clock, its sockets, its screen. Nothing waits for real
// time; only WebCrypto runs beside, and `settle` waits for that.

import { Viewer } from '../viewer/secure/viewer.js';
import { parseSecureLink } from '../viewer/secure/link.js';
import { EVENTS } from '../viewer/secure/messages.js';
import { Agent, readHeader } from './secure-agent.js';

/** How many operations of WebCrypto are under way. */
let pending = 0;
const { subtle } = crypto;
for (const name of ['decrypt', 'encrypt', 'digest', 'deriveBits', 'deriveKey', 'generateKey', 'importKey', 'exportKey', 'sign']) {
  const method = subtle[name].bind(subtle);
  Object.defineProperty(subtle, name, { value: (...args) => {
    pending += 1;
    return method(...args).finally(() => { pending -= 1; });
  } });
}

/** Resolves when nothing moves any more. */
export async function settle() {
  for (let quiet = 0; quiet < 3; quiet = pending === 0 ? quiet + 1 : 0) await new Promise((turn) => setImmediate(turn));
}

class Socket {
  readyState = 0;
  bufferedAmount = 0;
  binaryType = 'blob';
  protocol = '';
  /** Records the viewer sent that nobody took. */
  sent = [];
  closedWith = null;
  #listeners = {};

  constructor(url, protocols) {
    this.url = url;
    this.protocols = protocols;
  }

  addEventListener(type, listener) {
    (this.#listeners[type] ??= []).push(listener);
  }

  fire(type, event = {}) {
    for (const listener of this.#listeners[type] ?? []) listener(event);
  }

  send(record) {
    if (!(record instanceof Uint8Array)) throw new Error('a viewer of version 2 sends no text');
    this.sent.push(Buffer.from(record));
  }

  close(code) {
    this.closedWith ??= code;
    this.readyState = 3;
  }
}

export class World {
  now = 1_000;
  wall = 1_700_000_000_000;
  /** What the page was told: `[event, ...arguments]`. */
  told = [];
  sockets = [];
  /** Calls to the store. */
  kept = [];
  forgotten = [];
  decoded = [];
  /** Set to hold decoding back; each call of `release` lets one through. */
  holdsDecoding = false;
  #held = [];
  #ping = null;
  #timers = new Set();

  /** A viewer of a fresh agent's link, not connected yet. */
  static async open(options = {}) {
    const world = new World();
    world.agent = options.agent ?? new Agent();
    const { link } = await parseSecureLink(world.agent.place);
    world.link = { ...link, ...options.link };
    const tell = Object.fromEntries(EVENTS.map((event) => [event, (...args) => world.told.push([event, ...args])]));
    world.viewer = new Viewer(world.link, world.platform(), tell);
    return world;
  }

  /** A viewer that has the session; `epoch` is the agent's end. */
  static async joined(options = {}) {
    const world = await World.open(options);
    await world.join();
    return world;
  }

  /** What the viewer is given of this world. */
  platform() {
    return {
      dial: (url, protocols) => {
        this.socket = new Socket(url, protocols);
        this.sockets.push(this.socket);
        return this.socket;
      },
      now: () => this.now,
      wall: () => this.wall,
      later: (run, ms) => {
        const timer = { run, at: this.now + ms };
        this.#timers.add(timer);
        return timer;
      },
      never: (timer) => this.#timers.delete(timer),
      random: () => 1,
      keep: async (id, changes) => { this.kept.push({ id, ...changes }); },
      forget: async (id, epoch) => { this.forgotten.push({ id, epoch }); },
      decode: (jpeg) => this.#decode(Buffer.from(jpeg).toString()),
    };
  }

  async #decode(text) {
    this.decoded.push(text);
    if (this.holdsDecoding) await new Promise((release) => this.#held.push(release));
    if (text === 'broken') throw new Error('no picture');
    return { text, closed: false, close() { this.closed = true; } };
  }

  release() {
    this.#held.shift()?.();
  }

  // Time.

  /** Lets time pass, timer by timer. */
  async pass(ms) {
    const end = this.now + ms;
    await settle();
    for (;;) {
      const next = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers.delete(next);
      this.#advance(Math.max(0, next.at - this.now));
      next.run();
      await settle();
    }
    this.#advance(end - this.now);
  }

  /** The computer sleeps: no timer runs; the steady clock may stand still. */
  sleep(ms, { steady = true } = {}) {
    this.wall += ms;
    if (steady) this.now += ms;
  }

  #advance(ms) {
    this.now += ms;
    this.wall += ms;
  }

  get timers() {
    return this.#timers.size;
  }

  // The relay and the agent.

  /** The socket opens. */
  async open({ protocol = 'authloop.v2' } = {}) {
    this.socket.protocol = protocol;
    this.socket.readyState = 1;
    this.socket.fire('open');
    await settle();
  }

  async hear(...records) {
    for (const record of records) {
      const data = typeof record === 'string' ? record : record.buffer.slice(record.byteOffset, record.byteOffset + record.length);
      this.socket.fire('message', { data });
    }
    await settle();
  }

  async relay(type) {
    await this.hear(JSON.stringify({ type }));
  }

  /** The relay closes the socket. */
  async drop(code) {
    this.socket.readyState = 3;
    this.socket.fire('close', { code });
    await settle();
  }

  /** Takes the oldest record that the viewer sent. */
  take() {
    const record = this.socket.sent.shift();
    if (!record) throw new Error('the viewer sent nothing');
    return record;
  }

  /** Takes HELLO1 and reads it. */
  hello() {
    return this.agent.read(this.take());
  }

  /** Connects, up to the HELLO1 that is sent. */
  async arrive() {
    this.viewer.connect();
    await this.open();
    await this.relay('agent_connected');
  }

  /** Answers a HELLO1 with yes, and takes READY. */
  async accept(hello, more) {
    await this.hear(hello.accept(more));
    this.epoch = hello.epoch;
    this.ready = this.said();
  }

  async join(more) {
    await this.arrive();
    await this.accept(this.hello(), more);
    await this.hear(this.epoch.heartbeat());
    this.said();
  }

  /** Opens all that the viewer sent in the epoch. */
  said() {
    return this.socket.sent.splice(0).map((record) => {
      const { epoch } = readHeader(record);
      if (epoch !== this.epoch.number) throw new Error(`sent in epoch ${epoch}`);
      const said = this.epoch.open(record);
      if (said.type === 'ping') this.#ping = said.n;
      return said;
    });
  }

  /** Opens all that the viewer sent, and returns the number of its newest ping. */
  pinged() {
    this.said();
    return this.#ping;
  }

  /** Echoes the newest ping and says a heartbeat after it, as an agent does. */
  async echo(n = this.pinged()) {
    await this.hear(this.epoch.control({ type: 'ping', n }), this.epoch.heartbeat());
  }

  /** Sends a frame, and draws it. */
  async draw(options) {
    await this.hear(this.epoch.frame(options));
    this.paint();
    await settle();
  }

  /** The page draws the newest picture it was given. */
  paint() {
    const frame = this.last('frame')[0];
    this.viewer.drawn(frame.epoch, frame.counter);
  }

  /** The arguments of the newest event of this name. */
  last(event) {
    return this.told.findLast(([name]) => name === event)?.slice(1);
  }

  /** The events told since this was asked, without pictures. */
  news() {
    return this.told.splice(0).filter(([name]) => name !== 'frame');
  }
}
