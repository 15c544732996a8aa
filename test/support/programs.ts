/**
 * The programs as they are shipped, bundled once for a test's process: a command of the bundle starts in a fifth of the
 * time that it takes from the sources. They find their packages through a link beside them.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { notBundled } from '../../scripts/extension-bundle.mjs';
import { root } from '../../scripts/setup.mjs';

let folder: string | undefined;

/** Path of a program; in the folder `dist` of a folder that goes with this process. */
export function program(name: 'cli' | 'host'): string {
  folder ??= bundled();
  return join(folder, 'dist', `${name}.mjs`);
}

function bundled(): string {
  const made = mkdtempSync(join(tmpdir(), 'parlance-programs-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  mkdirSync(join(made, 'dist'));
  symlinkSync(join(root, 'node_modules'), join(made, 'node_modules'), 'dir');
  buildSync({
    absWorkingDir: root,
    entryPoints: [
      { in: 'src/cli.ts', out: 'cli' },
      { in: 'src/host/entry.ts', out: 'host' },
      { in: 'src/experiments/engine-probe.ts', out: 'engine-probe' },
      { in: 'src/tokenizer/encode-worker.ts', out: 'encode-worker' },
    ],
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: notBundled,
    banner: {
      js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);",
    },
    outdir: join(made, 'dist'),
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  });
  return made;
}
