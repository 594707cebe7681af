// The diagram editor's page: the modeler, its panels, and what happens between them.
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';
import './studio.css';
import { waitsForSaving } from './back.js';
import { Desk } from './desk.js';
import { narrow } from './narrow.js';
import { onPaper } from './paper.js';

const place = document.getElementById('studio');
const data = JSON.parse(document.getElementById('studio-data').textContent);

if (matchMedia('(max-width: 48rem)').matches) await narrow(place, data);
else {
  const desk = new Desk(place, data);
  waitsForSaving(desk.saving);
  onPaper(place);
  await desk.open();
}

document.body.dataset.ready = '1';
place.dataset.ready = '1'; // every page sets the body's; this one says that the drawing stands
