// «Med ord»: the process as sentences; each line leads to its element.
import { ask } from './server.js';
import { el, settled } from './dom.js';

const WAIT = 900;

export class Words {
  constructor({ url, text, place, show }) {
    Object.assign(this, { url, text, place, show });
    this.stale = true;
    this.open = false;
    this.soon = settled(() => this.ask(), WAIT);
  }

  changed() {
    this.stale = true;
    if (this.open) this.soon();
  }

  opened(open) {
    this.open = open;
    if (open) this.mark(this.here);
    if (open && this.stale) this.soon.now();
  }

  async ask() {
    this.stale = false;
    try {
      const { sections } = await ask(this.url, { text: await this.text() });
      this.draw(sections);
    } catch (error) {
      this.stale = true;
      this.place.replaceChildren(el('p', { class: 'studio-note' }, error.message || 'Vi får ikke sagt det med ord akkurat nå.'));
    }
  }

  draw(sections) {
    const line = ({ element, text }) => el('li', { 'data-element': element }, element && this.show ? el('button', { type: 'button', onclick: () => this.show(element) }, text) : text);
    this.place.replaceChildren(
      ...sections.map(({ heading, lines }) => el('section', {}, el('h3', { class: 'ds-heading', 'data-size': '2xs' }, heading), el('ul', { class: 'studio-words' }, lines.map(line)))),
    );
    this.mark(this.here);
    if (!sections.length) this.place.append(el('p', { class: 'studio-note' }, 'Det er ingenting å fortelle ennå.'));
  }

  // What is selected in the drawing is marked in the words, and brought into sight.
  mark(element) {
    this.here = element;
    for (const line of this.place.querySelectorAll('li[data-element]')) line.toggleAttribute('data-here', line.dataset.element === element);
    if (this.open) this.place.querySelector('li[data-here]')?.scrollIntoView({ block: 'nearest' });
  }
}
