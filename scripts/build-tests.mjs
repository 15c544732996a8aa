/**
 * Bundles tests, and the programs that they start, into test/.built: a process of tests then loads a few files of
 * JavaScript. Translating each module as it was imported took a third of the time of the unit tests.
 */
import { cp, readFile, rm } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundleOf, bundles } from './run-tests.mjs';
import { root } from './setup.mjs';

/** What the sources start beside themselves, in a thread or a process. */
const beside = ['src/tokenizer/encode-worker.ts', 'src/experiments/estimation/engine-probe.ts'];

/** @param {readonly string[]} sources absolute paths of tests and of programs that they start */
export async function buildTests(sources) {
  await rm(bundles, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: [...sources, ...beside],
    outbase: root,
    outdir: bundles,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: 'linked',
    define: { 'import.meta.url': 'ownAddress' },
    plugins: [ownAddresses, packages],
    logLevel: 'warning',
  });
  const python = join(root, 'src', 'engines', 'pytorch');
  await cp(python, join(dirname(bundleOf(join(python, 'process.ts'))), 'pytorch'), {
    recursive: true,
    filter: (path) => path === python || path.endsWith('.py'),
  });
}

/**
 * A test finds its fixtures beside its source, a module of the product its programs beside its bundle.
 * @type {import('esbuild').Plugin}
 */
const ownAddresses = {
  name: 'own addresses',
  setup(bundle) {
    bundle.onLoad({ filter: /\.(ts|mjs)$/ }, async ({ path }) => {
      if (path.includes('node_modules')) return undefined;
      const place = path.startsWith(join(root, 'src') + sep) ? bundleOf(path) : path;
      const address = JSON.stringify(pathToFileURL(place).href);
      return { contents: `const ownAddress = ${address}; ${await readFile(path, 'utf8')}`, loader: 'ts' };
    });
  },
};

/**
 * Packages are loaded from where they are installed. The gradients of TensorFlow.js import folders, which Node.js
 * refuses: they are bundled.
 * @type {import('esbuild').Plugin}
 */
const packages = {
  name: 'packages',
  setup(bundle) {
    bundle.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || path.endsWith('/register_all_gradients.js')
        ? undefined
        : { path, external: true },
    );
  },
};
