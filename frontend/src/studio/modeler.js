// The modeler: bpmn-js with Camunda 8's elements, our limits, our panel and bokmål.
import Modeler from 'bpmn-js/lib/Modeler';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule } from 'bpmn-js-properties-panel';
import zeebeBehaviors from 'camunda-bpmn-js-behaviors/lib/camunda-cloud';
import minimap from 'diagram-js-minimap';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';
import defaults from './defaults.js';
import './lanes.js';
import limits from './limits.js';
import panel from './panel.js';
import translate from './translate.js';

export function modeler(container, propertiesPanel, studio) {
  return new Modeler({
    container,
    propertiesPanel: { parent: propertiesPanel, feelPopupContainer: document.body },
    studio,
    moddleExtensions: { zeebe, modeler: PLATFORM },
    additionalModules: [
      translate,
      BpmnPropertiesPanelModule,
      BpmnPropertiesProviderModule,
      ZeebePropertiesProviderModule,
      zeebeBehaviors,
      minimap,
      panel,
      defaults,
      limits,
    ],
  });
}

// modeler:executionPlatform, by which Camunda Modeler knows whose diagram it is.
const PLATFORM = {
  name: 'Modeler',
  uri: 'http://camunda.org/schema/modeler/1.0',
  prefix: 'modeler',
  xml: { tagAlias: 'lowerCase' },
  types: [
    {
      name: 'Definitions',
      isAbstract: true,
      extends: ['bpmn:Definitions'],
      properties: [
        { name: 'executionPlatform', isAttr: true, type: 'String' },
        { name: 'executionPlatformVersion', isAttr: true, type: 'String' },
      ],
    },
  ],
};
