// «Det som følger med inn og ut»: names that a step gets and names that it gives on.
import { isAny } from 'bpmn-js/lib/util/ModelUtil';
import { action, drawn, expression, group, html, note, text } from '../entries.js';
import { extension, inputs, outputs } from '../zeebe.js';

const MAPPED = ['bpmn:UserTask', 'bpmn:ServiceTask', 'bpmn:SendTask', 'bpmn:ReceiveTask', 'bpmn:BusinessRuleTask', 'bpmn:SubProcess', 'bpmn:CallActivity', 'bpmn:Event'];

export default function mappings(element, context) {
  if (!isAny(element, MAPPED) || isAny(element, ['bpmn:BoundaryEvent']) && !outputs(element).length && !hasPayload(element)) return null;
  const asked = new Set(context.data.operations.find((one) => one.type === extension(element, 'zeebe:TaskDefinition')?.type)?.required ?? []);
  const optional = context.data.operations.find((one) => one.type === extension(element, 'zeebe:TaskDefinition')?.type)?.optional ?? [];
  for (const one of optional) asked.add(one);
  const free = isAny(element, ['bpmn:ServiceTask']) ? inputs(element).filter(({ target }) => !asked.has(target)) : inputs(element);
  return group('mappings', 'Det som følger med inn og ut', [
    note('in-note', free.length ? 'Inn:' : 'Ingenting er ført inn under et eget navn.'),
    ...free.flatMap((one, at) => fields('in', 'inputParameters', one, at, element, context)),
    !isAny(element, ['bpmn:StartEvent', 'bpmn:BoundaryEvent']) && action('in-add', 'Før noe inn', () => add(element, 'inputParameters', context)),
    note('out-note', outputs(element).length ? 'Ut (bare dette følger med videre):' : 'Alle svar følger med videre.'),
    ...outputs(element).flatMap((one, at) => fields('out', 'outputParameters', one, at, element, context)),
    action('out-add', 'Velg hva som følger med videre', () => add(element, 'outputParameters', context)),
  ]);
}

const hasPayload = (element) => element.businessObject.eventDefinitions?.some((one) => one.$type === 'bpmn:MessageEventDefinition');

function fields(side, list, one, at, element, { modeling, zeebe }) {
  const all = list === 'inputParameters' ? inputs : outputs;
  return [
    text(`${side}-target-${at}`, 'Navn', () => one.target ?? '', (target) => modeling.updateModdleProperties(element, one, { target })),
    expression(`${side}-source-${at}`, 'Verdi', () => one.source ?? '', (source) => modeling.updateModdleProperties(element, one, { source }), { always: true }),
    drawn(`${side}-drop-${at}`, () => html`<button type="button" class="ds-button" data-variant="tertiary" data-size="sm" onClick=${() => zeebe.setMappings(element, list, all(element).filter((other) => other !== one))}>Fjern</button>`),
  ];
}

function add(element, list, { zeebe }) {
  const there = list === 'inputParameters' ? inputs(element) : outputs(element);
  const type = list === 'inputParameters' ? 'zeebe:Input' : 'zeebe:Output';
  zeebe.setMappings(element, list, [...there, zeebe.create(type, { source: '=null', target: `navn${there.length + 1}` })]);
}
