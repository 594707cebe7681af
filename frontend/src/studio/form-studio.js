// The form editor's page: form-js' editor, our own rules, and the form as it will look.
import '@bpmn-io/form-js-viewer/dist/assets/form-js.css';
import '@bpmn-io/form-js-editor/dist/assets/form-js-editor.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';
import './studio.css';
import './form-studio.css';
import { waitsForSaving } from './back.js';
import { FormDesk } from './form-desk.js';
import { narrow } from './form-narrow.js';
import { onPaper } from './paper.js';

const place = document.getElementById('studio');
const data = JSON.parse(document.getElementById('studio-data').textContent);
if (matchMedia('(max-width: 48rem)').matches) await narrow(place, data);
else {
  const desk = new FormDesk(place, data);
  waitsForSaving(desk.saving);
  onPaper(place);
  await desk.open();
}
document.body.dataset.ready = '1';
