// Tells the lab which files an element, or a drop, has brought, and what is in them.
async function reportFiles(files, { isTrusted, target }) {
  const read = await Promise.all(Array.from(files, async (file) => {
    const text = await file.text();
    return `${file.name} ${file.type} ${file.size} ${text.slice(0, 3)}…${text.slice(-3)}`;
  }));
  report("files", { trusted: isTrusted, target: target.id, value: read.join("\n") });
}

window.addEventListener("change", (event) => {
  if (event.target.files) void reportFiles(event.target.files, event);
}, true);
