// What every page loads: the design system's elements, htmx, and our own small enhancements.
import './app.css';
import '@digdir/designsystemet-web';
import 'htmx.org';
import { autosave } from './autosave.js';
import { menu } from './menu.js';
import { uploads } from './uploads.js';

const status = document.querySelector('[data-autosave]');
const form = document.querySelector('form.form');
if (status && form) autosave(form, status);
if (form) uploads(form);

for (const more of document.querySelectorAll('details.site-more')) menu(more);

// On a phone the form comes first: the help is a tap away.
if (matchMedia('(max-width: 60rem)').matches) {
  for (const help of document.querySelectorAll('details.guidance')) help.open = false;
}

// A look again that had to wait for another asks with what stands on the page now, not with what stood there then.
document.body.addEventListener('htmx:before:request', ({ detail: { ctx } }) => {
  if (!ctx.sourceElement.matches('form.form')) return;
  ctx.request.body = new URLSearchParams([...new FormData(ctx.sourceElement)].filter(([, value]) => typeof value === 'string'));
  ctx.request.body.set('_part', '1');
});

// What htmx could not fetch changes nothing on the page; it is said where drafts are told of.
document.body.addEventListener('htmx:response:error', ({ detail }) => {
  if (status) status.textContent = status.dataset[[400, 401].includes(detail.ctx?.response?.raw?.status) ? 'signedOut' : 'failed'];
});

document.body.dataset.ready = '1';
