// Where a form is used: the tasks of what is published, and of what is only drawn.
import { el } from './dom.js';

export function uses(found) {
  if (!found.length) return el('p', { class: 'studio-note' }, 'Ingen oppgaver bruker skjemaet ennå. Velg det på en oppgave i en prosess.');
  return el('div', {}, el('h3', { class: 'ds-heading', 'data-size': '2xs' }, 'Skjemaet brukes i'), el('ul', {}, found.map(({ process, task, drawn }) => el('li', {}, `${task} · ${process}${drawn ? ' (utkast)' : ''}`))));
}
