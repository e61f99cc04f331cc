// @ts-check
// What the page asks of the human outside its picture, as the agent passes it on: read and put into words.
//
// All of it is the page's, so it is shown as text and never as anything else.

/**
 * @typedef {'alert' | 'confirm' | 'prompt' | 'beforeunload'} DialogKind
 * @typedef {{type: 'dialog', id: number, kind: DialogKind, origin: string, text: string, default: string}} Dialog
 * @typedef {{type: 'auth', id: number, origin: string, realm: string, proxy: boolean}} Auth
 * @typedef {Dialog | Auth} Question
 * @typedef {{type: 'dialog_answer', id: number, accept: boolean, text?: string}} DialogAnswer
 * @typedef {{type: 'auth_answer', id: number, username?: string, password?: string}} AuthAnswer
 * @typedef {DialogAnswer | AuthAnswer} Answer
 */

/**
 * @typedef {object} Words
 * @property {string} title
 * @property {string} lead Ours, before the page's own text.
 * @property {string} yes
 * @property {string} no Empty when there is nothing to decide.
 */

/** @type {readonly string[]} */
const KINDS = ['alert', 'confirm', 'prompt', 'beforeunload'];

/**
 * Reads a dialog; `null` if it isn't one.
 *
 * @param {Record<string, unknown>} message
 * @returns {Dialog | null}
 */
export function readDialog(message) {
  const { type, id, kind, origin, text } = message;
  if (type !== 'dialog' || !isId(id) || typeof kind !== 'string' || !KINDS.includes(kind)) return null;
  if (typeof origin !== 'string' || typeof text !== 'string') return null;
  const begins = message['default'];
  return { type, id, kind: /** @type {DialogKind} */ (kind), origin, text, default: typeof begins === 'string' ? begins : '' };
}

/**
 * Reads a server's question; `null` if it isn't one.
 *
 * @param {Record<string, unknown>} message
 * @returns {Auth | null}
 */
export function readAuth(message) {
  const { type, id, origin, realm, proxy } = message;
  if (type !== 'auth' || !isId(id) || typeof origin !== 'string' || typeof realm !== 'string') return null;
  return { type, id, origin, realm, proxy: proxy === true };
}

/**
 * Reads which sheet the agent takes away; `null` if none.
 *
 * @param {Record<string, unknown>} message
 */
export function readClosed(message) {
  const { type, id } = message;
  return type === 'sheet_closed' && isId(id) ? id : null;
}

/** @param {Question} question @returns {Words} */
export function questionWords(question) {
  return question.type === 'auth' ? authWords(question) : dialogWords(question);
}

/** @param {Auth} auth @returns {Words} */
function authWords({ origin, proxy }) {
  const isPlain = origin.startsWith('http://');
  const lead = isPlain && !proxy ? 'The connection isn’t secure: others on its way can read what you enter.' : '';
  return { title: `${proxy ? 'The proxy ' : ''}${hostOf(origin)} wants you to sign in`, lead, yes: 'Sign in', no: 'Cancel' };
}

/** @param {Dialog} dialog @returns {Words} */
function dialogWords({ kind, origin }) {
  const who = origin === '' ? 'The page' : hostOf(origin);
  switch (kind) {
    case 'alert':
      return { title: `${who} says`, lead: '', yes: 'OK', no: '' };
    case 'confirm':
      return { title: `${who} asks`, lead: '', yes: 'OK', no: 'Cancel' };
    case 'prompt':
      return { title: `${who} asks`, lead: '', yes: 'OK', no: 'Cancel' };
    case 'beforeunload':
      return { title: 'Leave this page?', lead: 'What you entered there may not be kept.', yes: 'Leave', no: 'Stay' };
  }
}

/** @param {string} origin */
function hostOf(origin) {
  return URL.canParse(origin) ? new URL(origin).host : origin;
}

/** @param {unknown} id @returns {id is number} */
function isId(id) {
  return typeof id === 'number' && Number.isInteger(id) && id >= 0;
}
