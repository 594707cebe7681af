// A diagram into the canvas, whatever tool it comes from, and out again; without a drawing it gets one laid out.
import { layoutProcess } from 'bpmn-auto-layout';
import { edited, withDrawing } from './edits.js';

const MODEL = 'http://www.omg.org/spec/BPMN/20100524/MODEL';
const DRAWN = 'http://www.omg.org/spec/BPMN/20100524/DI';
const PLANES = ['process', 'collaboration', 'choreography', 'subProcess', 'adHocSubProcess', 'transaction'];

const files = new WeakMap(); // by modeler: the file as it was read, and what the editor made of it at first

// Answers the warnings. Throws where nothing can be drawn; what stands on the canvas is then as it was, where that can be.
export async function read(modeler, text) {
  let failed = null;
  for (const way of [asItIs, layout, empty]) {
    const prepared = await way(text);
    if (!prepared) continue;
    try {
      const { warnings } = await modeler.importXML(prepared, fullest(prepared));
      if (modeler.saveXML) await remember(modeler, text);
      modeler.get('canvas').zoom('fit-viewport', 'auto');
      return warnings.map(({ message }) => message);
    } catch (error) {
      failed = error;
    }
  }
  throw failed ?? new Error('nothing to draw');
}

async function remember(modeler, text) {
  const opened = (await modeler.saveXML({ format: true })).xml;
  const [file, tree] = [parsed(text), parsed(opened)];
  const drawn = isDrawn(file) ? file : withDrawing(file, tree);
  const kept = drawn === file ? text : styled(written(drawn), text);
  files.set(modeler, { text: kept, file: drawn, tree, last: { now: opened, whole: kept } });
  platform(modeler);
}

// The file with what was changed since it was read, and all that the editor cannot hold.
export async function whole(modeler) {
  const now = (await modeler.saveXML({ format: true })).xml;
  const read = files.get(modeler);
  if (now === read.last.now) return read.last.whole; // several ask after each change
  try {
    const whole = styled(written(edited(read.file, read.tree, parsed(now))), read.text);
    read.last = { now, whole };
    return whole;
  } catch (error) {
    console.warn(error); // the server still puts back what it knows that an editor drops
    return now;
  }
}

// Where the file is written as bpmn-moddle does, as all of ours are, what a browser writes is written so too.
const MODDLES = { '&quot;': '&#34;', '&lt;': '&#60;', '&gt;': '&#62;', '&amp;': '&#38;', '&#xA;': '&#10;', "'": '&#39;' };
function styled(made, text) {
  if (!/"\s\/>/.test(text)) return made;
  const isModdles = !text.includes('&quot;');
  return made.replace(/<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|<\?[^]*?\?>|<[^>]*>/g, (tag) => {
    if (/^<[!?]/.test(tag)) return tag;
    const said = isModdles ? tag.replace(/&(?:quot|lt|gt|amp|#xA);|'/g, (letter) => MODDLES[letter]) : tag;
    return said.replace(/\s*\/>$/, ' />');
  });
}

// The file that stands on the canvas, as it was read.
export const origin = (modeler) => files.get(modeler)?.file;

function asItIs(text) {
  const file = parsed(text);
  if (!isDrawn(file)) return false;
  return [withPools(file), withoutNameless(file, text)].some(Boolean) ? written(file) : text;
}

// bpmn-moddle cannot write what is in no namespace inside a default one; nobody sees it, and the file keeps it.
function withoutNameless(file, text) {
  const found = /xmlns\s*=\s*(""|'')/.test(text) ? [...file.getElementsByTagName('*')].filter(({ namespaceURI }) => !namespaceURI) : [];
  for (const element of found) element.remove();
  return found.length > 0;
}

// Of several drawings the one with most on it, by its id; bpmn-js opens the first, which may be empty.
function fullest(text) {
  const file = parsed(text);
  const all = new Map([...file.querySelectorAll('[id]')].map((one) => [one.getAttribute('id'), one]));
  const drawings = [...file.getElementsByTagNameNS(DRAWN, 'BPMNDiagram')].map((diagram) => {
    const plane = diagram.getElementsByTagNameNS(DRAWN, 'BPMNPlane')[0];
    const isInside = plane && PLANES.slice(3).includes(all.get(aim(plane))?.localName);
    return { diagram, shapes: plane && !isInside ? [...plane.getElementsByTagNameNS(DRAWN, 'BPMNShape')].filter((shape) => all.has(aim(shape))).length : 0 };
  });
  const best = drawings.reduce((one, other) => (other.shapes > one.shapes ? other : one), drawings[0]);
  return best && best !== drawings[0] ? best.diagram.getAttribute('id') ?? undefined : undefined;
}

// A pool without a shape, of what is drawn: bpmn-js draws nothing in it, or breaks. It gets one around what lies in it.
function withPools(file) {
  let made = false;
  const shapes = [...file.getElementsByTagNameNS(DRAWN, 'BPMNShape')];
  for (const pool of file.getElementsByTagNameNS(MODEL, 'participant')) {
    const process = [...file.getElementsByTagNameNS(MODEL, 'process')].find((one) => one.getAttribute('id') === (pool.getAttribute('processRef') ?? '').replace(/^.*:/, ''));
    if (!process || !pool.getAttribute('id') || shapes.some((shape) => aim(shape) === pool.getAttribute('id'))) continue;
    const inside = new Set([...process.querySelectorAll('[id]')].map((one) => one.getAttribute('id')));
    const drawn = shapes.filter((shape) => inside.has(aim(shape)));
    if (!drawn.length) continue;
    around(file, pool.getAttribute('id'), drawn);
    made = true;
  }
  return made;
}

function around(file, id, drawn) {
  const plane = drawn[0].parentNode;
  const bounds = drawn.filter((shape) => shape.parentNode === plane).map((shape) => shape.getElementsByTagNameNS('*', 'Bounds')[0]).filter(Boolean);
  const sides = bounds.map((one) => ['x', 'y', 'width', 'height'].map((name) => Number(one.getAttribute(name)) || 0));
  const [left, top] = [0, 1].map((at) => Math.min(...sides.map((side) => side[at])) - [60, 30][at]);
  const [right, bottom] = [0, 1].map((at) => Math.max(...sides.map((side) => side[at] + side[at + 2])) + 30);
  const shape = file.createElementNS(DRAWN, 'bpmndi:BPMNShape');
  const place = file.createElementNS('http://www.omg.org/spec/DD/20100524/DC', 'dc:Bounds');
  for (const [name, value] of Object.entries({ id: `${id}_around`, bpmnElement: id, isHorizontal: true })) shape.setAttribute(name, value);
  for (const [name, value] of Object.entries({ x: left, y: top, width: right - left, height: bottom - top })) place.setAttribute(name, value);
  shape.append(place);
  plane.prepend(shape);
}

async function layout(text) {
  const made = parsed(await laidOut(text));
  return isDrawn(made) && named(made, parsed(text));
}

// An empty plane to draw on.
function empty(text) {
  const file = parsed(text);
  const about = file.getElementsByTagNameNS(MODEL, 'collaboration')[0] ?? file.getElementsByTagNameNS(MODEL, 'process')[0];
  const id = about?.getAttribute('id');
  return id && [...file.querySelectorAll('[id]')].find((one) => one.getAttribute('id') === id) === about && planed(file, id);
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
