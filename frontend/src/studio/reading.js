// A diagram into the canvas, whatever tool it comes from; without a drawing it gets one laid out.
import { layoutProcess } from 'bpmn-auto-layout';

const MODEL = 'http://www.omg.org/spec/BPMN/20100524/MODEL';
const DRAWN = 'http://www.omg.org/spec/BPMN/20100524/DI';
const PLANES = ['process', 'collaboration', 'choreography', 'subProcess', 'adHocSubProcess', 'transaction'];

// Answers the warnings. Throws where nothing can be drawn; what stands on the canvas is then as it was, where that can be.
export async function read(modeler, text) {
  const prepared = await drawable(text);
  const { warnings } = await modeler.importXML(prepared);
  platform(modeler);
  modeler.get('canvas').zoom('fit-viewport', 'auto');
  return warnings.map(({ message }) => message);
}

// The text as it is where something is drawn in it; else laid out; else with an empty plane to draw on.
async function drawable(text) {
  if (isDrawn(parsed(text))) return text;
  const made = await laidOut(text);
  if (made !== text && isDrawn(parsed(made))) return made;
  const file = parsed(text);
  const about = file.getElementsByTagNameNS(MODEL, 'collaboration')[0] ?? file.getElementsByTagNameNS(MODEL, 'process')[0];
  if (!about?.getAttribute('id')) throw new Error('nothing to draw');
  return planed(file, about.getAttribute('id'));
}

const parsed = (text) => new DOMParser().parseFromString(text, 'application/xml');

// Whether a plane lies on something that is there, with a shape that has a place.
function isDrawn(file) {
  const there = new Set(PLANES.flatMap((name) => [...file.getElementsByTagNameNS(MODEL, name)]).map((one) => one.getAttribute('id')));
  return [...file.getElementsByTagNameNS(DRAWN, 'BPMNPlane')].some((plane) =>
    there.has((plane.getAttribute('bpmnElement') ?? '').replace(/^.*:/, '')) && plane.getElementsByTagNameNS(DRAWN, 'BPMNShape').length > 0);
}

function planed(file, id) {
  for (const old of [...file.getElementsByTagNameNS(DRAWN, 'BPMNDiagram')]) old.remove();
  const diagram = file.createElementNS(DRAWN, 'bpmndi:BPMNDiagram');
  const plane = file.createElementNS(DRAWN, 'bpmndi:BPMNPlane');
  plane.setAttribute('bpmnElement', id);
  diagram.append(plane);
  file.documentElement.append(diagram);
  return new XMLSerializer().serializeToString(file);
}

async function laidOut(text) {
  try {
    return await layoutProcess(joined(text));
  } catch {
    return text;
  }
}

// Some tools write a flow only as a flow; the layout looks for it at both its ends.
function joined(text) {
  const file = parsed(text);
  const all = new Map([...file.querySelectorAll('[id]')].map((one) => [one.id || one.getAttribute('id'), one]));
  for (const flow of file.getElementsByTagNameNS('*', 'sequenceFlow')) {
    for (const [side, name] of [['sourceRef', 'outgoing'], ['targetRef', 'incoming']]) {
      const end = all.get(flow.getAttribute(side));
      const id = flow.getAttribute('id');
      if (!end || !id || [...end.children].some((child) => child.localName === name && child.textContent.trim() === id)) continue;
      const made = file.createElementNS(flow.namespaceURI, flow.prefix ? `${flow.prefix}:${name}` : name);
      made.textContent = id;
      const before = [...end.children].find((child) => !['documentation', 'extensionElements', 'incoming', 'outgoing'].includes(child.localName));
      end.insertBefore(made, before ?? null);
    }
  }
  return new XMLSerializer().serializeToString(file);
}

// What is drawn here says whose it is, unless another tool's name stands there: check says what that means.
function platform(modeler) {
  const definitions = modeler.getDefinitions();
  if (!definitions || definitions.get('modeler:executionPlatform')) return;
  definitions.set('modeler:executionPlatform', 'Camunda Cloud');
  definitions.set('modeler:executionPlatformVersion', '8.8.0');
}
