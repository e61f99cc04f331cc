function (file, base64) {
  this.kept ??= [];
  (this.kept[file] ??= []).push(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)));
}
