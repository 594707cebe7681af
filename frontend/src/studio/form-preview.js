// The form as it will look: drawn by the server, by the same hand as a task's.
import { settled } from './dom.js';
import { piece } from './server.js';

export class Preview {
  constructor({ url, text, place }) {
    Object.assign(this, { url, text, place });
    this.soon = settled(() => this.draw(), 600);
    place.addEventListener('submit', (event) => event.preventDefault());
  }

  async draw() {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    try {
      const said = await piece(this.url, { text: await this.text() }, { signal: asking.signal });
      if (!asking.signal.aborted) this.place.innerHTML = said;
    } catch {
      if (!asking.signal.aborted) this.place.textContent = 'Vi får ikke vist skjemaet akkurat nå.';
    }
  }
}
