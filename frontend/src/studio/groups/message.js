// «Melding», «Signal», «Feil» and «Varsel oppover»: what is waited for or sent, and who it is for.
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { expression, group, note, text } from '../entries.js';
import { definitions, extension, property, roots } from '../zeebe.js';
import { interrupts } from './timer.js';

const KINDS = {
  'bpmn:MessageEventDefinition': { ref: 'messageRef', type: 'bpmn:Message', label: 'Melding', name: 'name', title: 'Navnet på meldingen' },
  'bpmn:SignalEventDefinition': { ref: 'signalRef', type: 'bpmn:Signal', label: 'Signal', name: 'name', title: 'Navnet på signalet' },
  'bpmn:ErrorEventDefinition': { ref: 'errorRef', type: 'bpmn:Error', label: 'Feil', name: 'errorCode', title: 'Feilens kode' },
  'bpmn:EscalationEventDefinition': { ref: 'escalationRef', type: 'bpmn:Escalation', label: 'Varsel oppover', name: 'escalationCode', title: 'Varselets kode' },
  'bpmn:LinkEventDefinition': { label: 'Lenke', name: 'name', title: 'Lenkens navn (det samme i begge ender)' },
};

export default function message(element, context) {
  const bo = element.businessObject;
  const definition = isAny(bo, ['bpmn:ReceiveTask', 'bpmn:SendTask']) ? bo : bo.eventDefinitions?.find((one) => KINDS[one.$type]);
  if (!definition) return null;
  const kind = KINDS[definition.$type] ?? KINDS['bpmn:MessageEventDefinition'];
  const { modeling } = context;
  const target = kind.ref ? definition[kind.ref] : definition;
  const name = (value) => (kind.ref ? refer(element, definition, kind, value, context) : modeling.updateModdleProperties(element, definition, { name: value || undefined }));
  const known = kind.ref ? roots(element, kind.type).map((one) => one[kind.name]).filter((one) => one && one !== target?.[kind.name]) : [];
  const isMessage = kind.type === 'bpmn:Message';
  const throws = isAny(element, ['bpmn:SendTask', 'bpmn:IntermediateThrowEvent', 'bpmn:EndEvent']);
  return group('message', kind.label, [
    text('message-name', kind.title, () => target?.[kind.name] ?? '', name, { description: known.length ? `Brukt i diagrammet: ${[...new Set(known)].join(', ')}.` : '' }),
    isMessage && throws && text('message-keep', 'Beholdes når ingen venter på den', () => property(element, 'keep'), (value) => context.zeebe.setProperty(element, 'keep', value), { description: 'En varighet som P30D, eller cycle. Tomt er 30 dager.' }),
    isMessage && target && keyed(element) && key(element, target, context),
    isMessage && target && is(element, 'bpmn:StartEvent') && note('message-start', 'Starter prosessen når meldingen kommer.'),
    ...interrupts(element, modeling),
  ], { open: true });
}

const keyed = (element) => !is(element, 'bpmn:StartEvent') || Boolean(element.parent?.businessObject.triggeredByEvent);

function key(element, target, { zeebe }) {
  return expression('message-key', 'Hvem meldingen er til', () => extension(element, 'zeebe:Subscription', target)?.correlationKey ?? '', (correlationKey) => zeebe.set(element, 'zeebe:Subscription', { correlationKey }, { bo: target }), {
    always: true,
    description: 'Det som er likt hos den som sender og den som venter, for eksempel unit.id.',
  });
}

// Another name is another message: an old one with that name, or a new one.
export function refer(element, definition, kind, value, { modeling, factory, commands }) {
  if (!value) return modeling.updateModdleProperties(element, definition, { [kind.ref]: undefined });
  const found = roots(element, kind.type).find((one) => one[kind.name] === value);
  if (found) return modeling.updateModdleProperties(element, definition, { [kind.ref]: found });
  const alone = definition[kind.ref];
  if (alone && users(element, kind, alone) < 2) return modeling.updateModdleProperties(element, alone, { [kind.name]: value, ...(kind.name === 'name' ? {} : { name: value }) });
  const all = definitions(element);
  const made = factory.create(kind.type, { name: value, [kind.name]: value });
  made.$parent = all;
  commands.together(() => {
    modeling.updateModdleProperties(element, all, { rootElements: [...all.get('rootElements'), made] });
    modeling.updateModdleProperties(element, definition, { [kind.ref]: made });
  });
}

function users(element, kind, wanted) {
  let count = 0;
  const look = (node) => {
    for (const child of [...(node.get?.('flowElements') ?? [])]) {
      if (child[kind.ref] === wanted) count += 1;
      for (const one of child.eventDefinitions ?? []) if (one[kind.ref] === wanted) count += 1;
      if (is(child, 'bpmn:SubProcess')) look(child);
    }
  };
  for (const root of roots(element, 'bpmn:Process')) look(root);
  return count;
}
