// «Hvilket svar fører hit?» on a flow out of a gateway, and the ways on from the gateway itself.
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { OPERATORS, kindOf, needsAnswer, parse, sentence, write } from '../conditions.js';
import { action, drawn, expression, group, html, note, tick } from '../entries.js';
import { fieldsBefore } from '../fields-before.js';

const CHOOSES = ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway'];

export function ways(element, { data, show }) {
  if (!isAny(element, CHOOSES) || element.outgoing.length < 2) return null;
  const fields = fieldsBefore(element, data);
  return group('ways', 'Veiene videre', [
    drawn('ways', () => html`<ul class="studio-ways">${element.outgoing.filter((flow) => is(flow, 'bpmn:SequenceFlow')).map((flow) => html`<li>
      <button type="button" class="ds-button" data-variant="tertiary" data-size="sm" onClick=${() => show(flow)}>${said(flow, fields)}</button>
    </li>`)}</ul>`),
  ], { open: true });
}

function said(flow, fields) {
  const target = flow.target.businessObject.name || 'det neste';
  if (flow.source.businessObject.default === flow.businessObject) return `Ellers → ${target}`;
  const body = flow.businessObject.conditionExpression?.body;
  return body ? `${sentence(body, fields)} → ${target}` : `Velg svar → ${target}`;
}

export default function condition(element, context) {
  if (!is(element, 'bpmn:SequenceFlow') || !isAny(element.source, CHOOSES)) return null;
  const { modeling, factory } = context;
  const bo = element.businessObject;
  const gateway = element.source;
  if (gateway.outgoing.length < 2 && !bo.conditionExpression) return null;
  const isDefault = gateway.businessObject.default === bo;
  const body = bo.conditionExpression?.body ?? '';
  const set = (text) => modeling.updateProperties(element, { conditionExpression: text ? factory.create('bpmn:FormalExpression', { body: text }) : undefined });
  const turn = (on) => context.commands.together(() => {
    if (on && bo.conditionExpression) set('');
    modeling.updateProperties(gateway, { default: on ? bo : undefined });
  });
  return group('condition', 'Hvilket svar fører hit?', [
    tick('otherwise', 'Ellers: når ingen av de andre passer', () => isDefault, turn),
    ...(isDefault ? [] : rows(element, body, set, context)),
    !isDefault && expression('condition', 'Som uttrykk', () => body, set, { always: true }),
  ], { open: true });
}

function rows(element, body, set, { data }) {
  const fields = fieldsBefore(element.source, data);
  const found = parse(body);
  if (!found) return [note('condition-own', 'Betingelsen er skrevet som et uttrykk.')];
  if (!fields.length && !found.rows.length) return [note('condition-none', 'Ingen oppgaver før dette stedet har et skjema med svar å velge mellom. Gi en oppgave et skjema, eller skriv et uttrykk.')];
  const kinds = (name) => kindOf(fields.find((one) => one.name === name));
  const change = (all) => set(write({ ...found, rows: all }, kinds));
  const replace = (at, more) => change(found.rows.map((row, number) => (number === at ? { ...row, ...more } : row)));
  const blank = () => fresh(fields[0]);
  const shown = found.rows.length ? found.rows : [{ name: '', operator: '', answer: '' }];
  return [
    ...shown.map((row, at) => drawn(`condition-${at}`, () => html`<${Row} ...${{ row, at, fields, join: found.join, turn: (join) => set(write({ ...found, join }, kinds)), put: (more) => (found.rows.length ? replace(at, more) : change([{ ...row, ...more }])), drop: () => change(found.rows.filter((_, number) => number !== at)) }} />`)),
    found.rows.length && fields.length && action('condition-more', 'Legg til et svar', () => change([...found.rows, blank()])),
  ];
}

function fresh(field) {
  const kind = kindOf(field);
  const today = new Date().toISOString().slice(0, 10);
  return { name: field.name, operator: OPERATORS[kind][0][0], answer: field.options?.[0]?.value ?? { number: '0', date: today }[kind] ?? '' };
}

function Row({ row, at, fields, join, turn, put, drop }) {
  const field = fields.find((one) => one.name === row.name);
  const kind = kindOf(field);
  const operators = OPERATORS[kind].some(([one]) => one === row.operator) || !row.name ? OPERATORS[kind] : [...OPERATORS[kind], ...Object.values(OPERATORS).flat().filter(([one]) => one === row.operator).slice(0, 1)];
  const known = !row.name || field ? fields : [{ name: row.name, label: row.name, from: '' }, ...fields];
  const choose = (name) => put(fresh(fields.find((one) => one.name === name) ?? { name }));
  const id = (part) => `condition-${part}-${at}`;
  return html`<fieldset class="studio-condition">
    <legend>${at ? html`<select aria-label="Hvordan svarene hører sammen" value=${join} onChange=${(e) => turn(e.target.value)}><option value="and">og</option><option value="or">eller</option></select>` : 'Når svaret på'}</legend>
    <select id=${id('field')} aria-label="Spørsmål" class="bio-properties-panel-input" value=${row.name} onChange=${(e) => choose(e.target.value)}>
      ${!row.name && html`<option value="">(velg et spørsmål)</option>`}
      ${known.map((one) => html`<option value=${one.name}>${one.label}${one.from ? ` – ${one.from}` : ''}</option>`)}
    </select>
    ${row.name && html`<select id=${id('operator')} aria-label="Sammenligning" class="bio-properties-panel-input" value=${row.operator} onChange=${(e) => put({ operator: e.target.value })}>
      ${operators.map(([value, word]) => html`<option value=${value}>${word}</option>`)}
    </select>`}
    ${row.name && needsAnswer(row.operator) && html`<${Answer} id=${id('answer')} field=${field} kind=${kind} value=${row.answer} put=${(answer) => put({ answer })} />`}
    ${row.name && html`<button type="button" class="ds-button" data-variant="tertiary" data-size="sm" onClick=${drop}>Fjern</button>`}
  </fieldset>`;
}

function Answer({ id, field, kind, value, put }) {
  const change = (event) => put(event.target.value);
  if (field?.options?.length) {
    const options = field.options.some((one) => String(one.value) === value) ? field.options : [{ value, label: value || '(velg)' }, ...field.options];
    return html`<select id=${id} aria-label="Svar" class="bio-properties-panel-input" value=${value} onChange=${change}>
      ${options.map((one) => html`<option value=${one.value}>${one.label}</option>`)}
    </select>`;
  }
  return html`<input id=${id} aria-label="Svar" class="bio-properties-panel-input" type=${kind === 'date' ? 'date' : 'text'} inputmode=${kind === 'number' ? 'decimal' : 'text'} value=${value} onChange=${change} />`;
}
