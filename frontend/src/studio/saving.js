// Saves as one draws: to the server a second after the last change, and in the browser at once, so that a crash loses nothing.
import { Refused, ask } from './server.js';
import { settled } from './dom.js';

const WAIT = 1000;
const AGAIN = 5000;
const KEEPALIVE = 60_000; // bytes that a browser still sends while the page goes away

export class Saving {
  // text() answers a promise of the diagram; on.status(sentence, kind), on.newer(what the server has).
  constructor({ drawing, url, text, on }) {
    Object.assign(this, { url, text, on });
    this.revision = drawing.revision;
    this.saved = drawing.text;
    this.latest = drawing.text;
    this.kept = new Kept(drawing.id);
    this.sending = null;
    this.stopped = false;
    this.soon = settled(() => this.send(), WAIT);
    addEventListener('online', () => this.dirty() && this.send());
    addEventListener('pagehide', () => this.leave());
    document.addEventListener('visibilitychange', () => document.hidden && this.dirty() && this.send());
    addEventListener('beforeunload', (event) => {
      if (this.dirty() && (this.stopped || bytes(this.latest) > KEEPALIVE)) event.preventDefault();
    });
  }

  dirty() {
    return this.soon.waits() || this.latest !== this.saved;
  }

  async changed() {
    this.on.status('Lagrer …', 'working');
    this.soon();
    this.latest = await this.text();
    this.kept.put(this.latest, this.revision);
  }

  // What the drawing is from now on, when it was read from somewhere else.
  become(revision, text) {
    this.revision = revision;
    this.saved = this.latest = text;
    this.stopped = false;
    this.soon.drop();
    this.kept.drop();
  }

  async send() {
    if (this.sending) {
      await this.sending;
      if (!this.dirty()) return;
    }
    this.soon.drop();
    this.sending = this.put().finally(() => (this.sending = null));
    await this.sending;
  }

  async put() {
    if (this.stopped) return;
    const text = (this.latest = await this.text());
    if (text === this.saved) return this.on.status('', 'saved');
    try {
      const { revision, saved } = await ask(this.url, { revision: this.revision, text }, { method: 'PUT' });
      this.revision = revision;
      this.saved = text;
      if (this.latest === text) this.kept.drop();
      else this.kept.put(this.latest, revision);
      this.on.status(`Lagret ${clock(saved)}`, 'saved');
    } catch (error) {
      this.failed(error);
    }
  }

  failed(error) {
    if (!(error instanceof Refused)) {
      this.on.status('Ingen forbindelse. Det du tegner, ligger i nettleseren, og vi prøver igjen.', 'away');
      setTimeout(() => this.dirty() && this.send(), AGAIN);
    } else if (error.status === 412 && error.body.text === this.latest) {
      this.become(error.body.revision, this.latest); // it was one's own, sent while the page was left
      this.on.status(`Lagret ${clock(error.body.when)}`, 'saved');
    } else if (error.status === 412) {
      this.stopped = true;
      this.on.status('Noen andre har lagret. Velg hva du vil gjøre.', 'wrong');
      this.on.newer(error.body);
    } else if ([400, 401].includes(error.status)) {
      this.on.status('Du er logget ut. Det du har tegnet, ligger i nettleseren. Logg inn i en annen fane, og last siden på nytt.', 'wrong');
    } else if (error.status >= 500 || error.status === 429) {
      this.on.status('Serveren svarer ikke som den skal. Det du tegner, ligger i nettleseren, og vi prøver igjen.', 'away');
      setTimeout(() => this.dirty() && this.send(), AGAIN);
    } else {
      this.on.status(`Ikke lagret. ${error.message || 'Serveren tok ikke imot det.'} Det ligger i nettleseren.`, 'wrong');
    }
  }

  // The page goes away: what is small enough still goes along, the rest lies in the browser.
  leave() {
    if (!this.dirty() || this.stopped) return;
    this.kept.put(this.latest, this.revision);
    if (this.latest !== this.saved && bytes(this.latest) < KEEPALIVE && !this.sending) {
      ask(this.url, { revision: this.revision, text: this.latest }, { method: 'PUT', keepalive: true }).then(() => this.kept.drop(), () => {});
    }
  }
}

// What was drawn and perhaps not saved, in this browser.
export class Kept {
  constructor(id) {
    this.key = `komp-flow-drawing-${id}`;
  }

  put(text, revision) {
    try {
      localStorage.setItem(this.key, JSON.stringify({ text, revision, at: new Date().toISOString() }));
    } catch {
      // A full or closed store: the server has what was saved last.
    }
  }

  get() {
    try {
      const found = JSON.parse(localStorage.getItem(this.key) ?? 'null');
      return typeof found?.text === 'string' ? found : null;
    } catch {
      return null;
    }
  }

  drop() {
    try {
      localStorage.removeItem(this.key);
    } catch {
      // Nothing was kept then.
    }
  }
}

const bytes = (text) => new TextEncoder().encode(text).length + 200;

// «12.04» of what the server or the browser says of a moment.
export function clock(moment) {
  const found = String(moment ?? '');
  if (!/^\d{4}-\d{2}-\d{2}T/.test(found)) return found.match(/\d{1,2}[.:]\d{2}$/)?.[0] ?? found;
  return new Date(found).toLocaleTimeString('nb-NO', { hour: '2-digit', minute: '2-digit' }).replace(':', '.');
}
