/**
 * `npm run bench:seeds [-- report.json …]`: how far the differences of methods vary from seed to seed, by the claims'
 * records (docs/claims) and by reports of other experiments, and how often the interval of a verdict holds a seed that was
 * left out. The table is the one in docs/decisions/seed-spread.md.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { SEED_SPREAD } from '../src/budget/choice/verdict.ts';
import { type Measurement, measurementSchema } from '../src/budget/measurement.ts';
import { aggregate } from '../src/budget/views.ts';
import { mean } from '../src/common/means.ts';
import { asPreset } from '../test/claims/points.ts';
import { RunRecords } from '../test/claims/records.ts';
import { coverageOf, fitSpread, type Pair, pairsOf, type SeedSpread } from './seed-differences.ts';

const RECORDS = join('docs', 'claims');
const reportSchema = z.object({ name: z.string(), measurements: z.array(measurementSchema) });

interface Measured {
  readonly name: string;
  readonly pairs: readonly Pair[];
}

console.log(
  '| measured | pairs | of text | of seeds | degrees of freedom | by the fit of the others | by SEED_SPREAD |',
);
console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: |');
const records = await recorded();
for (const one of records) {
  const others = records.filter((other) => other !== one).flatMap(({ pairs }) => pairs);
  tell(one, others.length > 0 ? fitSpread(others) : undefined);
}
const all = { name: 'all', pairs: records.flatMap(({ pairs }) => pairs) };
if (all.pairs.length > 0) tell(all);
for (const path of process.argv.slice(2)) {
  const { name, measurements } = reportSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  const pairs = domainsOf(measurements).flatMap((domain) =>
    pairsOf(aggregate(measurements.filter((one) => one.domain === domain))),
  );
  tell({ name, pairs }, fitSpread(all.pairs));
}

/** Of each domain the methods as the preset has them. */
async function recorded(): Promise<readonly Measured[]> {
  const found: Measured[] = [];
  for (const preset of await readdir(RECORDS)) {
    const folder = join(RECORDS, preset);
    for (const file of await readdir(folder)) {
      const name = file.replace('.jsonl', '');
      const { runs } = await RunRecords.read(folder, name);
      const measurements = runs.flatMap((run) =>
        run.measurements.filter(({ method }) => run.experiment === asPreset(method)),
      );
      found.push({ name, pairs: pairsOf(aggregate(measurements)) });
    }
  }
  return found;
}

function domainsOf(measurements: readonly Measurement[]): readonly string[] {
  return [...new Set(measurements.map(({ domain }) => domain))];
}

function tell({ name, pairs }: Measured, others?: SeedSpread): void {
  const { deviation, degreesOfFreedom } = fitSpread(pairs);
  const cells = [
    name,
    String(pairs.length),
    `${(100 * mean(pairs.map(({ ofText }) => ofText))).toFixed(2)} %`,
    `${(100 * deviation).toFixed(2)} %`,
    String(degreesOfFreedom),
    others === undefined ? '' : percent(coverageOf(pairs, others)),
    percent(coverageOf(pairs, SEED_SPREAD)),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
