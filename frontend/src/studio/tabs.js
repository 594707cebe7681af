// The side's tabs: one panel at a time, by mouse and by arrow keys.
import { el } from './dom.js';

export function tabs(label, all, opened) {
  const buttons = all.map(({ id, title }) =>
    el('button', { type: 'button', role: 'tab', id: `tab-${id}`, 'aria-controls': `panel-${id}`, onclick: () => open(id) }, title, el('span', { class: 'studio-count', hidden: true })));
  const panels = all.map(({ id, panel }) => el('div', { role: 'tabpanel', id: `panel-${id}`, 'aria-labelledby': `tab-${id}`, tabindex: '-1' }, panel));
  const list = el('div', { role: 'tablist', 'aria-label': label, class: 'studio-tabs' }, buttons);
  list.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const shown = buttons.filter((one) => !one.hidden);
    const next = shown[(shown.indexOf(document.activeElement) + step + shown.length) % shown.length];
    next.focus();
    next.click();
  });

  function open(id) {
    all.forEach((one, at) => {
      const on = one.id === id;
      buttons[at].setAttribute('aria-selected', String(on));
      buttons[at].tabIndex = on ? 0 : -1;
      panels[at].hidden = !on;
      opened?.(one.id, on);
    });
  }

  // How many wait behind a tab; `hide` takes it away when none do.
  function count(id, number, { kind = '', hide = false } = {}) {
    const tab = buttons[all.findIndex((one) => one.id === id)];
    const badge = tab.querySelector('.studio-count');
    badge.hidden = !number;
    badge.textContent = number || '';
    badge.dataset.kind = kind;
    tab.hidden = hide && !number && tab.getAttribute('aria-selected') !== 'true';
  }

  open(all[0].id);
  return { element: el('div', { class: 'studio-side' }, list, panels), open, count };
}
