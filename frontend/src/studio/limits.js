// The palette, the pad beside an element and the menu of kinds: what komp-flow runs, in plain words, and nothing else.
import { is } from 'bpmn-js/lib/util/ModelUtil';

const PALETTE = {
  'create.start-event': 'Start', 'create.intermediate-event': null, 'create.end-event': 'Slutt', 'create.exclusive-gateway': 'Valg mellom veier',
  'create.task': null, 'create.subprocess-expanded': 'Fase eller delprosess', 'create.participant-expanded': null, 'create.group': null,
  'create.data-object': null, 'create.data-store': null,
};

// Kinds that komp-flow refuses, by the ids of bpmn-js's menu.
const REFUSED = [
  /script-task/, /rule-task/, /transaction/, /ad-hoc/, /complex-gateway/, /conditional/, /compensation/, /cancel/, /boundary-none/,
  /data-store/, /data-object/, /collapsed-pool/, /expanded-pool/, /conditional-flow/, /replace-with-task$/, /none-boundary/, /none-intermediate/,
];

class Limits {
  static $inject = ['palette', 'contextPad', 'popupMenu', 'create', 'elementFactory', 'autoPlace', 'modeling', 'room', 'commands', 'selection'];

  constructor(palette, contextPad, popupMenu, create, elementFactory, autoPlace, modeling, room, commands, selection) {
    Object.assign(this, { create, elementFactory, autoPlace, modeling, room, commands, selection });
    palette.registerProvider(300, this);
    contextPad.registerProvider(300, this);
    popupMenu.registerProvider('bpmn-replace', 300, { getPopupMenuEntries: () => this.kinds(), getPopupMenuHeaderEntries: () => this.marks() });
  }

  getPaletteEntries() {
    return (entries) => {
      const kept = {};
      for (const [id, entry] of Object.entries(entries)) {
        if (PALETTE[id] === null) continue;
        kept[id] = PALETTE[id] ? { ...entry, title: PALETTE[id] } : entry;
        if (id === 'create.exclusive-gateway') Object.assign(kept, this.steps());
      }
      return kept;
    };
  }

  steps() {
    const entry = (type, icon, title, options) => {
      const start = (event) => this.create.start(event, this.elementFactory.createShape({ type, ...options }));
      return { group: 'activity', className: `bpmn-icon-${icon}`, title, action: { dragstart: start, click: start } };
    };
    return {
      'create.user-task': entry('bpmn:UserTask', 'user-task', 'Oppgave for noen'),
      'create.service-task': entry('bpmn:ServiceTask', 'service-task', 'Noe som skjer automatisk'),
      'create.timer': { ...entry('bpmn:IntermediateCatchEvent', 'intermediate-event-catch-timer', 'Vente til et tidspunkt', { eventDefinitionType: 'bpmn:TimerEventDefinition' }), group: 'event' },
      'create.message': { ...entry('bpmn:IntermediateCatchEvent', 'intermediate-event-catch-message', 'Vente på en melding', { eventDefinitionType: 'bpmn:MessageEventDefinition' }), group: 'event' },
    };
  }

  getContextPadEntries(element) {
    return (entries) => {
      const kept = { ...entries };
      for (const id of ['append.append-task', 'append.intermediate-event', 'append.condition-intermediate-event', 'append.compensation-activity', 'append.receive-task']) delete kept[id];
      if (entries['append.append-task']) {
        const { 'append.gateway': gateway, 'append.end-event': end, ...others } = kept;
        const steps = {
          'append.user-task': this.append('bpmn:UserTask', 'user-task', 'Oppgave etter dette'),
          'append.service-task': this.append('bpmn:ServiceTask', 'service-task', 'Noe automatisk etter dette'),
          'append.gateway': { ...gateway, title: 'Valg mellom veier etter dette' },
          'append.timer': this.append('bpmn:IntermediateCatchEvent', 'intermediate-event-catch-timer', 'Vente etter dette', { eventDefinitionType: 'bpmn:TimerEventDefinition' }),
          'append.end-event': { ...end, title: 'Slutt etter dette' },
        };
        return { ...steps, ...others };
      }
      if (is(element, 'bpmn:SequenceFlow')) return { 'insert.user-task': this.insert('bpmn:UserTask', 'user-task', 'Sett inn en oppgave her'), 'insert.service-task': this.insert('bpmn:ServiceTask', 'service-task', 'Sett inn noe automatisk her'), ...kept };
      return kept;
    };
  }

  append(type, icon, title, options) {
    const make = () => this.elementFactory.createShape({ type, ...options });
    return {
      group: 'model',
      className: `bpmn-icon-${icon}`,
      title,
      action: { click: (_, element) => this.autoPlace.append(element, make()), dragstart: (event, element) => this.create.start(event, make(), { source: element }) },
    };
  }

  insert(type, icon, title) {
    return { group: 'model', className: `bpmn-icon-${icon}`, title, action: { click: (_, flow) => this.into(flow, type) } };
  }

  // Into a flow: what comes after moves over where there is no room.
  into(flow, type) {
    const { source, target } = flow;
    const right = target.x - (source.x + source.width);
    const missing = right >= 0 ? Math.max(0, 200 - right) : 0;
    let made;
    this.commands.together(() => {
      this.room.make(flow.parent, 'x', source.x + source.width + 5, missing);
      const at = middle(flow);
      made = this.modeling.createShape(this.elementFactory.createShape({ type }), at, flow);
    });
    this.selection.select(made);
  }

  kinds() {
    return (entries) => Object.fromEntries(Object.entries(entries).filter(([id]) => !REFUSED.some((one) => one.test(id))));
  }

  marks() {
    return (entries) => Object.fromEntries(Object.entries(entries).filter(([id]) => !['toggle-loop', 'toggle-participant-multiplicity', 'toggle-is-collection'].includes(id)));
  }
}

function middle({ waypoints, source, target }) {
  if (source.x + source.width < target.x) {
    const x = (source.x + source.width + target.x) / 2;
    const on = waypoints.findIndex((point, at) => at && waypoints[at - 1].x <= x && point.x >= x);
    if (on > 0) return { x, y: (waypoints[on - 1].y + waypoints[on].y) / 2 };
  }
  const half = Math.floor((waypoints.length - 1) / 2);
  return { x: (waypoints[half].x + waypoints[half + 1].x) / 2, y: (waypoints[half].y + waypoints[half + 1].y) / 2 };
}

export default { __init__: ['kompLimits'], kompLimits: ['type', Limits] };
