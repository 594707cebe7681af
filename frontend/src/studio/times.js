// Deadlines and durations in plain words, and back to FEEL and ISO 8601.
const NAME = '[\\p{L}_][\\p{L}\\p{N}_]*(?:\\.[\\p{L}_][\\p{L}\\p{N}_]*)*';
const WORKING = new RegExp(`^add working days\\(\\s*(today\\(\\)|${NAME})\\s*,\\s*(-?\\d+)\\s*\\)$`, 'u');
const DAYS = new RegExp(`^(today\\(\\)|${NAME})\\s*([+-])\\s*(?:@"P(\\d+)D"|duration\\("P(\\d+)D"\\))$`, 'u');
const JUST = new RegExp(`^(today\\(\\)|${NAME})$`, 'u');

// {kind: 'none'} | {kind: 'arises' | 'name', base, count, unit: 'working' | 'days'} | {kind: 'date', date} | {kind: 'own'}
export function parseDate(text) {
  const value = (text ?? '').trim();
  if (!value) return { kind: 'none' };
  if (!value.startsWith('=')) return /^\d{4}-\d{2}-\d{2}$/.test(value) ? { kind: 'date', date: value } : { kind: 'own' };
  const body = value.slice(1).trim();
  let found = body.match(WORKING);
  if (found) return based(found[1], Number(found[2]), 'working');
  found = body.match(DAYS);
  if (found) return based(found[1], Number(found[3] ?? found[4]) * (found[2] === '-' ? -1 : 1), 'days');
  found = body.match(JUST);
  return found ? based(found[1], 0, 'working') : { kind: 'own' };
}

const based = (base, count, unit) => ({ kind: base === 'today()' ? 'arises' : 'name', base, count, unit });

export function writeDate({ kind, base = 'today()', count = 0, unit = 'working', date = '' }) {
  if (kind === 'date') return date;
  if (kind !== 'arises' && kind !== 'name') return '';
  const from = kind === 'arises' ? 'today()' : base;
  if (!count) return `=${from}`;
  return unit === 'working' ? `=add working days(${from}, ${count})` : `=${from} ${count < 0 ? '-' : '+'} @"P${Math.abs(count)}D"`;
}

// The moment so many days after what is written already, for a warning after a deadline.
export function later(text, days) {
  const found = parseDate(text);
  if (['arises', 'name'].includes(found.kind) && (found.unit === 'working' || !found.count)) {
    return writeDate({ ...found, unit: 'working', count: found.count + days });
  }
  if (found.kind === 'date') return `=add working days(@"${found.date}", ${days})`;
  return `=add working days(${(text ?? '').trim().replace(/^=/, '') || 'today()'}, ${days})`;
}

// How many working days `text` lies after `due`, or null where it is written another way.
export function daysAfter(text, due) {
  for (let days = 0; days <= 60; days += 1) if (later(due, days) === text) return days;
  return null;
}

export const UNITS = [['minutes', 'minutter'], ['hours', 'timer'], ['days', 'dager'], ['weeks', 'uker'], ['months', 'måneder']];
const ISO = { minutes: (n) => `PT${n}M`, hours: (n) => `PT${n}H`, days: (n) => `P${n}D`, weeks: (n) => `P${7 * n}D`, months: (n) => `P${n}M` };

export function parseDuration(text) {
  const value = (text ?? '').trim();
  const found = value.match(/^PT(\d+)([MH])$/) ?? value.match(/^P(\d+)([DMW])$/);
  if (!found) return null;
  const count = Number(found[1]);
  if (value.startsWith('PT')) return { count, unit: found[2] === 'M' ? 'minutes' : 'hours' };
  if (found[2] === 'W') return { count, unit: 'weeks' };
  if (found[2] === 'M') return { count, unit: 'months' };
  return count && count % 7 === 0 ? { count: count / 7, unit: 'weeks' } : { count, unit: 'days' };
}

export const writeDuration = ({ count, unit }) => ISO[unit](Math.max(1, count));

// R3/P7D: three times, each seven days; R/P1D: without end.
export function parseCycle(text) {
  const found = (text ?? '').trim().match(/^R(\d*)\/(.+)$/);
  const every = found && parseDuration(found[2]);
  return every ? { times: found[1], ...every } : null;
}

export const writeCycle = ({ times, ...every }) => `R${times}/${writeDuration(every)}`;

// «7, 1, 0» days before the deadline, as the property `reminders` has them.
export function parseReminders(text) {
  const value = (text ?? '').trim();
  if (!value) return { kind: 'usual', days: '' };
  if (value === 'none') return { kind: 'none', days: '' };
  const all = value.split(',').map((part) => part.trim().match(/^P(\d+)D$/)?.[1]);
  return all.every(Boolean) ? { kind: 'days', days: all.join(', ') } : { kind: 'own', days: value };
}

export function writeReminders(text) {
  return (text.match(/\d+/g) ?? []).map((days) => `P${Number(days)}D`).join(', ');
}
