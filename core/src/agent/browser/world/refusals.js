// @ts-check
// Hears that the browser refused a permission, from the beginning of a document, when nobody may look yet: in the
// same JavaScript world as what looks later, which is told. To ask how permissions stand asks nobody.
(() => {
  'use strict';

  const PERMISSIONS = ['notifications', 'geolocation', 'camera', 'microphone', 'midi', 'clipboard-read', 'local-fonts', 'window-management'];

  const refusals = { at: -Infinity, tell: () => {} };
  for (const name of PERMISSIONS) {
    navigator.permissions?.query({ name: /** @type {PermissionName} */ (name) }).then((status) => {
      status.addEventListener('change', () => {
        if (status.state !== 'denied') return;
        refusals.at = performance.now();
        refusals.tell();
      });
    }, () => {});
  }
  return refusals;
})
