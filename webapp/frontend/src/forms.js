// Conveniences of a form that the server renders whole: fields that show when they matter, table rows added in place.
const values = (form) => {
  const found = new Map();
  for (const [name, value] of new FormData(form)) found.set(name, [...(found.get(name) ?? []), value]);
  return found;
};

function showWhatMatters(form) {
  // A field may depend on one that is itself hidden: repeat until nothing changes.
  const conditional = [...form.querySelectorAll('[data-show-if]')];
  for (let round = 0, changed = true; changed && round <= conditional.length; round += 1) {
    changed = false;
    const present = values(form);
    for (const field of conditional) {
      const shown = Object.entries(JSON.parse(field.dataset.showIf))
        .every(([name, wanted]) => (present.get(name) ?? []).some((value) => wanted.map(String).includes(value)));
      if (field.hidden !== !shown) { field.hidden = !shown; changed = true; }
      for (const input of field.querySelectorAll('input, select, textarea, button')) input.disabled = !shown;
    }
  }
}

const rowsOf = (table) => table.querySelector('[data-rows]');

function renumber(table) {
  const rows = [...rowsOf(table).children];
  rows.forEach((row, index) => {
    for (const input of row.querySelectorAll('[name]')) input.name = input.name.replace(/\.(\d+|__row__)(?=\.|$)/, `.${index}`);
    for (const node of row.querySelectorAll('[id]')) node.id = node.id.replace(/-(\d+|__row__)(?=-|$)/, `-${index}`);
    for (const node of row.querySelectorAll('[data-label]')) node.setAttribute('aria-label', node.dataset.label.replace('{row}', index + 1));
    const remove = row.querySelector('[data-remove-row]');
    if (remove) remove.value = remove.value.replace(/:(\d+|__row__)$/, `:${index}`);
  });
  return rows;
}

function addRow(table) {
  rowsOf(table).append(table.querySelector('template').content.cloneNode(true));
  renumber(table).at(-1).querySelector('input, select')?.focus();
}

function removeRow(table, button) {
  button.closest('[data-row]').remove();
  renumber(table);
  table.querySelector('[data-add-row]')?.focus();
}

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('[data-add-row], [data-remove-row]');
  if (!button) return;
  event.preventDefault();
  const table = button.closest('[data-table]');
  if (button.matches('[data-add-row]')) addRow(table); else removeRow(table, button);
  button.form?.dispatchEvent(new Event('input', { bubbles: true }));
  table.dispatchEvent(new Event('input', { bubbles: true }));
});

document.addEventListener('change', ({ target }) => { if (target.matches('[data-at-once] select')) target.form.requestSubmit(); });
document.addEventListener('change', ({ target }) => { if (target.form?.matches('[data-form]')) showWhatMatters(target.form); });

// A second press of the same button while the first is on its way does nothing; the server would refuse it anyway.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  if (form.matches('[data-form]') && !form.matches('[hx-post]')) form.dataset.sent = '1';
});
addEventListener('pageshow', () => { for (const form of document.querySelectorAll('[data-sent]')) delete form.dataset.sent; });

export function enhance(root = document) {
  for (const form of root.querySelectorAll('form[data-form]')) showWhatMatters(form);
  root.querySelector('[data-error-summary]')?.focus();
}
document.addEventListener('htmx:after:swap', () => enhance());
enhance();
