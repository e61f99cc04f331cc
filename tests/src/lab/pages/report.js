// Tells the lab every event this page's listeners get, in order.
// An event is told until the lab has it, and counted there once: fetches may fail.
const load = crypto.randomUUID();
let count = 0;
let untold = [];
let telling = false;

function report(kind, more) {
  count += 1;
  untold.push({ load, count, page: location.pathname, type: kind, ...more });
  void tell();
}

async function tell() {
  if (telling) return;
  telling = true;
  while (untold.length > 0) {
    const now = untold.slice();
    const body = JSON.stringify(now);
    const headers = { "content-type": "application/json" };
    const told = await fetch("/lab/report", { method: "POST", headers, body })
      .then((answer) => answer.ok, () => false);
    if (told) untold = untold.slice(now.length);
  }
  telling = false;
}

// What is left when the page goes. A beacon's body has a type of its own.
window.addEventListener("pagehide", () => {
  if (untold.length > 0) navigator.sendBeacon("/lab/report", JSON.stringify(untold));
});

function valueOf(element) {
  if (element.type === "checkbox") return element.checked ? "on" : "off";
  return element.value ?? null;
}

const types = [
  "keydown", "keypress", "keyup", "input", "change", "submit", "paste", "contextmenu",
  "mousedown", "mouseup", "click", "dblclick", "auxclick", "wheel",
];
for (const type of types) {
  window.addEventListener(type, (event) => {
    if (type === "submit") event.preventDefault();
    const element = event.target;
    report(type, {
      trusted: event.isTrusted, target: element.id ?? "", key: event.key ?? "",
      code: event.code ?? "", keyCode: event.keyCode ?? 0, alt: !!event.altKey,
      ctrl: !!event.ctrlKey, meta: !!event.metaKey, shift: !!event.shiftKey,
      x: event.clientX ?? 0, y: event.clientY ?? 0, button: event.button ?? 0,
      detail: event.detail ?? 0, deltaY: event.deltaY ?? 0, value: valueOf(element),
      selection: String(getSelection()),
    });
  }, { capture: true, passive: type === "wheel" });
}

window.addEventListener("pageshow", () => {
  // Not in an animation frame: a tab in the background has none.
  setTimeout(() => {
    const places = {};
    for (const element of document.querySelectorAll("[id]")) {
      const box = element.getBoundingClientRect();
      places[element.id] = [box.x + box.width / 2, box.y + box.height / 2];
    }
    report("ready", { places });
  });
});
