/**
 * `npm run bench:memory`: the memory that a model of 135 million parameters (SmolLM2's shape, random weights) takes to be
 * fine-tuned, all weights and low-rank, by the real command line, beside what `parlance plan` says of it. Some minutes.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatBytes, formatSeconds } from '../src/common/format.ts';
import { SMOLLM2_135M, saveRandomModel } from './random-model.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const TEXT = join(root, 'samples', '.assembled', 'npm-docs', 'using-npm', 'scripts.md');
/** Little is evaluated: a token is a byte, and some hundred take a second. */
const [FILES, FILE_CHARACTERS] = [12, 500];
const CONTEXT = 256;

/** The last line of a kind that a command of the product prints. */
function peakOf(command: string, folder: string, type: string, ...options: string[]): number {
  const args = [join(root, 'dist', 'cli.mjs'), command, folder, '--json', ...options];
  const lines = execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1e9 }).trim().split('\n');
  return JSON.parse(lines.findLast((line) => line.startsWith(`{"type":"${type}"`)) ?? '{}').peakBytes;
}

const folder = await mkdtemp(join(tmpdir(), 'parlance-memory-'));
try {
  await mkdir(join(folder, 'model'));
  await saveRandomModel(join(folder, 'model'), { ...SMOLLM2_135M, context: CONTEXT });
  await mkdir(join(folder, 'text'));
  const text = await readFile(TEXT, 'utf8');
  for (let i = 0; i < FILES; i++) {
    const part = text.slice(i * FILE_CHARACTERS, (i + 1) * FILE_CHARACTERS);
    await writeFile(join(folder, 'text', `${i}.txt`), part);
  }
  console.log('| method | measured peak | planned | of measured | time |\n|---|---:|---:|---:|---:|');
  for (const method of ['slm-lora', 'slm']) {
    const experiment = {
      name: method,
      domains: [{ name: 'text', sources: [{ path: 'text' }] }],
      models: { small: { from: 'model' } },
      methods: [method],
      seeds: [1],
      context: CONTEXT,
      // Three steps: the peak is reached with the second.
      specialization: { domainTokens: [], maximumTokens: 3 * 1024, maximumEpochs: 1, patience: 1024 },
    };
    await writeFile(join(folder, 'parlance.json'), JSON.stringify(experiment));
    const planned = peakOf('plan', folder, 'plan', '--no-measure');
    const began = performance.now();
    const measured = peakOf('run', folder, 'result');
    const took = formatSeconds((performance.now() - began) / 1000);
    const share = (planned / measured).toFixed(2);
    console.log(`| ${method} | ${formatBytes(measured)} | ${formatBytes(planned)} | ${share} | ${took} |`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
