// On a narrow screen the diagram and its words are there to read; drawing wants a larger one.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { el } from './dom.js';
import { read } from './reading.js';
import { Words } from './words.js';

export async function narrow(place, data) {
  const canvas = el('div', { class: 'studio-canvas' });
  const words = el('div', {});
  place.append(
    el('p', { class: 'studio-notice', role: 'note' }, 'Å tegne trenger en større skjerm. Her kan du se diagrammet og lese det med ord.'),
    canvas,
    el('h2', { class: 'ds-heading', 'data-size': 'sm' }, 'Med ord'),
    words,
  );
  const text = async () => data.drawing.text;
  const said = new Words({ url: data.urls.words, text, place: words });
  try {
    await read(new NavigatedViewer({ container: canvas }), data.drawing.text);
  } catch (error) {
    canvas.replaceWith(el('p', { role: 'alert' }, `Diagrammet kan ikke vises: ${error.message}`));
  }
  said.opened(true);
}
