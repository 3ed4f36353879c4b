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
const SMALLEST = 0.42; // below this no label can be read

class Stage {
  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.path = [];
    this.frame = null;
    this.viewer = new Viewer({ container: root.querySelector('[data-diagram-canvas]') });
    this.marks = new Marks(this.viewer);
    this.viewer.on('element.click', ({ element }) => this.openCalled(element));
    new ResizeObserver(() => this.fit()).observe(root.querySelector('[data-diagram-canvas]'));
  }

  /** Shows the diagram at the end of `path`, a list of process ids from the top. */
  async open(path) {
    const process = path.at(-1);
    await this.viewer.importXML(this.data.diagrams[process]);
    this.path = path;
    this.process = process;
    this.marks.forget();
    this.fit();
    this.addOpeners();
    this.addTimers();
    this.drawPath();
    if (this.frame) this.show(this.frame);
    this.root.dataset.process = process;
  }

  // The whole diagram if it stays legible; else its beginning, and each step scrolls to where the case stands.
  fit() {
    const canvas = this.viewer.get('canvas');
    if (!canvas.getRootElement()?.children?.length) return;
    canvas.resized();
    const { inner, outer } = canvas.viewbox();
    if (!outer.width || !outer.height) return;
    const whole = Math.min(outer.width / (inner.width + 2 * MARGIN), outer.height / (inner.height + 2 * MARGIN), LARGEST);
    const scale = Math.max(whole, SMALLEST);
    const [width, height] = [outer.width / scale, outer.height / scale];
    const centred = (start, length, room) => (length + 2 * MARGIN <= room + 1 ? start + length / 2 - room / 2 : start - MARGIN);
    canvas.viewbox({ x: centred(inner.x, inner.width, width), y: centred(inner.y, inner.height, height), width, height });
    this.cut = scale > whole;
  }

  show(frame) {
    this.frame = frame;
    this.marks.draw(frame.marks[this.process] ?? {});
    const active = this.cut && this.viewer.get('elementRegistry').get(frame.marks[this.process]?.active?.[0]);
    if (active) this.viewer.get('canvas').scrollToElement(active, 60);
    for (const button of this.root.querySelectorAll('[data-open]')) {
      button.classList.toggle('busy', Boolean(frame.marks[button.dataset.open]?.active?.length));
    }
  }

  called(element) {
    const id = element.businessObject?.calledElement;
    return id && id !== this.process && this.data.diagrams[id] ? id : null;
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
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'open-called';
      button.dataset.open = id;
      button.textContent = word('open');
      button.setAttribute('aria-label', word('open_called', { name: this.name(id) }));
      button.addEventListener('click', () => this.openCalled(element));
      this.viewer.get('overlays').add(element.id, 'called', { position: { bottom: 10, left: element.width / 2 - 22 }, html: button });
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
      this.viewer.get('overlays').add(element.id, 'timer', { position: { bottom: -2, left: element.width - 4 }, html: badge });
    }
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
    holder.hidden = Object.keys(this.data.diagrams).length < 2;
  }
}

async function start(root) {
  const data = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
  const stage = new Stage(root, data);
  await stage.open([data.start]);
  const holder = root.querySelector('[data-player]');
  if (data.frames?.length && holder) new Player(holder, data.frames, (frame) => stage.show(frame));
  root.dataset.ready = '1';
}

for (const root of document.querySelectorAll('[data-diagram]')) start(root);
