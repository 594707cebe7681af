// Two versions of a diagram beside each other: what is gone, what is new and what is changed is marked in both.
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import './pages.css';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

const KINDS = ['added', 'removed', 'changed', 'renamed', 'redrawn'];
const TALLEST = 720;

async function show(container) {
  const answer = await fetch(container.dataset.beside, { credentials: 'same-origin' });
  if (!answer.ok) throw new Error(String(answer.status));
  const viewer = new NavigatedViewer({ container });
  await viewer.importXML(await answer.text());
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  for (const kind of KINDS) {
    for (const id of (container.dataset[kind] || '').split(' ').filter(Boolean)) {
      if (registry.get(id)) canvas.addMarker(id, `beside-${kind}`);
    }
  }
  const { inner } = canvas.viewbox();
  const shape = inner.width > 0 ? inner.height / inner.width : 0.5;
  container.style.height = `${Math.round(Math.min(TALLEST, Math.max(200, shape * container.clientWidth + 24)))}px`;
  canvas.resized();
  canvas.zoom('fit-viewport', 'auto');
  container.dataset.shown = '1';
  return viewer;
}

// A sentence leads to the place that it is about, in every diagram that has it.
function lead(viewers) {
  let shown = [];
  for (const link of document.querySelectorAll('[data-element]')) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      for (const [canvas, id] of shown) canvas.removeMarker(id, 'beside-here');
      shown = [];
      for (const viewer of viewers) {
        const element = viewer.get('elementRegistry').get(link.dataset.element);
        if (!element) continue;
        const canvas = viewer.get('canvas');
        canvas.addMarker(element.id, 'beside-here');
        canvas.scrollToElement(element, 60);
        shown.push([canvas, element.id]);
      }
      document.querySelector('[data-beside]')?.scrollIntoView({ block: 'nearest' });
    });
  }
}

const containers = [...document.querySelectorAll('[data-beside]')];
if (containers.length) {
  Promise.allSettled(containers.map(show)).then((done) => {
    done.forEach((one, at) => {
      if (one.status === 'rejected') containers[at].textContent = containers[at].dataset.failed || '';
    });
    lead(done.filter((one) => one.status === 'fulfilled').map((one) => one.value));
    document.body.dataset.ready = '1';
  });
}
