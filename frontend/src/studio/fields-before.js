// Which answers are known at a place: the forms of the tasks that lead there, nearest first.
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { extension, outputs } from './zeebe.js';

const SIMPLE = ['radio', 'select', 'checkbox', 'checklist', 'taglist', 'number', 'datetime', 'textfield', 'textarea'];

export function fieldsBefore(element, data) {
  const fields = new Map();
  for (const step of stepsBefore(element)) {
    for (const field of given(step, data)) if (!fields.has(field.name)) fields.set(field.name, field);
  }
  return [...fields.values()];
}

// Breadth first against the flows; out of a sub-process into what leads to it, and into one that lies before.
function stepsBefore(element) {
  const seen = new Set([element]);
  const queue = [element];
  const found = [];
  while (queue.length) {
    const here = queue.shift();
    if (here !== element) found.push(here);
    for (const before of leading(here)) {
      if (!seen.has(before)) {
        seen.add(before);
        queue.push(before);
      }
    }
  }
  return found;
}

function leading(shape) {
  const before = (shape.incoming ?? []).filter((flow) => is(flow, 'bpmn:SequenceFlow')).map((flow) => flow.source);
  if (is(shape, 'bpmn:BoundaryEvent') && shape.host) before.push(shape.host);
  if (is(shape, 'bpmn:StartEvent') && is(shape.parent, 'bpmn:SubProcess')) before.push(...leading(shape.parent));
  return before.flatMap((one) => (is(one, 'bpmn:SubProcess') && !one.businessObject.loopCharacteristics ? [one, ...ends(one)] : [one]));
}

const ends = (sub) => (sub.children ?? []).filter((child) => is(child, 'bpmn:EndEvent'));

function given(step, data) {
  if (is(step, 'bpmn:UserTask')) return renamed(step, answers(step, data));
  if (!isAny(step, ['bpmn:ServiceTask', 'bpmn:SendTask'])) return [];
  const operation = data.operations.find((one) => one.type === extension(step, 'zeebe:TaskDefinition')?.type);
  return renamed(step, (operation?.outputs ?? []).map((one) => ({ name: one, label: one, type: 'number', options: [], from: step.businessObject.name })));
}

function answers(step, data) {
  const form = data.forms.find(({ id }) => id === extension(step, 'zeebe:FormDefinition')?.formId);
  return (form?.fields ?? [])
    .filter(({ type, key }) => key && SIMPLE.includes(type))
    .map((field) => ({ ...field, name: field.key, label: field.label || field.key, from: step.businessObject.name || form.title }));
}

// Where a task has output mappings, only what they give goes on, under their names.
function renamed(step, fields) {
  const mapped = outputs(step);
  if (!mapped.length) return fields;
  return mapped.flatMap(({ source, target }) => fields.filter(({ name }) => (source ?? '').replace(/^=\s*/, '') === name).map((field) => ({ ...field, name: target })));
}
