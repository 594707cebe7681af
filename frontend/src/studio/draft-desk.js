// What a desk does with its draft, whether it is a diagram or a form: keep it, offer what was not saved, settle who was
// first, take in and give out files. A desk adds draw(text), text(), again() and show(place, text).
import { decoded } from './decoding.js';
import { both, closed, confirmDiscard, confirmReplace, newer } from './dialogs.js';
import { button, el } from './dom.js';
import { forget, left, when } from './kept.js';
import { Saving } from './saving.js';
import { ask, submit } from './server.js';

const LARGEST = 1_000_000; // bytes that the server takes as one diagram or form

export class DraftDesk {
  // said: `it` and `It` are what is changed, `wrong` why a file of another kind is none, `file` how it is written.
  constructor(data, said) {
    Object.assign(this, { data, said });
    this.broken = null;
    this.notice = el('div', { class: 'studio-notices' });
    this.offers = el('div', { class: 'studio-notices' });
  }

  keep(status) {
    const { data } = this;
    this.status = status;
    this.saving = new Saving({ drawing: data.drawing, me: data.me, url: data.urls.save, text: () => this.text(), on: { status, newer: (theirs) => this.settle(theirs), closed: (sentence) => this.ended(sentence) } });
  }

  // As tall as the window has room for, below what stands above it.
  tall(desk) {
    new ResizeObserver(() => desk.style.setProperty('--studio-top', `${Math.round(desk.getBoundingClientRect().top + scrollY)}px`)).observe(document.body);
  }

  async begin() {
    await this.bring(this.data.drawing.text);
    this.status('', 'saved');
    for (const kept of await left(this.data.me, this.data.drawing.id)) {
      if (kept.text === this.data.drawing.text) await forget(kept.key);
      else this.offer(kept);
    }
  }

  // What cannot be drawn stays as it is, and one is told why; nobody draws over it by mistake.
  async bring(text) {
    try {
      await this.draw(text);
      this.broken = null;
    } catch (error) {
      console.warn(error);
      this.broken = text;
      this.tell(`${this.said.It} kan ikke vises her. Teksten er ikke endret. Under «Å rette» står det hva som er galt; du kan laste ned ${this.said.it}, eller hente inn en annen fil.`, [], 'danger');
    }
    for (const place of this.drawn) place.inert = this.broken !== null;
    return this.broken === null;
  }

  // Another text in place of what is drawn; one step back is kept.
  async replace(text, done) {
    const before = await this.text();
    if (!(await this.bring(text))) {
      await this.bring(before);
      return false;
    }
    this.changed();
    this.tell(done, [['Angre', async () => {
      await this.bring(before);
      this.changed();
      await this.brought?.();
    }]]);
    return true;
  }

  async load(file) {
    if ((await confirmReplace(file.name, this.said.it)) !== 'yes') return false;
    const text = file.size > LARGEST ? '' : await decoded(file);
    const refused = file.size > LARGEST ? 'Filen er for stor.' : await this.refused(text);
    if (!refused && (await this.replace(text, `«${file.name}» er hentet inn.`))) {
      await this.brought?.();
      return true;
    }
    this.tell(`«${file.name}» ${this.said.cannot}. ${refused || this.said.wrong} ${this.said.It} er som før.`, [], 'danger');
    return false;
  }

  // Why the server would not take such a text at all; it is asked before anything is drawn.
  async refused(text) {
    try {
      return (await ask(this.data.urls.check, { text })).refused;
    } catch (error) {
      return error.message || 'Serveren svarer ikke. Prøv igjen om litt.';
    }
  }

  offer(kept) {
    const { drawing } = this.data;
    const later = kept.revision < drawing.revision ? ` Etterpå har ${drawing.savedBy === this.data.me ? 'du' : drawing.savedByName} lagret utkastet (${drawing.savedAt}).` : '';
    const box = this.box(this.offers, `Du har endringer fra ${when(kept.at)} som ikke ble lagret.${later}`, [
      ['Ta dem fram', async () => {
        if (!(await this.bring(kept.text))) return;
        this.saving.revision = kept.revision ?? this.saving.revision;
        this.changed();
        await forget(kept.key);
      }],
      ['Lag et eget utkast av dem', async () => (await this.copy(kept.text)) && forget(kept.key)],
      ['Forkast dem', () => forget(kept.key)],
    ], 'warning');
    this.offers.append(box);
  }

  tell(sentence, ways = [], color = 'info') {
    this.notice.replaceChildren(this.box(this.notice, sentence, ways, color));
  }

  box(place, sentence, ways, color) {
    const close = (work) => () => {
      box.remove();
      work?.();
    };
    const box = el('div', { class: 'ds-alert studio-notice', 'data-color': color, role: 'status' }, el('p', {}, sentence), ways.map(([text, work]) => button(text, close(work))), button('Lukk', close(), { 'data-variant': 'tertiary' }));
    return box;
  }

  // Somebody was first: one's own as a draft of its own, the other's, or a look at both before one decides.
  async settle(theirs) {
    const mine = await this.text();
    let way = await newer(theirs);
    if (way === 'both') way = await both(theirs, mine, (place, text) => this.show(place, text));
    if (way === 'theirs') await this.take(theirs, mine);
    else if (way === 'copy') {
      if (await this.copy(mine)) await this.saving.become(theirs.revision, theirs.text);
      else this.undecided(theirs);
    } else this.undecided(theirs);
  }

  undecided(theirs) {
    this.tell('Det du endrer nå, lagres ikke før du har valgt.', [['Velg', () => this.settle(theirs)]], 'warning');
  }

  async take(theirs, mine) {
    await this.bring(theirs.text);
    await this.saving.become(theirs.revision, theirs.text);
    this.status(`Hentet det som ble lagret ${theirs.when}`, 'saved');
    this.again();
    this.tell('Ditt er lagt til side så lenge siden er åpen.', [['Lag et eget utkast av mitt', () => this.copy(mine)]]);
  }

  // One's own as a draft of its own, and on to it. Answers whether that was done.
  async copy(text) {
    try {
      const { url } = await ask(this.data.urls.copy, { text });
      this.saving.stopped = false;
      this.saving.soon.drop();
      this.saving.latest = this.saving.saved; // nothing here waits to be saved any more
      location.assign(url);
      return true;
    } catch (error) {
      this.tell(`Utkastet ble ikke laget. ${error.message || 'Prøv igjen om litt.'} Endringene dine er her ennå.`, [['Last ned som fil', () => this.download(text)]], 'danger');
      return false;
    }
  }

  async ended(sentence) {
    const way = await closed(sentence);
    const text = await this.text();
    if (way === 'copy' && (await this.copy(text))) return this.saving.kept.drop();
    if (way === 'download') this.download(text);
    if (way !== 'copy') this.tell(sentence, [['Velg', () => this.ended(sentence)]], 'warning');
  }

  download(text) {
    const { type, ending, name } = this.said.file;
    const link = el('a', { href: URL.createObjectURL(new Blob([text], { type })), download: `${this.data.drawing.key || name}.${ending}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  async discard() {
    if ((await confirmDiscard()) !== 'yes') return;
    try {
      const { url } = await submit(this.data.urls.discard, {});
      await this.saving.become(this.saving.revision, this.saving.latest);
      location.assign(url);
    } catch {
      this.tell('Utkastet ble ikke forkastet. Last siden på nytt for å se hva som gjelder.', [], 'danger');
    }
  }

  async publish() {
    if (this.saving.dirty()) await this.saving.send();
    if (!this.saving.dirty()) location.assign(this.data.urls.publish);
  }
}
