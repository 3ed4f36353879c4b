// Keyboard shortcuts; each is shown where it acts and all of them in the help panel (?).
const typing = (element) => element?.closest?.('input:not([type=radio]):not([type=checkbox]):not([type=button]):not([type=submit]), textarea, select, [contenteditable]');
const first = (selector) => [...document.querySelectorAll(selector)].find((one) => one.offsetParent !== null);
const items = () => [...document.querySelectorAll('[data-list] [data-item]')].filter((one) => one.offsetParent !== null);
const WAIT_FOR_SECOND_KEY = 1200;
let prefixAt = 0;

function move(step) {
  const all = items();
  if (!all.length) return false;
  const held = all.indexOf(document.activeElement);
  const current = held >= 0 ? held : all.findIndex((one) => one.matches('[aria-current]'));
  const next = all[Math.min(Math.max(current + step, 0), all.length - 1)];
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
  return true;
}

const press = (selector) => { const found = first(selector); found?.click(); return Boolean(found); };
const focus = (selector) => { const found = first(selector); found?.focus(); found?.select?.(); return Boolean(found); };

function help() {
  const panel = document.getElementById('keys');
  if (!panel) return false;
  if (panel.open) panel.close(); else panel.showModal();
  return true;
}

// On a line of the list, that line's own button; else the one of the open task.
function claim() {
  const line = document.activeElement?.closest?.('[data-line]');
  const button = line ? line.querySelector('[data-claim]') : [...document.querySelectorAll('[data-claim]')].find((one) => !one.closest('[data-line]') && one.offsetParent !== null);
  button?.click();
  return Boolean(button);
}

const single = {
  '/': () => focus('[data-search]'),
  j: () => move(1),
  k: () => move(-1),
  c: claim,
  u: () => press('[data-undo]'),
  '?': help,
};
const afterG = { i: () => press('[data-go-inbox]') };

function act(event) {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) return press('[data-primary]');
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return false;
  if (event.timeStamp - prefixAt < WAIT_FOR_SECOND_KEY && afterG[event.key]) { prefixAt = 0; return afterG[event.key](); }
  if (event.key === 'g') { prefixAt = event.timeStamp; return true; }
  return single[event.key]?.() ?? false;
}

document.addEventListener('keydown', (event) => { if (!event.defaultPrevented && act(event)) event.preventDefault(); });
document.addEventListener('click', ({ target }) => {
  if (target.closest?.('[data-help]')) help();
  if (target.closest?.('[data-close-help]')) document.getElementById('keys').close();
});
