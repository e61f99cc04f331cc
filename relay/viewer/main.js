// @ts-check
// The page: from the link to the end of the session. Facts come in from the other modules, and after
// each change the whole page is rendered from them.

import { fetchCard } from './card.js';
import { Channel, Close } from './channel.js';
import { countDown, spell } from './clock.js';
import { ViewerKey } from './crypto-v1.js';
import { box, button, say } from './dom.js';
import { parseLink } from './link.js';
import { render, showCard } from './render.js';
import { clearToast, closeSheets, openSheet, pasteProblem, toast, wireSheets } from './sheets.js';
import { Stage } from './stage.js';
import { NOTHING_KNOWN, outcomeOf, phaseOf } from './state.js';
import { HOW_TO_TYPE, NOT_SENT, NO_DRAGGING, ONE_MINUTE, TOO_FAST, TOO_LARGE, noticeOf, wordsOf } from './words.js';

/** @typedef {import('./link.js').Link} Link */
/** @typedef {import('./state.js').Facts} Facts */
/** @typedef {import('./wire.js').InputEvent} InputEvent */

const ASK_EVERY_MS = 1_500;
const SLOW_AFTER_MS = 15_000;
const LATE_AFTER_MS = 10_000;

class Page {
  #link;
  /** @type {Facts} */
  #facts = NOTHING_KNOWN;
  /** @type {Channel | null} */
  #channel = null;
  #stage;
  #endsAt = 0;
  #stopClock = () => {};
  #askTimer = 0;
  #finishedAt = 0;
  #warnedOfDragging = false;
  #toldHowToType = false;

  /** @param {Link} link */
  constructor(link) {
    this.#link = link;
    this.#stage = new Stage({
      send: (event) => this.#send(event),
      paste: (text) => this.#paste(text),
      pictured: () => this.#learn({ pictured: true }),
      dragged: () => this.#dragged(),
      tapped: () => this.#tapped(),
    });
    wireSheets({
      paste: (text) => this.#paste(text),
      giveUp: () => this.#finish('cancelled'),
      closed: () => this.#stage.focus(),
    });
    button('start').addEventListener('click', () => void this.#start());
    button('done').addEventListener('click', () => this.#finish('resolved'));
    button('cancel').addEventListener('click', () => openSheet('cancel'));
    button('about').addEventListener('click', () => openSheet('about'));
    button('paste').addEventListener('click', () => void this.#pasteFromClipboard());
    button('veil-action').addEventListener('click', () => this.#act());
    button('ended-action').addEventListener('click', () => this.#act());
    addEventListener('online', () => this.#channel?.isResting && this.#channel.connect());
  }

  async open() {
    this.#learn({ problem: null });
    const answer = await fetchCard(this.#link);
    if ('problem' in answer) {
      this.#learn({ problem: answer.problem });
      return;
    }
    const { card } = answer;
    showCard(card);
    const outcome = outcomeOf(card.status);
    this.#learn({ hasCard: true, end: outcome ? { outcome, byYou: false } : null });
    if (outcome) return;
    this.#endsAt = card.endsAt;
    this.#startClock();
  }

  #startClock() {
    this.#stopClock = countDown(this.#endsAt, (left) => this.#tick(left));
  }

  async #start() {
    if (this.#facts.started) return;
    this.#learn({ started: true });
    const key = await ViewerKey.create();
    this.#channel = new Channel(this.#link.streamUrl, key, {
      opened: () => this.#learn({ connected: true, wasConnected: true, failures: 0 }),
      lost: (code, discarded) => this.#lost(code, discarded),
      closed: (code) => void this.#closed(code),
      agent: (here) => this.#agent(here),
      secured: () => this.#secured(),
      frame: (meta, jpeg) => this.#stage.show(meta, jpeg),
      ended: (how) => this.#end(how),
      notice: (code) => noticeOf(code) && toast(noticeOf(code)),
    });
    this.#channel.connect();
  }

  /** @param {Partial<Facts>} news */
  #learn(news) {
    const before = phaseOf(this.#facts);
    if (this.#facts.end) return;
    this.#facts = { ...this.#facts, ...news };
    const phase = phaseOf(this.#facts);
    this.#stage.enable(phase === 'live' && !this.#facts.finishing);
    render(this.#facts);
    if (phase === before) return;
    if (phase === 'live') this.#stage.focus();
    if (phase === 'ended' || phase === 'error') this.#shutDown();
  }

  #shutDown() {
    closeSheets();
    clearToast();
    this.#stopClock();
    clearTimeout(this.#askTimer);
    this.#channel?.stop();
  }

  /** @param {InputEvent} event */
  #send(event) {
    if (this.#channel?.send(event) === false) toast(TOO_FAST);
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

  #dragged() {
    if (this.#warnedOfDragging) return;
    this.#warnedOfDragging = true;
    toast(NO_DRAGGING);
  }

  /** A tap into a field raises no keyboard: nobody here knows what is a field. */
  #tapped() {
    if (this.#toldHowToType) return;
    this.#toldHowToType = true;
    toast(HOW_TO_TYPE);
  }

  /** @param {boolean} here */
  #agent(here) {
    if (here) {
      this.#learn({ agentHere: true, agentWasHere: true });
      return;
    }
    this.#learn({ agentHere: false, secured: false });
    if (this.#facts.finishing) void this.#ask();
  }

  #secured() {
    this.#learn({ agentHere: true, agentWasHere: true, secured: true });
    // The connection dropped after the human's word: the agent may not have heard it.
    if (this.#facts.finishing) this.#channel?.send({ type: this.#facts.finishing });
  }

  /**
   * @param {number} code
   * @param {number} discarded
   */
  #lost(code, discarded) {
    if (code === Close.TOO_LARGE) toast(TOO_LARGE);
    else if (discarded > 0 && !this.#facts.finishing) toast(NOT_SENT);
    this.#learn({ connected: false, agentHere: false, secured: false, failures: this.#facts.failures + 1 });
  }

  /** @param {number} code */
  async #closed(code) {
    if (code === Close.ELSEWHERE) this.#end('elsewhere');
    else if (code === Close.EXPIRED) this.#end('expired');
    else if (code === Close.TOKEN) this.#learn({ problem: 'refused' });
    else if (code === Close.NEWER) this.#learn({ problem: 'newer' });
    else if (!(await this.#ask())) this.#end(this.#facts.finishing ?? 'error');
  }

  /** The human's word, in the queue behind all that was typed. @param {'resolved' | 'cancelled'} how */
  #finish(how) {
    if (phaseOf(this.#facts) !== 'live' || this.#facts.finishing) return;
    this.#stage.release();
    this.#send({ type: how });
    this.#finishedAt = Date.now();
    this.#learn({ finishing: how, slow: false });
    this.#askLater();
  }

  /** The agent's way out isn't always seen on the stream: the relay knows. */
  #askLater() {
    clearTimeout(this.#askTimer);
    this.#askTimer = window.setTimeout(async () => {
      if (await this.#ask()) return;
      if (Date.now() - this.#finishedAt > SLOW_AFTER_MS) this.#learn({ slow: true });
      this.#askLater();
    }, ASK_EVERY_MS);
  }

  /** @returns {Promise<boolean>} Whether the session is over, as the relay says. */
  async #ask() {
    const answer = await fetchCard(this.#link);
    const outcome = 'card' in answer ? outcomeOf(answer.card.status) : answer.problem === 'expired' ? 'expired' : null;
    if (outcome) this.#end(outcome);
    return outcome !== null;
  }

  /** @param {import('./state.js').Outcome} outcome */
  #end(outcome) {
    this.#learn({ end: { outcome, byYou: outcome === this.#facts.finishing } });
  }

  #act() {
    const action = wordsOf(this.#facts).action?.act;
    if (action === 'retry') this.#channel?.connect();
    else if (action === 'reload') void this.open();
    else if (action === 'again') this.#tellAgain();
    else if (action === 'here') {
      this.#facts = { ...this.#facts, end: null, connected: false, agentHere: false, secured: false, failures: 0 };
      this.#learn({});
      this.#startClock();
      this.#channel?.connect();
    }
  }

  #tellAgain() {
    const how = this.#facts.finishing;
    if (!how) return;
    this.#channel?.send({ type: how });
    this.#finishedAt = Date.now();
    this.#learn({ slow: false });
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
    if (left > 0) return;
    // Once connected the relay says it; should it not, the page does.
    if (phaseOf(this.#facts) === 'card') this.#end('expired');
    else setTimeout(() => this.#end('expired'), LATE_AFTER_MS);
  }
}

const parsed = parseLink(location);
if ('problem' in parsed) render({ ...NOTHING_KNOWN, problem: parsed.problem });
else if (!globalThis.crypto?.subtle) render({ ...NOTHING_KNOWN, problem: 'insecure' });
else void new Page(parsed.link).open();
// A link pasted over another in the same tab is another session.
addEventListener('hashchange', () => location.reload());
