// «Legg til et steg»: what is to happen, after which step, and who does it; then it stands in the drawing with its lines.
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { el } from './dom.js';
import { flowsOut } from './steps.js';

const KINDS = [
  ['task', 'Noen skal gjøre noe', { type: 'bpmn:UserTask' }],
  ['automatic', 'Noe skal skje av seg selv', { type: 'bpmn:ServiceTask' }],
  ['wait', 'Det skal ventes til et tidspunkt', { type: 'bpmn:IntermediateCatchEvent', eventDefinitionType: 'bpmn:TimerEventDefinition' }],
  ['choice', 'Veien skal kunne dele seg', { type: 'bpmn:ExclusiveGateway' }],
];
const LEADS = ['bpmn:Activity', 'bpmn:StartEvent', 'bpmn:IntermediateCatchEvent', 'bpmn:IntermediateThrowEvent', 'bpmn:BoundaryEvent', 'bpmn:Gateway'];

// Every place where a step can stand, in the order in which one reads the drawing: {id, element, flow, said, scope}.
export function places(registry) {
  const shapes = registry.filter((one) => isAny(one, LEADS) && !one.labelTarget && one.parent && !one.businessObject.triggeredByEvent && !is(one, 'bpmn:EventBasedGateway'));
  return ordered(shapes).flatMap((element) => {
    const flows = flowsOut(element);
    if (!flows.length) return is(element, 'bpmn:BoundaryEvent') ? [] : [place(element, null, false)];
    return flows.map((flow) => place(element, flow, flows.length > 1));
  });
}

function place(element, flow, several) {
  const scope = element.parent && is(element.parent, 'bpmn:SubProcess') ? element.parent.businessObject.name ?? '' : '';
  const way = several ? ` (${flow.businessObject.name || `mot ${named(flow.target)}`})` : '';
  const beside = element.host ? ` (ved ${named(element.host)})` : '';
  return { id: flow?.id ?? element.id, element, flow, scope, said: `${named(element)}${way}${beside}` };
}

// The order of a walk from the starts; what no walk comes to, last.
function ordered(shapes) {
  const found = new Set();
  const walk = (one) => {
    if (found.has(one)) return;
    found.add(one);
    if (is(one, 'bpmn:SubProcess')) starts(shapes.filter(({ parent }) => parent === one)).forEach(walk);
    for (const flow of flowsOut(one)) walk(flow.target);
    for (const attached of one.attachers ?? []) walk(attached);
  };
  starts(shapes.filter(({ parent }) => !is(parent, 'bpmn:SubProcess'))).forEach(walk);
  const all = new Set(shapes);
  return [...[...found].filter((one) => all.has(one)), ...shapes.filter((one) => !found.has(one))];
}

const starts = (shapes) => shapes.filter((one) => is(one, 'bpmn:StartEvent'));

const KIND_NAMES = [['bpmn:StartEvent', 'begynnelsen'], ['bpmn:EndEvent', 'slutten'], ['bpmn:SubProcess', 'en fase'], ['bpmn:Event', 'en hendelse'], ['bpmn:Activity', 'et steg uten navn']];

function named(element) {
  const name = (element.businessObject.name ?? '').replace(/\s+/g, ' ').trim();
  if (name) return `«${name}»`;
  if (is(element, 'bpmn:Gateway')) return flowsOut(element).length > 1 ? 'der veien deler seg' : 'der veiene møtes';
  return KIND_NAMES.find(([type]) => is(element, type))?.[1] ?? 'et sted uten navn';
}

// Where a new step goes if nobody says otherwise: after what is selected.
function wanted(all, selected) {
  return (all.find(({ flow, element }) => selected && (flow === selected || element === selected)) ?? all.find(({ flow }) => selected && flow?.target === selected) ?? all[0])?.id;
}

// Asks, and answers {kind, name, role, place}, or null where one thought better of it.
export function askStep({ registry, roles, selected }) {
  const all = places(registry);
  const kind = el('select', { class: 'ds-input', id: 'step-kind' }, KINDS.map(([value, said]) => el('option', { value }, said)));
  const name = el('input', { class: 'ds-input', id: 'step-name', maxlength: '200', autocomplete: 'off' });
  const after = el('select', { class: 'ds-input', id: 'step-after' }, grouped(all, wanted(all, selected)));
  const role = el('select', { class: 'ds-input', id: 'step-role' }, el('option', { value: '' }, '(velg)'), roles.map(({ id, label }) => el('option', { value: id }, label[0].toUpperCase() + label.slice(1))));
  const who = field('Hvem skal gjøre det?', role);
  const what = field('Hva skal gjøres?', name);
  const turn = () => {
    who.hidden = kind.value !== 'task';
    role.required = name.required = kind.value === 'task';
    what.querySelector('label').textContent = { task: 'Hva skal gjøres?', automatic: 'Hva skal steget hete?', wait: 'Hva ventes det på?', choice: 'Hvilket spørsmål avgjør veien?' }[kind.value];
  };
  kind.addEventListener('change', turn);
  turn();
  return new Promise((answer) => {
    const give = (event) => {
      event.preventDefault();
      const chosen = all.find(({ id }) => id === after.value);
      const found = KINDS.find(([value]) => value === kind.value)[2];
      answer({ kind: found, name: name.value.trim(), role: kind.value === 'task' ? role.value : '', place: chosen });
      dialog.close();
    };
    const dialog = el('dialog', { class: 'ds-dialog studio-dialog', 'aria-labelledby': 'step-title', onclose: () => {
      dialog.remove();
      answer(null);
    } },
    el('h2', { class: 'ds-heading', 'data-size': 'xs', id: 'step-title' }, 'Legg til et steg'),
    all.length
      ? el('form', { class: 'studio-step', onsubmit: give },
        field('Hva slags steg?', kind), what, who, field('Etter hvilket steg?', after),
        el('p', { class: 'studio-note' }, 'Steget settes inn med strekene som skal til. Skjema og frist velger du etterpå.'),
        el('p', { class: 'studio-buttons' },
          el('button', { type: 'submit', class: 'ds-button', 'data-variant': 'primary', 'data-size': 'sm' }, 'Legg til'),
          el('button', { type: 'button', class: 'ds-button', 'data-variant': 'secondary', 'data-size': 'sm', onclick: () => dialog.close() }, 'Avbryt')))
      : el('p', {}, 'Det er ikke noe sted å sette det ennå. Dra inn en start fra verktøyene til venstre først.'));
    document.body.append(dialog);
    dialog.showModal();
    name.focus();
  });
}

function grouped(all, chosen) {
  const option = ({ id, said }) => el('option', { value: id, selected: id === chosen }, said);
  const made = [];
  for (const one of all) {
    const last = made.at(-1);
    if (one.scope && last?.scope === one.scope) last.node.append(option(one));
    else made.push({ scope: one.scope, node: one.scope ? el('optgroup', { label: one.scope }, option(one)) : option(one) });
  }
  return made.map(({ node }) => node);
}

const field = (label, input) => el('div', { class: 'studio-field' }, el('label', { class: 'ds-label', 'data-weight': 'medium', for: input.id }, label), input);

// Puts the step where it was asked for, with its name and role, as one step to undo. Answers its shape.
export function addStep(modeler, { kind, name, role, place: { element, flow } }) {
  const steps = modeler.get('steps');
  const then = (made) => {
    if (name) modeler.get('modeling').updateProperties(made, { name });
    if (role) modeler.get('zeebe').set(made, 'zeebe:AssignmentDefinition', { candidateGroups: role });
  };
  return flow ? steps.into(flow, kind, then) : steps.after(element, kind, then);
}
