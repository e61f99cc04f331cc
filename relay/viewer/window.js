// @ts-check
// Keeps the page inside the part of the window that no on-screen keyboard covers.

/**
 * @param {() => void} closed The on-screen keyboard was put away by other means than ours.
 */
export function followVisibleWindow(closed) {
  const visible = globalThis.visualViewport;
  if (!visible) return;
  let covered = false;
  const follow = () => {
    const { style } = document.documentElement;
    if (visible.scale > 1.01) return; // the human zooms this page itself
    style.setProperty('--height', `${visible.height}px`);
    style.setProperty('--top', `${visible.offsetTop}px`);
    const coveredNow = visible.height < globalThis.innerHeight * 0.8;
    if (covered && !coveredNow) closed();
    covered = coveredNow;
  };
  visible.addEventListener('resize', follow);
  visible.addEventListener('scroll', follow);
  follow();
}
