// Puts a step in where it belongs: between two others with its lines drawn, or at the end of what leads nowhere yet.
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil';

const PARTS = ['bpmn:ExclusiveGateway', 'bpmn:ParallelGateway', 'bpmn:InclusiveGateway', 'bpmn:EventBasedGateway'];
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

  // Into a flow: what comes after moves over where there is no room.
  into(flow, kind, then) {
    const { source, target } = flow;
    const shape = this.make(kind);
    const right = target.x - (source.x + source.width);
    const below = target.y - (source.y + source.height);
    let made;
    this.commands.together(() => {
      if (right >= 0) this.room.make(flow.parent, 'x', source.x + source.width + 5, shape.width + 2 * LINE.x - right);
      else if (below >= 0) this.room.make(flow.parent, 'y', source.y + source.height + 5, shape.height + 2 * LINE.y - below);
      made = this.modeling.createShape(shape, middle(flow), flow);
      then?.(made);
    });
    this.selection.select(made);
    return made;
  }
}

export const flowsOut = (element) => (element.outgoing ?? []).filter((flow) => is(flow, 'bpmn:SequenceFlow'));

function middle({ waypoints, source, target }) {
  for (const [along, across, size] of [['x', 'y', 'width'], ['y', 'x', 'height']]) {
    const [from, to] = [source[along] + source[size], target[along]];
    if (from > to) continue;
    const at = (from + to) / 2;
    const on = waypoints.findIndex((point, number) => number && waypoints[number - 1][along] <= at && point[along] >= at);
    if (on > 0) return { [along]: at, [across]: (waypoints[on - 1][across] + waypoints[on][across]) / 2 };
  }
  const lengths = waypoints.slice(1).map((point, at) => Math.hypot(point.x - waypoints[at].x, point.y - waypoints[at].y));
  const longest = lengths.indexOf(Math.max(...lengths));
  return { x: (waypoints[longest].x + waypoints[longest + 1].x) / 2, y: (waypoints[longest].y + waypoints[longest + 1].y) / 2 };
}
