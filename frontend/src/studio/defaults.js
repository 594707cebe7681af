// What makes a new element right from the start.
import CommandInterceptor from 'diagram-js/lib/command/CommandInterceptor';
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { extension } from './zeebe.js';

const THROWS = ['bpmn:SendTask', 'bpmn:IntermediateThrowEvent', 'bpmn:EndEvent'];

class Defaults extends CommandInterceptor {
  static $inject = ['eventBus', 'zeebe', 'modeling'];

  constructor(eventBus, zeebe, modeling) {
    super(eventBus);
    this.postExecuted(['shape.create', 'shape.replace'], 400, ({ context }) => {
      const shape = context.newShape ?? context.shape;
      const bo = shape.businessObject;
      if (context.hints?.createElementsBehavior === false) return;
      if (is(bo, 'bpmn:UserTask') && !bo.name) modeling.updateProperties(shape, { name: 'Ny oppgave' });
      if (sendsMessage(bo) && !extension(shape, 'zeebe:TaskDefinition')) zeebe.set(shape, 'zeebe:TaskDefinition', { type: 'send-message' });
      if (is(bo, 'bpmn:ServiceTask') && extension(shape, 'zeebe:TaskDefinition')?.type === 'send-message') zeebe.set(shape, 'zeebe:TaskDefinition', { type: undefined });
      if (is(bo, 'bpmn:Participant') && bo.processRef && bo.processRef.isExecutable === undefined) modeling.updateModdleProperties(shape, bo.processRef, { isExecutable: true });
    });
    // A conditional flow needs a gateway: what a flow leaves becomes neither chooser nor loop.
    this.postExecuted('connection.reconnect', 400, ({ context: { connection } }) => {
      if (connection.businessObject.conditionExpression && !isAny(connection.source, ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway'])) {
        modeling.updateProperties(connection, { conditionExpression: undefined });
      }
    });
  }
}

function sendsMessage(bo) {
  if (!isAny(bo, THROWS)) return false;
  return is(bo, 'bpmn:SendTask') || Boolean(bo.eventDefinitions?.some((one) => is(one, 'bpmn:MessageEventDefinition')));
}

export default { __init__: ['kompDefaults'], kompDefaults: ['type', Defaults] };
