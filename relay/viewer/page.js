// @ts-check
// A session's page, from its card to its end. Facts come in from the other modules, and after each
// change the whole page is rendered from them.
//
// INVARIANT: nothing connects before the human has pressed Start, and nothing reconnects once the
// session is used elsewhere.

import { Asked } from './asked.js';
import { fetchCard } from './card.js';
import { Chooser } from './chooser.js';
import { countDown, spell } from './clock.js';
import { Copying, writeClipboard } from './copying.js';
import { box, button, say } from './dom.js';
import { watchDrops } from './dropping.js';
import { noteStarted } from './entry.js';
import { NOT_DROPPED, NO_DROPPING } from './files.js';
import { Pickers } from './pickers.js';
import { Place } from './place.js';
import { render, showCard } from './render.js';
import { closeSheets, offerCopy, openSheet, pasteProblem, wireSheets } from './sheets.js';
import { Drops, HELD_BACK, HOW_TO_DRAG, HOW_TO_TYPE, NOT_SENT, NO_DRAGGING, ONE_MINUTE, TOO_FAST, TOO_LARGE, lostWords, noticeOf } from './sayings.js';
import { Stage } from './stage.js';
import { NOTHING_KNOWN, NO_CONNECTION, canFinish, closeOf, outcomeOf, phaseOf } from './state.js';
import { Takeover } from './takeover.js';
import { clearToast, toast } from './toast.js';
import { wordsOf } from './words.js';

/** @typedef {import('./entry.js').Entry} Entry */
/** @typedef {import('./line.js').Line} Line */
/** @typedef {import('./state.js').Facts} Facts */
/** @typedef {import('./wire.js').InputEvent} InputEvent */

const SLOW_AFTER_MS = 15_000;
const LATE_AFTER_MS = 30_000;
const TOO_LARGE_CLOSE = 1009;
const BUSY_CLOSE = 4403;

export class Page {
  #entry;
  /** @type {Facts} */
  #facts;
  /** @type {Line | null} */
  #line = null;
  #stage;
  #takeover;
  #asked;
  #chooser;
  #pickers;
  #copying;
  #place;
  #drops = new Drops(toast);
  #endsAt = 0;
  #stopClock = () => {};
  #slowTimer = 0;
  #lateTimer = 0;

  /** @param {Entry} entry */
  constructor(entry) {
    this.#entry = entry;
    this.#facts = { ...NOTHING_KNOWN, secure: entry.secure };
    this.#stage = new Stage({
      send: (event) => this.#send(event),
      paste: (text) => this.#paste(text),
      pasteClipboard: () => void this.#pasteFromClipboard(),
      openOffers: () => this.#pickers.open(),
      copy: (byKey) => void this.#copying.ask(byKey),
      drawn: (picture) => this.#drawn(picture),
      leave: () => this.#takeover.focus() || button('done').focus(),
      dragged: once(() => toast(NO_DRAGGING)),
      // It raises no keyboard where nobody knows what is a field.
      tapped: once(() => toast(HOW_TO_TYPE)),
      grabbed: once(() => toast(HOW_TO_DRAG)),
    });
    this.#place = new Place((page) => this.#send({ type: 'tab', page }));
    this.#asked = new Asked({
      answer: (answer) => this.#send(answer),
      closed: () => this.#stage.focus(),
    });
    this.#chooser = new Chooser({
      send: (event) => this.#canSend && this.#line?.send(event) !== false,
      toast,
      closed: () => this.#stage.focus(),
    });
    watchDrops({
      takes: () => this.#canSend && this.#stage.has('files'),
      dropped: (files, at) => this.#drop(files, at),
      toast,
    });
    this.#pickers = new Pickers({
      answer: (answer) => this.#send(answer),
      changed: () => this.#pickerChanged(),
    });
    this.#copying = new Copying({
      ask: () => this.#send({ type: 'copy' }),
      write: writeClipboard,
      offer: offerCopy,
      say: toast,
    });
    this.#takeover = new Takeover((answer) => this.#answerTakeover(answer));
    wireSheets({
      paste: (text) => this.#paste(text),
      giveUp: () => this.#finish('cancelled'),
      pin: (pin) => this.#answerPin(pin),
      closed: () => this.#stage.focus(),
    });
    button('start').addEventListener('click', () => this.#start());
    button('done').addEventListener('click', () => this.#finish('resolved'));
    button('cancel').addEventListener('click', () => openSheet('cancel'));
    button('about').addEventListener('click', () => openSheet('about'));
    for (const id of ['mark', 'card-mark']) button(id).addEventListener('click', () => openSheet('secure'));
    button('paste').addEventListener('click', () => void this.#pasteFromClipboard());
    button('veil-action').addEventListener('click', () => this.#act());
    button('ended-action').addEventListener('click', () => this.#act());
    this.#watchTheWindow();
    box('unkept').hidden = entry.kept;
  }

  async open() {
    this.#learn({ problem: null });
    const answer = await fetchCard(this.#entry.access);
    if ('problem' in answer) {
      this.#learn({ problem: answer.problem });
      return;
    }
    const { card } = answer;
    showCard(card, this.#entry.secure);
    const outcome = outcomeOf(card.status);
    if (outcome) {
      this.#wasOver(outcome);
      return;
    }
    this.#learn({ hasCard: true });
    this.#entry.expires(card.endsAt);
    this.#countDown(card.endsAt);
    if (this.#entry.goesOn) this.#start();
  }

  /**
   * The relay says it is over already. Of a secure session it can't know how it ended.
   *
   * @param {import('./state.js').Outcome} outcome
   */
  #wasOver(outcome) {
    if (this.#entry.secure && outcome !== 'expired') this.#learn({ problem: 'unknown' });
    else this.#learn({ hasCard: true, end: { outcome, byYou: false } });
  }

  /** @param {number} endsAt */
  #countDown(endsAt) {
    this.#stopClock();
    this.#endsAt = endsAt;
    this.#stopClock = countDown(endsAt, (left) => this.#tick(left));
  }

  #start() {
    if (this.#facts.started) return;
    noteStarted(this.#entry.id);
    this.#learn({ started: true });
    this.#connect();
  }

  #connect() {
    /** @type {Line} */
    const line = this.#entry.line({
      opened: () => this.#learn({ connected: true, wasConnected: true, failures: 0 }),
      lost: (code, discarded) => this.#lost(code, discarded),
      closed: (code) => this.#closed(code),
      agent: (here) => this.#agent(here),
      secured: (news) => this.#secured(news),
      frame: (picture) => this.#stage.show(picture),
      frozen: (reason) => this.#frozen(reason),
      thawed: () => this.#learn({ frozen: null }),
      busy: (left) => this.#learn({ barred: { by: 'busy', left } }),
      pinNeeded: (wrong) => this.#learn({ barred: { by: 'pin', wrong, checking: false } }),
      closedToStrangers: () => this.#learn({ barred: { by: 'locked' } }),
      takeover: (id) => this.#learn({ challenger: id }),
      takeoverGone: (id) => this.#facts.challenger === id && this.#learn({ challenger: null }),
      dropped: (kind, why) => this.#notDone(kind, why),
      notice: (code) => this.#copying.refused(code) && noticeOf(code) && toast(noticeOf(code)),
      state: (message) => this.#told(message),
      ended: (reason) => this.#end(reason === 'timeout' ? 'expired' : reason),
      // The relay can't know how a secure session ended: its word is good for the time alone.
      relayEnded: (how) => how === 'expired' && this.#end('expired'),
    });
    this.#line = line;
    line.connect();
  }

  /** How things stand with the agent and its page. @param {Record<string, unknown>} message */
  #told(message) {
    const { type, takes, touch } = message;
    if (this.#chooser.hear(message) || this.#pickers.hear(message) || this.#asked.hear(message) || this.#copying.hear(message)) return;
    this.#place.hear(message);
    this.#stage.hear(message);
    if (type === 'agent' && Array.isArray(takes)) this.#stage.takes(new Set(takes.filter((kind) => typeof kind === 'string')));
    if (type === 'page') this.#stage.touch(touch === true);
  }

  /** @param {Partial<Facts>} news */
  #learn(news) {
    const before = phaseOf(this.#facts);
    if (this.#facts.end) return;
    this.#facts = { ...this.#facts, ...news };
    const phase = phaseOf(this.#facts);
    this.#stage.enable(phase === 'live' && !this.#facts.finishing);
    render(this.#facts);
    this.#takeover.show(phase === 'live' || phase === 'frozen' ? this.#facts.challenger : null);
    this.#showPinSheet();
    if (phase === before) return;
    if (phase === 'live') {
      this.#stage.focus();
      this.#chooser.resume();
    }
    if (phase === 'ended' || phase === 'error') this.#shutDown();
  }

  /** Opens the sheet when a PIN is asked for, and takes it away when none is. */
  #showPinSheet() {
    const { barred } = this.#facts;
    const asked = phaseOf(this.#facts) === 'barred' && barred?.by === 'pin' && !barred.checking;
    if (!asked) closeSheets('pin');
    else if (barred !== this.#shownBar) openSheet('pin', barred.wrong);
    this.#shownBar = barred;
  }

  /** What the PIN's sheet was last opened for, so that it stays shut once it was put away. @type {Facts['barred']} */
  #shownBar = null;

  #shutDown() {
    this.#unsay();
    this.#chooser.clear();
    closeSheets();
    clearToast();
    this.#stopClock();
    clearTimeout(this.#slowTimer);
    clearTimeout(this.#lateTimer);
    this.#stage.clear();
    noteStarted();
    // One that may be asked to go on keeps what it proves itself with.
    if (wordsOf(this.#facts).action?.act !== 'here') this.#line?.stop();
  }

  get #canSend() {
    return phaseOf(this.#facts) === 'live' && !this.#facts.finishing;
  }

  /** An input was dropped: a file's goes on by itself, and a drop is judged as a click there. @param {string} kind @param {string} why */
  #notDone(kind, why) {
    if (kind.startsWith('file')) this.#chooser.resume();
    else if (kind === 'click' && this.#chooser.notDropped()) toast(NOT_DROPPED);
    else this.#drops.add(kind, why);
  }

  /** @param {readonly File[]} files @param {import('./view.js').Point} at */
  #drop(files, at) {
    const place = this.#stage.placeOf(at);
    if (files.length > 0 && place) this.#chooser.drop(files, place);
    else toast(NO_DROPPING);
  }

  /** Forgets what the agent told of the page. */
  #unsay() {
    this.#asked.clear();
    this.#pickers.clear();
    this.#copying.forget();
    this.#stage.forget();
  }

  #pickerChanged() {
    this.#stage.choosing(this.#pickers);
    if (!this.#pickers.isOpen) this.#stage.focus();
  }

  /**
   * @param {InputEvent} event
   * @returns {boolean} Whether it is on its way.
   */
  #send(event) {
    if (!this.#canSend) {
      toast(HELD_BACK);
      return false;
    }
    if (this.#line?.send(event) !== false) return true;
    if (event.type !== 'mousemove') toast(TOO_FAST);
    return false;
  }

  /** @param {string} text */
  #paste(text) {
    const problem = pasteProblem(text);
    if (problem !== '') toast(problem);
    else if (text !== '') this.#send({ type: 'paste', text });
  }

  async #pasteFromClipboard() {
    const text = await navigator.clipboard?.readText?.().catch(() => '') ?? '';
    if (text === '') openSheet('paste');
    else this.#paste(text);
    this.#stage.focus();
  }

  /** @param {import('./line.js').Picture} picture */
  #drawn(picture) {
    if ('counter' in picture) this.#line?.drawn(picture.counter);
    if (!this.#facts.pictured) this.#learn({ pictured: true });
  }

  /** @param {boolean} here */
  #agent(here) {
    this.#learn(here ? { agentHere: true, agentWasHere: true } : { agentHere: false, secured: false, barred: null, challenger: null });
  }

  /** @param {{expiresIn: number | null, lost: number}} news */
  #secured({ expiresIn, lost }) {
    // All that still holds is said anew.
    this.#unsay();
    this.#chooser.reconnected();
    this.#place.clear();
    this.#learn({ agentHere: true, agentWasHere: true, secured: true, hadControl: true, barred: null, frozen: null });
    if (expiresIn !== null) this.#countDown(Date.now() + expiresIn);
    if (lost > 0 && !this.#facts.finishing) toast(lostWords(lost));
  }

  /**
   * @param {number} code
   * @param {number} discarded
   */
  #lost(code, discarded) {
    const asking = this.#facts.barred?.by === 'busy' && code === BUSY_CLOSE;
    if (asking) return; // it asks again by itself, on another socket
    if (code === TOO_LARGE_CLOSE) toast(TOO_LARGE);
    else if (discarded > 0 && !this.#entry.secure && !this.#facts.finishing) toast(NOT_SENT);
    this.#learn({ ...NO_CONNECTION, failures: this.#facts.failures + 1 });
  }

  /** @param {number | string} code */
  #closed(code) {
    const meaning = closeOf(code, this.#facts);
    if ('outcome' in meaning) this.#end(meaning.outcome);
    else this.#learn(meaning);
  }

  /** The human's word, in the queue behind all that was typed. @param {'resolved' | 'cancelled'} how */
  #finish(how) {
    if (!canFinish(this.#facts)) return;
    this.#stage.release();
    this.#learn({ finishing: how });
    this.#tell(how);
  }

  /** @param {'resolved' | 'cancelled'} how */
  #tell(how) {
    this.#line?.finish(how);
    this.#learn({ slow: false });
    clearTimeout(this.#slowTimer);
    this.#slowTimer = window.setTimeout(() => this.#learn({ slow: true }), SLOW_AFTER_MS);
  }

  /** @param {import('./state.js').Outcome} outcome */
  #end(outcome) {
    const byYou = outcome === 'elsewhere' ? this.#facts.handedOver : outcome === this.#facts.finishing;
    this.#learn({ end: { outcome, byYou } });
  }

  /** @param {string} pin Six digits. */
  #answerPin(pin) {
    this.#learn({ barred: { by: 'pin', wrong: false, checking: true } });
    this.#line?.answerPin(pin);
  }

  /** @param {'hand_over' | 'keep'} answer */
  #answerTakeover(answer) {
    const { challenger } = this.#facts;
    if (challenger === null) return;
    this.#line?.answerTakeover(challenger, answer);
    this.#learn({ challenger: null, handedOver: answer === 'hand_over' });
    this.#stage.focus();
  }

  #act() {
    switch (wordsOf(this.#facts).action?.act) {
      case 'retry':
        this.#line?.retry();
        break;
      case 'ask':
        this.#learn({ barred: null });
        this.#line?.retry();
        break;
      case 'pin':
        openSheet('pin');
        break;
      case 'reload':
        void this.open();
        break;
      case 'again':
        if (this.#facts.finishing) this.#tell(this.#facts.finishing);
        break;
      case 'here':
        this.#facts = { ...this.#facts, ...NO_CONNECTION, end: null, failures: 0, pictured: false, handedOver: false };
        noteStarted(this.#entry.id);
        this.#learn({});
        this.#countDown(this.#endsAt);
        // It wasn't told while this was over: a tab that was hidden then would get no picture now.
        this.#line?.hide(document.hidden);
        this.#line?.retry();
        break;
    }
  }

  /**
   * A page that was away may show the past: it is covered at once, and uncovered only by the agent's own
   * answer. One that goes keeps neither picture nor connection.
   */
  #watchTheWindow() {
    addEventListener('online', () => !this.#facts.connected && this.#active?.retry());
    addEventListener('pagehide', () => {
      this.#stage.letGo();
      this.#active?.leave();
      this.#stage.clear();
      this.#learn({ ...NO_CONNECTION, pictured: false });
    });
    addEventListener('pageshow', ({ persisted }) => persisted && this.#active?.connect());
    document.addEventListener('resume', () => {
      this.#cover();
      this.#active?.woke();
    });
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) this.#stage.letGo();
      this.#cover();
      this.#active?.hide(document.hidden);
    });
  }

  /** The connection, unless it is over: then nothing but the human's hand goes on with it. */
  get #active() {
    return this.#facts.end || this.#facts.problem ? null : this.#line;
  }

  #cover() {
    if (this.#facts.secure && this.#facts.secured) this.#frozen('asleep');
  }

  /** @param {import('./state.js').Frozen} reason */
  #frozen(reason) {
    if (reason !== 'asleep') {
      this.#learn({ frozen: reason });
      return;
    }
    this.#stage.clear();
    this.#learn({ frozen: reason, pictured: false });
  }

  /** @param {number} left */
  #tick(left) {
    const words = spell(left);
    say('time-left', words);
    say('card-time', words);
    const urgent = left <= 60_000;
    const chip = box('time-chip');
    if (urgent && !chip.classList.contains('urgent') && phaseOf(this.#facts) === 'live') toast(ONE_MINUTE);
    chip.classList.toggle('urgent', urgent);
    clearTimeout(this.#lateTimer);
    if (left > 0) return;
    // Once connected the other side says it; should it not, the page does.
    if (phaseOf(this.#facts) === 'card') this.#end('expired');
    else this.#lateTimer = window.setTimeout(() => this.#end('expired'), this.#endsAt + LATE_AFTER_MS - Date.now());
  }
}

/** Does it the first time alone. @param {() => void} act */
function once(act) {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act();
  };
}
