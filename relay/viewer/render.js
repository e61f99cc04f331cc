// @ts-check
// Writes the facts onto the page. Decides nothing; every text goes in as text.

import { box, button, say, setIcon } from './dom.js';
import { canFinish, isOpen, phaseOf } from './state.js';
import { explain, privacyOf, taskOf, wordsOf } from './words.js';

/** @typedef {import('./state.js').Facts} Facts */
/** @typedef {import('./card.js').Card} Card */

/**
 * @param {Facts} facts
 */
export function render(facts) {
  const phase = phaseOf(facts);
  const words = wordsOf(facts);
  const { body } = document;
  const changed = body.dataset['state'] !== phase;
  body.dataset['state'] = phase;
  if (facts.end) body.dataset['outcome'] = facts.end.outcome;
  else delete body.dataset['outcome'];

  if (facts.frozen) body.dataset['frozen'] = facts.frozen;
  else delete body.dataset['frozen'];

  const open = isOpen(phase);
  const over = phase === 'ended' || phase === 'error';
  body.toggleAttribute('data-open', open);
  box('front').hidden = open;
  box('stage').hidden = !open;
  box('loading').hidden = phase !== 'loading';
  box('card').hidden = phase !== 'card';
  box('ended').hidden = !over;
  button('mark').hidden = !facts.secure || !facts.secured || over;
  box('time-chip').hidden = !facts.hasCard || over;

  say('state', words.status);
  button('done').disabled = !canFinish(facts);
  button('cancel').disabled = !canFinish(facts);
  say('done-words', facts.finishing === 'resolved' ? 'Sending…' : 'Done');

  renderVeil(open && words.title !== '', words);
  if (over) renderEnd(words);
  if (changed && over) box('ended-title').focus();
}

/**
 * @param {boolean} shown
 * @param {import('./words.js').Words} words
 */
function renderVeil(shown, { title, text, action }) {
  box('veil').hidden = !shown;
  say('veil-title', title);
  say('veil-text', text);
  renderAction('veil-action', action);
}

/** @param {import('./words.js').Words} words */
function renderEnd({ title, text, icon, action }) {
  say('ended-title', title);
  say('ended-text', text);
  setIcon('ended-icon', icon ?? 'alert');
  box('ended').dataset['icon'] = icon ?? 'alert';
  renderAction('ended-action', action);
}

/**
 * @param {string} id
 * @param {import('./words.js').Action | undefined} action
 */
function renderAction(id, action) {
  const element = button(id);
  element.hidden = !action;
  say(id, action?.label ?? '');
}

/**
 * What the human is asked to do, before Start and behind the header's button.
 *
 * @param {Card} card
 * @param {boolean} secure Whether the session is end-to-end encrypted.
 */
export function showCard(card, secure) {
  const task = taskOf(card.blocker);
  document.title = `${card.service} – AuthLoop`;
  say('service', card.service);
  say('task', card.hint || task);
  say('headline', task);
  say('explain', explain(card.service));
  say('about-title', `${card.service}: ${task.charAt(0).toLowerCase()}${task.slice(1)}`);
  say('about-text', explain(card.service));
  say('hint', card.hint);
  say('about-hint', card.hint);
  box('hint-box').hidden = card.hint === '';
  box('about-hint-box').hidden = card.hint === '';
  say('host', card.host);
  box('host-row').hidden = card.host === '';
  button('about').disabled = false;
  for (const element of document.querySelectorAll('.privacy')) element.textContent = privacyOf(secure);
  button('card-mark').hidden = !secure;
  say('secure-host', location.host);
}
