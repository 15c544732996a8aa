/**
 * `npm run bench:settings -- --generic <path> --domain <folder> … --work <folder>`: what single settings of selection and
 * distillation are worth, one varied at a time: perplexity on held-out text (in brackets on the validation split, which
 * may choose) against that of the preset. One seed; `--seed 2` is another. The domains are sampled as `npm run claims` does
 * it, with which the work folder can be shared: what is computed lies there, and given again, the rest is.
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Measurement } from '../../src/budget/measurement.ts';
import { stopOnSignals } from '../../src/cli/interruption.ts';
import { formatCompact } from '../../src/common/format.ts';
import { type Preset, presets } from '../../src/experiments/config/presets.ts';
import { type DomainFolder, domainFolder } from '../../test/claims/domain-folder.ts';
import { type ClaimExperiment, experimentFile, withSets } from '../../test/claims/experiments.ts';
import { runTask, writeExperiment } from '../../test/claims/task.ts';

const PRESETS = ['tiny', 'small', 'paper'] as const;

interface Group {
  readonly method: string;
  /** So many of the preset's budgets, from the smallest. */
  readonly budgets: number;
  /** So many of its in-domain sizes, from the smallest. */
  readonly sizes: number;
  /** By name, each with what it changes in the experiment file. */
  readonly variants: Readonly<Record<string, object>>;
}

/** The settings of the paper that it does not state, and that no claim of it compares. */
function groups({ selection, pretraining }: Preset): readonly Group[] {
  const distillationWith = (temperature: number, weight: number): object => ({
    distillation: { temperature, weight },
  });
  const decayWith = (domainShare: number, maximumRepetition: number): object => ({
    decay: { domainShare, maximumRepetition },
  });
  // What decides which generic text is read is seen best where nothing else is.
  const genericAlone = decayWith(0, 1);
  const selectionWith = (change: Partial<Preset['selection']>): object => ({
    selection: { ...selection, ...change },
    ...genericAlone,
  });
  return [
    {
      method: 'slm-is',
      budgets: 1,
      sizes: 1,
      variants: {
        'smoothing and clusters as the preset': genericAlone,
        'smoothing 0': selectionWith({ smoothing: 0 }),
        'smoothing 0.2': selectionWith({ smoothing: 0.2 }),
        'smoothing 0.5': selectionWith({ smoothing: 0.5 }),
        'clusters of equal size': selectionWith({ balanced: true }),
      },
    },
    ...[1, pretraining.budgets.length].flatMap((budgets): Group[] => [
      {
        method: 'slm-is',
        budgets,
        sizes: 2,
        variants: {
          'no in-domain text': genericAlone,
          ...Object.fromEntries(
            [0.01, 0.03].map((domainShare) => [
              `in-domain share ${domainShare}`,
              { mixing: { domainShare } },
            ]),
          ),
          'selected by n-grams': { methods: ['slm-dsir'] },
        },
      },
      {
        method: 'slm-is',
        budgets,
        sizes: 3,
        variants: { 'no in-domain text in the decay': genericAlone, 'in the decay as the preset': {} },
      },
      {
        method: 'slm-is-cont',
        budgets,
        sizes: 3,
        variants: {
          'no in-domain text in it': genericAlone,
          ...Object.fromEntries(
            [
              [0.1, 16],
              [0.3, 64],
              [0.6, 256],
            ].map(([domainShare, maximumRepetition]) => [
              `at most ${maximumRepetition} times and ${100 * domainShare} %`,
              decayWith(domainShare, maximumRepetition),
            ]),
          ),
        },
      },
    ]),
    {
      // The cap binds where much text is drawn from small clusters.
      method: 'slm-is',
      budgets: pretraining.budgets.length,
      sizes: 1,
      variants: {
        'repetition as the preset': genericAlone,
        'repetition 1': selectionWith({ maximumRepetition: 1 }),
        'repetition 16': selectionWith({ maximumRepetition: 16 }),
      },
    },
    {
      method: 'slm-d',
      budgets: 1,
      sizes: 2,
      variants: {
        'as the preset': {},
        'weight 0.25': distillationWith(1, 0.25),
        'weight 0.75': distillationWith(1, 0.75),
        'weight 1': distillationWith(1, 1),
        'temperature 2': distillationWith(2, 0.5),
        'temperature 2, weight 1': distillationWith(2, 1),
      },
    },
  ];
}

const { values: options } = parseArgs({
  options: {
    preset: { type: 'string', default: 'paper' },
    generic: { type: 'string', default: 'samples/.assembled/generic' },
    domain: { type: 'string', multiple: true, default: [] },
    work: { type: 'string', default: join('.parlance', 'claims') },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});
const name = PRESETS.find((one) => one === options.preset);
if (name === undefined) throw new RangeError(`"${options.preset}" is none of ${PRESETS.join(', ')}.`);
const preset = presets[name];
const work = resolve(options.work);
const stopping = stopOnSignals(() => console.error('Stopping after this step; Ctrl-C again ends at once.'));

async function measure(
  { method, budgets, sizes }: Group,
  { variant, change }: { readonly variant: string; readonly change: object },
  domain: DomainFolder,
): Promise<readonly Measurement[]> {
  const { pretraining } = preset;
  const sized = withSets(preset, sizes);
  const kind: Pick<ClaimExperiment, 'methods' | 'sizes'> = {
    methods: [method],
    sizes: { ...sized, pretraining: { ...pretraining, budgets: pretraining.budgets.slice(0, budgets) } },
  };
  const place = `${method}, ${budgets} of the budgets, ${variant}`;
  const file = experimentFile(
    { ...kind, name: 'core' },
    resolve(options.generic),
    domain,
    Number(options.seed),
  );
  const task = {
    name: `${domain.name}, ${place}`,
    folder: join(work, domain.name, 'settings', place.replace(/\W+/g, '-'), `seed-${options.seed}`),
    experiment: { ...file, ...change },
  };
  await writeExperiment(task);
  const { results } = await runTask(task, join(work, 'storage'), stopping.signal);
  // Of several budgets the largest alone: the smaller ones are there because all experiments that share text have them.
  const largest = pretraining.budgets[budgets - 1];
  const hasAll = preset.fineTuning.domainTokens.slice(0, sizes).includes('all');
  return results.measurements.filter(
    (one) =>
      one.phase === 'after fine-tuning' &&
      one.pretrainingTokens === largest &&
      (hasAll || one.requestedDomainTokens !== 'all'),
  );
}

function cells(found: readonly Measurement[], base: readonly Measurement[]): readonly string[] {
  return found.map((one) => {
    const usual = base.find(({ domainTokens }) => domainTokens === one.domainTokens);
    if (usual === undefined) return '';
    if (found === base) return `${one.perplexity.toFixed(2)} (${one.validationPerplexity.toFixed(2)})`;
    const change = (value: number, of: number): string => `${(100 * (value / of - 1)).toFixed(1)} %`;
    return `${change(one.perplexity, usual.perplexity)} (${change(one.validationPerplexity, usual.validationPerplexity)})`;
  });
}

for (const group of groups(preset)) {
  const { method, budgets, sizes, variants } = group;
  const rows = Object.entries(variants).filter(
    ([variant], i) => i === 0 || `${method}: ${variant}`.match(options.only),
  );
  if (rows.length === 1) continue;
  const words = preset.fineTuning.domainTokens
    .slice(0, sizes)
    .map((size) => (size === 'all' ? size : formatCompact(size)));
  const domains = await Promise.all(options.domain.map(domainFolder));
  const titles = domains.flatMap((domain) => words.map((size) => `${domain.name}, ${size}`));
  console.log(
    `\n| ${method}, ${formatCompact(preset.pretraining.budgets[budgets - 1])} | ${titles.join(' | ')} |`,
  );
  console.log(`|---|${titles.map(() => '---:|').join('')}`);
  const bases = new Map<DomainFolder, readonly Measurement[]>();
  for (const [variant, change] of rows) {
    const row: string[] = [];
    for (const domain of domains) {
      const found = await measure(group, { variant, change }, domain);
      const inOrder = [...found].sort((a, b) => a.domainTokens - b.domainTokens);
      const base = bases.get(domain) ?? inOrder;
      bases.set(domain, base);
      row.push(...cells(inOrder, base));
    }
    console.log(`| ${variant} | ${row.join(' | ')} |`);
  }
}
stopping.release();
