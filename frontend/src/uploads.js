// Sends a file as soon as it is chosen. Without JavaScript there is the button.
const CHOSEN = 'input[type=file][name^="_file-"]';

export function uploads(form) {
  // A chosen file is no answer yet: what listens for answers (look again, autosave) hears of it when it has come.
  for (const kind of ['input', 'change']) {
    form.addEventListener(
      kind,
      (event) => {
        if (!event.target.matches(CHOSEN)) return;
        event.stopImmediatePropagation();
        if (kind !== 'change' || !event.target.files.length) return;
        const place = event.target.closest('.form-files-choose');
        const status = place.querySelector('[role=status]');
        event.target.closest('.form-files').querySelector('[role=alert]')?.remove(); // it was about another file
        if ([...event.target.files].some((file) => file.size > Number(status.dataset.largest))) {
          status.textContent = status.dataset.tooLarge;
          event.target.value = '';
          return;
        }
        status.textContent = status.dataset.sending;
        place.querySelector('button[name=_upload]').click();
      },
      true,
    );
  }
  // In the capture phase on the form comes before the form's own listeners only if asked for there, so on the body.
  document.body.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
    if (!ctx.sourceElement.matches('[name=_upload], [name=_drop]')) return;
    for (const input of form.querySelectorAll(CHOSEN)) input.value = '';
    for (const status of form.querySelectorAll('.form-files-sending')) status.textContent = '';
    form.dispatchEvent(new Event('input')); // what the draft is saved for
  });
  document.body.addEventListener('htmx:error', () => {
    for (const status of form.querySelectorAll('.form-files-sending')) status.textContent = '';
  });
}
