// A read-only diagram that can show any moment of a case: where it stands, which way it came, what is due next.
import Viewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './diagram.css';
import { Marks } from './marks.js';
import { Player } from './player.js';
import { word } from './words.js';

const MARGIN = 24;
const LARGEST = 1.4;
const LEGIBLE = 0.8; // labels can still be read; whoever wants the whole diagram has a tool for it
const SMALLEST = 0.12;
const READABLE = { min: 0.7, max: 1.2 };
const LOWEST = 160;
const HIGHEST = 600;
const NARROW = 760;
const WATERMARK = 36; // room below the drawing, so that nothing lies under the library's mark

class Stage {
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.path = [];
    this.frame = null;
    this.holder = root.querySelector('[data-diagram-canvas]');
    this.viewer = new Viewer({ container: this.holder, zoomScroll: { enabled: false } });
    this.marks = new Marks(this.viewer);
    this.viewer.on('element.click', ({ element }) => this.openCalled(element));
    this.width = 0;
    new ResizeObserver(() => this.resized()).observe(this.holder);
  }

  /** Shows the diagram at the end of `path`, a list of process ids from the top. */
  async open(path) {
    const process = path.at(-1);
    await this.viewer.importXML(await this.xml(process));
    this.path = path;
    this.process = process;
    this.marks.forget();
    this.fit();
    this.mark();
    this.addOpeners();
    this.addTimers();
    this.drawPath();
    if (this.frame) this.show(this.frame);
    this.root.dataset.process = process;
  }

  /** The element that the page was opened for. */
  mark() {
    const element = this.process === this.data.start && this.viewer.get('elementRegistry').get(this.data.chosen);
    if (!element) return;
    const canvas = this.viewer.get('canvas');
    canvas.addMarker(element, 'chosen');
    const { width, height } = canvas.viewbox();
    const [x, y] = [element.x + (element.width - width) / 2, element.y + (element.height - height) / 2];
    if (this.cut) canvas.viewbox({ x, y, width, height });
  }

  /** The diagram that opens first comes with the page, a called one is fetched once. */
  async xml(process) {
    const known = this.data.diagrams;
    if (!known[process]) {
      const answer = await fetch(this.data.addresses[process]);
      if (!answer.ok) throw new Error(`${answer.status}: ${process}`);
      known[process] = await answer.text();
    }
    return known[process];
  }

  resized() {
    if (this.holder.clientWidth === this.width) return; // the height is our own doing
    this.width = this.holder.clientWidth;
    this.fit();
    this.mark();
  }

  // The whole diagram if it stays legible; else its beginning, and each step scrolls to where the case stands.
  fit(least = LEGIBLE) {
    const canvas = this.viewer.get('canvas');
    if (!canvas.getRootElement()?.children?.length) return;
    canvas.resized();
    const { inner, outer } = canvas.viewbox();
    if (!outer.width) return;
    const [across, down] = [inner.width + 2 * MARGIN, inner.height + 2 * MARGIN];
    const scale = Math.max(Math.min(outer.width / across, this.highest / down, LARGEST), least);
    this.holder.style.height = `${Math.min(Math.max(down * scale, LOWEST), this.highest) + WATERMARK}px`;
    canvas.resized();
    const [width, height] = [outer.width / scale, (this.holder.clientHeight - WATERMARK) / scale];
    const centred = (start, length, room) => (length + 2 * MARGIN <= room + 1 ? start + length / 2 - room / 2 : start - MARGIN);
    const x = centred(inner.x, inner.width, width);
    const y = centred(inner.y, inner.height, height);
    canvas.viewbox({ x, y, width, height: this.holder.clientHeight / scale });
    this.cut = across * scale > outer.width + 1 || down * scale > this.highest + 1;
    if (this.frame) this.follow(this.frame);
  }

  show(frame) {
    this.frame = frame;
    this.marks.draw(frame.marks[this.process] ?? {});
    this.follow(frame);
    for (const button of this.root.querySelectorAll('[data-open]')) {
      button.classList.toggle('busy', Boolean(frame.marks[button.dataset.open]?.active?.length));
    }
  }

  /** From the top to the innermost diagram in which something is in progress at this moment. */
  way(frame) {
    const parents = this.data.parents ?? {};
    const up = (process) => (process === this.data.start ? [process] : [...(parents[process] ? up(parents[process]) : [this.data.start]), process]);
    const busy = Object.keys(frame.marks).filter((process) => frame.marks[process].active.length).map(up);
    return busy.reduce((longest, path) => (path.length > longest.length ? path : longest), [this.data.start]);
  }

  /** Another moment: goes to the diagram where things happen; a step that comes while one is loading is not lost. */
  async step(frame) {
    this.frame = frame;
    if (this.stepping) return;
    this.stepping = true;
    while (this.way(this.frame).at(-1) !== this.process) await this.open(this.way(this.frame));
    this.stepping = false;
    this.show(this.frame);
  }

  follow(frame) {
    const active = this.cut && this.viewer.get('elementRegistry').get(frame.marks[this.process]?.active?.[0]);
    if (active) this.centre(active);
  }

  // Brings an element that is out of sight into the middle, as far as the diagram reaches.
  centre({ x, y, width, height }) {
    const canvas = this.viewer.get('canvas');
    const box = canvas.viewbox();
    const isSeen = x > box.x && y > box.y && x + width < box.x + box.width && y + height < box.y + box.height - WATERMARK / box.scale;
    if (isSeen) return;
    const start = (middle, room, from, length) => Math.max(from - MARGIN, Math.min(middle - room / 2, from + length + MARGIN - room));
    canvas.viewbox({
      x: start(x + width / 2, box.width, box.inner.x, box.inner.width),
      y: start(y + height / 2, box.height, box.inner.y, box.inner.height + WATERMARK / box.scale),
      width: box.width,
      height: box.height,
    });
  }

  called(element) {
    const id = element.businessObject?.calledElement;
    return id && id !== this.process && (this.data.diagrams[id] || this.data.addresses?.[id]) ? id : null;
  }

  openCalled(element) {
    const id = this.called(element);
    if (id) this.open([...this.path, id]);
  }

  // The whole shape may be clicked; the button on it is for the keyboard and says that there is something to open.
  addOpeners() {
    this.viewer.get('elementRegistry').forEach((element) => {
      const id = this.called(element);
      if (!id || element.labelTarget) return;
      const button = this.root.querySelector('[data-opener]').content.firstElementChild.cloneNode(true);
      button.dataset.open = id;
      button.setAttribute('aria-label', word('open_called', { name: this.name(id) }));
      button.title = button.getAttribute('aria-label');
      button.addEventListener('click', () => this.openCalled(element));
      this.viewer.get('overlays').add(element.id, 'called', { position: { top: 3, right: 25 }, scale: { min: 0.45, max: 1.2 }, html: button });
    });
  }

  addTimers() {
    const registry = this.viewer.get('elementRegistry');
    for (const timer of this.data.timers ?? []) {
      const element = timer.process === this.process && registry.get(timer.element);
      if (!element) continue;
      this.viewer.get('canvas').addMarker(element, 'upcoming');
      const badge = document.createElement('div');
      badge.className = 'timer-badge';
      badge.textContent = timer.text;
      badge.title = timer.text;
      this.viewer.get('overlays').add(element.id, 'timer', { position: { bottom: -4, left: 4 }, scale: READABLE, html: badge });
    }
  }

  // The wheel belongs to the page, so that nobody is caught in a diagram; on the full screen it zooms.
  addTools() {
    const act = {
      closer: () => this.viewer.get('zoomScroll').stepZoom(1),
      farther: () => this.viewer.get('zoomScroll').stepZoom(-1),
      whole: () => this.fit(SMALLEST),
      full: () => (document.fullscreenElement ? document.exitFullscreen() : this.root.requestFullscreen()),
    };
    for (const button of this.root.querySelectorAll('[data-tool]')) {
      button.hidden = button.dataset.tool === 'full' && !document.fullscreenEnabled;
      button.addEventListener('click', act[button.dataset.tool]);
    }
    this.root.addEventListener('fullscreenchange', () => {
      this.viewer.get('zoomScroll').toggle(document.fullscreenElement === this.root);
      this.width = 0;
      this.resized();
    });
  }

  get highest() {
    if (document.fullscreenElement === this.root) return innerHeight - 200;
    const share = innerWidth < NARROW ? .5 : this.holder.clientWidth < NARROW ? .55 : .8;
    return Math.min(HIGHEST, innerHeight * share); // on a phone the page must stay within a finger's reach
  }

  name(process) { return this.data.names?.[process] ?? process; }

  drawPath() {
    const holder = this.root.querySelector('[data-diagram-path]');
    if (!holder) return;
    holder.replaceChildren(...this.path.map((process, depth) => {
      const last = depth === this.path.length - 1;
      const node = document.createElement(last ? 'span' : 'button');
      node.textContent = this.name(process);
      if (last) node.setAttribute('aria-current', 'page');
      else { node.type = 'button'; node.addEventListener('click', () => this.open(this.path.slice(0, depth + 1))); }
      const item = document.createElement('li');
      item.append(node);
      return item;
    }));
    holder.hidden = this.path.length < 2;
  }
}

async function start(root) {
  const data = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
  const stage = new Stage(root, data);
  stage.addTools();
  await stage.open([data.start]);
  const holder = root.querySelector('[data-player]');
  if (data.frames?.length && holder) new Player(holder, data.frames, (frame) => stage.step(frame));
  root.dataset.ready = '1';
}

for (const root of document.querySelectorAll('[data-diagram]')) start(root);
