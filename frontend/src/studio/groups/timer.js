// «Når»: a point in time, how long, or how often.
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { dateEntries } from '../dates.js';
import { expression, group, number, select, tick, text } from '../entries.js';
import { UNITS, parseCycle, parseDuration, writeCycle, writeDuration } from '../times.js';

const KINDS = ['timeDate', 'timeDuration', 'timeCycle'];

export default function timer(element, { data, modeling, factory }) {
  const definition = element.businessObject.eventDefinitions?.find((one) => is(one, 'bpmn:TimerEventDefinition'));
  if (!definition) return null;
  const kind = KINDS.find((one) => definition[one]) ?? '';
  const body = () => definition[kind]?.body ?? '';
  const set = (value) => put(kind, value);
  const put = (into, value) => {
    const made = factory.create('bpmn:FormalExpression', { body: value });
    made.$parent = definition;
    modeling.updateModdleProperties(element, definition, Object.fromEntries(KINDS.map((one) => [one, one === into ? made : undefined])));
  };
  const turn = (into) => into && put(into, { timeDate: '=add working days(today(), 5)', timeDuration: 'P7D', timeCycle: 'R3/P7D' }[into]);
  return group('timer', 'Når', [
    select('timer-kind', 'Går av', () => kind, turn, [
      ...(kind ? [] : [['', '(velg)']]),
      ['timeDate', 'på en dato'],
      ['timeDuration', 'etter en viss tid'],
      ['timeCycle', 'flere ganger'],
    ]),
    ...(kind === 'timeDate' ? dateEntries('timer-date', element, { label: 'Datoen er', none: 'ikke satt', get: body, set, data }) : []),
    ...(kind === 'timeDuration' ? duration(body, set) : []),
    ...(kind === 'timeCycle' ? cycle(body, set) : []),
    ...interrupts(element, modeling),
  ], { open: true });
}

function duration(body, set) {
  const found = parseDuration(body());
  if (!found) return [expression('timer-own', 'Hvor lenge (uttrykk eller for eksempel P14D)', body, set)];
  return [
    number('timer-count', 'Hvor lenge', () => found.count, (count) => set(writeDuration({ ...found, count: Number(count) || 1 })), { min: 1, step: 1 }),
    select('timer-unit', 'Enhet', () => found.unit, (unit) => set(writeDuration({ ...found, unit })), UNITS),
  ];
}

function cycle(body, set) {
  const found = parseCycle(body());
  if (!found) return [expression('timer-own', 'Hvor ofte (uttrykk eller for eksempel R3/P7D)', body, set)];
  return [
    text('timer-times', 'Antall ganger (tomt: til oppgaven er gjort)', () => found.times, (times) => set(writeCycle({ ...found, times: String(times ?? '').replace(/\D/g, '') }))),
    number('timer-count', 'Med hvor lang tid imellom', () => found.count, (count) => set(writeCycle({ ...found, count: Number(count) || 1 })), { min: 1, step: 1 }),
    select('timer-unit', 'Enhet', () => found.unit, (unit) => set(writeCycle({ ...found, unit })), UNITS),
  ];
}

export function interrupts(element, modeling) {
  if (is(element, 'bpmn:BoundaryEvent')) {
    if (is(element.businessObject.eventDefinitions?.[0], 'bpmn:ErrorEventDefinition')) return [];
    return [tick('interrupts', 'Avbryter det den sitter på', () => element.businessObject.cancelActivity !== false, (on) => modeling.updateProperties(element, { cancelActivity: on }))];
  }
  if (is(element, 'bpmn:StartEvent') && element.parent?.businessObject.triggeredByEvent) {
    return [tick('interrupts', 'Avbryter det som er i gang', () => element.businessObject.isInterrupting !== false, (on) => modeling.updateProperties(element, { isInterrupting: on }))];
  }
  return [];
}
