// @ts-check
// The viewer's end of a session, in the Worker: joins the connection, the handshakes, the epochs, what is
// sent and what is shown. It decides what may be believed; what to show for it is the page's.
//
// Never: a message of version 1 or input in plaintext sent, a bare JPEG drawn, a frame shown whose control
// didn't verify, input resent, an end believed that the agent didn't seal.

import { Alive } from './alive.js';
import { utf8 } from './bytes.js';
import { Close, Connection } from './connection.js';
import { Epoch } from './epoch.js';
import { Exhausted, Fatal } from './fatal.js';
import { Joining } from './joining.js';
import { Pictures } from './pictures.js';
import { Presence } from './presence.js';
import { Prompt } from './prompt.js';
import { Kind, readHeader } from './records.js';
import { parseRelayText } from './relay.js';
import { Speech } from './speech.js';

/** @typedef {import('../wire.js').InputEvent} InputEvent */
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
  /** @type {Pictures<ImageBitmap>} */
  #pictures;
  #prompt;
  #presence;
  #speech;
  /** @type {Joined | null} The epoch that is confirmed: its records count. */
  #current = null;
  /** @type {Joined | null} The one after it, until its first record. */
  #pending = null;
  #over = false;
  /** What a relay sent of version 1 or in plaintext: ignored, and counted. */
  ignored = 0;

  /**
   * @param {SecureLink} link
   * @param {Platform} platform
   * @param {Tell} tell
   */
  constructor(link, platform, tell) {
    this.#link = link;
    this.#platform = platform;
    this.#tell = tell;
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
    this.#pictures = new Pictures({
      decode: platform.decode,
      discard: (bitmap) => bitmap.close(),
      show: (bitmap, { epoch, frame }) => tell.frame({ bitmap, meta: frame.meta, counter: frame.counter, epoch }),
      ack: (epoch, frame, waiting) => this.#speech.acknowledge(epoch, frame, waiting),
    });
    this.#prompt = new Prompt(platform, tell);
    this.#presence = new Presence(platform, {
      frozen: (reason) => tell.frozen(reason),
      thawed: () => this.#thawed(),
      asks: () => this.#speech.ping(),
      jumped: () => this.woke(),
      looked: (now) => this.#looked(now),
    });
    const socket = {
      write: (/** @type {Bytes} */ record) => this.#connection.send(record),
      congested: () => this.#connection.congested,
      later: platform.later,
    };
    this.#speech = new Speech(socket, (epoch, count) => this.#sent(epoch, count), this.#presence, this.#pictures);
  }

  // What the page asks for.

  connect() {
    if (this.#over || !this.#connection.isResting) return;
    this.#presence.jumped(); // what passed before doesn't matter
    this.#connection.connect();
    this.#presence.watch();
  }

  /** @param {InputEvent} event */
  send(event) {
    if (this.#over) return;
    this.#noticeSleep();
    this.#presence.judge();
    const isLive = this.#current && this.#joining.agentHere && !this.#presence.isFrozen;
    if (!isLive || !this.#speech.input(event)) this.#tell.dropped(event.type, 'unsent');
  }

  /** The human's word. It is repeated until the agent's CLOSE is seen. @param {'resolved' | 'cancelled'} how */
  finish(how) {
    if (!this.#over) this.#speech.finish(how, (this.#current ?? this.#pending) !== null);
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
    if (this.#prompt.answer(id)) this.#speech.takeover(id, answer);
  }

  /** The human asks to try again. */
  retry() {
    if (this.#over) return;
    this.#joining.retry();
    this.connect();
  }

  /** The page goes: it may come back by `connect`, and shows nothing before the agent answered a ping. */
  leave() {
    this.#leave();
    this.woke();
    this.#presence.rest();
  }

  /** The human goes for good, and gives control away. */
  async quit() {
    await this.#speech.leave();
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
    if (hidden === this.#speech.isHidden) return;
    if (!hidden) this.#pictures.acknowledgeNewest();
    this.#speech.hide(hidden);
    this.#presence.hide(hidden);
    if (hidden) this.#pictures.pause();
    else this.woke();
  }

  /** Time may have passed unseen: nothing is believed to be now before the agent has answered. */
  woke() {
    if (this.#over) return;
    this.#pictures.pause();
    this.#presence.sleep();
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
      this.#speech.discard();
      this.#tell.agent(false);
    } else if (word === 'expired' || word === 'cancelled' || word === 'resolved') {
      this.#tell.relayEnded(word);
    } else {
      this.ignored += 1;
    }
  }

  /** @param {Bytes} record */
  #received(record) {
    this.#noticeSleep(); // what waited meanwhile isn't of now
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
    this.#presence.end();
    this.#prompt.clear();
    if (willRetry && code !== Close.BUSY) this.#tell.lost(code, this.#speech.drop());
    else this.#speech.discard();
  }

  /** The stored entry is deleted only if it is ours: another tab may have taken control with it. @param {Closing} why */
  #closed(why) {
    this.#presence.rest();
    if (why === 'taken_over') void this.#platform.forget(this.#link.id, this.#link.resume?.epoch ?? 0);
    this.#tell.closed(why);
  }

  // Handshakes and epochs.

  /** Until it is answered everything waits: the agent may know the old epoch no more. */
  #began() {
    this.#speech.hold();
    this.#pending?.epoch.end();
    this.#pending = null;
  }

  /** @param {Accepted} answer */
  async #accepted({ secrets, epoch: number, expiresIn, got, gotEpoch }) {
    const { now, wall } = this.#platform;
    if (number <= (this.#link.resume?.epoch ?? 0)) throw new Fatal('expected an epoch that wasn’t used');
    this.#speech.ledger.settle(got, gotEpoch);
    const alive = new Alive(now());
    const epoch = new Epoch(number, secrets, now, {
      verified: () => this.#verified(joined),
      control: (message) => this.#control(joined, message),
      frame: (frame) => {
        alive.received(frame.counter);
        this.#pictures.offer(number, frame);
        this.#presence.judge();
      },
      close: (reason) => this.#closedByAgent(reason),
      failed: (error) => this.#failed(error),
    });
    /** @type {Joined} */
    const joined = { epoch, alive, expiresAt: wall() + expiresIn, resumed: got !== null };
    this.#speech.ledger.begin(number, () => epoch.sent);
    this.#pending = joined;
    const ready = await epoch.seal(Kind.CTRL, utf8('{"type":"ready"}'));
    if (!ready || this.#pending !== joined) return;
    this.#connection.send(ready);
    alive.sent(now(), 1);
    if (!this.#link.resume) this.#keepResume(joined);
    this.#speech.use(epoch);
  }

  /** A record of this epoch did: the first of a new one makes it the one that counts. @param {Joined} joined */
  #verified(joined) {
    if (this.#pending !== joined) return;
    const { epoch, alive, expiresAt, resumed } = joined;
    this.#current?.epoch.end();
    [this.#current, this.#pending] = [joined, null];
    this.#joining.confirmed();
    this.#connection.succeeded();
    this.#pictures.begin(epoch.number);
    this.#prompt.clear();
    this.#keepResume(joined);
    const expiresIn = Math.max(0, expiresAt - this.#platform.wall());
    this.#tell.secured({ expiresIn, resumed, lost: this.#speech.ledger.take() });
    this.#presence.begin(alive);
    if (this.#speech.isHidden) this.#speech.beat();
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
        this.#presence.echoed(message.n);
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
      this.#speech.ledger.got(epoch.number, heartbeat.got);
    } catch (error) {
      this.#failed(error);
      return;
    }
    alive.heartbeat(this.#platform.now(), heartbeat);
    this.#presence.heard(heartbeat.clock);
    this.#speech.answer(epoch);
  }

  #thawed() {
    this.#tell.thawed();
    this.#pictures.resume();
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
    this.#presence.rest();
  }

  // What time does.

  #noticeSleep() {
    if (this.#presence.jumped()) this.woke();
  }

  /**
   * @param {number} number
   * @param {number} count
   */
  #sent(number, count) {
    const joined = [this.#pending, this.#current].find((candidate) => candidate?.epoch.number === number);
    joined?.alive.sent(this.#platform.now(), count);
  }

  /** @param {number} now */
  #looked(now) {
    this.#presence.judge();
    if (this.#current && now >= this.#current.epoch.until) this.#connection.restart();
  }
}
