// From a step to its form's editor and back: the drawing is kept first, and the way back leads to the same step.
import { submit } from './server.js';

// A new form for a step, named after it and chosen for it.
export async function newForm(desk, element, use) {
  const name = element.businessObject.name || 'Nytt skjema';
  await leave(desk, element, { blank: 'form', name }, ({ key, name: title }) => {
    desk.data.forms.push({ id: key, title, fields: [] });
    use(key);
  });
}

// The form that a step has: what is being drawn of it, else a draft from what is published.
export const editForm = (desk, element, form) => leave(desk, element, { form });

async function leave(desk, element, asked, made) {
  let found;
  try {
    found = await submit(`${desk.data.urls.home}/drawings`, { ...asked, came: desk.data.drawing.id, step: element.id });
  } catch {
    return desk.tell('Skjemaet kan ikke åpnes akkurat nå. Diagrammet er som før. Prøv igjen om litt.', [], 'warning');
  }
  const data = new DOMParser().parseFromString(found.page, 'text/html').getElementById('studio-data');
  if (!data) return desk.tell('Skjemaet ble ikke laget. Prøv fra studioets forside.', [], 'warning');
  made?.(JSON.parse(data.textContent).drawing);
  const { saving } = desk;
  if (saving.dirty()) await saving.send();
  if (saving.dirty()) return desk.tell('Diagrammet er ikke lagret ennå, så du er fortsatt her. Skjemaet ligger klart.', [['Åpne skjemaet likevel', () => location.assign(found.url)]], 'warning');
  history.replaceState(null, '', `#${encodeURIComponent(element.id)}`);
  location.assign(found.url);
}
