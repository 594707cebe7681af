// The form editor's desk: the form, how it will look, and what lies around it, tied together.
import { confirmDiscard, confirmReplace, newer } from './dialogs.js';
import { button, el } from './dom.js';
import { formEditor } from './form-editor.js';
import { Preview } from './form-preview.js';
import { FormProblems } from './form-problems.js';
import { Rules } from './form-rules.js';
import { Saving, clock } from './saving.js';
import { ask, submit } from './server.js';
import { tabs } from './tabs.js';

export class FormDesk {
  constructor(place, data) {
    this.data = data;
    const parts = Object.fromEntries(['properties', 'rules', 'problems', 'uses'].map((id) => [id, el('div', { class: `form-${id}-panel` })]));
    const palette = el('div', { class: 'form-palette' });
    const canvas = (this.canvas = el('div', { class: 'form-canvas' }));
    const shown = el('div', {});
    this.notice = el('div', { class: 'studio-notices' });
    this.side = tabs('Ved siden av skjemaet', [
      { id: 'properties', title: 'Egenskaper', panel: parts.properties },
      { id: 'rules', title: 'Regler', panel: parts.rules },
      { id: 'problems', title: 'Å rette', panel: parts.problems },
      { id: 'uses', title: 'Brukes i', panel: parts.uses },
    ]);
    const desk = el('div', { class: 'studio-desk form-desk' }, palette, canvas,
      el('section', { class: 'form-preview', 'aria-label': 'Slik blir skjemaet', tabindex: '0' }, el('h2', { class: 'ds-heading', 'data-size': 'xs' }, 'Slik blir skjemaet'), shown),
      this.side.element);
    place.append(this.bar(), this.notice, desk);
    new ResizeObserver(() => desk.style.setProperty('--studio-top', `${Math.round(desk.getBoundingClientRect().top + scrollY)}px`)).observe(document.body);
    parts.uses.append(uses(data.uses ?? []));
    this.editor = formEditor({ canvas, palette, properties: parts.properties });
    const text = async () => this.broken ?? `${JSON.stringify(this.editor.saveSchema(), null, 2)}\n`;
    this.text = text;
    this.rules = new Rules({ editor: this.editor, data, place: parts.rules });
    this.preview = new Preview({ url: data.urls.preview, text, place: shown });
    this.problems = new FormProblems({ url: data.urls.check, text, place: parts.problems, canvas, name: (id) => this.name(id), show: (id) => this.show(id), counted: (errors, all) => this.side.count('problems', all, { kind: errors ? 'error' : 'warning' }) });
    this.saving = new Saving({ drawing: data.drawing, url: data.urls.save, text, on: { status: this.say, newer: (theirs) => this.choose(theirs) } });
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
    const file = el('input', { type: 'file', accept: '.json,.form', hidden: true, onchange: async () => {
      const [chosen] = file.files;
      file.value = '';
      if (chosen && (await confirmReplace(chosen.name)) === 'yes') await this.load(chosen);
    } });
    this.undo = button('Angre', () => this.step('undo'), { disabled: true });
    this.redo = button('Gjør om', () => this.step('redo'), { disabled: true });
    const quiet = { 'data-variant': 'tertiary' };
    return el('div', { class: 'studio-bar', role: 'toolbar', 'aria-label': 'Skjemaet' }, this.undo, this.redo,
      button('Hele skjemaet', () => this.show(null), quiet),
      button('Hent inn fil', () => file.click(), quiet), file,
      button('Last ned', () => this.download(), quiet),
      button('Forkast', () => this.discard(), quiet),
      status,
      button('Publiser …', () => this.publish(), { 'data-variant': 'primary' }));
  }

  step(way) {
    this.editor.get('editorActions').trigger(way);
  }

  async open() {
    await this.bring(this.data.drawing.text);
    this.say('', 'saved');
    const kept = this.saving.kept.get();
    if (kept && kept.text !== this.data.drawing.text) this.offer(kept);
    await Promise.all([this.problems.check(), this.preview.draw()]);
  }

  changed() {
    this.saving.changed();
    this.problems.soon();
    this.preview.soon();
    this.rules.draw();
  }

  // A form that cannot be drawn stays as it is, and one is told why.
  async bring(text) {
    this.bringing = true;
    try {
      await this.editor.importSchema(JSON.parse(text));
      this.broken = null;
      this.rules.draw();
      return true;
    } catch (error) {
      this.broken = text;
      this.tell(`Skjemaet kan ikke tegnes: ${error.message} Teksten er ikke endret. Under «Å rette» står det hva som er galt; du kan laste den ned, eller hente inn en annen fil.`, [], 'danger');
      return false;
    } finally {
      this.bringing = false;
    }
  }

  async load(file) {
    const before = await this.text();
    if (!(await this.bring(await file.text()))) {
      await this.bring(before);
      return this.tell(`«${file.name}» er ikke et skjema vi kan lese. Skjemaet er som før.`, [], 'danger');
    }
    this.changed();
    this.tell(`«${file.name}» er hentet inn.`, [['Angre', async () => (await this.bring(before)) && this.changed()]]);
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
    const box = el('div', { class: 'ds-alert studio-notice', 'data-color': color, role: 'status' }, el('p', {}, sentence), ways.map(([said, work]) => button(said, close(work))), button('Lukk', close(), { 'data-variant': 'tertiary' }));
    this.notice.replaceChildren(box);
  }

  async choose(theirs) {
    const way = await newer(theirs);
    if (way === 'theirs') {
      await this.bring(theirs.text);
      this.saving.become(theirs.revision, theirs.text);
      this.say('Hentet det den andre lagret', 'saved');
      this.problems.soon();
      this.preview.soon();
    } else if (way === 'copy') {
      const { url } = await ask(this.data.urls.copy, { text: await this.text() });
      this.saving.become(theirs.revision, theirs.text);
      this.saving.latest = this.saving.saved;
      location.assign(url);
    } else this.tell('Det du tegner nå, lagres ikke før du har valgt.', [['Velg', () => this.choose(theirs)]], 'warning');
  }

  // The label of a field; null where there is no such field.
  name(id) {
    const field = id && this.editor.get('formFieldRegistry').get(id);
    return field ? field.label || field.key || field.path || '' : null;
  }

  show(id) {
    const field = id && this.editor.get('formFieldRegistry').get(id);
    this.editor.get('selection').set(field || this.editor._getState().schema);
    if (field) this.canvas.querySelector(`.fjs-element[data-id="${CSS.escape(id)}"]`)?.scrollIntoView({ block: 'center' });
  }

  async download() {
    const link = el('a', { href: URL.createObjectURL(new Blob([await this.text()], { type: 'application/json' })), download: `${this.data.drawing.key || 'skjema'}.json` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  async discard() {
    if ((await confirmDiscard()) !== 'yes') return;
    const { url } = await submit(this.data.urls.discard, {});
    this.saving.become(this.saving.revision, this.saving.latest);
    location.assign(url);
  }

  async publish() {
    if (this.saving.dirty()) await this.saving.send();
    if (!this.saving.dirty()) location.assign(this.data.urls.publish);
  }
}

function uses(found) {
  if (!found.length) return el('p', { class: 'studio-note' }, 'Ingen oppgaver bruker skjemaet ennå. Velg det på en oppgave i en prosess.');
  return el('div', {}, el('h3', { class: 'ds-heading', 'data-size': '2xs' }, 'Skjemaet brukes i'), el('ul', {}, found.map(({ process, task, drawn }) => el('li', {}, `${task} · ${process}${drawn ? ' (utkast)' : ''}`))));
}
