// What check says of the drawing: a mark on each element, and a list that leads there.
import { ask } from './server.js';
import { el, settled } from './dom.js';
import { plainly } from './plainly.js';

const WAIT = 700;

export class Problems {
  constructor({ modeler, url, text, place, show, counted }) {
    Object.assign(this, { modeler, url, text, place, show, counted });
    this.found = [];
    this.asking = null;
    this.soon = settled(() => this.check(), WAIT);
  }

  of(element) {
    return this.found.filter((problem) => problem.element === element);
  }

  async check() {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    try {
      const { problems } = await ask(this.url, { text: await this.text() }, { signal: asking.signal });
      if (asking.signal.aborted) return;
      this.found = problems.map(plainly);
      this.draw();
    } catch (error) {
      if (!asking.signal.aborted) this.place.replaceChildren(el('p', { class: 'studio-note' }, 'Vi får ikke sett etter feil akkurat nå.'));
    }
  }

  draw() {
    this.marks();
    const errors = this.found.filter(({ severity }) => severity === 'error');
    this.counted(errors.length, this.found.length);
    const lines = [...errors, ...this.found.filter(({ severity }) => severity !== 'error')].map((one) => this.line(one));
    this.place.replaceChildren(lines.length ? el('ol', { class: 'studio-problems' }, lines) : el('p', { class: 'studio-note' }, 'Ingenting å rette. Diagrammet kan publiseres.'));
    this.modeler.get('eventBus').fire('komp.checked');
    // The panel shows the same on the element that is selected.
    this.modeler.get('eventBus').fire('propertiesPanel.providersChanged');
  }

  line({ element, severity, message, fix }) {
    const name = this.name(element);
    const said = [
      el('strong', {}, severity === 'error' ? 'Feil' : 'Obs', name ? ` · ${name}` : ''),
      el('span', {}, message),
      el('em', {}, fix),
    ];
    const there = element && this.modeler.get('elementRegistry').get(element);
    return el('li', { 'data-severity': severity }, there ? el('button', { type: 'button', onclick: () => this.show(element) }, said) : el('div', {}, said));
  }

  name(id) {
    const shape = id && this.modeler.get('elementRegistry').get(id);
    return shape?.businessObject?.name || '';
  }

  marks() {
    const overlays = this.modeler.get('overlays');
    const registry = this.modeler.get('elementRegistry');
    overlays.remove({ type: 'komp-problem' });
    for (const id of new Set(this.found.map(({ element }) => element))) {
      const shape = id && registry.get(id);
      if (!shape || shape === this.modeler.get('canvas').getRootElement() || shape.isImplicit) continue;
      const mine = this.of(id);
      const worst = mine.some(({ severity }) => severity === 'error') ? 'error' : 'warning';
      const said = mine.map(({ message, fix }) => `${message} ${fix}`).join('\n');
      const html = el('button', { type: 'button', class: 'studio-badge', 'data-severity': worst, title: said, 'aria-label': `${mine.length === 1 ? 'Ett problem' : `${mine.length} problemer`}: ${said}`, onclick: () => this.show(id) }, worst === 'error' ? '!' : '?');
      overlays.add(id, 'komp-problem', { position: shape.waypoints ? { top: -10, left: -10 } : { top: -12, right: 10 }, html });
    }
  }
}
