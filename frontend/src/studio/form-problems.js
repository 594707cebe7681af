// What check says of the form: a list that leads to each field, and a mark on the field.
import { ask } from './server.js';
import { el, settled } from './dom.js';

export class FormProblems {
  constructor({ url, text, place, canvas, name, show, counted }) {
    Object.assign(this, { url, text, place, canvas, name, show, counted });
    this.soon = settled(() => this.check(), 700);
    this.found = [];
  }

  async check() {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    try {
      const { problems } = await ask(this.url, { text: await this.text() }, { signal: asking.signal });
      if (asking.signal.aborted) return;
      this.found = problems;
      this.draw();
    } catch {
      if (!asking.signal.aborted) this.place.replaceChildren(el('p', { class: 'studio-note' }, 'Vi får ikke sett etter feil akkurat nå.'));
    }
  }

  draw() {
    const errors = this.found.filter(({ severity }) => severity === 'error');
    this.counted(errors.length, this.found.length);
    const lines = [...errors, ...this.found.filter(({ severity }) => severity !== 'error')].map((one) => this.line(one));
    this.place.replaceChildren(lines.length ? el('ol', { class: 'studio-problems' }, lines) : el('p', { class: 'studio-note' }, 'Ingenting å rette. Skjemaet kan publiseres.'));
    this.mark();
  }

  line({ element, severity, message, fix }) {
    const name = this.name(element);
    const said = [el('strong', {}, severity === 'error' ? 'Feil' : 'Obs', name ? ` · ${name}` : ''), el('span', {}, message), el('em', {}, fix)];
    return el('li', { 'data-severity': severity }, name === null ? el('div', {}, said) : el('button', { type: 'button', onclick: () => this.show(element) }, said));
  }

  mark() {
    for (const marked of this.canvas.querySelectorAll('[data-problem]')) delete marked.dataset.problem;
    for (const { element, severity } of this.found) {
      const there = element && this.canvas.querySelector(`.fjs-element[data-id="${CSS.escape(element)}"]`);
      if (there && there.dataset.problem !== 'error') there.dataset.problem = severity;
    }
  }
}
