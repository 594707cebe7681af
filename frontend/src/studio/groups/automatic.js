// «Hva skjer automatisk»: which operation a step runs, what it is given, and what comes of it.
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { drawn, expression, group, html, note, select } from '../entries.js';
import { extension, inputs } from '../zeebe.js';

const TYPE = 'zeebe:TaskDefinition';
const name = (one) => (typeof one === 'string' ? one : one.name);
const said = (one) => (typeof one === 'string' ? '' : one.sentence ?? '');

export default function automatic(element, { data, zeebe }) {
  if (!isAny(element, ['bpmn:ServiceTask', 'bpmn:SendTask', 'bpmn:BusinessRuleTask'])) return null;
  const sends = is(element, 'bpmn:SendTask');
  const type = extension(element, TYPE)?.type ?? '';
  const operation = data.operations.find((one) => one.type === type);
  const given = (target) => () => inputs(element).find((one) => one.target === target)?.source ?? '';
  const wants = operation ? [...operation.required, ...operation.optional] : [];
  const required = new Set((operation?.required ?? []).map(name));
  const ways = [['', '(velg)'], ...data.operations.map((one) => [one.type, one.sentence])];
  return group('automatic', 'Hva skjer automatisk', [
    sends
      ? note('operation', 'Sender meldingen som er valgt under «Melding».')
      : select('operation', 'Dette gjøres', () => type, (value) => zeebe.set(element, TYPE, { type: value }), ways),
    ...(sends ? [] : wants).map((one) =>
      expression(`input-${name(one)}`, `${label(name(one))}${required.has(name(one)) ? ' (må fylles ut)' : ''}`, given(name(one)), (source) => zeebe.setInput(element, name(one), source), {
        always: true,
        description: said(one) || EXPLAINED[name(one)],
      }),
    ),
    operation?.outputs?.length && drawn('outputs', () => html`<p class="studio-note">Gir ${operation.outputs.map(name).map((one, at) => html`${at ? ', ' : ''}<code>${one}</code>`)} videre.</p>`),
  ], { open: true });
}

const LABELS = { role: 'Rolle', people: 'Bestemte personer', text: 'Tekst', name: 'Navn', key: 'Nøkkel', payload: 'Innhold', phase: 'Fase', level: 'Trinn', kind: 'Slag', lapse_on: 'Faller bort', channel: 'Kanal', audience: 'Mottakere' };
const EXPLAINED = {
  role: 'Hvem det gjelder: en rolle i anførselstegn, for eksempel "hr".',
  people: 'En liste med ansattnumre.',
  text: 'Teksten i anførselstegn.',
};
const label = (key) => LABELS[key] ?? key;
