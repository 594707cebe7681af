// The form as it will look: drawn by the server, by the same hand as a task's, and tried out here without being sent.
import { settled } from './dom.js';
import { piece } from './server.js';

export class Preview {
  constructor({ url, text, place }) {
    Object.assign(this, { url, text, place });
    this.soon = settled(() => this.draw(), 600);
    place.addEventListener('submit', (event) => {
      event.preventDefault();
      this.draw(event.submitter?.name ? { [event.submitter.name]: [event.submitter.value] } : {});
    });
    place.addEventListener('change', () => this.draw());
  }

  // What is typed, as the page would post it; `pressed` is the button, else only the fields are looked at anew.
  filled(pressed) {
    const form = this.place.querySelector('form');
    if (!form) return {};
    const found = { ...(pressed ?? { _part: ['1'] }) };
    for (const [name, value] of new FormData(form)) if (typeof value === 'string') (found[name] ??= []).push(value);
    return found;
  }

  async draw(pressed) {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    try {
      const said = await piece(this.url, { text: await this.text(), filled: this.filled(pressed) }, { signal: asking.signal });
      if (asking.signal.aborted) return;
      const here = this.place.contains(document.activeElement) ? document.activeElement.id : '';
      this.place.innerHTML = said;
      const again = pressed ? this.place.querySelector('ds-error-summary, [role=alert], .ds-alert') : here && document.getElementById(here);
      again?.focus?.();
    } catch {
      if (!asking.signal.aborted) this.place.textContent = 'Vi får ikke vist skjemaet akkurat nå.';
    }
  }
}
