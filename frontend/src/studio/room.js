// Makes room in a drawing: what lies beyond moves over, the frame around it grows, and what stands outside gives way.
import { isAny } from 'bpmn-js/lib/util/ModelUtil';

const MARGIN = 30;
const SIZE = { x: 'width', y: 'height' };
const TO = { x: 'e', y: 's' };

export class Room {
  static $inject = ['spaceTool', 'canvas', 'modeling'];

  constructor(spaceTool, canvas, modeling) {
    Object.assign(this, { spaceTool, canvas, modeling });
  }

  // So much more room after `edge` along the axis, among the elements of `parent`.
  make(parent, axis, edge, amount) {
    if (amount <= 0) return;
    const all = descendants(this.canvas.getRootElement());
    const framed = isAny(parent, ['bpmn:SubProcess']) ? parent : null;
    // Where lanes part within the frame, they move along: else a step would come to stand in another's lane.
    const frame = framed && !all.some((one) => isAny(one, ['bpmn:Lane']) && parts(one, axis, edge, framed)) ? framed : null;
    const inside = frame ? descendants(frame) : [];
    if (frame) {
      const content = Math.max(...inside.filter((one) => !one.waypoints && !one.labelTarget).map((one) => one[axis] + one[SIZE[axis]]));
      this.grow(frame, axis, content + amount + MARGIN, inside);
      this.space(inside, axis, edge, amount);
    } else this.space(all, axis, edge, amount);
  }

  // The frame reaches at least to `end`; what stands outside beyond it moves along.
  grow(frame, axis, end, inside = descendants(frame)) {
    const now = frame[axis] + frame[SIZE[axis]];
    if (end <= now) return;
    const held = new Set(inside);
    this.space(descendants(this.canvas.getRootElement()).filter((one) => !held.has(one)), axis, now - 1, end - now);
  }

  space(shapes, axis, edge, amount) {
    const { movingShapes, resizingShapes } = this.spaceTool.calculateAdjustments(shapes, axis, amount, edge);
    const delta = axis === 'x' ? { x: amount, y: 0 } : { x: 0, y: amount };
    const stretched = stretches(new Set([...movingShapes, ...resizingShapes]), axis, edge, amount);
    this.spaceTool.makeSpace(movingShapes, resizingShapes, delta, TO[axis], edge);
    for (const [connection, waypoints] of stretched) this.modeling.updateWaypoints(connection, waypoints, { labelBehavior: false });
  }

  // Is anything of this parent drawn where x..x+width, y..y+height is wanted?
  taken(parent, { x, y, width, height }) {
    return parent.children.some((one) => !one.waypoints && one.type !== 'bpmn:Lane' && one.x < x + width && one.x + one.width > x && one.y < y + height && one.y + one.height > y);
  }
}

const parts = (lane, axis, edge, frame) => [lane[axis], lane[axis] + lane[SIZE[axis]]].some((border) => border > edge && border < frame[axis] + frame[SIZE[axis]]);

// The lines with one end that moves and one that stays: they keep their course and are stretched, not drawn anew.
function stretches(touched, axis, edge, amount) {
  const lines = new Set([...touched].flatMap(({ incoming = [], outgoing = [] }) => [...incoming, ...outgoing]));
  const holds = (shape) => !touched.has(shape) && shape[axis] + shape[SIZE[axis]] > edge;
  return [...lines]
    .filter(({ source, target }) => touched.has(source) !== touched.has(target) && !holds(source) && !holds(target))
    .map((line) => [line, line.waypoints.map(({ x, y }) => ({ x, y, [axis]: (axis === 'x' ? x : y) + ((axis === 'x' ? x : y) > edge ? amount : 0) }))]);
}

export function descendants(shape) {
  return (shape.children ?? []).flatMap((child) => [child, ...descendants(child)]);
}
