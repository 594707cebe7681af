// On a narrow screen a form is tried out as it will look; changing it wants a larger one.
import { el } from './dom.js';
import { Preview } from './form-preview.js';
import { uses } from './form-uses.js';

export async function narrow(place, data) {
  const shown = el('div', {});
  place.append(
    el('p', { class: 'studio-notice', role: 'note' }, 'Å endre skjemaet trenger en større skjerm. Her kan du prøve det slik det blir, og se hvor det brukes.'),
    el('section', { 'aria-label': 'Slik blir skjemaet' }, shown),
    uses(data.uses ?? []),
  );
  await new Preview({ url: data.urls.preview, text: async () => data.drawing.text, place: shown }).draw();
}
