/**
 * `npm run claims -- [--preset paper] --generic <path> --domain <folder> [--domain <folder> …]`: trains what the paper's claims need on
 * the given text, judges them, and writes docs/claims.md. Stopped and given again, it goes on where it was; what docs/claims
 * has on record of the same text, settings and stages is not computed again, on another machine neither.
 */
import { availableParallelism, cpus } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { commit } from '../../bench/machine.ts';
import { failureOf, failureText } from '../../src/cli/failure.ts';
import { stopOnSignals } from '../../src/cli/interruption.ts';
import { readTextIfThere, writeFileAtomic } from '../../src/common/files.ts';
import { type PresetName, presets } from '../../src/experiments/config/presets.ts';
import { claimsDocument } from './report.ts';
import { runSuite } from './suite.ts';

interface Options {
  readonly preset: PresetName;
  readonly generic: string;
  readonly domain: readonly string[];
  readonly work: string;
  readonly jobs: number;
  readonly out: string;
  readonly records: string;
}

/** Those that a processor can train, with the rates that the experiments here write down. */
const PRESETS = ['tiny', 'small', 'paper'] as const satisfies readonly PresetName[];

await new Command('claims')
  .description('Test claims of arXiv 2402.01093 on a generic corpus and domains of your own.')
  .requiredOption('--generic <path>', 'generic text: a folder, text, JSONL or Parquet file')
  .requiredOption('--domain <folder>', 'a domain; may be given again', several, [])
  .addOption(new Option('--preset <name>', 'sizes and budgets').choices(PRESETS).default('small'))
  .option('--work <folder>', 'where experiments and trained models are kept', join('.parlance', 'claims'))
  .option('--jobs <count>', 'processes side by side', positive, availableParallelism())
  .option('--out <file>', 'the document with the verdicts', join('docs', 'claims.md'))
  .option('--records <folder>', 'what was measured, by preset and domain', join('docs', 'claims'))
  .action(claims)
  .parseAsync();

async function claims({ preset, generic, domain, work, jobs, out, records }: Options): Promise<void> {
  const stopping = stopOnSignals(() => console.error('Stopping after this step; Ctrl-C again ends at once.'));
  const { signal } = stopping;
  const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
  const { seeds, methods: _, ...sizes } = presets[preset];
  const circumstances = {
    date: new Date().toISOString().slice(0, 10),
    commit: await commit(),
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${cpus().length} cores`,
  };
  try {
    await runSuite({
      generic,
      domains: domain,
      work: resolve(work),
      records: resolve(records, preset),
      circumstances,
      jobs,
      seeds,
      sizes,
      signal,
      onProgress: say,
      onFindings: async (findings) => {
        const before = await readTextIfThere(out);
        const part = { preset, command: commandOf(preset, domain), sizes };
        await writeFileAtomic(resolve(out), claimsDocument(findings, part, before));
        say(`written ${out}`);
      },
    });
  } catch (error) {
    process.stderr.write(failureText(error, process.env.PARLANCE_DEBUG === '1'));
    process.exitCode = failureOf(error).exitCode;
  } finally {
    stopping.release();
  }
}

/** Where text lies is the user's own business. */
function commandOf(preset: PresetName, domains: readonly string[]): string {
  const options = domains.map((path) => `--domain <${basename(resolve(path))}>`);
  return [`npm run claims -- --preset ${preset} --generic <generic>`, ...options].join(' ');
}

function several(path: string, before: readonly string[]): string[] {
  return [...before, path];
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}
