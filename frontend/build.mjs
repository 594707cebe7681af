// Bundles what the pages load into DIR, under names that carry their content's hash, and lists them in manifest.json.
import { build } from 'esbuild';
import { rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

const target = process.argv[2];
if (!target) {
  console.error('usage: node build.mjs DIR');
  process.exit(2);
}

await rm(target, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: { app: 'src/app.js', viewer: 'src/viewer.js' },
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
});

const manifest = {};
for (const file of Object.keys(metafile.outputs)) {
  const name = basename(file);
  const plain = name.replace(/-[A-Z0-9]{8}(?=\.(js|css)$)/, '');
  if (/\.(js|css)$/.test(name)) manifest[plain] = name;
}
await writeFile(join(target, 'manifest.json'), JSON.stringify(manifest, null, 2) + '\n');
