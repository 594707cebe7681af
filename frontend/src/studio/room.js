// Makes room in a drawing: what lies beyond moves over, and the frames around it grow.
import { held } from './lanes.js';

const SIZE = { x: 'width', y: 'height' };
const TO = { x: 'e', y: 's' };

export class Room {
  static $inject = ['spaceTool', 'canvas', 'modeling'];

  constructor(spaceTool, canvas, modeling) {
    Object.assign(this, { spaceTool, canvas, modeling });
  }

  // So much more room after `edge` along the axis: all that lies beyond moves, what spans it grows, and nothing comes to
  // lie on anything else.
  make(axis, edge, amount) {
    if (amount > 0) this.space(axis, edge, amount);
  }

  // The frame reaches at least to `end`.
  grow(frame, axis, end) {
    const now = frame[axis] + frame[SIZE[axis]];
    this.make(axis, now - 1, end - now);
  }

  space(axis, edge, amount) {
    const shapes = descendants(this.canvas.getRootElement());
    const { movingShapes, resizingShapes } = this.spaceTool.calculateAdjustments(shapes, axis, amount, edge);
    const delta = axis === 'x' ? { x: amount, y: 0 } : { x: 0, y: amount };
    const stretched = stretches(new Set([...movingShapes, ...resizingShapes]), axis, edge, amount);
    held(() => this.spaceTool.makeSpace(movingShapes, resizingShapes, delta, TO[axis], edge));
    for (const [connection, waypoints] of stretched) this.modeling.updateWaypoints(connection, waypoints, { labelBehavior: false });
  }

  // Is anything of this parent drawn where x..x+width, y..y+height is wanted?
  taken(parent, { x, y, width, height }) {
    return parent.children.some((one) => !one.waypoints && one.type !== 'bpmn:Lane' && one.x < x + width && one.x + one.width > x && one.y < y + height && one.y + one.height > y);
  }
}

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
