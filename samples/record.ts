/**
 * `npm run sample:record`: runs the experiment of the sample workspace with its first seed, a run a method as the editor
 * does, and writes what came of it into samples/results/, from where it gets into every sample workspace. Needed when a
 * stage has changed what it leaves, or the sample its text; a test tells.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../scripts/setup.mjs';
import { exportResults } from './export-results.ts';

const results = join(root, 'samples', 'results');

const assembled = mkdtempSync(join(tmpdir(), 'parlance-record-'));
try {
  const workspace = join(assembled, 'workspace');
  program('samples/assemble.mjs', assembled);
  for (const part of ['storage', 'reports'])
    rmSync(join(workspace, '.parlance', part), { recursive: true, force: true });
  runEachMethod(workspace);
  rmSync(results, { recursive: true, force: true });
  await exportResults(workspace, results);
} finally {
  rmSync(assembled, { recursive: true, force: true });
}

function program(script: string, ...args: string[]): void {
  const { status } = spawnSync(process.execPath, [join(root, script), ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${script} failed.`);
}

/** On the processor, which every machine has. The second seed is left to whoever opens the sample. */
function runEachMethod(workspace: string): void {
  const file = join(workspace, 'parlance.json');
  const experiment: { methods: string[]; seeds: number[] } = JSON.parse(readFileSync(file, 'utf8'));
  const seeds = experiment.seeds.slice(0, 1);
  for (const method of experiment.methods) {
    writeFileSync(file, JSON.stringify({ ...experiment, seeds, methods: [method] }));
    program('dist/cli.mjs', 'run', file, '--engine', 'onnxruntime:cpu');
  }
  writeFileSync(file, JSON.stringify({ ...experiment, seeds }));
  program('dist/cli.mjs', 'report', file);
}
