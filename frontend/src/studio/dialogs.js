// Questions that stop one for a moment, as a dialog that says what each answer does.
import { button, el } from './dom.js';

// Answers the key of the chosen way, or '' where it is closed.
export function choose(title, body, ways) {
  return new Promise((answer) => {
    const dialog = el('dialog', { class: 'ds-dialog studio-dialog', 'aria-labelledby': 'studio-dialog-title', onclose: () => {
      dialog.remove();
      answer(dialog.returnValue);
    } },
    el('h2', { class: 'ds-heading', 'data-size': 'xs', id: 'studio-dialog-title' }, title),
    body,
    el('p', { class: 'studio-buttons' }, ways.map(([key, text], at) => button(text, () => dialog.close(key), { 'data-variant': at ? 'secondary' : 'primary' }))));
    document.body.append(dialog);
    dialog.showModal();
  });
}

// Somebody saved in the meantime: who, when, what is different, and what becomes of one's own.
export function newer({ who, when, changes = [] }) {
  const list = changes.length ? el('ul', {}, changes.map((one) => el('li', {}, typeof one === 'string' ? one : one.text))) : el('p', {}, 'Vi fant ingen forskjell i det prosessen gjør.');
  return choose('Noen andre har endret det samme', [
    el('p', {}, `${who} lagret ${when}. Det er ikke skrevet over, og det du har tegnet, er heller ikke borte.`),
    el('p', {}, 'Dette er annerledes hos den andre:'),
    el('div', { class: 'studio-changes' }, list),
  ], [['copy', 'Behold min som egen kladd'], ['theirs', 'Hent deres']]);
}

export const confirmReplace = (name) =>
  choose('Bytte ut det som er tegnet?', el('p', {}, `«${name}» kommer i stedet for det som er tegnet her. Du kan angre rett etterpå.`), [['yes', 'Bytt ut'], ['', 'Avbryt']]);

export const confirmDiscard = () =>
  choose('Forkaste utkastet?', el('p', {}, 'Det som er publisert, står som det er. Utkastet kan hentes tilbake fra studioets forside i 30 dager.'), [['yes', 'Forkast'], ['', 'Avbryt']]);
