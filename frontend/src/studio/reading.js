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
  const made = parsed(await laidOut(text));
  if (isDrawn(made)) return named(made, parsed(text));
  const file = parsed(text);
  const about = file.getElementsByTagNameNS(MODEL, 'collaboration')[0] ?? file.getElementsByTagNameNS(MODEL, 'process')[0];
  if (!about?.getAttribute('id')) throw new Error('nothing to draw');
  return planed(file, about.getAttribute('id'));
}

const parsed = (text) => new DOMParser().parseFromString(text, 'application/xml');
const written = (file) => new XMLSerializer().serializeToString(file);
const aim = (element) => (element.getAttribute('bpmnElement') ?? '').replace(/^.*:/, '');
const first = (file, name) => file.getElementsByTagNameNS(DRAWN, name)[0];

// Whether a plane has a shape of something that is there. One that lies on what is nowhere, bpmn-js puts right.
function isDrawn(file) {
  const all = new Set([...file.querySelectorAll('[id]')].map((one) => one.getAttribute('id')));
  const scopes = new Set(PLANES.flatMap((name) => [...file.getElementsByTagNameNS(MODEL, name)]).map((one) => one.getAttribute('id')));
  return scopes.size > 0 && [...file.getElementsByTagNameNS(DRAWN, 'BPMNPlane')].some((plane) =>
    (scopes.has(aim(plane)) || !all.has(aim(plane))) && [...plane.getElementsByTagNameNS(DRAWN, 'BPMNShape')].some((shape) => all.has(aim(shape))));
}

// What was laid out, under the names that the file had for an empty drawing.
function named(made, file) {
  for (const name of ['BPMNDiagram', 'BPMNPlane']) {
    const old = first(file, name);
    for (const { name: key, value } of old?.attributes ?? []) if (['id', 'name', 'resolution', 'documentation'].includes(key)) first(made, name).setAttribute(key, value);
  }
  return written(made);
}

function planed(file, id) {
  let diagram = first(file, 'BPMNDiagram');
  if (!diagram) file.documentElement.append((diagram = file.createElementNS(DRAWN, 'bpmndi:BPMNDiagram')));
  let plane = diagram.getElementsByTagNameNS(DRAWN, 'BPMNPlane')[0];
  if (!plane) diagram.append((plane = file.createElementNS(DRAWN, 'bpmndi:BPMNPlane')));
  plane.setAttribute('bpmnElement', id);
  return written(file);
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
  return written(file);
}

// What is drawn here says whose it is, unless another tool's name stands there: check says what that means.
function platform(modeler) {
  const definitions = modeler.getDefinitions();
  if (!definitions || definitions.get('modeler:executionPlatform')) return;
  definitions.set('modeler:executionPlatform', 'Camunda Cloud');
  definitions.set('modeler:executionPlatformVersion', '8.8.0');
}
