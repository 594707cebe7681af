// «Mer» in the main menu opens and closes by itself; this closes it also on Escape and when one goes elsewhere.
export function menu(more) {
  const summary = more.querySelector('summary');
  more.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !more.open) return;
    more.open = false;
    summary.focus();
  });
  document.addEventListener('click', ({ target }) => {
    if (!more.contains(target)) more.open = false;
  });
  more.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget && !more.contains(relatedTarget)) more.open = false;
  });
}
