// While a report is typed, the page asks what is known of it; what the registers say goes into fields that are still blank.
import htmx from 'htmx.org';

const PAUSE_MILLISECONDS = 400;
const ASKED = ['customer', 'serial', 'model', 'location', 'description'];
const form = document.querySelector('[data-intake]');
const matches = form && document.querySelector(form.dataset.intake);
let waiting;

form?.addEventListener('input', ({ target }) => {
  if (!ASKED.includes(target.name)) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => htmx.trigger(matches, 'typed'), PAUSE_MILLISECONDS);
});

// What somebody typed is never written over; what we filled in follows the next device.
function fill(values) {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements[name];
    if (!field || field === document.activeElement || (field.value && field.value !== field.dataset.filled)) continue;
    field.value = value;
    field.dataset.filled = value;
    field.closest('details')?.setAttribute('open', ''); // nothing is filled in unseen
  }
}

document.addEventListener('htmx:after:swap', () => {
  const found = matches?.querySelector('[data-fill]');
  if (found) fill(JSON.parse(found.dataset.fill));
});
