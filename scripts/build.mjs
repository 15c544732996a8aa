/**
 * Bundles what is shipped, each program apart, into dist/:
 *   extension.cjs      the extension, with extension-*.cjs (CommonJS: what VS Code's extension host loads)
 *   cli.mjs            the command line, with chunk-*.mjs
 *   host.mjs           the background process
 *   indexer.mjs        follows the files of an experiment for the editor
 *   model-process.mjs  models that continue and score texts
 *   engine-probe.mjs   the process that tries an engine
 *   pytorch/           the process that computes with PyTorch, as it is
 *   encode-worker.mjs  the tokenizer's worker thread
 *   tradeoffs.js, perplexity.js, compare.js, playground.js, panels.css  the panels' browser side
 * `onnxruntime-node` stays outside: it is native code and finds its libraries beside itself. So does
 * `@huggingface/transformers`, which only those have who use a sentence encoder.
 *
 * Options: --production (minified).
 */
import { existsSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';
import { bundleExtension, notBundled } from './extension-bundle.mjs';
import { root } from './setup.mjs';

const production = process.argv.includes('--production');

/** ES modules have no `require`; bundled CommonJS packages still call it. */
const requireBanner =
  "import { createRequire as parlanceCreateRequire } from 'node:module'; const require = parlanceCreateRequire(import.meta.url);";

/** @type {import('esbuild').BuildOptions} */
const shared = {
  absWorkingDir: root,
  bundle: true,
  sourcemap: true,
  minify: production,
  logLevel: 'warning',
  legalComments: 'linked',
};

/** @type {import('esbuild').BuildOptions} */
const nodePrograms = {
  ...shared,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: notBundled,
  banner: { js: requireBanner },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  // What a command does not need is not loaded: `--help` must not start an engine.
  splitting: true,
  chunkNames: 'chunk-[hash]',
};

/** The programs of Node.js share their chunks; those that do not exist yet are left out. */
const nodeEntries = [
  'src/cli.ts',
  'src/host/entry.ts',
  'src/indexer/entry.ts',
  'src/inference/process/model-process.ts',
  'src/experiments/estimation/engine-probe.ts',
  'src/tokenizer/encode-worker.ts',
]
  .filter((entry) => existsSync(join(root, entry)))
  .map((entry) => ({
    in: entry,
    out: basename(entry === join(dirname(entry), 'entry.ts') ? dirname(entry) : entry, '.ts'),
  }));

/** @type {(import('esbuild').BuildOptions & { entryPoints: string[] })[]} */
const programs = [
  {
    ...shared,
    entryPoints: [
      'webview/tradeoffs.ts',
      'webview/perplexity.ts',
      'webview/compare.ts',
      'webview/playground.ts',
      'webview/panels.css',
    ],
    outdir: 'dist',
    platform: 'browser',
    target: 'chrome120',
    format: 'iife',
  },
];

const started = performance.now();
await rm(join(root, 'dist'), { recursive: true, force: true });
await mkdir(join(root, 'dist'));
const present = programs.filter((program) =>
  program.entryPoints.every((entry) => existsSync(join(root, entry))),
);
await Promise.all([
  build({ ...nodePrograms, entryPoints: nodeEntries }),
  writeExtension(),
  copyPython(),
  ...present.map((program) => build(program)),
]);
const outputs = [
  'dist/extension.cjs',
  ...nodeEntries.map(({ out }) => `dist/${out}.mjs`),
  ...present.flatMap(({ entryPoints }) => entryPoints.map((entry) => `dist/${outputName(entry)}`)),
];

async function copyPython() {
  const from = join(root, 'src', 'engines', 'pytorch');
  const filter = (/** @type {string} */ path) => path === from || path.endsWith('.py');
  await cp(from, join(root, 'dist', 'pytorch'), { recursive: true, filter });
}

async function writeExtension() {
  for (const { name, text, map } of await bundleExtension({ production })) {
    await writeFile(join(root, 'dist', name), text);
    await writeFile(join(root, 'dist', `${name}.map`), map);
  }
}

/** @param {string} entry */
function outputName(entry) {
  return basename(entry).replace(/\.ts$/, '.js');
}

const names = outputs.join(', ');
console.log(`build: ${names} in ${Math.round(performance.now() - started)} ms`);
