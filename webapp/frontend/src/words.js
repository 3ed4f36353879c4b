// Sentences of the interface, rendered into the page in the reader's language; and the live region that reads them out.
const words = JSON.parse(document.getElementById('words')?.textContent ?? '{}');

export const word = (key, values = {}) =>
  Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), words[key] ?? key);

/** Say `text` to everyone: screen readers through the live region, eyes through the notice at the bottom. */
export function announce(text, kind = 'quiet') {
  const live = document.getElementById('live');
  if (!live || !text || live.textContent === text) return;
  live.textContent = text;
  live.className = kind === 'problem' ? 'notice problem' : 'visually-hidden';
}
