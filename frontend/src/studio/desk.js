// The desk: the canvas and what lies around it, tied together.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { addStep, askStep } from './adding.js';
import { bar } from './bar.js';
import { DraftDesk } from './draft-desk.js';
import { el } from './dom.js';
import { editForm, newForm } from './forms-from-here.js';
import { modeler } from './modeler.js';
import { Names } from './names.js';
import { Problems } from './problems.js';
import { Questions } from './questions.js';
import { origin, read, whole } from './reading.js';
import { tabs } from './tabs.js';
import { untranslated } from './translate.js';
import { saidUndrawn, undrawn } from './undrawn.js';
import { Words } from './words.js';

const READABLE = 0.6;
const SAID = {
  it: 'diagrammet',
  It: 'Diagrammet',
  cannot: 'kan ikke tegnes',
  wrong: 'Det er ikke et BPMN-diagram vi kan lese.',
  file: { type: 'application/xml', ending: 'bpmn', name: 'prosess' },
};

export class Desk extends DraftDesk {
  constructor(place, data) {
    super(data, SAID);
    const canvas = el('div', { class: 'studio-canvas' });
    this.drawn = [canvas];
    const parts = Object.fromEntries(['properties', 'problems', 'words', 'questions'].map((id) => [id, el('div', { class: `studio-${id}-panel` })]));
    this.bar = bar({ data, doing: this.doing() });
    this.side = tabs('Ved siden av diagrammet', [
      { id: 'properties', title: 'Egenskaper', panel: parts.properties },
      { id: 'problems', title: 'Å rette', panel: parts.problems },
      { id: 'words', title: 'Med ord', panel: parts.words },
      { id: 'questions', title: 'Spørsmål', panel: parts.questions },
    ], (id, open) => id === 'words' && this.words?.opened(open));
    const desk = el('div', { class: 'studio-desk' }, canvas, this.side.element);
    this.unseen = el('div', { class: 'studio-notices' });
    place.append(this.bar.element, this.offers, this.notice, this.unseen, desk);
    this.tall(desk);
    const show = (element) => this.lead(element);
    const studio = { data, show: (shape) => this.lead(shape.id), addStep: (element) => this.add(element), newForm: (element, use) => newForm(this, element, use), editForm: (element, form) => editForm(this, element, form), problems: { of: (id) => this.problems?.of(id) ?? [] } };
    this.modeler = modeler(canvas, parts.properties, studio);
    const text = () => this.text();
    this.problems = new Problems({ modeler: this.modeler, url: data.urls.check, text, place: parts.problems, show, counted: (errors, all) => this.side.count('problems', all, { kind: errors ? 'error' : 'warning' }) });
    this.words = new Words({ url: data.urls.words, text, place: parts.words, show });
    this.questions = new Questions({ urls: data.urls, text, place: parts.questions, show, counted: (number) => this.side.count('questions', number, { hide: true }), answered: (made) => this.replace(made, 'Svarene er satt inn i diagrammet.') });
    this.keep(this.bar.say);
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
    globalThis.kompStudio = { modeler: this.modeler, draw: (text) => this.draw(text), text: () => this.text(), untranslated, saving: this.saving };
  }

  async open() {
    this.side.count('questions', 0, { hide: true });
    await this.begin();
    this.lead(decodeURIComponent(location.hash.slice(1))); // back from a form, to the step that has it
    await Promise.all([this.problems.check(), this.questions.ask()]);
  }

  async text() {
    return this.broken ?? whole(this.modeler);
  }

  async draw(text) {
    this.unseen.replaceChildren();
    const warnings = await read(this.modeler, text);
    const said = saidUndrawn(undrawn(origin(this.modeler), this.modeler.get('elementRegistry')));
    if (said) this.unseen.append(this.box(this.unseen, said, [], 'warning'));
    return warnings;
  }

  async show(place, text) {
    await read(new NavigatedViewer({ container: place }), text);
  }

  changed() {
    this.saving.changed();
    this.again();
  }

  again() {
    this.problems.soon();
    this.words.changed();
  }

  lead(id) {
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
    this.lead(made.id);
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
      load: (file) => this.load(file),
      download: async () => this.download(await this.text()),
      discard: () => this.discard(),
      publish: () => this.publish(),
    };
  }

  async brought() {
    await this.questions.ask();
  }

  async load(file) {
    if ((await super.load(file)) && this.questions.number) this.side.open('questions');
  }
}
