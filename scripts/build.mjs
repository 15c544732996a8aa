/**
 * Bundles what is shipped, each program apart, into dist/:
 *   extension.cjs      the extension (CommonJS: what VS Code's extension host loads); `vscode` stays outside
 *   cli.mjs            the command line
 *   host.mjs           the background process
 *   encode-worker.mjs  the tokenizer's worker thread
 *   webview.js         the panels' browser side
 * `onnxruntime-node` stays outside: it is native code and finds its libraries beside itself.
 *
 * Options: --production (minified).
 */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
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
const nodeProgram = {
  ...shared,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  external: ['onnxruntime-node'],
  banner: { js: requireBanner },
};

/** @type {(import('esbuild').BuildOptions & { entryPoints: string[] })[]} */
const programs = [
  {
    ...shared,
    entryPoints: ['src/extension.ts'],
    outfile: 'dist/extension.cjs',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['vscode', 'onnxruntime-node'],
  },
  {
    ...nodeProgram,
    entryPoints: ['src/cli.ts'],
    outfile: 'dist/cli.mjs',
    banner: { js: `#!/usr/bin/env node\n${requireBanner}` },
  },
  { ...nodeProgram, entryPoints: ['src/host/entry.ts'], outfile: 'dist/host.mjs' },
  { ...nodeProgram, entryPoints: ['src/tokenizer/encode-worker.ts'], outfile: 'dist/encode-worker.mjs' },
  {
    ...shared,
    entryPoints: ['webview/main.ts'],
    outfile: 'dist/webview.js',
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
await Promise.all(present.map((program) => build(program)));
const names = present.map((program) => program.outfile).join(', ');
console.log(`build: ${names} in ${Math.round(performance.now() - started)} ms`);
