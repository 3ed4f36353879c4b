// A form half filled in is kept on the server shortly after typing stops, and once more when the page is left.
import { token } from './requests.js';
import { word } from './words.js';

const QUIET_MILLISECONDS = 800;
const waiting = new Map();

const tell = (form, text) => {
  const status = form.querySelector('[data-draft-status]') ?? document.querySelector('[data-draft-status]');
  if (status) status.textContent = text;
};

const clock = () => new Date().toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit', hour12: false });

async function save(form, leaving = false) {
  clearTimeout(waiting.get(form));
  waiting.delete(form);
  if (form.dataset.sent) return;
  try {
    const answer = await fetch(form.dataset.draft, {
      method: 'POST', body: new URLSearchParams(new FormData(form)), keepalive: leaving, headers: { 'X-CSRFToken': token() },
    });
    tell(form, answer.ok ? word('draft_saved', { time: clock() }) : word('draft_lost'));
  } catch {
    tell(form, word('draft_lost'));
  }
}

document.addEventListener('input', ({ target }) => {
  const form = target.closest?.('form[data-draft]');
  if (!form) return;
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => save(form), QUIET_MILLISECONDS));
});

// A draft that arrives after its task is complete would be refused: a form that is being sent needs none.
document.addEventListener('submit', ({ target }) => { clearTimeout(waiting.get(target)); waiting.delete(target); }, true);

const saveAll = () => { for (const form of [...waiting.keys()]) save(form, true); };
document.addEventListener('htmx:before:swap', saveAll);
addEventListener('pagehide', saveAll);
