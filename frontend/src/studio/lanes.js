// Which lane a step inside a phase stands in. bpmn-js asks only for lanes of the phase itself, and forgets those around it
// when the step moves; ours go by where one sees the step stand. A phase that lies across lanes and is in none stays so.
import { getLanesRoot, collectLanes } from 'bpmn-js/lib/features/modeling/util/LaneUtil';
import UpdateFlowNodeRefsHandler from 'bpmn-js/lib/features/modeling/cmd/UpdateFlowNodeRefsHandler';
import { is } from 'bpmn-js/lib/util/ModelUtil';

const REFS = 'lanes';
const compute = UpdateFlowNodeRefsHandler.prototype._computeUpdates;

let holding = false;
let made = null;

// While room is made, everything stays in the lane that it is in; what is `fresh` comes into the one where it stands.
export function held(work, fresh = null) {
  [holding, made] = [true, fresh];
  try {
    return work();
  } finally {
    [holding, made] = [false, null];
  }
}

UpdateFlowNodeRefsHandler.prototype._computeUpdates = function (steps, lanes) {
  if (holding) return computed(this, steps.filter((step) => step === made), []);
  return computed(this, steps, lanes);
};

function computed(handler, steps, lanes) {
  const within = steps.filter((step) => around(step));
  const plain = steps.filter((step) => !within.includes(step));
  const shapes = new Map(steps.map((step) => [step.businessObject, step]));
  return [...compute.call(handler, plain, lanes), ...within.filter(hasLanes).map(update)].filter((one) => changes(one, shapes.get(one.flowNode)));
}

// The lanes around the phase that a step lies in, if the phase has none of its own.
function around(step) {
  let root = step.parent && getLanesRoot(step);
  if (!root || root === step || !is(root, 'bpmn:SubProcess') || collectLanes(root).length) return null;
  while (root && is(root, 'bpmn:SubProcess')) root = root.parent && getLanesRoot(root);
  const found = root ? collectLanes(root) : [];
  return found.length ? found : null;
}

// The same lanes in another order are no change, and the file keeps theirs.
function changes({ add, remove }, step) {
  if (add.length === remove.length && add.every((lane) => remove.includes(lane))) return false;
  return !(step?.parent && is(step, 'bpmn:SubProcess') && !remove.length && crosses(step));
}

function crosses(phase) {
  const root = getLanesRoot(phase);
  const lies = (lane) => phase.x >= lane.x && phase.y >= lane.y && phase.x + phase.width <= lane.x + lane.width && phase.y + phase.height <= lane.y + lane.height;
  return !collectLanes(root).some(lies);
}

// A drawing that says nothing of lanes within its phases is left so.
const hasLanes = (step) => [step, ...step.parent.children].some(({ businessObject: bo }) => is(bo, 'bpmn:FlowNode') && bo.get(REFS)?.length);

function update(step) {
  const [x, y] = [step.x + step.width / 2, step.y + step.height / 2];
  const here = around(step).filter((lane) => x > lane.x && x < lane.x + lane.width && y > lane.y && y < lane.y + lane.height);
  const bo = step.businessObject;
  return { flowNode: bo, remove: bo.get(REFS).slice(), add: here.map(({ businessObject }) => businessObject) };
}
