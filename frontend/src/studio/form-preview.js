// The form as it will look: drawn by the server, by the same hand as a task's.
import { settled } from './dom.js';

const token = document.querySelector('meta[name=csrf-token]')?.content ?? '';

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
      const answer = await fetch(this.url, {
        method: 'POST',
        signal: asking.signal,
        headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token },
        body: JSON.stringify({ text: await this.text() }),
      });
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      const said = await answer.text();
      if (!asking.signal.aborted) this.place.innerHTML = said;
    } catch {
      if (!asking.signal.aborted) this.place.textContent = 'Vi får ikke vist skjemaet akkurat nå.';
    }
  }
}
