// Answers every expression of golden.json and differences.json again with @bpmn-io/feelin, the reference.
// Usage: npm ci in frontend/, then `node tests/feel/golden/regenerate.mjs [folder that has node_modules]`.
process.env.TZ = 'UTC';

import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const home = path.resolve(process.argv[2] ?? path.join(here, '../../../frontend'));
const require = createRequire(path.join(home, 'package.json'));
const { evaluate } = await import(pathToFileURL(require.resolve('@bpmn-io/feelin')).href);

// {"@": "2027-01-31"} in a context stands for what the literal @"2027-01-31" gives.
function taken(value) {
  if (Array.isArray(value)) return value.map(taken);
  if (value === null || typeof value !== 'object') return value;
  if ('@' in value) return evaluate(`@"${value['@']}"`).value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, taken(item)]));
}

// Kinds that JSON lacks become {"@kind": …}; durations are months and seconds, since their texts differ.
function told(value) {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(told);
  if (value.isLuxonDuration) {
    const { years, months, weeks, days, hours, minutes, seconds, milliseconds } = value;
    const time = ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds + milliseconds / 1000;
    return { '@duration': [years * 12 + months, time] };
  }
  if (value.isLuxonDateTime) return toldTime(value);
  if (Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, told(item)]));
  }
  return { '@range': [told(value.start), told(value.end), value['start included'], value['end included']] };
}

function toldTime(value) {
  const suffix = value.zone.type === 'system' ? '' : value.zone.type === 'iana' ? `@${value.zone.name}` : null;
  const options = { suppressMilliseconds: true, includeOffset: suffix === null };
  if (value.year === 1900 && value.ordinal === 1) return { '@time': value.toISOTime(options) + (suffix ?? '') };
  const midnight = value.hour + value.minute + value.second + value.millisecond === 0;
  if (midnight && value.zone.type === 'fixed' && value.offset === 0) return { '@date': value.toISODate() };
  return { '@date and time': value.toISO(options) + (suffix ?? '') };
}

function answer({ expression, context = {} }) {
  try {
    return told(evaluate(expression, taken(context)).value);
  } catch (error) {
    return { '@error': error.position ? 'syntax' : 'evaluation' };
  }
}

for (const [file, field] of [['golden.json', 'expected'], ['differences.json', 'feelin']]) {
  const target = path.join(here, file);
  const entries = JSON.parse(fs.readFileSync(target, 'utf8')).map((entry) => ({ ...entry, [field]: answer(entry) }));
  fs.writeFileSync(target, `[\n${entries.map((entry) => '  ' + JSON.stringify(entry)).join(',\n')}\n]\n`);
}
