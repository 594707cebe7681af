// Our own properties of a form and its fields, in plain words.
import { el } from './dom.js';
import { ExpressionBox } from './expression-box.js';
import { current } from './names.js';

const LISTS = 'dynamiclist';
const PLAIN = new Set(['text', 'table', 'separator', 'group', 'spacer']);
const WHOLE = new Set(['cycle', 'discussions', 'conclusions']);

export class Rules {
  constructor({ editor, data, place }) {
    Object.assign(this, { editor, data, place });
  }

  chosen() {
    return this.editor.get('selection').get() || this.editor._getState().schema;
  }

  // Anew when another field is chosen, or somebody else changed this one; never under the one who types.
  draw() {
    const field = this.chosen();
    if (field?.id === this.shown && this.place.contains(document.activeElement)) return;
    this.shown = field?.id;
    this.place.replaceChildren(el('div', { class: 'form-rules' }, field ? this.parts(field) : []));
  }

  parts(field) {
    if (!field._parent) return this.whole(field);
    const register = this.register(field);
    return [
      el('h3', {}, field.label || field.key || field.path || 'Komponenten'),
      ...(field.type === LISTS ? this.list() : []),
      ...(register && !PLAIN.has(field.type) && field.type !== LISTS ? [this.column(register)] : []),
      ...(PLAIN.has(field.type) ? [] : this.checks(field)),
      ...(PLAIN.has(field.type) && field.type !== LISTS ? [el('p', { class: 'studio-note' }, 'Denne komponenten tar ikke imot svar, så her er ingen regler.')] : []),
    ];
  }

  whole() {
    return [
      el('h3', {}, 'Hele skjemaet'),
      this.text('title', 'Tittel'),
      this.select('guidance', 'Veiledning', [['', 'Ingen'], ...this.data.guidance.map(({ id, title }) => [id, title])]),
      this.select('register', 'Hele skjemaet skrives til', [['', 'Ikke noe register'], ...this.registers(({ id }) => WHOLE.has(id)), ['cycle', 'Syklusen']]),
      this.tick('notes', 'Egne notater: bare den som skriver, leser dem til de deles'),
      this.tick('stand-in', 'Den som bare trer inn, kan fylle det ut'),
    ];
  }

  list() {
    return [
      this.select('register', 'Radene skrives til', [['', 'Ikke noe register'], ...this.registers(() => true)]),
      this.text('row-label', 'Ordet for én rad'),
      this.text('min-rows', 'Minste antall rader'),
      this.text('max-rows', 'Største antall rader'),
    ];
  }

  column(register) {
    const found = this.data.registers.find(({ id }) => id === register);
    const columns = (found?.columns ?? []).map((one) => [one, one]);
    return found ? this.select('column', `Kolonnen i «${found.label}»`, [['', 'Skrives ikke i registeret'], ...columns]) : this.text('column', 'Kolonnen i registeret');
  }

  checks(field) {
    return [
      this.expression('default', 'Begynner med (uttrykk)', '=context.goals[1].text'),
      this.expression('check', 'Svaret må stemme med (uttrykk)', '=slutt > start'),
      this.text('check-message', 'Melding når det ikke stemmer'),
      ...(field.type === LISTS ? [] : [
        this.tick('private', 'Bare for den som skriver: lagres ikke når skjemaet sendes'),
        this.tick('fresh', 'Begynner tomt når oppgaven tas på nytt'),
      ]),
      field.type === 'checkbox' && this.tick('shares', 'Krysses den av, deles notatene når de sendes'),
      field.type === 'filepicker' && this.select('readers', 'Hvem flere som får hente filene', [['', 'Bare de som leser oppgaven'], ['unit', 'De som ser drøftingen i enheten'], ['everyone', 'Alle']]),
    ];
  }

  registers(fits) {
    return this.data.registers.filter(fits).map(({ id, label }) => [id, label]);
  }

  // The register that a field is written in: of the list around it, or of the whole form.
  register(field) {
    const registry = this.editor.get('formFieldRegistry');
    const { schema } = this.editor._getState();
    for (let at = registry.get(field._parent); at && at !== schema; at = registry.get(at._parent)) {
      if (at.type === LISTS) return at.properties?.register ?? '';
    }
    return schema.properties?.register ?? '';
  }

  get(name) {
    return this.chosen().properties?.[name] ?? '';
  }

  put(name, value) {
    const field = this.chosen();
    const properties = { ...field.properties };
    if (value === '') delete properties[name];
    else properties[name] = value;
    this.editor.get('modeling').editFormField(field, 'properties', Object.keys(properties).length ? properties : undefined);
  }

  text(name, label, placeholder = '') {
    const input = el('input', { class: 'ds-input', type: 'text', value: String(this.get(name)), placeholder, onchange: () => this.put(name, input.value.trim()) });
    return el('label', {}, label, input);
  }

  // As `text`, with the names that exist here.
  expression(name, label, placeholder) {
    const place = el('div', {}, el('span', {}, label));
    const box = new ExpressionBox({ container: place, value: String(this.get(name)), label, placeholder, names: () => current().names(), wrong: (text) => current().wrong(text), onChange: () => {} });
    box.input.addEventListener('change', () => this.put(name, box.input.value.trim()));
    return place;
  }

  select(name, label, options) {
    const now = String(this.get(name));
    const known = options.some(([value]) => value === now) ? options : [...options, [now, now]];
    const unique = known.filter(([value], at) => known.findIndex(([one]) => one === value) === at);
    const input = el('select', { class: 'ds-input', onchange: () => {
      this.put(name, input.value);
      this.draw();
    } }, unique.map(([value, said]) => el('option', { value, selected: value === now }, said)));
    return el('label', {}, label, input);
  }

  tick(name, label) {
    const input = el('input', { class: 'ds-input', type: 'checkbox', checked: ['true', true].includes(this.get(name)), onchange: () => this.put(name, input.checked ? 'true' : '') });
    return el('label', { class: 'form-tick' }, input, label);
  }
}
