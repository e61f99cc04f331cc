// @ts-check
// The page's start: reads the address, and shows either the session or what is wrong with the link.

import { enter } from './entry.js';
import { showIcon } from './icon.js';
import { Page } from './page.js';
import { render } from './render.js';
import { NOTHING_KNOWN } from './state.js';

showIcon();
const entered = await enter();
if ('problem' in entered) render({ ...NOTHING_KNOWN, problem: entered.problem });
else void new Page(entered.entry).open();
// A link pasted over another in the same tab is another session.
addEventListener('hashchange', () => location.reload());
