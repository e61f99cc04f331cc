// @ts-check
// The viewer's end of a session, in the Worker: joins the connection, the handshakes, the epochs, what is
// sent and what is shown. It decides what may be believed; what to show for it is the page's.
//
// Never: a message of version 1 or input in plaintext sent, a bare JPEG drawn, a frame shown whose control
// didn't verify, input resent, an end believed that the agent didn't seal.

import { MAX_U32, utf8 } from './bytes.js';
import { Alive, LOOK_EVERY_MS, Watch } from './alive.js';
import { Close, Connection } from './connection.js';
import { Epoch } from './epoch.js';
import { Exhausted } from './fatal.js';
import { Joining } from './joining.js';
import { Ledger } from './ledger.js';
import { Outbox } from './outbox.js';
import { Pictures } from './pictures.js';
import { Prompt } from './prompt.js';
import { Kind, readHeader } from './records.js';
import { parseRelayText } from './relay.js';

/** @typedef {import('../wire.js').InputEvent} InputEvent */
/** @typedef {import('./alive.js').Frozen} Frozen */
/** @typedef {import('./bytes.js').Bytes} Bytes */
/** @typedef {import('./connection.js').Closing} Closing */
/** @typedef {import('./control.js').FromAgent} FromAgent */
/** @typedef {import('./control.js').CloseReason} CloseReason */
/** @typedef {import('./control.js').Heartbeat} Heartbeat */
/** @typedef {import('./handshake.js').Accepted} Accepted */
/** @typedef {import('./link.js').SecureLink} SecureLink */
/** @typedef {import('./platform.js').Platform} Platform */
/** @typedef {import('./messages.js').Tell} Tell */

/** @typedef {{epoch: Epoch, alive: Alive, expiresAt: number, resumed: boolean}} Joined */

export class Viewer {
  #link;
  #platform;
  #tell;
  #connection;
  #joining;
  #outbox;
  /** @type {Pictures<ImageBitmap>} */
  #pictures;
  #prompt;
  #ledger = new Ledger();
  #watch;
  /** @type {Joined | null} The epoch that is confirmed: its records count. */
  #current = null;
  /** @type {Joined | null} The one after it, until its first record. */
  #pending = null;
  /** @type {{clock: number, at: number} | null} The agent's clock in the newest heartbeat. */
  #clock = null;
  /** @type {Frozen | null} */
  #frozen = null;
  /** @type {number | null} The ping that has to come back before anything thaws. */
  #ping = null;
  #pings = 0;
  #hidden = false;
  /** @type {'resolved' | 'cancelled' | null} */
  #finishing = null;
  #over = false;
  /** What a relay sent of version 1 or in plaintext: ignored, and counted. */
  ignored = 0;
  /** @type {unknown} */
  #timer;

  /**
   * @param {SecureLink} link
   * @param {Platform} platform
   * @param {Tell} tell
   */
  constructor(link, platform, tell) {
    this.#link = link;
    this.#platform = platform;
    this.#tell = tell;
    this.#watch = new Watch(platform.now(), platform.wall());
    this.#connection = new Connection(link, platform, {
      opened: () => tell.opened(),
      text: (text) => this.#heardRelay(text),
      binary: (bytes) => this.#received(bytes),
      dropped: (code, willRetry) => this.#dropped(code, willRetry),
      closed: (why) => this.#closed(why),
      busy: () => this.#joining.challenge(),
    });
    this.#joining = new Joining(link, platform, {
      resume: () => this.#link.resume?.key ?? null,
      send: (record) => this.#connection.send(record),
      began: () => this.#began(),
      accepted: (answer) => this.#accepted(answer),
      busy: (left) => tell.busy(left),
      stillBusy: () => this.#connection.giveUp(Close.BUSY),
      pinNeeded: (wrong) => tell.pinNeeded(wrong),
      closedToStrangers: () => tell.closedToStrangers(),
      unanswered: () => this.#connection.giveUp('unanswered'),
      failed: (error) => this.#failed(error),
    });
    this.#outbox = new Outbox({
      write: (record) => this.#connection.send(record),
      congested: () => this.#connection.congested,
      later: platform.later,
      sent: (epoch, counter, isInput) => this.#sent(epoch, counter, isInput),
    });
    this.#pictures = new Pictures({
      decode: platform.decode,
      discard: (bitmap) => bitmap.close(),
      show: (bitmap, { epoch, frame }) => tell.frame({ bitmap, meta: frame.meta, counter: frame.counter, epoch }),
      ack: (epoch, frame, waiting) => this.#outbox.acknowledge(epoch, frame, waiting),
    });
    this.#prompt = new Prompt(platform, tell);
  }

  // What the page asks for.

  connect() {
    if (this.#over) return;
    this.#dropped(Close.DONE, null);
    this.#jumped(); // what passed before doesn't matter
    this.#connection.connect();
    this.#look();
  }

  /** @param {InputEvent} event */
  send(event) {
    if (this.#over) return;
    if (this.#jumped()) this.woke();
    this.#judge();
    const taken = this.#current && this.#joining.agentHere && !this.#frozen && this.#outbox.push({ ...event, ...this.#stamp() });
    if (!taken) this.#tell.dropped(event.type, 'unsent');
  }

  /** The human's word. It is repeated until the agent's CLOSE is seen. @param {'resolved' | 'cancelled'} how */
  finish(how) {
    if (this.#over || this.#finishing) return;
    this.#finishing = how;
    if (this.#current || this.#pending) this.#outbox.push({ type: how, ...this.#stamp() });
  }

  /** @param {string} pin */
  answerPin(pin) {
    this.#joining.answerPin(pin);
  }

  /**
   * @param {number} id
   * @param {'hand_over' | 'keep'} answer
   */
  answerTakeover(id, answer) {
    if (this.#prompt.answer(id)) this.#outbox.say({ type: 'takeover', id, answer });
  }

  /** The human asks to try again. */
  retry() {
    if (this.#over) return;
    if (this.#connection.isOpen) this.#joining.retry();
    else {
      this.#joining.retry();
      this.connect();
    }
  }

  /** The page goes: it may come back by `connect`, and shows nothing before the agent answered a ping. */
  leave() {
    this.#leave();
    this.woke();
    this.#platform.never(this.#timer);
  }

  /** The human goes for good, and gives control away. */
  async quit() {
    if (this.#current) await this.#outbox.last(Kind.CLOSE, utf8('{"reason":"left"}'));
    this.#end();
    await this.#platform.forget(this.#link.id, null);
  }

  stop() {
    this.#end();
  }

  /**
   * @param {number} epoch
   * @param {number} counter
   */
  drawn(epoch, counter) {
    this.#pictures.drawn(epoch, counter);
  }

  /** @param {boolean} hidden */
  hide(hidden) {
    if (hidden === this.#hidden) return;
    this.#hidden = hidden;
    if (!hidden) this.#pictures.acknowledgeNewest();
    if (this.#clock && this.#outbox.epoch) this.#answerHeartbeat();
    if (hidden) this.#pictures.pause();
    else this.woke();
  }

  /** Time may have passed unseen: nothing is believed to be now before the agent has answered. */
  woke() {
    if (this.#over) return;
    this.#pictures.pause();
    this.#pings = (this.#pings + 1) % MAX_U32;
    this.#ping = this.#pings;
    if (this.#current) this.#outbox.say({ type: 'ping', n: this.#ping });
    this.#judge();
    this.#look();
  }

  // What comes from the relay.

  /** @param {string} text */
  #heardRelay(text) {
    const word = parseRelayText(text);
    if (word === 'agent_connected') {
      this.#joining.agentCame();
      this.#tell.agent(true);
    } else if (word === 'agent_disconnected') {
      this.#joining.agentWent();
      this.#ledger.discarded(this.#outbox.close());
      this.#tell.agent(false);
    } else if (word === 'expired' || word === 'cancelled' || word === 'resolved') {
      this.#tell.relayEnded(word);
    } else {
      this.ignored += 1;
    }
  }

  /** @param {Bytes} record */
  #received(record) {
    try {
      const header = readHeader(record);
      if (header.kind === Kind.HELLO2) void this.#joining.receive(header, record);
      else [this.#pending, this.#current].find((joined) => joined?.epoch.number === header.epoch)?.epoch.receive(header, record);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** @param {unknown} error */
  #failed(error) {
    if (error instanceof Exhausted) this.#connection.restart();
    else this.#connection.fail();
  }

  /**
   * The socket is gone, and its epochs with it.
   *
   * @param {number} code
   * @param {boolean | null} willRetry Null when the page knows: it asked for it.
   */
  #dropped(code, willRetry) {
    this.#joining.reset();
    for (const joined of [this.#pending, this.#current]) joined?.epoch.end();
    [this.#pending, this.#current] = [null, null];
    this.#frozen = null;
    this.#prompt.clear();
    const discarded = this.#outbox.close();
    if (willRetry && code !== Close.BUSY) this.#tell.lost(code, discarded);
    else this.#ledger.discarded(discarded);
  }

  /** The stored entry is deleted only if it is ours: another tab may have taken control with it. @param {Closing} why */
  #closed(why) {
    this.#platform.never(this.#timer);
    if (why === 'taken_over') void this.#platform.forget(this.#link.id, this.#link.resume?.epoch ?? 0);
    this.#tell.closed(why);
  }

  // Handshakes and epochs.

  /** Until it is answered everything waits: the agent may know the old epoch no more. */
  #began() {
    this.#outbox.use(null);
    this.#pending?.epoch.end();
    this.#pending = null;
  }

  /** @param {Accepted} answer */
  async #accepted({ secrets, epoch: number, expiresIn, got, gotEpoch }) {
    const { now, wall } = this.#platform;
    this.#ledger.settle(got, gotEpoch);
    const alive = new Alive(now());
    const epoch = new Epoch(number, secrets, now, {
      verified: () => this.#verified(joined),
      control: (message) => this.#control(joined, message),
      frame: (frame) => {
        alive.received(frame.counter);
        this.#pictures.offer(number, frame);
        this.#judge();
      },
      close: (reason) => this.#closedByAgent(reason),
      failed: (error) => this.#failed(error),
    });
    /** @type {Joined} */
    const joined = { epoch, alive, expiresAt: wall() + expiresIn, resumed: got !== null };
    this.#ledger.begin(number, () => epoch.sent);
    this.#pending = joined;
    const ready = await epoch.seal(Kind.CTRL, utf8('{"type":"ready"}'));
    if (!ready || this.#pending !== joined) return;
    this.#connection.send(ready);
    alive.sent(now(), 1);
    if (!this.#link.resume) this.#keepResume(joined);
    const how = this.#finishing;
    if (how && !this.#outbox.holds(how)) this.#outbox.push({ type: how, ...this.#stamp() });
    this.#outbox.use(epoch);
  }

  /** A record of this epoch did: the first of a new one makes it the one that counts. @param {Joined} joined */
  #verified(joined) {
    if (this.#pending !== joined) return;
    const { epoch, alive, expiresAt, resumed } = joined;
    this.#current?.epoch.end();
    [this.#current, this.#pending] = [joined, null];
    alive.begin(this.#platform.now());
    this.#joining.confirmed();
    this.#connection.succeeded();
    this.#pictures.begin(epoch.number);
    this.#prompt.clear();
    this.#keepResume(joined);
    this.#frozen = null;
    const expiresIn = Math.max(0, expiresAt - this.#platform.wall());
    this.#tell.secured({ expiresIn, resumed, lost: this.#ledger.take() });
    if (this.#hidden && this.#clock) this.#answerHeartbeat();
    if (this.#ping !== null) this.#outbox.say({ type: 'ping', n: this.#ping });
    this.#judge();
  }

  /** @param {Joined} joined */
  #keepResume({ epoch, expiresAt }) {
    this.#link = { ...this.#link, resume: { key: epoch.resume, epoch: epoch.number }, expiresAt };
    void this.#platform.keep(this.#link.id, { resume: { key: epoch.resume, epoch: epoch.number }, expiresAt });
  }

  // What comes from the agent.

  /**
   * @param {Joined} joined
   * @param {FromAgent} message
   */
  #control(joined, message) {
    switch (message.type) {
      case 'heartbeat':
        this.#heartbeat(joined, message);
        break;
      case 'ping':
        if (this.#ping !== null && message.n === this.#ping) this.#answered();
        break;
      case 'takeover':
        this.#prompt.ask(message.id);
        break;
      case 'dropped':
        this.#tell.dropped(message.kind, message.why);
        break;
      case 'notice':
        this.#tell.notice(message.code);
        break;
      case 'state':
        this.#tell.state(message.message);
        break;
    }
  }

  /**
   * @param {Joined} joined
   * @param {Heartbeat} heartbeat
   */
  #heartbeat({ epoch, alive }, heartbeat) {
    try {
      alive.heartbeat(this.#platform.now(), heartbeat);
      this.#ledger.got(epoch.number, heartbeat.got);
    } catch (error) {
      this.#failed(error);
      return;
    }
    this.#clock = { clock: heartbeat.clock, at: this.#platform.now() };
    if (this.#outbox.epoch === epoch) this.#answerHeartbeat();
    this.#judge();
  }

  #answerHeartbeat() {
    const last_frame = this.#pictures.seen(this.#outbox.epoch?.number);
    this.#outbox.say({ type: 'heartbeat', last_frame, hidden: this.#hidden, clock: this.#clock?.clock ?? 0 });
  }

  /** The agent answered a ping made since this computer woke. */
  #answered() {
    this.#ping = null;
    this.#judge();
    if (!this.#hidden) this.#pictures.resume();
  }

  /** @param {CloseReason} reason */
  #closedByAgent(reason) {
    if (reason === 'taken_over') {
      this.#leave();
      this.#closed(reason);
      return;
    }
    this.#end();
    void this.#platform.forget(this.#link.id, null);
    this.#tell.ended(reason);
  }

  #leave() {
    this.#connection.stop();
    this.#dropped(Close.DONE, null);
  }

  #end() {
    this.#over = true;
    this.#leave();
    this.#pictures.pause();
    this.#platform.never(this.#timer);
  }

  // What time does.

  /**
   * @param {number} number
   * @param {number} counter
   * @param {boolean} isInput
   */
  #sent(number, counter, isInput) {
    const joined = [this.#pending, this.#current].find((candidate) => candidate?.epoch.number === number);
    joined?.alive.sent(this.#platform.now(), counter + 1);
    if (isInput) this.#ledger.sent(number, counter);
  }

  /** What the human saw, and when the human acted by the agent's clock. */
  #stamp() {
    const seen = this.#pictures.seen(this.#outbox.epoch?.number ?? this.#current?.epoch.number);
    const since = this.#clock ? Math.floor(this.#platform.now() - this.#clock.at) : 0;
    return {
      ...(seen === null ? {} : { seen }),
      ...(this.#clock ? { at: (this.#clock.clock + since) % 2 ** 32 } : {}),
    };
  }

  #jumped() {
    return this.#watch.look(this.#platform.now(), this.#platform.wall());
  }

  /** Tells when what the human sees begins or ceases to be now. */
  #judge() {
    if (!this.#current) return;
    const reason = this.#ping === null ? this.#current.alive.frozen(this.#platform.now()) : 'asleep';
    if (reason === this.#frozen) return;
    this.#frozen = reason;
    if (reason) this.#tell.frozen(reason);
    else this.#tell.thawed();
  }

  /** Looks at the clocks, again and again. */
  #look() {
    this.#platform.never(this.#timer);
    const now = this.#platform.now();
    const rest = (this.#current?.alive.deadline ?? Infinity) - now;
    this.#timer = this.#platform.later(() => {
      if (this.#jumped()) this.woke();
      if (!this.#hidden) this.#judge();
      if (this.#current && this.#platform.now() >= this.#current.epoch.until) this.#connection.restart();
      this.#look();
    }, rest > 0 ? Math.min(LOOK_EVERY_MS, rest) : LOOK_EVERY_MS);
  }
}
