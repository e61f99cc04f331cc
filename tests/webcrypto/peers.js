// @ts-check
// WebCrypto's side of the tests: what the Rust side calls by name, with bytes as hex.
//
// The viewers are the product's own modules, the agents are the test's, from the descriptions alone.

import { AgentV1, AgentV2 } from './agents.js';
import { ackPlaintext, Kind, padInput, readHeader, Stream } from '/viewer/secure/records.js';
import { Handshake } from '/viewer/secure/handshake.js';
import { parseClose, parseControl } from '/viewer/secure/control.js';
import { parseFrame } from '/viewer/secure/frame.js';
import { parseSecureLink } from '/viewer/secure/link.js';
import { ViewerKey, seal } from '/viewer/crypto-v1.js';

const hex = (/** @type {Uint8Array} */ bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const unhex = (/** @type {string} */ text) => Uint8Array.from(text.match(/../gu) ?? [], (pair) => parseInt(pair, 16));
const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);

/** The product's viewer of version 2, its records one by one. */
class ViewerV2 {
  link = /** @type {import('/viewer/secure/link.js').SecureLink | null} */ (null);
  handshake = /** @type {Handshake | null} */ (null);
  streams = /** @type {{own: Stream, control: Stream, frames: Stream} | null} */ (null);
  resume = /** @type {CryptoKey | null} */ (null);

  /** @param {string} url */
  async open(url) {
    const { protocol, host, pathname, hash } = new URL(url);
    const parsed = await parseSecureLink({ protocol, host, pathname, hash });
    if ('problem' in parsed) return { problem: parsed.problem };
    this.link = parsed.link;
    return { token: parsed.link.token, stream: parsed.link.streamUrl };
  }

  /** @param {number} attempt @param {string | null} pin */
  async hello1(attempt, pin) {
    if (!this.link) throw new Error('no link');
    const { handshake, record } = await Handshake.start(this.link, attempt, { caps: [], pin, resume: this.resume });
    this.handshake = handshake;
    return hex(record);
  }

  /** @param {string} record */
  async hello2(record) {
    const bytes = unhex(record);
    const { kind, counter } = readHeader(bytes);
    const read = await this.handshake?.read(bytes);
    if (!read?.ok) return { kind, counter, reason: read?.reason };
    const { secrets, epoch } = read;
    const stream = (/** @type {import('/viewer/secure/schedule.js').StreamKey} */ key) => new Stream(epoch, key, 0);
    this.streams = { own: stream(secrets.toAgent), control: stream(secrets.toViewer), frames: stream(secrets.frames) };
    this.resume = secrets.resume;
    return { kind, counter, epoch, expiresIn: read.expiresIn, got: read.got, gotEpoch: read.gotEpoch, sas: hex(secrets.sas) };
  }

  /** @param {number} kind @param {Uint8Array<ArrayBuffer> | null} plaintext */
  async #seal(kind, plaintext) {
    if (!plaintext) return null;
    return hex(await /** @type {Stream} */ (this.streams?.own).seal(1, kind, plaintext));
  }

  /** @param {string} json */
  control(json) { return this.#seal(Kind.CTRL, utf8(json)); }
  /** @param {string} json */
  input(json) { return this.#seal(Kind.INPUT, padInput(utf8(json))); }
  /** @param {number} frame @param {number} waiting */
  ack(frame, waiting) { return this.#seal(Kind.ACK, ackPlaintext(frame, waiting)); }
  left() { return this.#seal(Kind.CLOSE, utf8('{"reason":"left"}')); }

  /** @param {string} record */
  async receive(record) {
    const bytes = unhex(record);
    const header = readHeader(bytes);
    const isFrame = header.kind === Kind.FRAME;
    const stream = /** @type {Stream} */ (isFrame ? this.streams?.frames : this.streams?.control);
    try {
      const { plaintext, missing } = await stream.open(1, header, bytes, isFrame);
      if (isFrame) {
        const { meta, ctlNext, jpeg } = parseFrame(plaintext);
        return { meta, ctlNext, missing, jpeg: hex(jpeg) };
      }
      return header.kind === Kind.CLOSE ? { close: parseClose(plaintext) } : { control: parseControl(plaintext) };
    } catch (error) {
      return { refused: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** The product's viewer of version 1. */
class ViewerV1 {
  key = ViewerKey.create();
  agreed = /** @type {CryptoKey | null} */ (null);

  async publicKey() { return (await this.key).publicKey; }
  /** @param {string} theirs */
  async agree(theirs) { this.agreed = await (await this.key).agree(theirs); }
  /** @param {import('/viewer/wire.js').InputEvent} event */
  seal(event) { return seal(/** @type {CryptoKey} */ (this.agreed), event); }
}

Object.assign(globalThis, { viewer: new ViewerV2(), viewer1: new ViewerV1(), agent: new AgentV2(), agent1: new AgentV1(), ready: true });
