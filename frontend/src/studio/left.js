// What this browser has of drafts that was never saved: told on the front page, and where a draft is not open any more.
import { button, el } from './dom.js';
import { forget, left, when } from './kept.js';
import { ask } from './server.js';

const me = document.querySelector('meta[name=studio-person]')?.content ?? '';

function notice(kept, ways) {
  return el('div', { class: 'ds-alert studio-notice', 'data-color': 'warning' }, el('p', {}, `Du har endringer i «${kept.name || 'Uten navn'}» fra ${when(kept.at)} som ikke ble lagret.`), ways);
}

// A draft that is closed: what is left becomes a draft of its own, or a file.
function rescued(kept, place) {
  const said = el('p', { role: 'status' });
  const [type, ending] = kept.kind === 'form' ? ['application/json', 'json'] : ['application/xml', 'bpmn'];
  const box = notice(kept, [
    button('Lag et nytt utkast av dem', async () => {
      try {
        const { url } = await ask(`/studio/drawings/${kept.drawing}/copy`, { text: kept.text, kind: kept.kind });
        await forget(kept.key);
        location.assign(url);
      } catch (error) {
        said.textContent = `Utkastet ble ikke laget. ${error.message || 'Prøv igjen om litt.'} Endringene ligger her ennå.`;
      }
    }),
    el('a', { class: 'ds-button', 'data-variant': 'secondary', 'data-size': 'sm', href: URL.createObjectURL(new Blob([kept.text], { type })), download: `utkast.${ending}` }, 'Last ned som fil'),
    button('Forkast dem', () => forget(kept.key).then(() => box.remove())),
    said,
  ]);
  place.append(box);
}

for (const place of document.querySelectorAll('[data-left]')) {
  const found = await left(me, place.dataset.left);
  if (place.dataset.left) for (const kept of found) rescued(kept, place);
  else place.append(...found.map((kept) => notice(kept, el('a', { class: 'ds-link', href: `/studio/drawings/${kept.drawing}` }, 'Se på dem'))));
  place.dataset.ready = '1';
}
