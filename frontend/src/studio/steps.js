// Puts a step in where it belongs: between two others with its lines drawn, or at the end of what leads nowhere yet.
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { held } from './lanes.js';

const PARTS = ['bpmn:ExclusiveGateway', 'bpmn:ParallelGateway', 'bpmn:InclusiveGateway', 'bpmn:EventBasedGateway'];
const BORDER = 30;
const LINE = { x: 50, y: 40 }; // how much of a line is left on either side

export class Steps {
  static $inject = ['elementFactory', 'autoPlace', 'modeling', 'room', 'commands', 'selection'];

  constructor(elementFactory, autoPlace, modeling, room, commands, selection) {
    Object.assign(this, { elementFactory, autoPlace, modeling, room, commands, selection });
  }

  make(kind) {
    return this.elementFactory.createShape(kind);
  }

  // The one flow that leads on from an element, if there is just one. From what parts ways, one more is another way.
  onward(element) {
    const flows = flowsOut(element);
    return flows.length === 1 && !isAny(element, PARTS) ? flows[0] : null;
  }

  after(element, kind, then) {
    const flow = this.onward(element);
    if (flow) return this.into(flow, kind, then);
    let made;
    this.commands.together(() => {
      made = this.autoPlace.append(element, this.make(kind));
      then?.(made);
    });
    this.selection.select(made);
    return made;
  }

  // Into a flow, between what it joins: what lies beyond moves over where there is no room, and stays in its lane.
  into(flow, kind, then) {
    const shape = this.make(kind);
    const way = between(flow);
    const need = way && shape[SIZE[way.axis]] + 2 * LINE[way.axis];
    let made;
    this.commands.together(() => {
      if (way) this.room.make(way.axis, way.edge + 1, need - way.gap);
      let at = middle(flow, way);
      if (way && this.room.taken(flow.parent, around(shape, at))) {
        this.room.make(way.axis, way.edge + 1, need);
        at = { ...middle(flow, way), [way.axis]: way.edge + need / 2 };
      }
      at = this.within(flow.parent, shape, at);
      made = held(() => this.modeling.createShape(shape, at, flow), shape);
      then?.(made);
    });
    this.selection.select(made);
    return made;
  }

  // The same place, with room for the shape inside the frame on all sides.
  within(frame, shape, at) {
    if (!isAny(frame, ['bpmn:SubProcess', 'bpmn:Participant'])) return at;
    const place = { ...at };
    for (const axis of ['x', 'y']) {
      const half = shape[SIZE[axis]] / 2 + BORDER;
      const lacking = frame[axis] + half - place[axis];
      if (lacking > 0) {
        this.room.make(axis, frame[axis] + 1, lacking);
        place[axis] += lacking;
      }
      this.room.grow(frame, axis, place[axis] + half);
    }
    return place;
  }
}

const SIZE = { x: 'width', y: 'height' };
const around = ({ width, height }, { x, y }) => ({ x: x - width / 2, y: y - height / 2, width, height });

// The axis along which a flow's ends lie apart, where the first of them ends, and how far it is to the other.
function between({ source, target }) {
  for (const axis of ['x', 'y']) {
    const [first, second] = source[axis] <= target[axis] ? [source, target] : [target, source];
    const edge = first[axis] + first[SIZE[axis]];
    if (second[axis] >= edge) return { axis, edge, gap: second[axis] - edge, second };
  }
  return null;
}

export const flowsOut = (element) => (element.outgoing ?? []).filter((flow) => is(flow, 'bpmn:SequenceFlow'));

// The point of a flow that lies midway between what it joins; of one that goes round, the middle of its longest part.
function middle({ waypoints }, way) {
  if (way) {
    const across = way.axis === 'x' ? 'y' : 'x';
    const at = (way.edge + way.second[way.axis]) / 2;
    const on = waypoints.findIndex((point, number) => number && (waypoints[number - 1][way.axis] - at) * (point[way.axis] - at) <= 0);
    if (on > 0) return { [way.axis]: at, [across]: (waypoints[on - 1][across] + waypoints[on][across]) / 2 };
  }
  const lengths = waypoints.slice(1).map((point, at) => Math.hypot(point.x - waypoints[at].x, point.y - waypoints[at].y));
  const longest = lengths.indexOf(Math.max(...lengths));
  return { x: (waypoints[longest].x + waypoints[longest + 1].x) / 2, y: (waypoints[longest].y + waypoints[longest + 1].y) / 2 };
}
