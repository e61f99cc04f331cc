// Stands for the secure session in the page's tests. What the page asks of it is noted in `line.asked`;
// what it hears from it the test says, by `line.hear`. `?unkept` in the address makes storing fail.

export class SecureSession {
  asked = [];

  constructor({ link, listener }) {
    this.link = link;
    this.listener = listener;
    globalThis.lines = [...(globalThis.lines ?? []), this];
    globalThis.line = this;
    for (const verb of ['connect', 'finish', 'answerPin', 'answerTakeover', 'retry', 'leave', 'stop', 'drawn', 'hide', 'woke']) {
      this[verb] = (...args) => void this.asked.push([verb, ...args]);
    }
  }

  send(event) {
    this.asked.push(['send', event]);
    return true;
  }

  hear(...said) {
    for (const [word, ...args] of said) this.listener[word](...args);
  }

  /** A picture of one colour, as the Worker hands it over. */
  async picture(counter, colour = '#2a7') {
    const canvas = new OffscreenCanvas(1280, 720);
    const context = canvas.getContext('2d');
    context.fillStyle = '#fff';
    context.fillRect(0, 0, 1280, 720);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1280, 84);
    for (let row = 0; row < 4; row += 1) context.fillRect(440, 220 + row * 90, 400, 56);
    this.listener.frame({ bitmap: canvas.transferToImageBitmap(), meta: { deviceWidth: 1280, deviceHeight: 720 }, counter });
  }
}
export async function remember(link) {
  if (location.search === '?unkept') return false;
  globalThis.stored = [...(globalThis.stored ?? []), { hash: location.hash, expiresAt: link.expiresAt }];
  localStorage.setItem(link.id, JSON.stringify(link));
  return true;
}

export async function restore({ pathname }) {
  return JSON.parse(localStorage.getItem(pathname.split('/').at(-1)));
}
