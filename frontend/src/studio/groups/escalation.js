// «Eskalering»: who is told when a task is not done so many working days after its deadline. Drawn as a timer beside it.
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { action, drawn, group, html, note, number, select } from '../entries.js';
import { daysAfter, later } from '../times.js';
import { extension, inputs } from '../zeebe.js';

const WAITS = ['bpmn:UserTask', 'bpmn:SubProcess', 'bpmn:CallActivity', 'bpmn:ReceiveTask'];

// The warnings beside an element: a timer that interrupts nothing, and the step that tells somebody.
export function warnings(element) {
  return (element.attachers ?? [])
    .filter(({ businessObject: bo }) => bo.cancelActivity === false && is(bo.eventDefinitions?.[0], 'bpmn:TimerEventDefinition'))
    .map((timer) => ({ timer, step: timer.outgoing?.[0]?.target, definition: timer.businessObject.eventDefinitions[0] }))
    .filter(({ step }) => ['notify', 'escalate'].includes(step && extension(step, 'zeebe:TaskDefinition')?.type));
}

export default function escalation(element, context) {
  if (!isAny(element, WAITS) || element.businessObject.triggeredByEvent) return null;
  const due = extension(element, 'zeebe:TaskSchedule')?.dueDate ?? '';
  const found = warnings(element);
  return group('escalation', 'Eskalering', [
    !found.length && note('escalation-none', 'Ingen får vite det om dette ikke blir gjort i tide.'),
    ...found.flatMap((one, number) => fields(one, number, due, context)),
    action('escalation-add', found.length ? 'Legg til et varsel' : 'Varsle når fristen er passert', () => add(element, due, found.length, context)),
  ]);
}

function fields({ timer, step, definition }, at, due, { data, zeebe, modeling, show }) {
  const date = definition.timeDate?.body ?? '';
  const days = daysAfter(date, due);
  const notifies = extension(step, 'zeebe:TaskDefinition').type === 'notify';
  const role = inputs(step).find(({ target }) => target === 'role')?.source ?? '';
  return [
    days !== null && number(`escalation-days-${at}`, due ? 'Virkedager etter fristen' : 'Virkedager etter at oppgaven oppstår', () => days, (value) => setDate(modeling, timer, definition, later(due, Number(value) || 0)), { min: 0, max: 60 }),
    days === null && note(`escalation-when-${at}`, `Går av: ${(date || definition.timeDuration?.body || definition.timeCycle?.body || '').replace(/^=/, '')}`),
    notifies && select(`escalation-role-${at}`, 'Hvem varsles', () => role.replace(/^=\s*"|"$/g, ''), (value) => zeebe.setInput(step, 'role', `="${value}"`), data.roles.map(({ id, label }) => [id, label])),
    !notifies && note(`escalation-ladder-${at}`, 'Varsler den neste i trappen: overordnet leder, så HR, så prosesseier.'),
    drawn(`escalation-show-${at}`, () => html`<button type="button" class="ds-button" data-variant="tertiary" data-size="sm" onClick=${() => show(timer)}>Vis varselet i diagrammet</button>`),
  ];
}

// Moves the warnings that lie so many days after the old deadline to as many after the new one.
export function follow(element, before, after, { modeling }) {
  for (const { timer, definition } of warnings(element)) {
    const days = definition.timeDate ? daysAfter(definition.timeDate.body, before) : null;
    if (days !== null) setDate(modeling, timer, definition, later(after, days));
  }
}

function setDate(modeling, timer, definition, body) {
  modeling.updateModdleProperties(timer, definition.timeDate, { body });
}

const BELOW = 160;

function add(element, due, number, context) {
  const { modeling, elementFactory, zeebe, commands, room, data } = context;
  const superior = data.roles.find(({ id }) => id === 'superior') ?? data.roles[0];
  const at = { x: element.x + element.width - 18 - 40 * (number % 3), y: element.y + element.height };
  const shape = (type, name) => {
    const made = elementFactory.createShape({ type });
    made.businessObject.name = name;
    return made;
  };
  commands.together(() => {
    if (room.taken(element.parent, { x: at.x + 60, y: at.y + 60, width: 240, height: BELOW - 60 })) room.make('y', at.y + 30, BELOW);
    else if (is(element.parent, 'bpmn:SubProcess')) room.grow(element.parent, 'y', at.y + BELOW + 20);
    const beside = modeling.createShape(timerShape(due, number, context), at, element, { attach: true });
    const told = modeling.appendShape(beside, shape('bpmn:ServiceTask', 'Varsle'), { x: at.x + 130, y: at.y + 110 }, element.parent);
    zeebe.set(told, 'zeebe:TaskDefinition', { type: 'notify' });
    zeebe.setInput(told, 'role', `="${superior.id}"`);
    zeebe.setInput(told, 'text', `="«${(element.businessObject.name ?? '').replace(/["\\]/g, '')}» er ikke gjort i tide."`);
    modeling.appendShape(told, shape('bpmn:EndEvent', 'Varslet'), { x: at.x + 240, y: at.y + 110 }, element.parent);
  });
}

function timerShape(due, number, { factory, elementFactory }) {
  const made = elementFactory.createShape({ type: 'bpmn:BoundaryEvent', cancelActivity: false });
  const definition = factory.create('bpmn:TimerEventDefinition');
  definition.timeDate = factory.create('bpmn:FormalExpression', { body: later(due, 5 * (number + 1)) });
  definition.timeDate.$parent = definition;
  definition.$parent = made.businessObject;
  made.businessObject.eventDefinitions = [definition];
  made.businessObject.name = 'Fristen er passert';
  return made;
}
