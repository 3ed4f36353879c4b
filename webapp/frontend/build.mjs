// Bundles every entry of src/ into ../static/dist with hashed names; manifest.json tells the templates which files an entry needs.
import * as esbuild from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const ENTRIES = ['app', 'diagram', 'dashboard'];
const here = import.meta.dirname;
const wanted = path.resolve(here, process.argv[2] ?? '../static/dist');
const out = path.join(here, 'node_modules', '.dist'); // swapped in whole at the end: a running server never sees half a build

fs.rmSync(out, { recursive: true, force: true });
const { metafile } = await esbuild.build({
  absWorkingDir: here,
  entryPoints: Object.fromEntries(ENTRIES.map((name) => [name, `src/${name}.js`])),
  outdir: out,
  bundle: true,
  minify: true,
  format: 'esm',
  splitting: true,
  target: ['chrome105', 'firefox121', 'safari15.4'],
  metafile: true,
  entryNames: '[name]-[hash]',
  chunkNames: 'chunk-[hash]',
  assetNames: 'asset-[hash]',
  legalComments: 'linked',
  loader: { '.woff2': 'file', '.woff': 'file', '.ttf': 'file', '.eot': 'file' },
  logLevel: 'warning',
});

const outputs = Object.fromEntries(Object.entries(metafile.outputs).map(([file, it]) => [path.basename(file), it]));
const chunksOf = (file, seen = new Set()) => {
  for (const it of outputs[file].imports) {
    const chunk = path.basename(it.path);
    if (it.kind === 'import-statement' && !seen.has(chunk)) { seen.add(chunk); chunksOf(chunk, seen); }
  }
  return seen;
};
const packed = (file) => gzipSync(fs.readFileSync(path.join(out, file)), { level: 9 });
for (const file of Object.keys(outputs)) if (/\.(js|css)$/.test(file)) fs.writeFileSync(path.join(out, `${file}.gz`), packed(file));
const manifest = {};
for (const [file, it] of Object.entries(outputs)) {
  if (!it.entryPoint?.startsWith('src/') || !file.endsWith('.js')) continue;
  const name = path.basename(it.entryPoint, '.js');
  manifest[name] = { js: file, chunks: [...chunksOf(file)], css: it.cssBundle ? path.basename(it.cssBundle) : null };
  const sizes = [file, ...manifest[name].chunks].map((one) => packed(one).length);
  console.log(`${name}: ${Math.round(sizes.reduce((a, b) => a + b) / 1024)} K gzipped`);
}
fs.writeFileSync(path.join(out, 'manifest.json'), JSON.stringify(manifest, null, 1));
fs.writeFileSync(path.join(out, 'THIRD_PARTY_LICENSES.txt'), licences());

fs.rmSync(wanted, { recursive: true, force: true });
fs.mkdirSync(path.dirname(wanted), { recursive: true });
fs.renameSync(out, wanted);

// The licence text of every package that the bundles hold.
function licences() {
  const packages = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input);
    if (found) packages.add(found[1]);
  }
  return [...packages].sort().map((name) => {
    const folder = path.join(here, 'node_modules', name);
    const about = JSON.parse(fs.readFileSync(path.join(folder, 'package.json')));
    const file = fs.readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    const text = file ? fs.readFileSync(path.join(folder, file), 'utf8') : `License: ${about.license ?? 'MIT (by its readme)'}`;
    return `${name} ${about.version}\n\n${text.trim()}\n`;
  }).join('\n----------------------------------------\n\n');
}
