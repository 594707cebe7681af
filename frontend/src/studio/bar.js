// The line above the drawing: what one can do with all of it, and whether it is saved.
import { button, el } from './dom.js';

export function bar({ data, doing }) {
  const undo = button('Angre', doing.undo, { disabled: true, 'aria-keyshortcuts': 'Control+Z' });
  const redo = button('Gjør om', doing.redo, { disabled: true, 'aria-keyshortcuts': 'Control+Y' });
  const status = el('p', { class: 'studio-status', role: 'status' });
  const file = el('input', { type: 'file', accept: '.bpmn,.xml', hidden: true, onchange: () => {
    if (file.files[0]) doing.load(file.files[0]);
    file.value = '';
  } });
  const element = el('div', { class: 'studio-bar', role: 'toolbar', 'aria-label': 'Diagrammet' },
    button('Legg til et steg …', () => doing.add()),
    undo,
    redo,
    button('Søk', doing.search, { 'data-variant': 'tertiary', 'aria-keyshortcuts': 'Control+F' }),
    button('Vis alt', doing.fit, { 'data-variant': 'tertiary' }),
    button('Hent inn fil', () => file.click(), { 'data-variant': 'tertiary' }),
    file,
    button('Last ned', doing.download, { 'data-variant': 'tertiary' }),
    button('Forkast', doing.discard, { 'data-variant': 'tertiary' }),
    status,
    data.urls.publish && button('Publiser …', doing.publish, { 'data-variant': 'primary' }));
  return {
    element,
    say: (sentence, kind) => {
      status.textContent = sentence;
      status.dataset.kind = kind;
    },
    can: (canUndo, canRedo) => {
      undo.disabled = !canUndo;
      redo.disabled = !canRedo;
    },
  };
}
