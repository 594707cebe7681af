// The properties panel: our groups in plain words first; what Camunda calls the same things, behind «Flere egenskaper».
import { getBusinessObject } from 'bpmn-js/lib/util/ModelUtil';
import { drawn, group, html } from './entries.js';
import automatic from './groups/automatic.js';
import call from './groups/call.js';
import condition, { ways } from './groups/condition.js';
import deadline from './groups/deadline.js';
import escalation from './groups/escalation.js';
import form from './groups/form.js';
import general, { begin } from './groups/general.js';
import mappings from './groups/mappings.js';
import message from './groups/message.js';
import repeat from './groups/repeat.js';
import timer from './groups/timer.js';
import who from './groups/who.js';
import { Commands } from './commands.js';
import { Room } from './room.js';
import { Steps } from './steps.js';
import { translate } from './translate.js';
import { Zeebe } from './zeebe.js';

const OURS = [begin, general, who, form, deadline, escalation, automatic, condition, ways, timer, message, repeat, call, mappings];
// Of Camunda's groups those that mean something to komp-flow.
const THEIRS = new Set([
  'general', 'taskDefinition', 'assignmentDefinition', 'form', 'condition', 'calledElement', 'inputPropagation', 'outputPropagation',
  'inputs', 'outputs', 'headers', 'timer', 'message', 'signal', 'error', 'escalation', 'multiInstance', 'link', 'Zeebe__ExtensionProperties',
]);

class Panel {
  static $inject = ['propertiesPanel', 'modeling', 'bpmnFactory', 'elementFactory', 'zeebe', 'commands', 'room', 'config.studio', 'eventBus'];

  constructor(propertiesPanel, modeling, factory, elementFactory, zeebe, commands, room, studio, eventBus) {
    this.context = { ...studio, modeling, factory, elementFactory, zeebe, commands, room };
    this.eventBus = eventBus;
    this.more = false;
    propertiesPanel.registerProvider(100, this);
    // A drawing that failed leaves a root that is nothing: asked about it, Camunda's groups would break the next one too.
    eventBus.on('propertiesPanel.getProviders', 1, (event) => {
      event.providers = event.providers.map((one) => ({ getGroups: (element) => (getBusinessObject(element)?.$type || Array.isArray(element) ? one.getGroups(element) : (groups) => groups) }));
    });
    // What is shown of an element may lie on others: its warnings, the ways out of a gateway.
    eventBus.on('commandStack.changed', 100, () => eventBus.fire('propertiesPanel.providersChanged'));
  }

  getGroups(element) {
    return (theirs) => {
      if (!getBusinessObject(element)) return [];
      const rest = theirs.filter(({ id }) => THEIRS.has(id)).map(spoken);
      return [
        this.wrong(element),
        ...OURS.map((make) => make(element, this.context)),
        ...(this.more ? rest : []),
        rest.length ? this.switch() : null,
      ].filter(Boolean);
    };
  }

  wrong(element) {
    const found = this.context.problems?.of(getBusinessObject(element).id) ?? [];
    if (!found.length) return null;
    return group('wrong', 'Må ses på', found.map(({ severity, message, fix }, at) =>
      drawn(`wrong-${at}`, () => html`<p class="studio-problem" data-severity=${severity}>${message} <em>${fix}</em></p>`)), { open: true });
  }

  switch() {
    const turn = () => {
      this.more = !this.more;
      this.eventBus.fire('propertiesPanel.providersChanged');
    };
    return { id: 'komp-more', component: More, more: this.more, turn };
  }
}

const More = ({ more, turn }) => html`<div class="studio-more"><button type="button" class="ds-button" data-variant="tertiary" data-size="sm" aria-pressed=${String(more)} onClick=${turn}>${more ? 'Færre egenskaper' : 'Flere egenskaper'}</button></div>`;

// A group's own small words, and those of its lines, go through our translation too.
function spoken(one) {
  const items = one.items?.map((item) => ({ ...item, translate }));
  return { ...one, translate, ...(items && { items }) };
}

export default {
  __init__: ['kompPanel', 'commands'],
  kompPanel: ['type', Panel],
  zeebe: ['type', Zeebe],
  commands: ['type', Commands],
  room: ['type', Room],
  steps: ['type', Steps],
};
