// Steps through the moments of a case: slider, buttons, arrow keys; what happened is told in words beside it.
import { word } from './words.js';

const BEAT_MILLISECONDS = 900;

// A frame says only what it changed; how things stood then is the sum of all frames up to it.
function summed(frames) {
  let marks = {};
  return frames.map((frame) => {
    marks = { ...marks };
    for (const [process, { done = [], active, taken = [] }] of Object.entries(frame.marks)) {
      const before = marks[process] ?? { done: [], active: [], taken: [] };
      marks[process] = { done: [...before.done, ...done], active: active ?? before.active, taken: [...before.taken, ...taken] };
    }
    return { ...frame, marks };
  });
}

export class Player {
  constructor(holder, changes, show) {
    const frames = summed(changes);
    this.frames = frames;
    this.show = show;
    this.part = Object.fromEntries(['slider', 'previous', 'next', 'play', 'text', 'count', 'at'].map((name) => [name, holder.querySelector(`[data-player-${name}]`)]));
    this.part.slider.max = frames.length - 1;
    this.part.slider.addEventListener('input', () => { this.pause(); this.go(Number(this.part.slider.value)); });
    this.part.previous.addEventListener('click', () => { this.pause(); this.go(this.index - 1); });
    this.part.next.addEventListener('click', () => { this.pause(); this.go(this.index + 1); });
    this.part.play.addEventListener('click', () => (this.beat ? this.pause() : this.play()));
    holder.addEventListener('keydown', (event) => this.key(event));
    holder.hidden = false;
    const asked = frames.findIndex((frame) => `#step-${frame.seq}` === location.hash);
    this.go(asked >= 0 ? asked : frames.length - 1);
    addEventListener('hashchange', () => this.follow());
  }

  /** A link to `#step-<seq>` in the history beside the diagram shows that moment. */
  follow() {
    const index = this.frames.findIndex((frame) => `#step-${frame.seq}` === location.hash);
    if (index >= 0) { this.pause(); this.go(index); }
  }

  go(index) {
    this.index = Math.min(Math.max(index, 0), this.frames.length - 1);
    const frame = this.frames[this.index];
    const place = word('step', { n: this.index + 1, of: this.frames.length });
    this.part.slider.value = this.index;
    this.part.slider.setAttribute('aria-valuetext', `${place}: ${frame.text}`);
    this.part.count.textContent = place;
    this.part.at.textContent = frame.at;
    this.part.text.textContent = frame.text;
    this.part.previous.disabled = this.index === 0;
    this.part.next.disabled = this.index === this.frames.length - 1;
    this.show(frame);
    for (const item of document.querySelectorAll('[data-step]')) item.toggleAttribute('data-shown', Number(item.dataset.step) === frame.seq);
  }

  key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || event.target === this.part.slider) return;
    event.preventDefault();
    this.pause();
    this.go(this.index + step);
  }

  play() {
    if (this.index === this.frames.length - 1) this.go(0);
    this.beat = setInterval(() => {
      if (this.index === this.frames.length - 1) this.pause(); else this.go(this.index + 1);
    }, BEAT_MILLISECONDS);
    this.label('pause');
  }

  pause() {
    clearInterval(this.beat);
    this.beat = null;
    this.label('play');
  }

  label(state) {
    this.part.play.dataset.state = state;
    this.part.play.setAttribute('aria-label', word(state));
    this.part.play.title = word(state);
  }
}
