// «Hvem gjør oppgaven»: roles to tick, or one person by an expression.
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { expression, group, note, tick } from '../entries.js';
import { extension } from '../zeebe.js';

const TYPE = 'zeebe:AssignmentDefinition';

// The roles of candidateGroups, a comma list or a FEEL list; null where it is another expression.
export function rolesOf(text) {
  const value = (text ?? '').trim();
  if (!value.startsWith('=')) return value.split(',').map((one) => one.trim()).filter(Boolean);
  const list = value.match(/^=\s*\[(.*)\]$/s) ?? value.match(/^=\s*(".*")$/s);
  const all = list?.[1].split(',').map((one) => one.trim().match(/^"([\w-]+)"$/)?.[1]);
  return all?.every(Boolean) ? all : null;
}

export default function who(element, { data, zeebe }) {
  if (!is(element, 'bpmn:UserTask')) return null;
  const has = () => extension(element, TYPE);
  const set = (attributes) => zeebe.set(element, TYPE, attributes);
  const chosen = rolesOf(has()?.candidateGroups);
  const roles = chosen ?? [];
  const turn = (role) => (on) => {
    const all = data.roles.map(({ id }) => id).filter((id) => (id === role ? on : roles.includes(id)));
    const unknown = roles.filter((id) => !data.roles.some((one) => one.id === id));
    set({ candidateGroups: [...all, ...unknown].join(', ') });
  };
  return group('who', 'Hvem gjør oppgaven', [
    note('who-note', 'Den som har en av rollene når oppgaven skal gjøres, får den.'),
    ...(chosen
      ? data.roles.map(({ id, label }) => tick(`role-${id}`, capital(label), () => roles.includes(id), turn(id)))
      : [expression('groups', 'Roller (uttrykk)', () => has()?.candidateGroups, (value) => set({ candidateGroups: value }))]),
    expression('assignee', 'Eller én bestemt person', () => has()?.assignee, (assignee) => set({ assignee }), {
      always: true,
      description: 'Et uttrykk som gir et ansattnummer, for eksempel person.id.',
    }),
  ], { open: true });
}

const capital = (said) => said[0].toUpperCase() + said.slice(1);
