// The desk: the canvas and what lies around it, tied together.
import { addStep, askStep } from './adding.js';
import { bar } from './bar.js';
import { confirmDiscard, confirmReplace, newer } from './dialogs.js';
import { button, el } from './dom.js';
import { editForm, newForm } from './forms-from-here.js';
import { modeler } from './modeler.js';
import { Names } from './names.js';
import { Problems } from './problems.js';
import { Questions } from './questions.js';
import { read } from './reading.js';
import { Saving, clock } from './saving.js';
import { ask, submit } from './server.js';
import { tabs } from './tabs.js';
import { untranslated } from './translate.js';
import { Words } from './words.js';

const READABLE = 0.6;

export class Desk {
  constructor(place, data) {
    this.data = data;
    this.text = async () => this.broken ?? (await this.modeler.saveXML({ format: true })).xml;
    const canvas = el('div', { class: 'studio-canvas' });
    const parts = Object.fromEntries(['properties', 'problems', 'words', 'questions'].map((id) => [id, el('div', { class: `studio-${id}-panel` })]));
    this.notice = el('div', { class: 'studio-notices' });
    this.bar = bar({ data, doing: this.doing() });
    this.side = tabs('Ved siden av diagrammet', [
      { id: 'properties', title: 'Egenskaper', panel: parts.properties },
      { id: 'problems', title: 'Å rette', panel: parts.problems },
      { id: 'words', title: 'Med ord', panel: parts.words },
      { id: 'questions', title: 'Spørsmål', panel: parts.questions },
    ], (id, open) => id === 'words' && this.words?.opened(open));
    const desk = el('div', { class: 'studio-desk' }, canvas, this.side.element);
    place.append(this.bar.element, this.notice, desk);
    // As tall as the window has room for, below what stands above it.
    new ResizeObserver(() => desk.style.setProperty('--studio-top', `${Math.round(desk.getBoundingClientRect().top + scrollY)}px`)).observe(document.body);
    const show = (element) => this.show(element);
    const studio = { data, show: (shape) => this.show(shape.id), addStep: (element) => this.add(element), newForm: (element, use) => newForm(this, element, use), editForm: (element, form) => editForm(this, element, form), problems: { of: (id) => this.problems?.of(id) ?? [] } };
    this.modeler = modeler(canvas, parts.properties, studio);
    const text = this.text;
    this.problems = new Problems({ modeler: this.modeler, url: data.urls.check, text, place: parts.problems, show, counted: (errors, all) => this.side.count('problems', all, { kind: errors ? 'error' : 'warning' }) });
    this.words = new Words({ url: data.urls.words, text, place: parts.words, show });
    this.questions = new Questions({ urls: data.urls, text, place: parts.questions, show, counted: (number) => this.side.count('questions', number, { hide: true }), answered: (made) => this.replace(made, 'Svarene er satt inn i diagrammet.') });
    this.saving = new Saving({ drawing: data.drawing, url: data.urls.save, text, on: { status: this.bar.say, newer: (theirs) => this.choose(theirs) } });
    this.names = new Names({ data, text, problems: this.problems, eventBus: this.modeler.get('eventBus'), selection: this.modeler.get('selection') });
    this.listen();
  }

  listen() {
    const eventBus = this.modeler.get('eventBus');
    const stack = this.modeler.get('commandStack');
    eventBus.on('commandStack.changed', ({ trigger }) => {
      this.bar.can(stack.canUndo(), stack.canRedo());
      if (trigger === 'clear') return;
      this.changed();
    });
    eventBus.on('selection.changed', ({ newSelection }) => {
      this.words.mark(newSelection[0]?.id);
      if (newSelection.length === 1 && document.activeElement?.getAttribute('role') !== 'tab' && !this.leading) this.side.open('properties');
    });
    // For those who look from outside: tests, and a person at the browser's console.
    globalThis.kompStudio = { modeler: this.modeler, untranslated, saving: this.saving };
  }

  async open() {
    this.side.count('questions', 0, { hide: true });
    await this.bring(this.data.drawing.text);
    this.bar.say('', 'saved');
    const kept = this.saving.kept.get();
    if (kept && kept.text !== this.data.drawing.text) this.offer(kept);
    this.show(decodeURIComponent(location.hash.slice(1))); // back from a form, to the step that has it
    await Promise.all([this.problems.check(), this.questions.ask()]);
  }

  changed() {
    this.broken = null;
    this.saving.changed();
    this.problems.soon();
    this.words.changed();
  }

  // A diagram that cannot be drawn stays as it is, and one is told why.
  async bring(text) {
    try {
      await read(this.modeler, text);
      this.broken = null;
      return true;
    } catch (error) {
      this.broken = text;
      this.tell(`Diagrammet kan ikke tegnes: ${error.message} Teksten er ikke endret. Under «Å rette» står det hva som er galt; du kan laste den ned, eller hente inn en annen fil.`, [], 'danger');
      return false;
    }
  }

  // Another text in place of what is drawn; one step back is kept.
  async replace(text, said) {
    const before = await this.text();
    if (!(await this.bring(text))) {
      await this.bring(before);
      return false;
    }
    this.changed();
    this.tell(said, [['Angre', async () => {
      await this.bring(before);
      this.changed();
      await this.questions.ask();
    }]]);
    return true;
  }

  offer(kept) {
    this.tell(`Du har endringer fra ${clock(kept.at)} som ikke ble lagret.`, [
      ['Ta dem fram', async () => {
        if (!(await this.bring(kept.text))) return;
        this.saving.revision = kept.revision ?? this.saving.revision;
        this.changed();
      }],
      ['Forkast dem', () => this.saving.kept.drop()],
    ], 'warning');
  }

  tell(sentence, ways = [], color = 'info') {
    const close = (work) => () => {
      box.remove();
      work?.();
    };
    const box = el('div', { class: 'ds-alert studio-notice', 'data-color': color, role: 'status' }, el('p', {}, sentence), ways.map(([text, work]) => button(text, close(work))), button('Lukk', close(), { 'data-variant': 'tertiary' }));
    this.notice.replaceChildren(box);
  }

  async choose(theirs) {
    const way = await newer(theirs);
    if (way === 'theirs') {
      await this.bring(theirs.text);
      this.saving.become(theirs.revision, theirs.text);
      this.bar.say('Hentet det den andre lagret', 'saved');
      this.problems.soon();
      this.words.changed();
    } else if (way === 'copy') {
      const { url } = await ask(this.data.urls.copy, { text: await this.text() });
      this.saving.become(theirs.revision, theirs.text);
      this.saving.latest = this.saving.saved;
      location.assign(url);
    } else {
      this.tell('Det du tegner nå, lagres ikke før du har valgt.', [['Velg', () => this.choose(theirs)]], 'warning');
    }
  }

  show(id) {
    const shape = this.modeler.get('elementRegistry').get(id);
    if (!shape) return;
    const canvas = this.modeler.get('canvas');
    const root = canvas.findRoot(shape);
    if (root && root !== canvas.getRootElement()) canvas.setRootElement(root);
    this.leading = true;
    if (shape !== root) {
      if (canvas.zoom() < READABLE) canvas.zoom(1, shape.waypoints ? 'auto' : { x: shape.x + shape.width / 2, y: shape.y + shape.height / 2 });
      canvas.scrollToElement(shape, 120);
      this.modeler.get('selection').select(shape);
    } else this.modeler.get('selection').select([]);
    this.leading = false;
  }

  // Asks for a step, after what is selected unless another place is chosen, and puts it in.
  async add(selected = this.modeler.get('selection').get()[0]) {
    const asked = await askStep({ registry: this.modeler.get('elementRegistry'), roles: this.data.roles, selected });
    if (!asked) return;
    const made = addStep(this.modeler, asked);
    this.show(made.id);
    this.side.open('properties');
    this.tell(`Steget ${made.businessObject.name ? `«${made.businessObject.name}» ` : ''}er satt inn. Resten om det står til høyre.`);
  }

  doing() {
    const action = (name) => () => this.modeler.get('editorActions').trigger(name);
    return {
      add: () => this.add(),
      undo: action('undo'),
      redo: action('redo'),
      search: () => setTimeout(action('find')), // after this click, which would close it again
      fit: () => this.modeler.get('canvas').zoom('fit-viewport', 'auto'),
      load: async (file) => (await confirmReplace(file.name)) === 'yes' && this.load(file),
      download: async () => this.download(await this.text()),
      discard: async () => {
        if ((await confirmDiscard()) !== 'yes') return;
        const { url } = await submit(this.data.urls.discard, {});
        this.saving.become(this.saving.revision, this.saving.latest);
        location.assign(url);
      },
      publish: async () => {
        if (this.saving.dirty()) await this.saving.send();
        if (!this.saving.dirty()) location.assign(this.data.urls.publish);
      },
    };
  }

  async load(file) {
    const text = await file.text();
    if (await this.replace(text, `«${file.name}» er hentet inn.`)) {
      await this.questions.ask();
      if (this.questions.number) this.side.open('questions');
    } else this.tell(`«${file.name}» kan ikke tegnes. Det er ikke et BPMN-diagram vi kan lese. Tegningen er som før.`, [], 'danger');
  }

  download(text) {
    const link = el('a', { href: URL.createObjectURL(new Blob([text], { type: 'application/xml' })), download: `${this.data.drawing.key || 'prosess'}.bpmn` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
}
