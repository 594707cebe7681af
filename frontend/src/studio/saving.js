// Saves as one draws: to the server a second after the last change, and in the browser at once, so that a crash loses nothing.
import { settled } from './dom.js';
import { Kept } from './kept.js';
import { Refused, ask, renew } from './server.js';

const WAIT = 1000;
const AGAIN = 5000;
const KEEPALIVE = 60_000; // bytes that a browser still sends while the page goes away

export class Saving {
  // text() answers a promise of the text; on.status(sentence, kind), on.newer(what the server has), on.closed(sentence).
  constructor({ drawing, me, url, text, on }) {
    Object.assign(this, { me, url, text, on });
    this.revision = drawing.revision;
    this.saved = drawing.text;
    this.latest = drawing.text;
    this.kept = new Kept(drawing, me);
    this.isKept = true;
    this.sending = null;
    this.stopped = false;
    this.soon = settled(() => this.send(), WAIT);
    const again = () => this.dirty() && this.send();
    addEventListener('online', again);
    addEventListener('focus', again); // back from another tab, where one may have signed in, or from a night's sleep
    addEventListener('pagehide', () => this.leave());
    document.addEventListener('visibilitychange', again);
    addEventListener('beforeunload', (event) => {
      if (this.dirty() && (this.stopped || bytes(this.latest) > KEEPALIVE)) event.preventDefault();
    });
  }

  dirty() {
    return this.soon.waits() || this.latest !== this.saved;
  }

  async changed() {
    if (!this.stopped) this.on.status('Lagrer …', 'working');
    this.soon();
    this.latest = await this.text();
    this.isKept = await this.kept.put(this.latest, this.revision);
  }

  // What the drawing is from now on, when it was read from somewhere else.
  become(revision, text) {
    this.revision = revision;
    this.saved = this.latest = text;
    this.stopped = false;
    this.soon.drop();
    return this.kept.drop();
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
    if (text === this.saved) {
      this.kept.drop(); // it was changed and changed back
      return this.on.status('', 'saved');
    }
    try {
      this.done(text, await this.asked(text));
    } catch (error) {
      this.failed(error);
    }
  }

  // Once more with a new token, where the same person has signed in again meanwhile.
  async asked(text) {
    const body = { revision: this.revision, text };
    try {
      return await ask(this.url, body, { method: 'PUT' });
    } catch (error) {
      if (!isSignedOut(error) || (await renew(this.url)) !== this.me) throw error;
      return ask(this.url, body, { method: 'PUT' });
    }
  }

  done(text, { revision, saved }) {
    this.revision = revision;
    this.saved = text;
    if (this.latest === text) this.kept.drop();
    else this.kept.put(this.latest, revision);
    if (!this.dirty()) this.on.status(`Lagret ${clock(saved)}`, 'saved'); // else one has drawn on meanwhile
  }

  failed(error) {
    const here = this.isKept ? 'Endringene dine ligger i nettleseren' : 'Endringene dine ligger bare i denne fanen, så ikke lukk den';
    const again = (sentence) => {
      this.on.status(`${sentence} ${here}, og vi prøver igjen.`, 'away');
      setTimeout(() => this.dirty() && this.send(), AGAIN);
    };
    if (!(error instanceof Refused)) again('Ingen forbindelse.');
    else if (error.status === 412) {
      this.stopped = true;
      this.on.status('Noen andre har lagret. Velg hva du vil gjøre.', 'wrong');
      this.on.newer(error.body);
    } else if ([404, 409].includes(error.status)) {
      this.stopped = true;
      this.on.status('Ikke lagret. Velg hva du vil gjøre.', 'wrong');
      this.on.closed(error.message || 'Utkastet finnes ikke lenger.');
    } else if (isSignedOut(error)) {
      this.on.status(`Du er logget ut. ${here}. Logg inn i en annen fane, og kom tilbake hit, så lagres de.`, 'wrong');
    } else if (error.status >= 500 || error.status === 429) again('Serveren svarer ikke som den skal.');
    else this.on.status(`Ikke lagret. ${error.message || 'Serveren tok ikke imot det.'} ${here}.`, 'wrong');
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

const isSignedOut = (error) => error instanceof Refused && [400, 401].includes(error.status);
const bytes = (text) => new TextEncoder().encode(text).length + 200;

// «12.04» of what the server says of a moment.
const clock = (moment) => String(moment ?? '').match(/\d{1,2}[.:]\d{2}$/)?.[0] ?? String(moment ?? '');
