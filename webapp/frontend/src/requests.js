// htmx with the page's CSRF token on every request; failures are told, never swallowed.
import htmx from 'htmx.org';
import { announce, word } from './words.js';

htmx.config.defaultSettleDelay = 0; // settling would copy style attributes, which the content security policy refuses
htmx.config.includeIndicatorCSS = false;
htmx.config.history = 'reload';

export const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? '';

document.addEventListener('htmx:config:request', ({ detail }) => {
  const { request } = detail.ctx;
  if (request.method !== 'GET') request.headers['X-CSRFToken'] = token();
});

document.addEventListener('htmx:error', () => announce(word('offline'), 'problem'));

// A session that ended answers with the sign-in page: go there instead of showing it inside a list.
document.addEventListener('htmx:before:response', (event) => {
  const { response } = event.detail.ctx;
  if (response.raw.redirected && new URL(response.raw.url).pathname.startsWith('/sign-in')) {
    event.preventDefault();
    location.assign(response.raw.url);
  }
});
