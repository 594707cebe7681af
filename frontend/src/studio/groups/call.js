// «Prosessen som kalles»: which one, and what crosses to it and back.
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { group, note, select, tick } from '../entries.js';
import { extension } from '../zeebe.js';

const TYPE = 'zeebe:CalledElement';

export default function call(element, { data, zeebe }) {
  if (!is(element, 'bpmn:CallActivity')) return null;
  const id = extension(element, TYPE)?.processId ?? '';
  const set = (attributes) => zeebe.set(element, TYPE, attributes, { keep: true });
  return group('call', 'Prosessen som kalles', [
    select('call-process', 'Prosess', () => id, (processId) => set({ processId }), [['', '(velg)'], ...data.processes.map((one) => [one.id, one.name])]),
    tick('call-all', 'Alt den kommer fram til, følger med tilbake', () => extension(element, TYPE)?.propagateAllChildVariables === true, (on) => set({ propagateAllChildVariables: on })),
    note('call-note', 'Bare det som står under «Det som følger med inn og ut», går med inn.'),
  ], { open: true });
}
