// The page's encrypted channel in the hands of a WebDriver: the tests', or another language's for a
// cross-check. Served beside the page as `/assets/secure-harness.js`; bytes are hex, secrets never come out.
//
//   await harness.start(href)                        a link; its problem, or ''
//   await harness.hello1(attempt, pin | null)        a HELLO1, proving the last epoch if there was one
//   await harness.hello2(hex)                        {ok, …}; READY in `ready`
//   await harness.seal(kind, hex), harness.open(hex) records of the epoch; an Error's message is a string
//   harness.session(…), harness.told                 the whole façade, by its Worker

import { Epoch } from './secure/epoch.js';
import { Handshake } from './secure/handshake.js';
import { parseSecureLink } from './secure/link.js';
import { EVENTS } from './secure/messages.js';
import { Kind, Stream, readHeader } from './secure/records.js';
import { SecureSession, remember, restore } from './secure/session.js';

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const bytes = (text) => Uint8Array.from(text.match(/../gu) ?? [], (pair) => parseInt(pair, 16));

class Harness {
  told = [];
  violations = [];
  #link;
  #handshake;
  #epoch;
  #resume = null;
  #opened = [];

  async start(href) {
    const read = await parseSecureLink(new URL(href));
    this.#link = read.link;
    return read.problem ?? '';
  }

  async hello1(attempt, pin) {
    const { handshake, record } = await Handshake.start(this.#link, attempt, { caps: [], pin, resume: this.#resume });
    this.#handshake = handshake;
    return hex(record);
  }

  async hello2(record) {
    try {
      readHeader(bytes(record));
      const { secrets, ...answer } = await this.#handshake.read(bytes(record));
      if (!answer.ok) return answer;
      this.#resume = secrets.resume;
      const open = (what) => (value) => this.#opened.push({ [what]: value });
      this.#epoch = new Epoch(answer.epoch, secrets, () => performance.now(), {
        verified: () => {},
        control: open('control'),
        frame: ({ counter, meta, jpeg }) => this.#opened.push({ frame: { counter, meta, jpeg: hex(jpeg) } }),
        close: open('close'),
        failed: (error) => this.#opened.push({ failed: String(error.message) }),
      });
      return { ...answer, sas: hex(secrets.sas), ready: await this.seal(Kind.CTRL, hex(new TextEncoder().encode('{"type":"ready"}'))) };
    } catch (error) {
      return { failed: String(error.message) };
    }
  }

  async seal(kind, plaintext) {
    const record = await this.#epoch.seal(kind, bytes(plaintext));
    return record ? hex(record) : null;
  }

  /** What came of a record: one of `control`, `frame`, `close`, `failed`, or nothing. */
  async open(record) {
    try {
      this.#epoch.receive(readHeader(bytes(record)), bytes(record));
    } catch (error) {
      return { failed: String(error.message) };
    }
    for (let turn = 0; turn < 50 && this.#opened.length === 0; turn += 1) await new Promise((wake) => setTimeout(wake, 2));
    return this.#opened.shift() ?? {};
  }

  /** The façade, by its Worker; pictures are painted at once. */
  session({ keeps = false } = {}) {
    const listener = Object.fromEntries(EVENTS.map((event) => [event, (...args) => this.#hear(event, args)]));
    this.secure = new SecureSession({ link: this.#link, listener });
    if (!keeps) this.secure.connect();
  }

  #hear(event, args) {
    if (event === 'frame') {
      const [{ bitmap, counter }] = args;
      this.told.push([event, { width: bitmap.width, height: bitmap.height, counter }]);
      bitmap.close();
      this.secure.drawn(counter);
    } else {
      this.told.push([event, ...args]);
    }
  }

  remember(changes = {}) {
    return remember({ ...this.#link, ...changes });
  }

  /** Goes on with what is stored for this address; what of it could be exported is said. */
  async restore() {
    const link = await restore();
    this.#link = link ?? this.#link;
    return link && {
      id: link.id, token: link.token, streamUrl: link.streamUrl, expiresAt: link.expiresAt, resumeEpoch: link.resume?.epoch ?? null,
      extractable: [link.psk, link.resume?.key].filter((key) => key?.extractable).length,
    };
  }

  /** The median and the 99th percentile, in milliseconds, of opening a record of so many bytes. */
  async measure(size, times) {
    const raw = crypto.getRandomValues(new Uint8Array(32));
    const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
    const opener = new Stream(1, { key, iv: new Uint8Array(12) }, 0);
    const took = [];
    for (let time = 0; time < times; time += 1) {
      const record = await frameRecord(key, size, time);
      const start = performance.now();
      await opener.open(0, readHeader(record), record, true);
      took.push(performance.now() - start);
    }
    took.sort((a, b) => a - b);
    return { median: took[Math.floor(times / 2)], p99: took[Math.floor(times * 0.99)] };
  }
}

/** A FRAME record as an agent would seal it, under a zero IV. */
async function frameRecord(key, size, counter) {
  const header = new Uint8Array(16);
  const view = new DataView(header.buffer);
  header[0] = 2;
  header[1] = Kind.FRAME;
  view.setUint32(4, 1);
  view.setUint32(12, counter);
  const iv = new Uint8Array(12);
  iv.set(header.subarray(8), 4);
  const additionalData = new Uint8Array([...header.subarray(0, 2), ...header.subarray(4)]);
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, new Uint8Array(size));
  const record = new Uint8Array(16 + sealed.byteLength);
  record.set(header);
  record.set(new Uint8Array(sealed), 16);
  return record;
}

globalThis.harness = new Harness();
addEventListener('securitypolicyviolation', (event) => globalThis.harness.violations.push(event.violatedDirective));
