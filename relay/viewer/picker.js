// @ts-check
// What the page offers to choose from, as the agent passes it on: read, checked and put into words.
//
// Texts are the page's, so they are shown as text. Dates and the like come and go in HTML's wire formats.

/**
 * @typedef {{text: string, group: string, disabled: boolean, selected: boolean}} Option
 * @typedef {{type: 'choices', id: number, kind: 'select' | 'datalist', label: string, multiple: boolean, options: Option[], more: boolean}} Choices
 * @typedef {'date' | 'time' | 'month' | 'week' | 'datetime-local' | 'color'} ValueKind
 * @typedef {{type: 'value', id: number, kind: ValueKind, label: string, value: string, min: string, max: string, step: string}} ValuePicker
 * @typedef {Choices | ValuePicker} Picker
 * @typedef {{type: 'picker_answer', id: number, chosen?: number[], value?: string}} PickerAnswer Without either: it was put away.
 */

const MAX_OPTIONS = 1_000;
const MAX_TEXT = 200;
const MAX_LABEL = 100;
const MAX_VALUE = 64;

/** HTML's formats, each with an example for browsers that have no picker of the kind. @type {Readonly<Record<ValueKind, {form: RegExp, example: string}>>} */
const FORMS = {
  date: { form: /^\d{4,6}-\d\d-\d\d$/u, example: '2027-01-31' },
  time: { form: /^\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?$/u, example: '18:30' },
  month: { form: /^\d{4,6}-\d\d$/u, example: '2027-01' },
  week: { form: /^\d{4,6}-W\d\d$/u, example: '2027-W05' },
  'datetime-local': { form: /^\d{4,6}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?$/u, example: '2027-01-31T18:30' },
  color: { form: /^#[0-9a-f]{6}$/iu, example: '#3366cc' },
};

/** @type {Readonly<Record<ValueKind, string>>} */
const TITLES = {
  date: 'Pick a date',
  time: 'Pick a time',
  month: 'Pick a month',
  week: 'Pick a week',
  'datetime-local': 'Pick a date and time',
  color: 'Pick a colour',
};

/**
 * Reads a picker; `null` if the message is none.
 *
 * @param {Record<string, unknown>} message
 * @returns {Picker | null}
 */
export function readPicker(message) {
  const { type, id, kind, label } = message;
  if (type !== 'picker' || typeof id !== 'number' || !Number.isInteger(id) || id < 0) return null;
  const named = { id, label: text(label, MAX_LABEL) };
  if (kind === 'select' || kind === 'datalist') return readChoices(kind, named, message);
  return isValueKind(kind) ? readValue(kind, named, message) : null;
}

/**
 * @param {Choices['kind']} kind
 * @param {{id: number, label: string}} named
 * @param {Record<string, unknown>} message
 * @returns {Choices | null}
 */
function readChoices(kind, named, { multiple, options, more }) {
  if (!Array.isArray(options)) return null;
  const read = options.slice(0, MAX_OPTIONS).map(readOption);
  return {
    type: 'choices', ...named, kind, multiple: kind === 'select' && multiple === true,
    options: read, more: more === true || options.length > MAX_OPTIONS,
  };
}

/**
 * Answers name an option by its place, so one that can't be read keeps its own.
 *
 * @param {unknown} option
 * @returns {Option}
 */
function readOption(option) {
  if (typeof option !== 'object' || option === null) return { text: '', group: '', disabled: true, selected: false };
  const { text: words, group, disabled, selected } = /** @type {Record<string, unknown>} */ (option);
  return { text: text(words, MAX_TEXT), group: text(group, MAX_TEXT), disabled: disabled === true, selected: selected === true };
}

/**
 * @param {ValueKind} kind
 * @param {{id: number, label: string}} named
 * @param {Record<string, unknown>} message
 * @returns {ValuePicker}
 */
function readValue(kind, named, { value, min, max, step }) {
  const wellFormed = (/** @type {unknown} */ it) => (isValue(kind, text(it, MAX_VALUE)) ? text(it, MAX_VALUE) : '');
  const steps = text(step, MAX_VALUE);
  return {
    type: 'value', ...named, kind, value: wellFormed(value), min: wellFormed(min), max: wellFormed(max),
    step: steps === 'any' || Number(steps) > 0 ? steps : '',
  };
}

/** Whether a text is of the kind's wire format. @param {ValueKind} kind @param {string} value */
export function isValue(kind, value) {
  return FORMS[kind].form.test(value);
}

/** @param {ValueKind} kind */
export function exampleOf(kind) {
  return FORMS[kind].example;
}

/** What the sheet says is to be done. @param {Picker} picker */
export function pickerTitle(picker) {
  if (picker.type === 'value') return TITLES[picker.kind];
  if (picker.kind === 'datalist') return 'Fill in';
  return picker.multiple ? 'Choose any number' : 'Choose one';
}

/** What isn't listed, and how to get at it; empty if all is. @param {Choices} choices */
export function restWords({ kind, options, more }) {
  if (!more) return '';
  const rest = kind === 'select' ? 'For another, put this away and type how it begins.' : 'For another, put this away and type it.';
  return `Only the first ${options.length.toLocaleString('en')} are listed. ${rest}`;
}

/**
 * Whether an option fits what was typed to find it, whatever its case and accents.
 *
 * @param {Option} option
 * @param {string} sought
 */
export function fits({ text: words, group }, sought) {
  return folded(`${words} ${group}`).includes(folded(sought.trim()));
}

/** Whether an option begins with what was typed. @param {Option} option @param {string} typed */
export function beginsWith({ text: words }, typed) {
  return folded(words.trim()).startsWith(folded(typed));
}

/** @param {string} words */
function folded(words) {
  return words.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** @param {unknown} value @param {number} most */
function text(value, most) {
  return typeof value === 'string' ? value.slice(0, most) : '';
}

/** @param {unknown} kind @returns {kind is ValueKind} */
function isValueKind(kind) {
  return typeof kind === 'string' && Object.hasOwn(FORMS, kind);
}
