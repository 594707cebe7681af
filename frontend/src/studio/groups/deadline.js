// «Frist og påminnelse»: when a task is due, when it comes to the inbox, and who is reminded how long before.
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { dateEntries } from '../dates.js';
import { group, select, text } from '../entries.js';
import { parseReminders, writeReminders } from '../times.js';
import { extension, property } from '../zeebe.js';
import { follow } from './escalation.js';

const TYPE = 'zeebe:TaskSchedule';

export default function deadline(element, context) {
  const { data, zeebe, commands } = context;
  if (!is(element, 'bpmn:UserTask')) return null;
  const get = (name) => () => extension(element, TYPE)?.[name] ?? '';
  const set = (name) => (value) => zeebe.set(element, TYPE, { [name]: value });
  // A warning so many days after the deadline stays so many days after it.
  const due = (value) => commands.together(() => {
    follow(element, get('dueDate')(), value, context);
    set('dueDate')(value);
  });
  const reminders = parseReminders(property(element, 'reminders'));
  const remind = (value) => zeebe.setProperty(element, 'reminders', value);
  return group('deadline', 'Frist og påminnelse', [
    ...dateEntries('due', element, { label: 'Fristen er', none: 'ingen frist', get: get('dueDate'), set: due, data }),
    select('reminders', 'Påminnelser', () => reminders.kind, (kind) => remind({ usual: '', none: 'none', days: 'P7D, P0D', own: property(element, 'reminders') }[kind]), [
      ['usual', 'som vanlig'],
      ['none', 'ingen'],
      ['days', 'bestemte dager før fristen'],
      ...(reminders.kind === 'own' ? [['own', 'skrevet på en annen måte']] : []),
    ]),
    reminders.kind === 'days' && text('reminder-days', 'Dager før fristen', () => reminders.days, (value) => remind(writeReminders(value)), { description: 'Skriv dager med komma imellom: 7, 1, 0.' }),
    reminders.kind === 'own' && text('reminder-own', 'Påminnelser', () => reminders.days, remind),
    ...dateEntries('follow', element, { label: 'Kommer i innboksen', none: 'straks den oppstår', get: get('followUpDate'), set: set('followUpDate'), data }),
  ], { open: true });
}
