// Questions that stop one for a moment, as a dialog that says what each answer does.
import { button, el } from './dom.js';

// Answers the key of the chosen way, or '' where it is closed.
export function choose(title, body, ways, { wide = false, shown } = {}) {
  return new Promise((answer) => {
    const dialog = el('dialog', { class: `ds-dialog studio-dialog${wide ? ' studio-dialog-wide' : ''}`, 'aria-labelledby': 'studio-dialog-title', onclose: () => {
      dialog.remove();
      answer(dialog.returnValue);
    } },
    el('h2', { class: 'ds-heading', 'data-size': 'xs', id: 'studio-dialog-title' }, title),
    body,
    el('p', { class: 'studio-buttons' }, ways.map(([key, text], at) => button(text, () => dialog.close(key), { 'data-variant': at ? 'secondary' : 'primary' }))));
    document.body.append(dialog);
    dialog.showModal();
    shown?.();
  });
}

const listed = (title, changes) => [
  el('h3', { class: 'ds-heading', 'data-size': '2xs' }, title),
  el('div', { class: 'studio-changes', tabindex: '0', role: 'region', 'aria-label': title }, changes.length ? el('ul', {}, changes.map((one) => el('li', {}, one))) : el('p', {}, 'Vi fant ingen forskjell som kan sies med ord.')),
];
const WAYS = [['copy', 'Behold min som egen kladd'], ['theirs', 'Hent deres']];

// Somebody saved in the meantime: who, when, what is different, and what becomes of one's own.
export function newer({ who, you, when, changes = [], mine = [] }) {
  return choose(you ? 'Du har endret det samme et annet sted' : 'Noen andre har endret det samme', [
    el('p', {}, `${who} lagret ${when}${you ? ' (det er deg, i en annen fane eller nettleser)' : ''}. Det er ikke skrevet over, og endringene du har her, er heller ikke borte.`),
    ...listed(you ? 'Dette endret du der' : `Dette har ${who} endret`, changes),
    ...listed('Dette har du endret her', mine),
  ], [...WAYS, ['both', 'Se på begge']]);
}

// One's own and the other's beside each other; show(place, text) draws one of them.
export function both({ who, you, when, text }, mine, show) {
  const [theirs, own] = [el('div', { class: 'studio-both-one' }), el('div', { class: 'studio-both-one' })];
  const one = (title, place) => el('section', { 'aria-label': title }, el('h3', { class: 'ds-heading', 'data-size': '2xs' }, title), place);
  return choose('Begge ved siden av hverandre', el('div', { class: 'studio-both' }, one(`${you ? 'Det du lagret der' : `Det ${who} lagret`}, ${when}`, theirs), one('Det du har her', own)), WAYS, {
    wide: true,
    shown: () => [[theirs, text], [own, mine]].forEach(([place, drawn]) => Promise.resolve(show(place, drawn)).catch(() => place.replaceChildren(el('p', {}, 'Denne kan ikke vises.')))),
  });
}

// The draft is published or thrown away; what one has changed is not.
export const closed = (sentence) =>
  choose('Utkastet kan ikke lagres lenger', [el('p', {}, sentence), el('p', {}, 'Det du har endret her siden sist, er ikke borte.')], [['copy', 'Lag et nytt utkast av det jeg har her'], ['download', 'Last ned som fil']]);

export const confirmReplace = (name, it) =>
  choose(`Bytte ut ${it}?`, el('p', {}, `«${name}» kommer i stedet for ${it} du ser her. Du kan angre rett etterpå.`), [['yes', 'Bytt ut'], ['', 'Avbryt']]);

export const confirmDiscard = () =>
  choose('Forkaste utkastet?', el('p', {}, 'Det som er publisert, står som det er. Utkastet kan hentes tilbake fra studioets forside i 30 dager.'), [['yes', 'Forkast'], ['', 'Avbryt']]);
