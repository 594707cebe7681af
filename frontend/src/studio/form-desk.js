// The form editor's desk: the form, how it will look, and what lies around it, tied together.
import { DraftDesk } from './draft-desk.js';
import { button, el } from './dom.js';
import { formEditor } from './form-editor.js';
import { Preview } from './form-preview.js';
import { FormProblems } from './form-problems.js';
import { keys } from './form-keys.js';
import { FormNames } from './form-names.js';
import { Rules } from './form-rules.js';
import { uses } from './form-uses.js';
import { piece } from './server.js';
import { tabs } from './tabs.js';

const SAID = {
  it: 'skjemaet',
  It: 'Skjemaet',
  cannot: 'kan ikke vises',
  wrong: 'Det er ikke et skjema vi kan lese.',
  file: { type: 'application/json', ending: 'json', name: 'skjema' },
};

export class FormDesk extends DraftDesk {
  constructor(place, data) {
    super(data, SAID);
    const parts = Object.fromEntries(['properties', 'rules', 'problems', 'uses'].map((id) => [id, el('div', { class: `form-${id}-panel` })]));
    const palette = el('div', { class: 'form-palette' });
    const canvas = (this.canvas = el('div', { class: 'form-canvas' }));
    const shown = el('div', {});
    this.drawn = [palette, canvas, parts.properties, parts.rules];
    this.side = tabs('Ved siden av skjemaet', [
      { id: 'properties', title: 'Egenskaper', panel: parts.properties },
      { id: 'rules', title: 'Regler', panel: parts.rules },
      { id: 'problems', title: 'Å rette', panel: parts.problems },
      { id: 'uses', title: 'Brukes i', panel: parts.uses },
    ]);
    const desk = el('div', { class: 'studio-desk form-desk' }, palette, canvas,
      el('section', { class: 'form-preview', 'aria-label': 'Slik blir skjemaet', tabindex: '0' }, el('h2', { class: 'ds-heading', 'data-size': 'xs' }, 'Slik blir skjemaet'), shown),
      this.side.element);
    place.append(this.bar(), this.offers, this.notice, desk);
    this.tall(desk);
    parts.uses.append(uses(data.uses ?? []));
    this.editor = formEditor({ canvas, palette, properties: parts.properties });
    const text = () => this.text();
    this.rules = new Rules({ editor: this.editor, data, place: parts.rules });
    this.preview = new Preview({ url: data.urls.preview, text, place: shown });
    this.problems = new FormProblems({ url: data.urls.check, text, place: parts.problems, canvas, name: (id) => this.name(id), show: (id) => this.lead(id), counted: (errors, all) => this.side.count('problems', all, { kind: errors ? 'error' : 'warning' }) });
    this.keep(this.say);
    new FormNames({ editor: this.editor, data, problems: () => this.problems.found });
    keys(canvas, this.editor, (way) => this.step(way));
    this.editor.on('changed', () => !this.bringing && this.changed());
    this.editor.on('selection.changed', () => this.rules.draw());
    this.editor.get('eventBus').on('commandStack.changed', () => {
      const stack = this.editor.get('commandStack');
      this.undo.disabled = !stack.canUndo();
      this.redo.disabled = !stack.canRedo();
    });
    globalThis.kompStudio = { editor: this.editor, saving: this.saving };
  }

  bar() {
    const status = el('p', { class: 'studio-status', role: 'status' });
    this.say = (sentence, kind) => {
      status.textContent = sentence;
      status.dataset.kind = kind;
    };
    const file = el('input', { type: 'file', accept: '.json,.form', hidden: true, onchange: () => {
      if (file.files[0]) this.load(file.files[0]);
      file.value = '';
    } });
    this.undo = button('Angre', () => this.step('undo'), { disabled: true, 'aria-keyshortcuts': 'Control+Z' });
    this.redo = button('Gjør om', () => this.step('redo'), { disabled: true, 'aria-keyshortcuts': 'Control+Y' });
    const quiet = { 'data-variant': 'tertiary' };
    return el('div', { class: 'studio-bar', role: 'toolbar', 'aria-label': 'Skjemaet' }, this.undo, this.redo,
      button('Hele skjemaet', () => this.lead(null), quiet),
      button('Hent inn fil', () => file.click(), quiet), file,
      button('Last ned', async () => this.download(await this.text()), quiet),
      button('Forkast', () => this.discard(), quiet),
      status,
      button('Publiser …', () => this.publish(), { 'data-variant': 'primary' }));
  }

  step(way) {
    this.editor.get('editorActions').trigger(way);
  }

  async open() {
    await this.begin();
    await Promise.all([this.problems.check(), this.preview.draw()]);
  }

  async text() {
    return this.broken ?? `${JSON.stringify(this.editor.saveSchema(), null, 2)}\n`;
  }

  async draw(text) {
    this.bringing = true;
    try {
      await this.editor.importSchema(JSON.parse(text));
      this.rules.draw();
    } finally {
      this.bringing = false;
    }
  }

  async show(place, text) {
    place.innerHTML = await piece(this.data.urls.preview, { text });
    place.inert = true;
  }

  changed() {
    this.saving.changed();
    this.again();
    this.rules.draw();
  }

  again() {
    this.problems.soon();
    this.preview.soon();
  }

  // The label of a field; null where there is no such field.
  name(id) {
    const field = id && this.editor.get('formFieldRegistry').get(id);
    return field ? field.label || field.key || field.path || '' : null;
  }

  lead(id) {
    const field = id && this.editor.get('formFieldRegistry').get(id);
    this.editor.get('selection').set(field || this.editor._getState().schema);
    if (field) this.canvas.querySelector(`.fjs-element[data-id="${CSS.escape(id)}"]`)?.scrollIntoView({ block: 'center' });
  }
}
