// Reads and writes what Camunda 8 keeps in an element's extension elements; every write is one step to undo.
import { is } from 'bpmn-js/lib/util/ModelUtil';

// A pool stands for its process, and so does the whole drawing where it has one pool.
export function subject(element) {
  const bo = element.businessObject;
  const alone = is(bo, 'bpmn:Collaboration') && (bo.participants ?? []).filter(({ processRef }) => processRef);
  if (alone && alone.length === 1) return alone[0].processRef;
  return is(bo, 'bpmn:Participant') && bo.processRef ? bo.processRef : bo;
}

export function extension(element, type, bo = subject(element)) {
  return bo.get('extensionElements')?.get('values')?.find((value) => is(value, type));
}

export function property(element, name) {
  return extension(element, 'zeebe:Properties')?.get('properties')?.find((one) => one.name === name)?.value ?? '';
}

export function inputs(element) {
  return extension(element, 'zeebe:IoMapping')?.get('inputParameters') ?? [];
}

export function outputs(element) {
  return extension(element, 'zeebe:IoMapping')?.get('outputParameters') ?? [];
}

const bare = (value) => value === undefined || value === '' || value === null;
const plain = (attributes) => Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, bare(value) ? undefined : value]));

export class Zeebe {
  static $inject = ['modeling', 'bpmnFactory'];

  constructor(modeling, bpmnFactory) {
    this.modeling = modeling;
    this.factory = bpmnFactory;
  }

  create(type, attributes, parent) {
    const made = this.factory.create(type, attributes);
    if (parent) made.$parent = parent;
    return made;
  }

  // Sets attributes of one extension element, which comes and goes with its first and last attribute (`keep`: stays).
  set(element, type, attributes, { keep = false, bo = subject(element) } = {}) {
    const found = extension(element, type, bo);
    const wanted = plain(attributes);
    if (!found) return this.values(element, bo, (values, parent) => [...values, this.create(type, wanted, parent)]);
    const left = { ...ownValues(found), ...wanted };
    if (!keep && Object.values(left).every(bare)) return this.remove(element, type, bo);
    return this.modeling.updateModdleProperties(element, found, wanted);
  }

  remove(element, type, bo = subject(element)) {
    if (extension(element, type, bo)) this.values(element, bo, (values) => values.filter((value) => !is(value, type)));
  }

  values(element, bo, change) {
    const there = bo.get('extensionElements');
    if (there) return this.modeling.updateModdleProperties(element, there, { values: change(there.get('values') ?? [], there) });
    const made = this.create('bpmn:ExtensionElements', { values: [] }, bo);
    made.values = change([], made);
    return this.modeling.updateModdleProperties(element, bo, { extensionElements: made });
  }

  setProperty(element, name, value, bo = subject(element)) {
    const there = extension(element, 'zeebe:Properties', bo);
    const others = (there?.get('properties') ?? []).filter((one) => one.name !== name);
    const all = bare(value) ? others : [...others, this.create('zeebe:Property', { name, value }, there)];
    if (!there && !all.length) return;
    if (!all.length) return this.remove(element, 'zeebe:Properties', bo);
    if (there) return this.modeling.updateModdleProperties(element, there, { properties: all });
    this.values(element, bo, (values, parent) => {
      const made = this.create('zeebe:Properties', { properties: all }, parent);
      for (const one of all) one.$parent = made;
      return [...values, made];
    });
  }

  // One mapping by its target; an empty source takes it away.
  setInput(element, target, source) {
    this.map(element, 'inputParameters', 'zeebe:Input', inputs(element), target, source);
  }

  setOutput(element, target, source) {
    this.map(element, 'outputParameters', 'zeebe:Output', outputs(element), target, source);
  }

  map(element, list, type, there, target, source) {
    const found = there.find((one) => one.target === target);
    if (found && !bare(source)) return this.modeling.updateModdleProperties(element, found, { source });
    const all = bare(source) ? there.filter((one) => one.target !== target) : [...there, this.create(type, { source, target })];
    this.setMappings(element, list, all);
  }

  setMappings(element, list, all) {
    const mapping = extension(element, 'zeebe:IoMapping');
    if (mapping) {
      const other = list === 'inputParameters' ? mapping.get('outputParameters') : mapping.get('inputParameters');
      if (!all.length && !other.length) return this.remove(element, 'zeebe:IoMapping');
      for (const one of all) one.$parent = mapping;
      return this.modeling.updateModdleProperties(element, mapping, { [list]: all });
    }
    if (!all.length) return;
    this.values(element, subject(element), (values, parent) => {
      const made = this.create('zeebe:IoMapping', { [list]: all }, parent);
      for (const one of all) one.$parent = made;
      return [...values, made];
    });
  }
}

function ownValues(moddle) {
  const names = moddle.$descriptor.properties.map(({ name }) => name.replace(/^.*:/, ''));
  return Object.fromEntries(names.filter((name) => Object.hasOwn(moddle, name)).map((name) => [name, moddle[name]]));
}

// Messages, signals, errors and escalations lie beside the process; elements refer to them.
export function definitions(element) {
  let up = element.businessObject;
  while (up.$parent) up = up.$parent;
  return up;
}

export function roots(element, type) {
  return (definitions(element).get('rootElements') ?? []).filter((root) => is(root, type));
}
