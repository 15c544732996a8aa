/**
 * `npm run bench:prediction -- <report.json> …`: how well predictions hold on experiments that were measured. Reports of
 * one name are one experiment; each of its domains is judged by itself. The table is the one in docs/decisions.
 */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import type { Measurement } from '../src/budget/measurement.ts';
import { measurementSchema } from '../src/budget/measurement.ts';
import type { Sample } from '../src/budget/prediction/power-law.ts';
import { aggregate } from '../src/budget/views.ts';
import { type Trial, trialsOf } from './prediction-trials.ts';

const reportSchema = z.object({ name: z.string(), measurements: z.array(measurementSchema) });

const CLASSES: readonly { readonly title: string; readonly holds: (trial: Trial) => boolean }[] = [
  { title: 'inside', holds: ({ steps }) => steps === 0 },
  { title: 'up to a half step outside', holds: ({ steps }) => steps > 0 && steps <= 0.5 },
  { title: 'up to a step outside', holds: ({ steps }) => steps > 0.5 },
  { title: 'all', holds: () => true },
];

const paths = process.argv.slice(2);
if (paths.length === 0) {
  console.error('Give the report.json of one or more experiments.');
  process.exitCode = 2;
} else {
  await main(paths);
}

async function main(files: readonly string[]): Promise<void> {
  const experiments = new Map<string, Measurement[]>();
  for (const path of files) {
    const { name, measurements } = reportSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    for (const one of measurements) {
      const key = `${name}, ${one.domain}`;
      experiments.set(key, [...(experiments.get(key) ?? []), one]);
    }
  }
  const all: Trial[] = [];
  for (const [name, measurements] of experiments) {
    const trials = trialsOf(samplesOf(measurements));
    all.push(...trials);
    print(name, trials);
  }
  print(`${experiments.size} experiments`, all);
  for (const design of new Set(all.map((one) => one.design))) {
    print(
      design,
      all.filter((one) => one.design === design),
    );
  }
}

function samplesOf(measurements: readonly Measurement[]): readonly Sample[] {
  return aggregate(measurements)
    .filter(({ domainTokens, pretrainingTokens }) => domainTokens > 0 && pretrainingTokens > 0)
    .map(({ method, pretrainingTokens, domainTokens, perplexity }) => ({
      group: method,
      budget: pretrainingTokens,
      domainTokens,
      nats: Math.log(perplexity.mean),
    }));
}

function print(title: string, trials: readonly Trial[]): void {
  console.log(`\n${title}`);
  console.log('| where | predictions | within the interval of 90 % | median error | median half width |');
  console.log('| --- | ---: | ---: | ---: | ---: |');
  for (const { title: where, holds } of CLASSES) {
    const own = trials.filter(holds);
    if (own.length === 0) continue;
    const inside = own.filter(({ error, halfWidth }) => Math.abs(error) <= halfWidth).length;
    const cells = [
      where,
      own.length,
      percent(inside / own.length),
      percent(Math.expm1(median(own.map(({ error }) => Math.abs(error))))),
      percent(Math.expm1(median(own.map(({ halfWidth }) => halfWidth)))),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

function median(values: readonly number[]): number {
  const rising = [...values].sort((a, b) => a - b);
  return rising[Math.floor(rising.length / 2)];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
