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
    return await layoutProcess(text);
  } catch {
    return text;
  }
}

// What is drawn here says whose it is, unless another tool's name stands there: check says what that means.
function platform(modeler) {
  const definitions = modeler.getDefinitions();
  if (!definitions || definitions.get('modeler:executionPlatform')) return;
  definitions.set('modeler:executionPlatform', 'Camunda Cloud');
  definitions.set('modeler:executionPlatformVersion', '8.8.0');
}
