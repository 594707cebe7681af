// Makes room in a drawing: what lies beyond moves over, the frame around it grows, and what stands outside gives way.
import { isAny } from 'bpmn-js/lib/util/ModelUtil';

const MARGIN = 30;
const SIZE = { x: 'width', y: 'height' };
const TO = { x: 'e', y: 's' };

export class Room {
  static $inject = ['spaceTool', 'canvas'];

  constructor(spaceTool, canvas) {
    Object.assign(this, { spaceTool, canvas });
  }

  // So much more room after `edge` along the axis, among the elements of `parent`.
  make(parent, axis, edge, amount) {
    if (amount <= 0) return;
    const frame = isAny(parent, ['bpmn:SubProcess']) ? parent : null;
    const inside = frame ? descendants(frame) : [];
    if (frame) {
      const content = Math.max(...inside.filter((one) => !one.waypoints && !one.labelTarget).map((one) => one[axis] + one[SIZE[axis]]));
      this.grow(frame, axis, content + amount + MARGIN, inside);
      this.space(inside, axis, edge, amount);
    } else this.space(descendants(this.canvas.getRootElement()), axis, edge, amount);
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
    this.spaceTool.makeSpace(movingShapes, resizingShapes, delta, TO[axis], edge);
  }

  // Is anything of this parent drawn where x..x+width, y..y+height is wanted?
  taken(parent, { x, y, width, height }) {
    return parent.children.some((one) => !one.waypoints && one.type !== 'bpmn:Lane' && one.x < x + width && one.x + one.width > x && one.y < y + height && one.y + one.height > y);
  }
}

export function descendants(shape) {
  return (shape.children ?? []).flatMap((child) => [child, ...descendants(child)]);
}
