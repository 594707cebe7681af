// The fields that say a date in plain words: so many days after something, a day, or an expression of one's own.
import { expression, number, select, text } from './entries.js';
import { parseDate, writeDate } from './times.js';

const wantsOwn = new WeakMap(); // element -> ids of the fields where the expression itself is wanted

export function dateEntries(id, element, { label, none, get, set, data }) {
  const own = wantsOwn.get(element)?.has(id);
  const now = own ? { kind: 'own' } : parseDate(get());
  const bases = data.names.filter(({ name }) => /^(deadline|cycle)\./.test(name)).map(({ name, sentence }) => [name, sentence || name]);
  const turn = (kind) => {
    remember(element, id, kind === 'own');
    if (kind === 'own') return set(get() || '=today()');
    set({
      none: '',
      arises: writeDate({ kind, count: 5 }),
      name: writeDate({ kind, base: bases[0]?.[0] ?? 'deadline.preparation' }),
      date: new Date(Date.now() + 14 * 864e5).toISOString().slice(0, 10),
    }[kind]);
  };
  const write = (more) => set(writeDate({ ...now, ...more }));
  return [
    select(id, label, () => now.kind, turn, [
      ['none', none],
      ['arises', 'regnet fra oppgaven oppstår'],
      ['name', 'regnet fra en dato i saken'],
      ['date', 'en bestemt dato'],
      ['own', 'et eget uttrykk'],
    ]),
    now.kind === 'name' && select(`${id}-base`, 'Datoen i saken', () => now.base, (base) => write({ base }), bases),
    ['arises', 'name'].includes(now.kind) && number(`${id}-count`, now.kind === 'name' ? 'Antall dager etter (minus er før)' : 'Antall dager etter', () => now.count, (count) => write({ count: Number(count) || 0 }), { step: 1 }),
    ['arises', 'name'].includes(now.kind) && Boolean(now.count) && select(`${id}-unit`, 'Slags dager', () => now.unit, (unit) => write({ unit }), [
      ['working', 'virkedager'],
      ['days', 'kalenderdager'],
    ]),
    now.kind === 'date' && text(`${id}-date`, 'Dato (åååå-mm-dd)', () => now.date, (date) => set(date)),
    now.kind === 'own' && expression(`${id}-own`, 'Uttrykk', get, set),
  ];
}

function remember(element, id, on) {
  const all = wantsOwn.get(element) ?? new Set();
  if (on) all.add(id);
  else all.delete(id);
  wantsOwn.set(element, all);
}
