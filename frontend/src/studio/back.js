// A way to another page that waits until what is written here is kept, so that the other page has it.
export function waitsForSaving(saving) {
  for (const link of document.querySelectorAll('a[data-after-saving]')) {
    link.addEventListener('click', async (event) => {
      if (!saving.dirty()) return;
      event.preventDefault();
      await saving.send();
      if (!saving.dirty()) location.assign(link.href);
    });
  }
}
