// Keeps what is typed as a draft, a moment after the typing stops. Without JavaScript there is the button.
const WAIT = 2000;

export function autosave(form, status) {
  let timer;
  let dirty = false;
  let stopped = false;

  async function save() {
    if (!dirty || stopped) return;
    dirty = false;
    const body = new FormData(form);
    for (const name of [...body.keys()]) if (name.startsWith('_file-')) body.delete(name); // files go by themselves
    body.set('_save', '1');
    body.set('_auto', '1');
    try {
      const answer = await fetch(form.action, { method: 'POST', body, headers: { Accept: 'application/json' } });
      if (!answer.ok) throw new Error(String(answer.status));
      const { version, said } = await answer.json();
      form.elements._version.value = version;
      status.textContent = said;
    } catch (error) {
      // Told once: the button says what is wrong, and nothing typed is lost from the page.
      const answered = error.message;
      stopped = ['400', '401', '409', '412'].includes(answered);
      dirty = true;
      status.textContent = status.dataset[stopped ? (answered < '409' ? 'signedOut' : 'stopped') : 'failed'];
      if (!stopped) timer = setTimeout(save, 5 * WAIT);
    }
  }

  form.addEventListener('input', () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, WAIT);
  });
  form.addEventListener('submit', () => {
    stopped = true;
    clearTimeout(timer);
  });
}
