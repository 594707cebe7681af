// «Navn»: what the step is called and what is to be known of it; on the process also whether it may run.
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { action, area, group, note, select, text, tick } from '../entries.js';
import { property, subject } from '../zeebe.js';

const PHASES = [['', '(ingen)'], ['preparation', 'Forarbeid'], ['discussion', 'Drøfting'], ['talks', 'Samtaler'], ['implementation', 'Iverksettelse']];

const LEADS_ON = ['bpmn:Activity', 'bpmn:StartEvent', 'bpmn:IntermediateCatchEvent', 'bpmn:IntermediateThrowEvent', 'bpmn:SequenceFlow'];

// To begin with: nothing is selected, and one may not know where to press.
export function begin(element, { addStep }) {
  if (!isAny(element, ['bpmn:Process', 'bpmn:Collaboration'])) return null;
  return group('begin', 'Begynn her', [
    note('begin', 'Trykk på et steg i diagrammet for å se hvem som gjør det, og når, og for å endre det.'),
    addStep && action('add-step', 'Legg til et steg …', () => addStep(element)),
  ], { open: true });
}

export default function general(element, { modeling, factory, zeebe, commands, addStep }) {
  const bo = subject(element);
  const process = is(bo, 'bpmn:Process');
  const isNote = is(bo, 'bpmn:TextAnnotation');
  const name = () => (isNote ? bo.text : bo.name || element.businessObject.name) ?? '';
  const rename = (value) => commands.together(() => {
    if (isNote) return modeling.updateProperties(element, { text: value });
    if (bo !== element.businessObject) modeling.updateModdleProperties(element, bo, { name: value || undefined });
    if (!is(element, 'bpmn:Collaboration')) modeling.updateProperties(element, { name: value || undefined });
  });
  const told = () => bo.get('documentation')?.[0]?.text ?? '';
  const tell = (value) => modeling.updateModdleProperties(element, bo, { documentation: value ? [factory.create('bpmn:Documentation', { text: value })] : [] });
  return group('general', process ? 'Prosessen' : 'Navn', [
    area('name', isNote ? 'Tekst' : 'Navn', name, rename, { rows: 1, autoResize: true }),
    process && text('process-id', 'Id (den prosessen publiseres under)', () => bo.id, (id) => id && modeling.updateModdleProperties(element, bo, { id }), { validate: validId }),
    process && tick('executable', 'Kan kjøres', () => Boolean(bo.isExecutable), (on) => modeling.updateModdleProperties(element, bo, { isExecutable: on })),
    is(bo, 'bpmn:SubProcess') && select('phase', 'Fase', () => property(element, 'phase'), (value) => zeebe.setProperty(element, 'phase', value), PHASES),
    isAny(bo, ['bpmn:FlowElement', 'bpmn:Process']) && area('documentation', 'Hva man bør vite', told, tell, { rows: 2, autoResize: true }),
    addStep && isAny(bo, LEADS_ON) && action('add-step', is(bo, 'bpmn:SequenceFlow') ? 'Sett inn et steg her …' : 'Legg til et steg etter dette …', () => addStep(element)),
  ], { open: !process });
}

function validId(id) {
  return /^[A-Za-z_][\w.-]*$/.test(id ?? '') ? null : 'Bruk bokstaver uten æ, ø og å, sifre, bindestrek og understrek, og begynn med en bokstav.';
}
