// «Gjentas for hver»: once for each part of a list, one after another or all at once.
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { expression, group, text, tick } from '../entries.js';
import { extension } from '../zeebe.js';

const TYPE = 'zeebe:LoopCharacteristics';

export default function repeat(element, { modeling, zeebe }) {
  const loop = element.businessObject.loopCharacteristics;
  if (!is(element, 'bpmn:Activity') || !is(loop, 'bpmn:MultiInstanceLoopCharacteristics')) return null;
  const get = (name) => () => extension(element, TYPE, loop)?.[name] ?? '';
  const set = (name) => (value) => zeebe.set(element, TYPE, { [name]: value }, { bo: loop });
  return group('repeat', 'Gjentas for hver', [
    expression('repeat-list', 'Listen', get('inputCollection'), set('inputCollection'), { always: true, description: 'Et uttrykk som gir en liste med høyst 200 deler.' }),
    text('repeat-one', 'Hver del heter', get('inputElement'), set('inputElement')),
    tick('repeat-sequence', 'Én om gangen', () => Boolean(loop.isSequential), (on) => modeling.updateModdleProperties(element, loop, { isSequential: on })),
    expression('repeat-answer', 'Svar fra hver', get('outputElement'), set('outputElement'), { always: true }),
    text('repeat-answers', 'Svarene samles i', get('outputCollection'), set('outputCollection')),
    expression('repeat-done', 'Ferdig før alle er ferdige når', () => loop.completionCondition?.body ?? '', (body) => done(element, loop, body, modeling), { always: true }),
  ], { open: true });
}

function done(element, loop, body, modeling) {
  const made = body ? loop.$model.create('bpmn:FormalExpression', { body }) : undefined;
  if (made) made.$parent = loop;
  modeling.updateModdleProperties(element, loop, { completionCondition: made });
}
