// «Spørsmål»: what the drawing does not say yet, asked so that the answers make it run.
import { ask } from './server.js';
import { button, el } from './dom.js';

export class Questions {
  constructor({ urls, text, place, show, counted, answered }) {
    Object.assign(this, { urls, text, place, show, counted, answered });
  }

  async ask() {
    this.asking?.abort(); // an answer about what was drawn before would be of no use
    const { signal } = (this.asking = new AbortController());
    this.busy(true);
    try {
      const { questions } = await ask(this.urls.questions, { text: await this.text() }, { signal });
      if (!signal.aborted) this.draw(questions);
    } catch (error) {
      if (signal.aborted) return;
      this.counted(0);
      this.place.replaceChildren(el('p', { class: 'studio-note' }, error.message || 'Vi får ikke spurt akkurat nå.'));
    }
    this.busy(false);
  }

  busy(on) {
    this.place.setAttribute('aria-busy', String(on));
  }

  draw(questions) {
    this.number = questions.length;
    this.counted(questions.length);
    if (!questions.length) {
      this.place.replaceChildren(el('p', { class: 'studio-note' }, 'Vi har ingen spørsmål. Alt som trengs for å kjøre, er sagt.'));
      return;
    }
    const form = el('form', { class: 'studio-questions', onsubmit: (event) => this.send(event, questions) },
      el('p', { class: 'studio-note' }, 'Svar på det du vet nå, og la resten stå. Diagrammet endres bare der du svarer.'),
      questions.map((one) => this.question(one)),
      button('Sett svarene inn i diagrammet', null, { type: 'submit', 'data-variant': 'primary' }));
    this.place.replaceChildren(form);
  }

  question({ id, element, name, text, why, options = [], multiple, free }) {
    const field = (attributes) => el('input', { class: 'ds-input', name: id, 'aria-label': text, ...attributes });
    return el('fieldset', { class: 'ds-fieldset' },
      el('legend', { class: 'ds-label', 'data-weight': 'medium' }, text),
      el('p', { class: 'studio-note' }, why, ' ', element && el('button', { type: 'button', class: 'studio-link', onclick: () => this.show(element) }, name ? `Vis «${name}»` : 'Vis')),
      options.length > 8 && !multiple
        ? el('select', { class: 'ds-input', name: id, 'aria-label': text }, el('option', { value: '' }, '(vet ikke ennå)'), options.map(({ value, label }) => el('option', { value }, label)))
        : options.map(({ value, label }) => el('label', { class: 'studio-option' }, el('input', { type: multiple ? 'checkbox' : 'radio', name: id, value }), ` ${label}`)),
      free && field({ type: { number: 'number', date: 'date' }[free] ?? 'text', min: free === 'number' ? 0 : null }));
  }

  async send(event, questions) {
    event.preventDefault();
    const given = new FormData(event.target);
    const answers = {};
    for (const { id } of questions) {
      const values = given.getAll(id).map((one) => one.trim()).filter(Boolean);
      if (values.length) answers[id] = values;
    }
    if (!Object.keys(answers).length) return this.say('Svar på minst ett spørsmål først.');
    this.busy(true);
    try {
      const { text } = await ask(this.urls.answers, { text: await this.text(), answers });
      await this.answered(text);
      await this.ask();
    } catch (error) {
      this.say(error.message || 'Svarene ble ikke satt inn. Prøv igjen.');
    }
  }

  say(sentence) {
    this.busy(false);
    this.place.querySelector('[role=alert]')?.remove();
    this.place.firstChild?.append(el('p', { role: 'alert', class: 'ds-validation-message' }, sentence));
  }
}
