// @ts-check
// What the agent sees of a document and does in it that neither pictures nor the browser's own events can: run in a
// JavaScript world of its own, which the page's scripts can't reach. It tells by a promise, `next`, which ends when
// something has changed; `stop` leaves nothing of this behind. What needs keys is a generator: each step says which.
(/** @param {boolean} isMac @param {{at: number, tell: () => void}} refusals */ (isMac, refusals) => {
  'use strict';

  const PACE = 50;
  const PULSE = 250;
  const RECENT = 10_000;
  const MAX_OPTIONS = 1000;
  const MAX_WORDS = 200;
  const MAX_COPIED = 50000;
  const PICKED = ['date', 'time', 'month', 'week', 'datetime-local', 'color'];
  const TYPED = ['text', 'password', 'email', 'tel', 'url', 'number', 'search'];

  /** @typedef {HTMLInputElement | HTMLSelectElement} Chooser */
  /** @typedef {{element: Chooser, serial: number, kind: string, offered: HTMLOptionElement[], asked: boolean, touched: boolean}} Picker */

  const listening = new AbortController();
  /** @type {{[name: string]: string}} */
  let told = {};
  /** @type {object[]} */
  const happened = [];
  /** @type {((report: object | null) => void) | undefined} */
  let answer;
  let due = 0;
  let timer = 0;
  let pulse = 0;
  let cursor = 'default';
  let serials = 0;
  /** @type {Picker | undefined} */
  let picker;
  /** @type {Element | null} */
  let frame = null;
  let frames = 0;
  let isTyped = false;

  // What there is to see.

  /** The element that has the focus, through shadow roots. */
  const focused = () => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element;
  };

  /** @param {unknown} element */
  const kindOf = (element) => {
    if (element instanceof HTMLSelectElement) return element.disabled ? '' : 'select';
    if (element instanceof HTMLTextAreaElement) return element.disabled || element.readOnly ? '' : 'multiline';
    if (element instanceof HTMLInputElement) {
      if (element.disabled || (element.readOnly && element.type !== 'color')) return '';
      return [...TYPED, ...PICKED, 'file'].includes(element.type) ? element.type : '';
    }
    return element instanceof HTMLElement && element.isContentEditable ? 'rich' : '';
  };

  /** @param {string | null | undefined} words */
  const short = (words) => (words ?? '').replace(/\s+/g, ' ').trim().slice(0, MAX_WORDS);

  /** @param {Element} element */
  const labelOf = (element) => {
    const labels = 'labels' in element ? /** @type {HTMLInputElement} */ (element).labels : null;
    const placeholder = 'placeholder' in element ? String(element.placeholder) : '';
    return short(element.getAttribute('aria-label')) || short(labels?.[0]?.textContent) || short(placeholder);
  };

  /** @param {Element} element */
  const boxOf = (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
  };

  const fieldNow = () => {
    const element = focused();
    const kind = kindOf(element);
    if (!kind || !(element instanceof HTMLElement)) return null;
    const limit = 'maxLength' in element ? Number(element.maxLength) : -1;
    return {
      kind,
      input_mode: element.inputMode,
      enter_key: element.enterKeyHint,
      autocomplete: (element.getAttribute('autocomplete') ?? '').slice(0, MAX_WORDS),
      max_length: limit >= 0 ? limit : null,
      multiple: 'multiple' in element && Boolean(element.multiple),
      label: labelOf(element),
      ...boxOf(element),
    };
  };

  /** Where the frame that has the focus begins, if one has. */
  const frameNow = () => {
    const element = focused();
    const isFrame = element instanceof HTMLIFrameElement || element instanceof HTMLFrameElement;
    if (frame !== (isFrame ? element : null)) {
      frame = isFrame ? element : null;
      frames += 1;
    }
    if (!frame || !(element instanceof HTMLElement)) return null;
    const { x, y } = element.getBoundingClientRect();
    const { paddingLeft, paddingTop } = getComputedStyle(element);
    return {
      serial: frames,
      x: Math.round(x + element.clientLeft + parseFloat(paddingLeft)),
      y: Math.round(y + element.clientTop + parseFloat(paddingTop)),
    };
  };

  const viewNow = () => {
    const view = window.visualViewport;
    return { x: view?.offsetLeft ?? 0, y: view?.offsetTop ?? 0, scale: view?.scale ?? 1 };
  };

  // Pickers: what the browser opens outside the picture.

  /** @param {Element} element */
  const isOpen = (element) => {
    try {
      return element.matches(':open');
    } catch {
      return document.activeElement === element;
    }
  };

  /** @param {unknown} element */
  const isPopUp = (element) => element instanceof HTMLSelectElement && !element.multiple && element.size <= 1;

  /** @param {Chooser} element */
  const choicesOf = (element) => {
    const list = element instanceof HTMLSelectElement ? element : element.list;
    const options = list ? [...list.querySelectorAll('option')] : [];
    const isShown = (/** @type {Element} */ option) => getComputedStyle(option).display !== 'none';
    return element instanceof HTMLSelectElement ? options.filter(isShown) : options;
  };

  /** @param {HTMLOptionElement} option */
  const isDisabled = (option) => option.disabled || option.closest('optgroup')?.disabled === true;

  /**
   * @param {Chooser} element
   * @param {boolean} asked
   */
  const offer = (element, asked) => {
    if (picker?.element === element && !asked) return;
    const kind = element instanceof HTMLInputElement && !PICKED.includes(element.type) ? 'datalist' : kindOf(element);
    const offered = kind === 'select' || kind === 'datalist' ? choicesOf(element) : [];
    if (!kind || (kind === 'datalist' && offered.length === 0)) return;
    serials += 1;
    picker = { element, serial: serials, kind, offered, asked, touched: false };
    look();
  };

  /** Whether what is offered can still be answered. */
  const isStanding = () => {
    if (!picker || !picker.element.isConnected || focused() !== picker.element) return false;
    // A list that was closed from elsewhere, as by a click in another tab, is still wanted here.
    return picker.asked || picker.kind !== 'select' || isOpen(picker.element) || !picker.touched;
  };

  const pickerNow = () => {
    if (!isStanding()) picker = undefined;
    if (!picker) return null;
    const { element, serial, kind, offered } = picker;
    const input = element instanceof HTMLInputElement ? element : null;
    const options = offered.slice(0, MAX_OPTIONS).map((option) => ({
      text: short(option.label || option.value),
      group: option.closest('optgroup')?.label.slice(0, MAX_WORDS) ?? null,
      disabled: isDisabled(option),
      selected: element instanceof HTMLSelectElement && option.selected,
    }));
    return {
      serial,
      kind,
      label: labelOf(element),
      multiple: element instanceof HTMLSelectElement && element.multiple,
      more: offered.length > MAX_OPTIONS,
      options,
      value: kind === 'datalist' ? '' : (input?.value ?? ''),
      min: input?.min ?? '',
      max: input?.max ?? '',
      step: input?.step ?? '',
    };
  };

  /** Offers what the browser has opened by now. */
  const seeOpened = () => {
    const element = focused();
    if ((isPopUp(element) || PICKED.includes(kindOf(element))) && element && isOpen(element)) {
      offer(/** @type {Chooser} */ (element), false);
    }
    look();
  };

  const seeOpenedSoon = () => {
    if (picker) picker.touched = true;
    for (const delay of [0, 60, 200]) setTimeout(seeOpened, delay);
  };

  // Telling.

  const state = () => ({
    field: fieldNow(),
    frame: frameNow(),
    cursor,
    touch: navigator.maxTouchPoints > 0 && matchMedia('(pointer: coarse)').matches,
    view: viewNow(),
    picker: pickerNow(),
  });

  /**
   * What is new, if anything is: one thing that happened at a time, each for a notice of its own. What hasn't changed
   * of the picker is left out, for it may be long.
   */
  const news = () => {
    const now = state();
    const { picker: offered, ...rest } = now;
    const [picture, sheet] = [JSON.stringify(rest), JSON.stringify(offered)];
    if (told['rest'] === picture && told['picker'] === sheet && happened.length === 0) return null;
    const report = { ...rest, happened: happened.splice(0, 1), ...(told['picker'] === sheet ? {} : { picker: offered }) };
    told = { rest: picture, picker: sheet };
    return report;
  };

  /** Looks whether there is something to tell, not too often. */
  const look = () => {
    const wait = due - performance.now();
    if (wait > 0) {
      timer ||= setTimeout(() => {
        timer = 0;
        look();
      }, wait);
      return;
    }
    const report = answer && news();
    if (answer && report) {
      due = performance.now() + PACE;
      answer(report);
      answer = undefined;
    }
    // What has the focus may change without an event: a style, a timer, an element that is taken away.
    clearInterval(pulse);
    pulse = focused() instanceof HTMLBodyElement ? 0 : setInterval(look, PULSE);
  };

  /** @param {object} what */
  const tell = (what) => {
    if (happened.length < 8) happened.push(what);
    look();
  };

  const typed = () => {
    if (!isTyped) tell({ kind: 'typed' });
    isTyped = true;
  };

  /**
   * @template {Event} E
   * @param {EventTarget | null} target
   * @param {string} name
   * @param {(event: E) => void} hear
   */
  const on = (target, name, hear) => {
    const options = { capture: true, passive: !(isMac && name === 'mousedown'), signal: listening.signal };
    target?.addEventListener(
      name,
      (event) => {
        if (event.isTrusted) hear(/** @type {E} */ (event));
      },
      options,
    );
  };

  /** @param {Event} event */
  const targetOf = (event) => event.composedPath()[0];

  /** @param {Element | null} element */
  const selectionOf = (element) => {
    if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
      return element.value.slice(element.selectionStart ?? 0, element.selectionEnd ?? 0);
    }
    return String(getSelection() ?? '');
  };

  for (const name of ['focusin', 'focusout', 'scroll', 'resize', 'input', 'change']) on(window, name, look);
  on(window, 'blur', () => setTimeout(look, 0));
  on(window, 'focus', look);
  for (const name of ['scroll', 'resize']) on(window.visualViewport, name, look);
  on(matchMedia('(pointer: coarse)'), 'change', look);
  on(window, 'keydown', seeOpenedSoon);
  // Told once: that nothing of the browser's own is in the way.
  for (const name of ['keydown', 'keypress', 'beforeinput', 'input']) on(window, name, typed);
  on(window, 'beforeprint', () => tell({ kind: 'print' }));
  refusals.tell = () => {
    refusals.at = -Infinity;
    tell({ kind: 'refused' });
  };
  if (performance.now() - refusals.at < RECENT) refusals.tell();
  on(window, 'mousedown', (/** @type {MouseEvent} */ event) => {
    const element = targetOf(event);
    const select = element instanceof Element ? element.closest('select') : null;
    if (select && isMac && isPopUp(select) && kindOf(select) && event.button === 0) {
      // The browser's own list can't be worked from afar there.
      event.preventDefault();
      select.focus();
      offer(select, true);
    }
    seeOpenedSoon();
  });
  on(window, 'click', (event) => {
    const element = targetOf(event);
    if (element instanceof HTMLInputElement && focused() === element) {
      if (PICKED.includes(kindOf(element)) || element.list) offer(element, false);
    }
    seeOpenedSoon();
  });
  on(window, 'mouseover', (event) => {
    const element = targetOf(event);
    const words = element instanceof Element ? getComputedStyle(element).cursor : '';
    const keyword = words.split(',').at(-1)?.trim() ?? '';
    cursor = keyword === 'auto' || keyword === '' ? 'default' : keyword;
    look();
  });
  on(window, 'contextmenu', (/** @type {MouseEvent} */ event) => {
    const element = targetOf(event);
    const { clientX: x, clientY: y } = event;
    setTimeout(() => {
      if (event.defaultPrevented) return;
      const selection = selectionOf(focused()) !== '';
      const editable = [...TYPED, 'multiline', 'rich'].includes(kindOf(element));
      tell({ kind: 'menu', x: Math.round(x), y: Math.round(y), selection, editable });
    }, 0);
  });

  // Errands: each step says which keys are wanted, and the last how it went.

  /** @typedef {{keys?: {key: string, times: number}[], insert?: string, done?: string, text?: string, more?: boolean}} Step */

  /**
   * @param {Element} element
   * @param {string} value
   */
  const put = (element, value) => {
    const own = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(element), 'value');
    own?.set?.call(element, value);
  };

  /** @param {Element} element */
  const announce = (element) => {
    element.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
    element.dispatchEvent(new Event('change', { bubbles: true }));
  };

  /**
   * @param {HTMLSelectElement} select
   * @param {HTMLOptionElement[]} chosen
   */
  const select = (select, chosen) => {
    for (const option of select.options) {
      const is = chosen.includes(option);
      if (option.selected !== is) option.selected = is;
    }
    announce(select);
  };

  /**
   * The keys from the list's nearer end to an option.
   * @param {HTMLOptionElement[]} offered
   * @param {HTMLOptionElement} option
   */
  const way = (offered, option) => {
    const enabled = offered.filter((each) => !isDisabled(each));
    const [down, up] = [enabled.indexOf(option), enabled.length - 1 - enabled.indexOf(option)];
    const [end, step, times] = down <= up ? ['Home', 'ArrowDown', down] : ['End', 'ArrowUp', up];
    return [{ key: end, times: 1 }, { key: step, times }, { key: 'Enter', times: 1 }];
  };

  /**
   * Opens a list again that was closed from elsewhere; a frame of another site may not.
   * @param {Chooser} element
   */
  const reopens = (element) => {
    try {
      if (!isOpen(element)) element.showPicker();
    } catch {
      return false;
    }
    return isOpen(element);
  };

  /**
   * @param {Picker} open
   * @param {number[]} indices
   * @returns {Generator<Step, Step>}
   */
  function* choose({ element, offered, kind }, indices) {
    const chosen = indices.flatMap((index) => offered[index] ?? []);
    const [option] = chosen;
    if (chosen.length !== indices.length || chosen.some((each) => !each.isConnected || isDisabled(each))) {
      return { done: 'not_chosen' };
    }
    if (element instanceof HTMLInputElement) {
      if (kind !== 'datalist' || !option || chosen.length !== 1) return { done: 'not_chosen' };
      element.focus();
      element.select();
      yield { insert: option.value };
      return { done: element.value === option.value ? 'chosen' : 'not_chosen' };
    }
    if (element.multiple) {
      select(element, chosen);
      return { done: 'chosen' };
    }
    if (!option || chosen.length !== 1) return { done: 'not_chosen' };
    if (isPopUp(element) && !isMac && reopens(element)) yield { keys: way(offered, option) };
    if (!option.selected) select(element, [option]);
    return { done: option.selected ? 'chosen' : 'not_chosen' };
  }

  /**
   * @param {Picker} open
   * @param {string} value
   * @returns {Generator<Step, Step>}
   */
  function* fill({ element, kind }, value) {
    if (!(element instanceof HTMLInputElement) || !PICKED.includes(kind)) return { done: 'not_chosen' };
    if (isOpen(element) && !isMac) yield { keys: [{ key: 'Escape', times: 1 }] };
    const before = element.value;
    put(element, value);
    if (element.value !== value && kind !== 'color' && value !== '') {
      put(element, before);
      return { done: 'not_chosen' };
    }
    const wanted = element.value;
    let heard = wanted === before;
    element.addEventListener('input', ({ isTrusted }) => (heard = isTrusted && element.value === wanted), {
      signal: listening.signal,
      once: false,
    });
    if (kind !== 'color' && wanted !== '' && !heard) {
      element.focus();
      // One step there and back: the page hears of it from the browser itself.
      yield { keys: [{ key: 'ArrowUp', times: 1 }, { key: 'ArrowDown', times: 1 }] };
    }
    if (!heard || element.value !== wanted) {
      put(element, wanted);
      announce(element);
    }
    return { done: element.value === wanted ? 'chosen' : 'not_chosen' };
  }

  /**
   * @param {Picker} open
   * @returns {Generator<Step, Step>}
   */
  function* putAway({ element }) {
    if (isOpen(element) && !isMac) yield { keys: [{ key: 'Escape', times: 1 }] };
    return { done: 'chosen' };
  }

  /** @returns {Step} */
  const copy = () => {
    const element = focused();
    if (element instanceof HTMLInputElement && element.type === 'password') return { done: 'not_copied' };
    const text = selectionOf(element);
    if (text === '') return { done: 'nothing_selected' };
    return { done: 'copied', text: text.slice(0, MAX_COPIED), more: text.length > MAX_COPIED };
  };

  /**
   * @param {string} text
   * @returns {AsyncGenerator<Step, Step>}
   */
  async function* paste(text) {
    const kind = kindOf(focused());
    if ((kind !== '' && kind !== 'rich') || !isSecureContext || focused() instanceof HTMLInputElement) {
      return { done: 'typed' };
    }
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return { done: 'typed' };
    }
    let isTaken = false;
    const hear = (/** @type {Event} */ event) => setTimeout(() => (isTaken = event.defaultPrevented || kind === 'rich'), 0);
    window.addEventListener('paste', hear, { capture: true, once: true, signal: listening.signal });
    yield { keys: [{ key: 'Paste', times: 1 }] };
    await new Promise((resolve) => setTimeout(resolve, 0));
    window.removeEventListener('paste', hear, { capture: true });
    // What somebody pasted isn't left for the next.
    await navigator.clipboard.writeText('').catch(() => {});
    return { done: isTaken ? 'pasted' : 'typed' };
  }

  /** @type {Generator<Step, Step> | AsyncGenerator<Step, Step> | undefined} */
  let errand;

  const goOn = async () => {
    const step = await errand?.next();
    look();
    return step?.value ?? { done: 'gone' };
  };

  // What was opened before anybody looked.
  seeOpened();

  return {
    /** Ends with what is new, or with nothing once this has stopped. */
    next() {
      return new Promise((resolve) => {
        answer?.(null);
        answer = resolve;
        look();
      });
    },

    stop() {
      listening.abort();
      refusals.tell = () => {};
      clearTimeout(timer);
      clearInterval(pulse);
      answer?.(null);
      answer = undefined;
    },

    /** The frame that has the focus. */
    frame: () => frame,

    /** Ends once the page's own timers have had their turn. */
    turn: () => new Promise((resolve) => setTimeout(resolve, 0)),

    /** Offers what can be chosen in the field that has the focus. */
    open() {
      const element = focused();
      if (element instanceof HTMLSelectElement || element instanceof HTMLInputElement) offer(element, true);
    },

    /**
     * @param {number} serial
     * @param {{chosen?: number[], value?: string}} what
     */
    answer(serial, what) {
      const open = picker?.serial === serial && isStanding() ? picker : undefined;
      if (!open) return { done: 'gone' };
      errand = what.chosen ? choose(open, what.chosen) : what.value === undefined ? putAway(open) : fill(open, what.value);
      picker = undefined;
      return goOn();
    },

    copy,

    /** @param {string} text */
    paste(text) {
      errand = paste(text);
      return goOn();
    },

    goOn,
  };
})
