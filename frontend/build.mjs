// Bundles what the pages load into DIR, under names that carry their content's hash, and lists them in manifest.json.
import { build } from 'esbuild';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { formJsInBokmal } from './src/studio/form-js-nb.mjs';

const target = process.argv[2];
if (!target) {
  console.error('usage: node build.mjs DIR');
  process.exit(2);
}

const shared = {
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  metafile: true,
  outdir: target,
  entryNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  loader: { '.woff2': 'file', '.woff': 'file', '.svg': 'file', '.ttf': 'file', '.eot': 'file' },
  legalComments: 'linked',
  logLevel: 'warning',
};

// The properties panel's own FEEL editor writes style elements, which the page's policy refuses, and knows a FEEL that
// is not ours. Ours takes its place, and the editor it is built on stays out of the bundle.
const ownFeelEditor = {
  name: 'own-feel-editor',
  setup({ onResolve }) {
    onResolve({ filter: /^@bpmn-io\/feel-editor$/ }, () => ({ path: resolve('src/studio/feel-editor.js') }));
    onResolve({ filter: /^(@bpmn-io\/feelers-editor|@codemirror\/)/ }, () => ({ path: resolve('src/studio/unused.js') }));
  },
};

// The form editor's labels are templates, which need that editor; its expressions get our own field with names.
const namesInExpressions = {
  name: 'names-in-expressions',
  setup({ onResolve }) {
    onResolve({ filter: /^@bpmn-io\/feel-editor$/ }, () => ({ path: resolve('src/studio/feel-editor.js') }));
  },
};

// bpmn-js breaks where a process' data is removed: it looks for where it goes to, which is nowhere.
const removable = {
  name: 'removable-data',
  setup({ onLoad }) {
    onLoad({ filter: /bpmn-js[\\/]lib[\\/]features[\\/]modeling[\\/]BpmnUpdater\.js$/ }, async ({ path }) => {
      const [before, after] = ["if ('ioSpecification' in newParent &&", "if (!newParent) {\n      const put = is(businessObject, 'bpmn:DataInput') ? 'dataInputs' : 'dataOutputs';\n      collectionRemove(businessObject.$parent.get(put), businessObject);\n      businessObject.$parent = null;\n      return;\n    }\n    if ('ioSpecification' in newParent &&"];
      return { contents: swapped(await readFile(path, 'utf8'), before, after), loader: 'js' };
    });
  },
};

function swapped(source, before, after) {
  if (!source.includes(before)) throw new Error(`bpmn-js has changed: ${before} is not in it any more`);
  return source.replaceAll(before, after);
}

// bpmn-moddle takes no ids with æ, ø, å or blanks, which other tools write: what had one was not drawn.
const anyId = {
  name: 'any-id',
  setup({ onLoad }) {
    onLoad({ filter: /moddle-xml[\\/]dist[\\/]index(\.esm)?\.js$/ }, async ({ path }) => {
      const [before, after] = ['/^([a-z][\\w-.]*:)?[a-z_][\\w-.]*$/i.test(id)', '/\\S/.test(id)'];
      return { contents: swapped(await readFile(path, 'utf8'), before, after), loader: 'js' };
    });
  },
};

await rm(target, { recursive: true, force: true });
const pages = { app: 'src/app.js', viewer: 'src/viewer.js', beside: 'src/studio/beside.js', left: 'src/studio/left.js' };
const built = await Promise.all([
  build({ ...shared, entryPoints: pages, plugins: [anyId] }),
  build({ ...shared, entryPoints: { studio: 'src/studio/studio.js' }, plugins: [ownFeelEditor, anyId, removable] }),
  build({ ...shared, entryPoints: { 'form-studio': 'src/studio/form-studio.js' }, plugins: [formJsInBokmal, namesInExpressions] }),
]);

const manifest = {};
for (const file of built.flatMap(({ metafile }) => Object.keys(metafile.outputs))) {
  const name = basename(file);
  const plain = name.replace(/-[A-Z0-9]{8}(?=\.(js|css)$)/, '');
  if (/\.(js|css)$/.test(name)) manifest[plain] = name;
}
await writeFile(join(target, 'manifest.json'), JSON.stringify(manifest, null, 2) + '\n');
