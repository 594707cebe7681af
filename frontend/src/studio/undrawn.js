// What a file has that the canvas does not show: it is kept when the drawing is saved, and one is told.
import kinds from './nb-kinds.js';

const MODEL = 'http://www.omg.org/spec/BPMN/20100524/MODEL';
const SHOWN = /^(.*[tT]ask|.*Event|.*Gateway|subProcess|adHocSubProcess|transaction|callActivity|sequenceFlow|messageFlow|association|participant|lane|dataObjectReference|dataStoreReference|textAnnotation|group|subChoreography|callChoreography|conversation)$/;
const LINES = ['sequenceFlow', 'messageFlow', 'association'];
const MOST = 6; // names that are read in one go

export function undrawn(file, registry) {
  const seen = new Set();
  return [...file.getElementsByTagNameNS(MODEL, '*')].filter((element) => {
    if (!SHOWN.test(element.localName) || element.parentNode === file.documentElement) return false;
    const id = element.getAttribute('id');
    const shape = id && registry.get(id);
    const isThere = shape && !seen.has(id) && shape.businessObject?.$type.toLowerCase() === `bpmn:${element.localName}`.toLowerCase();
    if (id) seen.add(id);
    return !isThere;
  });
}

// A sentence about them, or nothing.
export function saidUndrawn(elements) {
  if (!elements.length) return '';
  const lines = elements.filter(({ localName }) => LINES.includes(localName));
  const names = elements.filter(({ localName }) => !LINES.includes(localName)).map(called);
  const listed = names.slice(0, MOST);
  const more = names.length - listed.length;
  if (more) listed.push(more === 1 ? 'ett til' : `${more} til`);
  if (lines.length) listed.push(lines.length === 1 ? 'én linje' : `${lines.length} linjer`);
  const last = listed.pop();
  const all = listed.length ? `${listed.join(', ')} og ${last}` : last;
  const head = elements.length === 1 ? 'Én ting i filen vises ikke her' : `${elements.length} ting i filen vises ikke her`;
  return `${head}: ${all}. Ingenting er borte: alt ligger i filen også når du har lagret, og det står under «Med ord». Vil du se det her, så gi det en plass på tegningen og en id som bare finnes én gang, i verktøyet filen kommer fra, og hent den inn på nytt.`;
}

function called(element) {
  const name = (element.getAttribute('name') ?? element.querySelector('text')?.textContent ?? '').trim().replace(/\s+/g, ' ');
  if (name) return `«${name.length > 60 ? `${name.slice(0, 57)} …` : name}»`;
  const english = element.localName.replace(/([A-Z])/g, ' $1').replace(/^./, (letter) => letter.toUpperCase());
  const kind = kinds[english] ?? kinds[`Expanded ${english}`] ?? 'element';
  const id = element.getAttribute('id');
  return `${kind.toLowerCase()}${id ? ` «${id}»` : ' uten id'}`;
}
