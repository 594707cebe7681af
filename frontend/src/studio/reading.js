// A diagram into the canvas, whatever tool it comes from; without a drawing it gets one laid out.
import { layoutProcess } from 'bpmn-auto-layout';

// Answers the warnings. Throws where it is no BPMN at all.
export async function read(modeler, text) {
  const prepared = text.includes('BPMNShape') ? text : await laidOut(text);
  const { warnings } = await modeler.importXML(prepared);
  platform(modeler);
  modeler.get('canvas').zoom('fit-viewport', 'auto');
  return warnings.map(({ message }) => message);
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
  const file = new DOMParser().parseFromString(text, 'application/xml');
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
