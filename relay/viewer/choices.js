// @ts-check
// The sheet with a list to choose from: by finger, mouse, keyboard or screen reader. The focus stays on the
// list, or on the field that narrows it down, and one option is the active one.
//
// It can come while a finger is on its way to something else: it takes choices only after a moment.

import { box, button, find, say } from './dom.js';
import { beginsWith, fits, pickerTitle, restWords } from './picker.js';

/** @typedef {import('./picker.js').Choices} Choices */
/** @typedef {import('./picker.js').Option} Option */

const SETTLE_MS = 300;
/** Longer lists can be narrowed down. */
const FEW = 12;
/** Keys that come this near to each other spell one word. */
const SPELL_MS = 800;
const PAGE = 8;

export class ChoiceSheet {
  #answer;
  #sheet = find('choose-sheet', HTMLDialogElement);
  #list = box('choose-list');
  #filter = find('choose-filter', HTMLInputElement);
  /** @type {Choices | null} */
  #choices = null;
  /** An option's element, by its place. @type {HTMLElement[]} */
  #rows = [];
  #active = -1;
  /** @type {Set<number>} */
  #chosen = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #settled;
  #spelled = { word: '', at: -Infinity };

  /** @param {(chosen: number[] | null) => void} answer The places of what was chosen; null when it was put away. */
  constructor(answer) {
    this.#answer = answer;
    button('choose-ok').addEventListener('click', () => this.#confirm());
    button('choose-cancel').addEventListener('click', () => answer(null));
    this.#sheet.addEventListener('cancel', (event) => {
      event.preventDefault();
      answer(null);
    });
    this.#sheet.addEventListener('click', ({ target }) => target === this.#sheet && answer(null));
    this.#list.addEventListener('click', ({ target }) => this.#clicked(target));
    this.#list.addEventListener('keydown', (event) => this.#listKey(event));
    this.#filter.addEventListener('keydown', (event) => this.#moveKey(event) || this.#enterKey(event));
    this.#filter.addEventListener('input', () => this.#narrow());
  }

  /** @param {Choices} choices */
  show(choices) {
    const { label, options, multiple } = choices;
    this.#choices = choices;
    this.#chosen = new Set(options.flatMap(({ selected }, place) => (selected ? [place] : [])));
    this.#rows = options.map((option, place) => rowOf(option, place));
    say('choose-title', pickerTitle(choices));
    say('choose-label', label);
    this.#list.setAttribute('aria-multiselectable', String(multiple));
    this.#list.replaceChildren(...this.#grouped(options));
    this.#filter.hidden = options.length <= FEW;
    box('choose-ok').hidden = !multiple;
    this.#filter.value = '';
    this.#narrow();
    this.#mark();
    this.#settle();
    if (!this.#sheet.open) this.#sheet.showModal();
    // A finger needs no field for words at once: its keyboard would cover the list.
    const types = !this.#filter.hidden && !matchMedia('(pointer: coarse)').matches;
    (types ? this.#filter : this.#list).focus();
    this.#activate([...this.#chosen][0] ?? this.#step(-1, 1), 'center');
  }

  hide() {
    clearTimeout(this.#settled);
    this.#choices = null;
    this.#sheet.close();
    this.#list.replaceChildren();
    this.#rows = [];
    this.#filter.value = '';
  }

  #settle() {
    clearTimeout(this.#settled);
    delete this.#sheet.dataset['settled'];
    this.#settled = setTimeout(() => {
      this.#sheet.dataset['settled'] = '';
    }, SETTLE_MS);
  }

  /** Options of a group stand under its name. @param {readonly Option[]} options */
  #grouped(options) {
    /** @type {HTMLElement[]} */
    const parts = [];
    options.forEach(({ group }, place) => {
      const row = /** @type {HTMLElement} */ (this.#rows[place]);
      if (group === '') {
        parts.push(row);
      } else if (group === options[place - 1]?.group) {
        parts.at(-1)?.append(row);
      } else {
        parts.push(groupOf(group, place, row));
      }
    });
    return parts;
  }

  /** Leaves those that fit what was typed. */
  #narrow() {
    const options = this.#choices?.options ?? [];
    const sought = this.#filter.value;
    this.#rows.forEach((row, place) => {
      row.hidden = !fits(/** @type {Option} */ (options[place]), sought);
    });
    for (const group of this.#list.querySelectorAll('[role=group]')) {
      group.toggleAttribute('hidden', !group.querySelector('[role=option]:not([hidden])'));
    }
    const none = options.length > 0 && this.#rows.every((row) => row.hidden);
    say('choose-note', none ? 'Nothing in the list fits that.' : this.#choices ? restWords(this.#choices) : '');
    this.#activate(this.#step(-1, 1), 'nearest');
  }

  /** @param {KeyboardEvent} event */
  #listKey(event) {
    if (this.#moveKey(event) || this.#enterKey(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const spelling = event.timeStamp - this.#spelled.at < SPELL_MS && this.#spelled.word !== '';
    if (event.key === ' ' && !spelling) this.#choose(this.#active);
    else if (event.key.length === 1) this.#spell(event.key, event.timeStamp, spelling);
    else return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  #moveKey(event) {
    const inText = event.target === this.#filter;
    const to = event.isComposing ? null : this.#placeBy(event.key, inText);
    if (to === null) return false;
    event.preventDefault();
    this.#activate(to, 'nearest');
    return true;
  }

  /** @param {KeyboardEvent} event */
  #enterKey(event) {
    if (event.key !== 'Enter' || event.isComposing || event.repeat) return false;
    event.preventDefault();
    if (this.#choices?.multiple) this.#confirm();
    else this.#choose(this.#active);
    return true;
  }

  /**
   * @param {string} key
   * @param {boolean} inText Whether the key can be one for the text.
   */
  #placeBy(key, inText) {
    switch (key) {
      case 'ArrowDown':
        return this.#step(this.#active, 1);
      case 'ArrowUp':
        return this.#step(this.#active, -1);
      case 'PageDown':
        return this.#step(this.#active, 1, PAGE);
      case 'PageUp':
        return this.#step(this.#active, -1, PAGE);
      case 'Home':
        return inText ? null : this.#step(-1, 1);
      case 'End':
        return inText ? null : this.#step(this.#rows.length, -1);
      default:
        return null;
    }
  }

  /**
   * The place so many options further that can be chosen; where it begins if there is none.
   *
   * @param {number} from
   * @param {1 | -1} way
   * @param {number} [count]
   */
  #step(from, way, count = 1) {
    let place = from;
    let left = count;
    for (let next = from + way; next >= 0 && next < this.#rows.length && left > 0; next += way) {
      if (!this.#isOpen(next)) continue;
      place = next;
      left -= 1;
    }
    return place < this.#rows.length ? place : -1;
  }

  /** @param {string} letter @param {number} at @param {boolean} goesOn */
  #spell(letter, at, goesOn) {
    const word = goesOn ? this.#spelled.word + letter : letter;
    this.#spelled = { word, at };
    // The same letter again goes on to the next that begins with it.
    const isRepeated = [...word].every((each) => each === letter);
    const sought = isRepeated ? letter : word;
    const from = isRepeated ? this.#active + 1 : this.#active;
    const options = this.#choices?.options ?? [];
    const places = this.#rows.map((_, index) => (index + Math.max(0, from)) % this.#rows.length);
    const found = places.find((place) => this.#isOpen(place) && beginsWith(/** @type {Option} */ (options[place]), sought));
    if (found !== undefined) this.#activate(found, 'nearest');
  }

  /** @param {number} place */
  #isOpen(place) {
    const row = this.#rows[place];
    return row !== undefined && !row.hidden && this.#choices?.options[place]?.disabled === false;
  }

  /** @param {EventTarget | null} target */
  #clicked(target) {
    const row = target instanceof Element ? target.closest('[role=option]') : null;
    const place = row instanceof HTMLElement ? this.#rows.indexOf(row) : -1;
    if (place >= 0) this.#choose(place);
  }

  /** @param {number} place */
  #choose(place) {
    if (!this.#isOpen(place) || !('settled' in this.#sheet.dataset)) return;
    if (!this.#choices?.multiple) {
      this.#answer([place]);
      return;
    }
    if (!this.#chosen.delete(place)) this.#chosen.add(place);
    this.#mark();
    this.#activate(place, 'nearest');
  }

  #confirm() {
    if (!('settled' in this.#sheet.dataset)) return;
    // One that is disabled counts for nothing, also when the page has chosen it.
    const chosen = [...this.#chosen].filter((place) => this.#choices?.options[place]?.disabled === false);
    this.#answer(chosen.sort((one, other) => one - other));
  }

  #mark() {
    this.#rows.forEach((row, place) => row.setAttribute('aria-selected', String(this.#chosen.has(place))));
  }

  /** @param {number} place @param {ScrollLogicalPosition} block */
  #activate(place, block) {
    this.#rows[this.#active]?.classList.remove('active');
    this.#active = place;
    const row = this.#rows[place];
    row?.classList.add('active');
    row?.scrollIntoView({ block });
    for (const host of [this.#list, this.#filter]) {
      if (row) host.setAttribute('aria-activedescendant', row.id);
      else host.removeAttribute('aria-activedescendant');
    }
  }
}

/** @param {Option} option @param {number} place */
function rowOf({ text, disabled }, place) {
  const row = document.createElement('div');
  row.id = `choice-${place}`;
  row.className = 'choice';
  row.role = 'option';
  row.dir = 'auto';
  row.textContent = text;
  if (text.trim() === '') row.ariaLabel = 'Empty';
  if (disabled) row.ariaDisabled = 'true';
  return row;
}

/** @param {string} name @param {number} place @param {HTMLElement} first */
function groupOf(name, place, first) {
  const group = document.createElement('div');
  const heading = document.createElement('div');
  group.role = 'group';
  heading.id = `choice-group-${place}`;
  heading.className = 'choice-group';
  heading.dir = 'auto';
  heading.textContent = name;
  group.setAttribute('aria-labelledby', heading.id);
  group.append(heading, first);
  return group;
}
