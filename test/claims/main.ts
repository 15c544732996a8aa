/**
 * `npm run claims -- --generic <path> --domain <folder> [--domain <folder> …]`: trains what the paper's claims need on
 * the given text. Stopped and given again, it goes on where it was.
 */
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { failureOf, failureText } from '../../src/cli/failure.ts';
import { stopOnSignals } from '../../src/cli/interruption.ts';
import { presets } from '../../src/experiments/presets.ts';
import { runSuite } from './suite.ts';

interface Options {
  readonly generic: string;
  readonly domain: readonly string[];
  readonly work: string;
  readonly jobs: number;
}

await new Command('claims')
  .description('Test claims of arXiv 2402.01093 on a generic corpus and domains of your own.')
  .requiredOption('--generic <path>', 'generic text: a folder, text, JSONL or Parquet file')
  .requiredOption('--domain <folder>', 'a domain; may be given again', several, [])
  .option('--work <folder>', 'where experiments and trained models are kept', join('.parlance', 'claims'))
  .option('--jobs <count>', 'processes side by side', positive, availableParallelism())
  .action(claims)
  .parseAsync();

async function claims({ generic, domain, work, jobs }: Options): Promise<void> {
  const stopping = stopOnSignals(() => console.error('Stopping after this step; Ctrl-C again ends at once.'));
  const { signal } = stopping;
  const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
  const { seeds, ...sizes } = presets.small;
  try {
    await runSuite({
      generic,
      domains: domain,
      work: resolve(work),
      jobs,
      seeds,
      sizes,
      signal,
      onProgress: say,
    });
  } catch (error) {
    process.stderr.write(failureText(error, process.env.PARLANCE_DEBUG === '1'));
    process.exitCode = failureOf(error).exitCode;
  } finally {
    stopping.release();
  }
}

function several(path: string, before: readonly string[]): string[] {
  return [...before, path];
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}
