// Colours on a diagram; only what differs from the moment before is touched, so that stepping stays cheap.
const KINDS = ['done', 'active', 'taken'];

export class Marks {
  constructor(viewer) {
    this.viewer = viewer;
    this.forget();
  }

  /** Nothing is marked, for instance after another diagram was opened. */
  forget() { this.now = Object.fromEntries(KINDS.map((kind) => [kind, new Set()])); }

  /** Marks exactly `wanted`: {done: [ids], active: [ids], taken: [flow ids]}. */
  draw(wanted) {
    for (const kind of KINDS) {
      const next = new Set(wanted[kind] ?? []);
      for (const id of this.now[kind]) if (!next.has(id)) this.set(id, kind, false);
      for (const id of next) if (!this.now[kind].has(id)) this.set(id, kind, true);
      this.now[kind] = next;
    }
  }

  set(id, kind, on) {
    const element = this.viewer.get('elementRegistry').get(id);
    if (!element) return;
    const canvas = this.viewer.get('canvas');
    if (on) canvas.addMarker(element, kind); else canvas.removeMarker(element, kind);
    if (element.waypoints) this.recolour(element, on);
  }

  // Arrowheads are shared between flows and cannot be reached by CSS: the flow is drawn again in its colour.
  recolour(flow, on) {
    const colour = on ? getComputedStyle(document.documentElement).getPropertyValue('--taken').trim() : undefined;
    flow.di.set('bioc:stroke', colour);
    this.viewer.get('graphicsFactory').update('connection', flow, this.viewer.get('canvas').getGraphics(flow));
  }
}
