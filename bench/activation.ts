/**
 * (e): what activating the extension costs, against an extension that does nothing, each in fresh processes, in turn.
 * Processor time, not time passed: that is what the extension takes from the others in its process.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundleExtension } from '../scripts/extension-bundle.mjs';
import { median } from './statistics.ts';

const ROUNDS = 15;
const child = fileURLToPath(new URL('activation.child.mjs', import.meta.url));
const run = promisify(execFile);

export interface ActivationBench {
  /** Medians of the rounds, in milliseconds of processor time. */
  readonly ours: number;
  readonly empty: number;
  /** The median of the rounds' ratios. */
  readonly ratio: number;
}

export async function benchActivation(): Promise<ActivationBench> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-activation-'));
  try {
    for (const { name, text } of await bundleExtension({ production: true })) {
      await writeFile(join(folder, name), text);
    }
    const emptyFile = join(folder, 'empty.cjs');
    await writeFile(emptyFile, "require('vscode');\nexports.activate = () => {};\n");
    const ours: number[] = [];
    const empty: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await activate(join(folder, 'extension.cjs')));
      empty.push(await activate(emptyFile));
    }
    return {
      ours: median(ours),
      empty: median(empty),
      ratio: median(ours.map((one, round) => one / empty[round])),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function activate(file: string): Promise<number> {
  return Number((await run(process.execPath, [child, file])).stdout);
}
