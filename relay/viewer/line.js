// @ts-check
// What the page asks of a session's connection, and what it hears from it, whichever version of the
// protocol the link is for. `PlainSession` speaks version 1, `SecureSession` version 2.

/** @typedef {import('./wire.js').InputEvent} InputEvent */

/**
 * A page's geometry with its picture, undecoded in version 1.
 *
 * @typedef {{deviceWidth: number, deviceHeight: number}} PictureMeta
 * @typedef {{meta: PictureMeta, jpeg: Blob}} PlainPicture
 * @typedef {{meta: PictureMeta, bitmap: ImageBitmap, counter: number}} SecurePicture
 * @typedef {PlainPicture | SecurePicture} Picture
 */

/**
 * @typedef {object} Line
 * @property {() => void} connect
 * @property {(event: InputEvent) => boolean} send False when it can't be sent.
 * @property {(how: 'resolved' | 'cancelled') => void} finish The human's word, behind all that was sent;
 *   repeated until it is confirmed.
 * @property {(pin: string) => void} answerPin
 * @property {(id: number, answer: 'hand_over' | 'keep') => void} answerTakeover
 * @property {(counter: number) => void} drawn A picture is on the screen, and with it all before it.
 * @property {(hidden: boolean) => void} hide Whether the human can't see the page.
 * @property {() => void} woke The page may have slept: what it shows is to be trusted only after an answer.
 * @property {() => void} retry Connects now, or asks to be let in once more.
 * @property {() => void} leave The page goes, perhaps to come back.
 * @property {() => void} stop Ends it, silently.
 */

/**
 * @typedef {object} LineListener
 * @property {() => void} opened The relay is reached.
 * @property {(present: boolean) => void} agent The agent came or went, as the relay says.
 * @property {(news: {expiresIn: number | null, resumed: boolean, lost: number}) => void} secured Input can
 *   be sent. `expiresIn` is the session's life in milliseconds; `lost` counts inputs that never arrived.
 * @property {(picture: Picture) => void} frame
 * @property {(reason: import('./state.js').Frozen) => void} frozen What is seen may be old.
 * @property {() => void} thawed
 * @property {(secondsLeft: number) => void} busy Somebody else has control and is asked for it.
 * @property {(wrong: boolean) => void} pinNeeded
 * @property {() => void} closedToStrangers Too many wrong PINs: no one new is let in.
 * @property {(id: number) => void} takeover Somebody else asks for control.
 * @property {(id: number) => void} takeoverGone
 * @property {(kind: string, why: string) => void} dropped The agent dropped an input as too late.
 * @property {(code: string) => void} notice
 * @property {(message: Record<string, unknown>) => void} state What else the agent tells of its page.
 * @property {(code: number, discarded: number) => void} lost The socket dropped, with input unsent; a retry is on its way.
 * @property {(code: number | 'tampered' | 'unanswered' | 'taken_over' | 'broken') => void} closed It is over, and nothing reconnects.
 * @property {(reason: 'resolved' | 'cancelled' | 'timeout' | 'error') => void} ended The agent's word.
 * @property {(how: 'expired' | 'cancelled' | 'resolved') => void} relayEnded The relay's word, which proves nothing.
 */

export {};
