// Lists that stay fresh: a conditional request each time, an answer only when something changed.
import { announce } from './words.js';

const tags = new WeakMap();
const polled = (element) => element?.matches?.('[data-poll]');
const busy = (element) => element.contains(document.activeElement) && document.activeElement.matches('input, textarea, select');

document.addEventListener('htmx:before:request', (event) => {
  const { sourceElement, sourceEvent, request } = event.detail.ctx;
  if (!polled(sourceElement)) return;
  if (document.hidden || busy(sourceElement)) { event.preventDefault(); return; }
  const tag = tags.get(sourceElement) ?? sourceElement.dataset.poll;
  if (tag) request.headers['If-None-Match'] = tag;
});

document.addEventListener('htmx:before:response', ({ detail }) => {
  const { sourceElement, response } = detail.ctx;
  if (polled(sourceElement) && response.status === 200) tags.set(sourceElement, response.headers.get('ETag') ?? '');
});

// The numbers beside the places of the menu are those of the list.
function renewCounts(list) {
  for (const fresh of list.querySelectorAll('[data-count-of]')) {
    for (const place of document.querySelectorAll(`[data-count="${fresh.dataset.countOf}"]`)) {
      if (place.innerHTML !== fresh.innerHTML) place.replaceChildren(...[...fresh.childNodes].map((node) => node.cloneNode(true)));
    }
  }
}

document.addEventListener('htmx:after:swap', ({ detail }) => {
  const { sourceElement } = detail.ctx;
  if (!polled(sourceElement)) return;
  renewCounts(sourceElement);
  announce(sourceElement.querySelector('[data-announce]')?.dataset.announce);
});

// Coming back to the tab asks at once instead of at the next round.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  for (const element of document.querySelectorAll('[data-poll]')) window.htmx.trigger(element, 'refresh');
});
