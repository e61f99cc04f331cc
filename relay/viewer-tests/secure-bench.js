// Prints what it costs a real browser to open a frame: node relay/viewer-tests/secure-bench.js

import { startRelay } from './secure-relay.js';
import { startBrowser } from './webdriver.js';

const relay = await startRelay();
const browser = await startBrowser();
try {
  await browser.goto(relay.url);
  await browser.until('globalThis.harness !== undefined');
  for (const size of [128, 200_000, 1_000_000]) {
    const { median, p99 } = await browser.run('return harness.measure(...arguments)', size, 300);
    console.log(`opening a frame of ${size} bytes in Chromium: median ${median.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`);
  }
} finally {
  await browser.close();
  await relay.close();
}
