// Shows one instance on its diagram: what is done, where it is now, what is late.
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './viewer.css';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

async function show(container) {
  const viewer = new NavigatedViewer({ container });
  const answer = await fetch(container.dataset.diagram);
  await viewer.importXML(await answer.text());
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  for (const mark of ['done', 'here', 'late']) {
    for (const id of container.dataset[mark].split(' ').filter(Boolean)) {
      if (registry.get(id)) canvas.addMarker(id, `mark-${mark}`);
    }
  }
  // As tall as the drawing is at full width, so that it can be read without zooming; the page scrolls, not the frame.
  const { inner } = canvas.viewbox();
  container.style.height = `${Math.round(Math.min(1600, (inner.height / inner.width) * container.clientWidth + 24))}px`;
  canvas.resized();
  canvas.zoom('fit-viewport', 'auto');
  container.dataset.shown = '1';
}

for (const container of document.querySelectorAll('[data-diagram]')) show(container);
