// Puts bokmål in place of form-js' own sentences, and leaves what komp-flow does not run out of its palette.
import { readFile } from 'node:fs/promises';
import { resolve as absolute } from 'node:path';
import { NB, PARTS } from './form-nb.js';

const EDITOR = absolute('node_modules/@bpmn-io/form-js-editor/dist');
const OURS = ['textfield', 'textarea', 'number', 'select', 'radio', 'checklist', 'checkbox', 'datetime', 'filepicker', 'text', 'table', 'group', 'dynamiclist', 'separator'];
// A single word is also a name in the code: only where it is shown. A sentence is nothing else.
const SHOWN = /(?:\b(?:label|name|title|description|tooltip|children|text|alt|placeholder)|\])"?:\s*$|\btranslate\(\s*$|\breturn\s+$|\b(?:singular|label|title)\s*=\s*$|LABEL_PATH,\s*$/;

// Dates as they are written here, whatever the browser speaks; and a table that scrolls can be reached by the keyboard.
const SHOWN_IN_BOKMAL = [
  ["getLocaleDateFormat(locale = 'default')", "getLocaleDateFormat(locale = 'nb-NO')"],
  ['placeholder: getLocaleReadableDateFormat()', 'placeholder: "dd.mm.åååå"'],
  ["use24h ? 'hh:mm' : 'hh:mm --'", '"tt:mm"'],
  ["import flatpickr from 'flatpickr';", "import flatpickr from 'flatpickr'; import * as calendar from 'flatpickr/dist/l10n/no.js'; flatpickr.localize({ ...calendar.Norwegian, yearAriaLabel: 'År', monthAriaLabel: 'Måned', hourAriaLabel: 'Time', minuteAriaLabel: 'Minutt' });"],
];
const TABLE = ['class: "fjs-table-inner-container",', 'class: "fjs-table-inner-container", tabIndex: 0,'];

function translated(source) {
  return source.replace(/(["'])((?:(?!\1)[^\\\n]|\\.)+)\1/g, (whole, quote, inner, at) => {
    const plain = inner.replaceAll("\\'", "'");
    if (!Object.hasOwn(NB, plain)) return whole;
    if (!/[ .<]/.test(plain) && !SHOWN.test(source.slice(Math.max(0, at - 60), at))) return whole;
    return JSON.stringify(NB[plain]);
  });
}

function swapped(source, before, after) {
  if (!source.includes(before)) throw new Error(`form-js has changed: ${before} is not in it any more`);
  return source.replaceAll(before, after);
}

export const formJsInBokmal = {
  name: 'form-js-in-bokmal',
  setup({ onLoad, onResolve, resolve }) {
    // One Preact for the editor and for the viewer that it draws with: hooks of one do not work in the other.
    onResolve({ filter: /^preact(\/|$)/ }, ({ path, kind, pluginData }) =>
      pluginData === 'again' ? undefined : resolve(path, { kind, resolveDir: EDITOR, pluginData: 'again' }));
    onLoad({ filter: /@bpmn-io[\\/](form-js-editor|form-js-viewer|properties-panel)[\\/]dist[\\/]index\.es(m)?\.js$/ }, async ({ path }) => {
      let contents = translated(await readFile(path, 'utf8'));
      if (/form-js-viewer/.test(path)) {
        for (const [before, after] of [...SHOWN_IN_BOKMAL, TABLE]) contents = swapped(contents, before, after);
      }
      if (/form-js-editor/.test(path)) {
        contents = swapped(contents, ...TABLE);
        for (const [before, after] of PARTS) contents = swapped(contents, before, after);
        contents = swapped(contents, "}) => type !== 'default');", `}) => ${JSON.stringify(OURS)}.includes(type));`);
      }
      return { contents, loader: 'js' };
    });
  },
};
