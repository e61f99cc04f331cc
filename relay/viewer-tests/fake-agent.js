// An agent of version 2 for the page's tests: it answers the page's Worker over the fake relay, and the
// test says what it wants from either.

import { Agent, CTRL, HELLO1, INPUT, readHeader } from './secure-agent.js';

const HEARTBEAT_MS = 500;

export class FakeAgent extends Agent {
  /** The epoch in use. */
  epoch = null;
  /** What the page offered in its handshakes. */
  offers = [];
  /** What the page sent besides input, newest last: CTRL, ACK and CLOSE. */
  control = [];
  /** Answers the next handshakes instead of an acceptance: such as `{ok: false, reason: 'pin'}`. */
  refusals = [];
  /** Whether records are damaged on their way to the page. */
  damages = false;
  silent = false;
  #fake;
  #hello = null;
  #timer;

  constructor(fake) {
    super({ id: 'sess_test' });
    this.#fake = fake;
    this.#timer = setInterval(() => this.heartbeat(), HEARTBEAT_MS);
  }

  get url() {
    return this.#fake.secureUrl('', `#${this.fragment}`);
  }

  stop() {
    clearInterval(this.#timer);
  }

  /** One record from the page. */
  receive(record) {
    const { kind } = readHeader(record);
    if (kind === HELLO1) {
      this.#handshake(record);
      return;
    }
    const heard = this.#hello?.epoch ?? this.epoch;
    const said = heard.open(record);
    if (said.kind === INPUT) this.#input(said);
    else this.control.push(said);
    if (said.kind === CTRL && said.type === 'ready') this.#ready();
    if (said.kind === CTRL && said.type === 'ping' && !this.silent) {
      this.send(this.epoch.control({ type: 'ping', n: said.n }));
      this.heartbeat();
    }
    this.#fake.heardSomething();
  }

  #handshake(record) {
    const hello = this.read(record);
    this.offers.push({ ...hello.offer, proven: this.#isProven(hello) });
    const refusal = this.refusals.shift();
    if (refusal) this.send(hello.answer(refusal));
    else {
      const resumed = this.epoch ? { got: this.epoch.viewer.next, got_epoch: this.epoch.number } : {};
      this.#hello = hello;
      this.send(hello.accept(resumed));
    }
    this.#fake.heardSomething();
  }

  #isProven({ offer, ephemeral }) {
    return this.epoch !== null && offer.resume === this.proof(this.epoch.resume, ephemeral);
  }

  #ready() {
    this.epoch = this.#hello.epoch;
    this.#hello = null;
    this.heartbeat();
    this.frame();
  }

  #input(event) {
    this.#fake.events.push(event);
    const how = event.type;
    if (how === 'resolved' || how === 'cancelled') this.send(this.epoch.close(how));
  }

  heartbeat() {
    if (this.epoch && !this.silent) this.send(this.epoch.heartbeat());
  }

  frame() {
    this.send(this.epoch.frame({ jpeg: this.#fake.picture }));
  }

  say(message) {
    this.send(this.epoch.control(message));
  }

  send(record) {
    if (this.damages) record[record.length - 1] ^= 1;
    this.#fake.sendRecord(record);
  }
}
