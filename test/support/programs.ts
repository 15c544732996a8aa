/**
 * The programs as they are shipped, bundled once for a phase of tests (or for one file that is run alone): a command of the bundle starts in a fifth of the
 * time that it takes from the sources. They find their packages through a link beside them.
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { notBundled } from '../../scripts/extension-bundle.mjs';
import { root } from '../../scripts/setup.mjs';

let folder: string | undefined;

/** A folder for what several tests use: that of the phase (scripts/test.mjs), else one that goes with this process. */
export function sharedFolder(): string {
  folder ??= process.env.PARLANCE_TEST_SHARED ?? ownFolder();
  return folder;
}

function ownFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'parlance-shared-'));
  chmodSync(made, 0o755);
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Path of a program. */
export function program(name: 'cli' | 'host' | 'model-process'): string {
  const programs = join(sharedFolder(), 'programs');
  if (!existsSync(programs)) bundle(programs);
  return join(programs, 'dist', `${name}.mjs`);
}

/** Whole or not at all: files of tests run side by side. */
function bundle(programs: string): void {
  const made = mkdtempSync(`${programs}-`);
  // Other users run it too.
  chmodSync(made, 0o755);
  mkdirSync(join(made, 'dist'));
  symlinkSync(join(root, 'node_modules'), join(made, 'node_modules'), 'dir');
  buildSync({
    absWorkingDir: root,
    entryPoints: [
      { in: 'src/cli.ts', out: 'cli' },
      { in: 'src/host/entry.ts', out: 'host' },
      { in: 'src/inference/process/model-process.ts', out: 'model-process' },
      { in: 'src/experiments/estimation/engine-probe.ts', out: 'engine-probe' },
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
  try {
    renameSync(made, programs);
  } catch (error) {
    // Another file of tests was quicker.
    if (!existsSync(programs)) throw error;
    rmSync(made, { recursive: true, force: true });
  }
}
