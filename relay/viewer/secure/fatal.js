// @ts-check
// Why an epoch or a handshake ends before its time. Neither error holds a secret or what a page shows.

/** Something was damaged or tampered with: the keys are wiped, the socket is closed with 4400. */
export class Fatal extends Error {}

/** A key was used as often or as long as a key may be: the viewer comes back with a new handshake. */
export class Exhausted extends Error {}
