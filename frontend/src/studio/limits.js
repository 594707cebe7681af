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
  static $inject = ['palette', 'contextPad', 'popupMenu', 'create', 'elementFactory', 'steps'];

  constructor(palette, contextPad, popupMenu, create, elementFactory, steps) {
    Object.assign(this, { create, elementFactory, between: steps });
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
        const { 'append.gateway': _, 'append.end-event': end, ...others } = kept;
        const steps = {
          'append.user-task': this.append('bpmn:UserTask', 'user-task', 'Oppgave etter dette'),
          'append.service-task': this.append('bpmn:ServiceTask', 'service-task', 'Noe automatisk etter dette'),
          'append.gateway': this.append('bpmn:ExclusiveGateway', 'gateway-none', 'Valg mellom veier etter dette'),
          'append.timer': this.append('bpmn:IntermediateCatchEvent', 'intermediate-event-catch-timer', 'Vente etter dette', { eventDefinitionType: 'bpmn:TimerEventDefinition' }),
        };
        // What leads on already does not end here as well.
        if (!this.between.onward(element)) steps['append.end-event'] = { ...end, title: 'Slutt etter dette' };
        return { ...steps, ...others };
      }
      // What an event-based gateway leads to waits for something: nothing else comes in between.
      if (is(element, 'bpmn:SequenceFlow') && !is(element.source, 'bpmn:EventBasedGateway')) return { 'insert.user-task': this.insert('bpmn:UserTask', 'user-task', 'Sett inn en oppgave her'), 'insert.service-task': this.insert('bpmn:ServiceTask', 'service-task', 'Sett inn noe automatisk her'), ...kept };
      return kept;
    };
  }

  append(type, icon, title, options) {
    const kind = { type, ...options };
    // Dragged, it is joined to what it was dragged from, unless that leads on already: then it is dropped on a line.
    const drag = (event, element) => this.create.start(event, this.elementFactory.createShape(kind), this.between.onward(element) ? {} : { source: element });
    return { group: 'model', className: `bpmn-icon-${icon}`, title, action: { click: (_, element) => this.between.after(element, kind), dragstart: drag } };
  }

  insert(type, icon, title) {
    return { group: 'model', className: `bpmn-icon-${icon}`, title, action: { click: (_, flow) => this.between.into(flow, { type }) } };
  }

  kinds() {
    return (entries) => Object.fromEntries(Object.entries(entries).filter(([id]) => !REFUSED.some((one) => one.test(id))));
  }

  marks() {
    return (entries) => Object.fromEntries(Object.entries(entries).filter(([id]) => !['toggle-loop', 'toggle-participant-multiplicity', 'toggle-is-collection'].includes(id)));
  }
}

export default { __init__: ['kompLimits'], kompLimits: ['type', Limits] };
