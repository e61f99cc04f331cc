function (input, files) {
  const given = new DataTransfer();
  files.forEach(({ name, type }, number) => given.items.add(new File(this.kept?.[number] ?? [], name, { type })));
  input.files = given.files;
  input.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
  input.dispatchEvent(new Event('change', { bubbles: true }));
}
