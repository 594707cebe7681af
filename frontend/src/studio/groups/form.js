// «Skjema og veiledning»: which form the task shows, a new one from here, and the text beside it.
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { action, drawn, group, html, select } from '../entries.js';
import { extension, property } from '../zeebe.js';

const TYPE = 'zeebe:FormDefinition';

export default function form(element, { data, zeebe, newForm, editForm }) {
  if (!is(element, 'bpmn:UserTask')) return null;
  const id = extension(element, TYPE)?.formId ?? '';
  const use = (formId) => zeebe.set(element, TYPE, { formId });
  const found = data.forms.find((one) => one.id === id);
  const guidance = data.guidance.map((one) => [one.id, one.title]);
  return group('form', 'Skjema og veiledning', [
    select('form', 'Skjema', () => id, use, [['', '(uten skjema)'], ...data.forms.map((one) => [one.id, one.title])]),
    found && drawn('form-fields', () => html`<p class="studio-note">Spør om ${listed(found.fields)}</p>`),
    id && editForm && action('edit-form', 'Endre skjemaet', () => editForm(element, id)),
    newForm && action('new-form', 'Lag nytt skjema', () => newForm(element, use)),
    select('guidance', 'Veiledning', () => property(element, 'guidance'), (value) => zeebe.setProperty(element, 'guidance', value), [['', '(ingen)'], ...guidance]),
  ], { open: true });
}

function listed(fields) {
  const names = fields.filter(({ label }) => label).map(({ label }) => `«${label}»`);
  if (!names.length) return 'ingenting ennå.';
  return `${names.slice(0, 6).join(', ')}${names.length > 6 ? ` og ${names.length - 6} til` : ''}.`;
}
