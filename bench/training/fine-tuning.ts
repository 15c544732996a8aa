/**
 * `npm run bench:fine-tuning -- --generic <path> --domain <folder> … --work <folder>`: what each choice of fine-tuning is
 * worth, one varied at a time, over domains and in-domain sizes: held-out perplexity against that of the choice in use, with
 * the validation loss that stopping went by, and what the generic text loses. One seed; `--seed 2` is another. All
 * stages lie in the work folder's storage, which `npm run claims` can share; given again, the rest is computed.
 */
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { writeFileAtomic } from '../../src/common/files.ts';
import { readExperiment } from '../../src/experiments/config/configuration.ts';
import { type PresetName, presets } from '../../src/experiments/config/presets.ts';
import type { ExperimentStages } from '../../src/experiments/execution/grid.ts';
import type { GridPoint } from '../../src/experiments/execution/grid-point.ts';
import { prepareExperiment } from '../../src/experiments/execution/prepare.ts';
import type { PreparedExperiment } from '../../src/experiments/execution/prepared.ts';
import { evaluate } from '../../src/methods/stages/evaluate.ts';
import { readEvaluation } from '../../src/methods/stages/evaluation-files.ts';
import { fineTune } from '../../src/methods/stages/fine-tune.ts';
import { readTrainingRecord } from '../../src/methods/stages/models.ts';
import { runStage } from '../../src/pipeline/runner.ts';
import type { Stage } from '../../src/pipeline/stage.ts';
import { domainFolder } from '../../test/claims/domain-folder.ts';
import { experimentFile } from '../../test/claims/experiments.ts';

type Parameters = z.infer<typeof fineTune.parameters>;
type Change = (parameters: Parameters) => Partial<Parameters>;

const rates =
  (factor: number): Change =>
  ({ recipe }) => ({
    recipe: { ...recipe, matrixRate: recipe.matrixRate * factor, adamRate: recipe.adamRate * factor },
  });
const weightDecay =
  (value: number): Change =>
  ({ recipe }) => ({ recipe: { ...recipe, weightDecay: value } });
const decay =
  (decayShare: number): Change =>
  () => ({ decayShare });
const lowRank =
  (rank: number, factor = 1): Change =>
  (parameters) => ({ lowRank: { rank, alpha: 2 * rank }, ...rates(factor)(parameters) });

/** By method: names for people, and what each changes. The first of each method is the choice in use. */
const variants: Readonly<Record<string, Readonly<Record<string, Change>>>> = {
  slm: {
    'as it is': () => ({}),
    'rates 1/10': rates(1 / 10),
    'rates 1/5': rates(1 / 5),
    'rates 1/3': rates(1 / 3),
    'rates 2/3': rates(2 / 3),
    'rates 3/2': rates(1.5),
    'decay 0.5': decay(0.5),
    'rates 1/3, weight decay 0.5': (parameters) =>
      weightDecay(0.5)({ ...parameters, ...rates(1 / 3)(parameters) }),
    'rates 1/3, replay 10 %': (parameters) => ({ ...rates(1 / 3)(parameters), replayShare: 0.1 }),
    'one rate': () => ({ lowerings: 0 }),
    'lowered once': () => ({ lowerings: 1 }),
    'lowered three times': () => ({ lowerings: 3 }),
    normuon: ({ recipe }) => ({ recipe: { ...recipe, matrices: 'normuon' } }),
    'weight decay 0.1': weightDecay(0.1),
    'weight decay 0.5': weightDecay(0.5),
    'half the batch': ({ batch }) => ({ batch: { rows: batch.rows / 2, microBatches: 1 } }),
    'replay 1 %': () => ({ replayShare: 0.01 }),
    'replay 10 %': () => ({ replayShare: 0.1 }),
    'replay 30 %': () => ({ replayShare: 0.3 }),
  },
  'slm-lora': {
    'as it is': () => ({}),
    'rates 1/16': lowRank(8, 1 / 16),
    'rates 1/8': lowRank(8, 1 / 8),
    'rates 1/4': lowRank(8, 1 / 4),
    'rates 1/2': lowRank(8, 1 / 2),
    'rates 2': lowRank(8, 2),
    'rank 4, rates 1/4': lowRank(4, 1 / 4),
    'rank 16, rates 1/4': lowRank(16, 1 / 4),
    'rank 16, rates 1/8': lowRank(16, 1 / 8),
    'rank 32, rates 1/8': lowRank(32, 1 / 8),
    'rank 32, rates 1/16': lowRank(32, 1 / 16),
    'one rate': () => ({ lowerings: 0 }),
  },
  'slm-nopt': {
    'as it is': () => ({}),
    'rates 1/2': rates(1 / 2),
    'weight decay 0.1': weightDecay(0.1),
    'weight decay 0.5': weightDecay(0.5),
    'decay 0.5': decay(0.5),
  },
};

const { values: options } = parseArgs({
  options: {
    generic: { type: 'string', default: 'samples/.assembled/generic' },
    domain: { type: 'string', multiple: true, default: [] },
    preset: { type: 'string', default: 'paper' },
    work: { type: 'string', default: join('.parlance', 'claims') },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    sizes: { type: 'string', default: '' },
  },
});
const work = resolve(options.work);
const { signal } = new AbortController();

interface Found {
  readonly perplexity: number;
  readonly validation: number;
  /** On the generic corpus’s held-out text. */
  readonly generic: number;
  readonly bestStep: number;
}

function presetNamed(name: string): PresetName {
  for (const one of ['tiny', 'small', 'paper'] as const) if (one === name) return one;
  throw new RangeError(`There is no preset "${name}".`);
}

async function prepared(path: string): Promise<PreparedExperiment> {
  const domain = await domainFolder(path);
  const preset = presets[presetNamed(options.preset)];
  const kind = { name: 'core', methods: Object.keys(variants), sizes: preset } as const;
  const folder = join(work, 'fine-tuning', domain.name);
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'parlance.json');
  const experiment = experimentFile(kind, resolve(options.generic), domain, Number(options.seed));
  await writeFileAtomic(file, JSON.stringify(experiment, null, 2));
  return prepareExperiment(await readExperiment(file), {
    storage: join(work, 'storage'),
    threads: 1,
    version: '0',
    command: '',
    signal,
  });
}

/** The evaluation's stage for another model, on the same text or on other. */
function evaluationOf(
  point: GridPoint,
  model: Stage,
  services: PreparedExperiment['services'],
  on?: ExperimentStages['generic'],
): Stage {
  const { evaluation } = point;
  const { corpus, tokens, contamination } = evaluation.inputs;
  return evaluate.stage(
    {
      label: `evaluate ${model.label}`,
      subject: evaluation.subject,
      booking: 'specialization',
      parameters: evaluate.parameters.parse(evaluation.parameters),
      places: null,
      inputs: on === undefined ? { model, corpus, tokens, contamination } : { model, ...on },
    },
    services,
  );
}

async function measure(
  point: GridPoint,
  change: Change,
  { services, stages }: PreparedExperiment,
): Promise<Found> {
  const parameters = fineTune.parameters.parse(point.model.parameters);
  const changed = { ...parameters, ...change(parameters) };
  const { tokenizer, tokens, pretrained } = point.model.inputs;
  const replayed = changed.replayShare === undefined ? {} : { generic: stages.generic?.tokens };
  const model = fineTune.stage(
    {
      label: point.model.label,
      subject: point.model.subject,
      booking: 'specialization',
      parameters: changed,
      places: null,
      inputs: { tokenizer, tokens, pretrained, ...replayed },
    },
    services,
  );
  const onEvent = (): void => {};
  const run = (stage: Stage) => runStage(stage, { store: services.store, signal, onEvent });
  const trained = await run(model);
  const own = await readEvaluation((await run(evaluationOf(point, model, services))).directory);
  const generic = await readEvaluation(
    (await run(evaluationOf(point, model, services, stages.generic))).directory,
  );
  const { bestStep } = await readTrainingRecord(trained.directory);
  return {
    perplexity: own.perplexity,
    validation: own.validation.perplexity,
    generic: generic.perplexity,
    bestStep,
  };
}

const change = (value: number, of: number): string => `${(100 * (value / of - 1)).toFixed(1)} %`;
const wanted = options.sizes === '' ? undefined : options.sizes.split(',');
console.log(
  '| method | in-domain | domain | choice | held-out | against | validation | generic held-out | best step |\n|---|---|---|---|---:|---:|---:|---:|---:|',
);
for (const path of options.domain) {
  let ready = await prepared(path);
  const { tokenizer, domains } = ready.stages;
  for (const stage of [tokenizer, ...domains.map(({ tokens }) => tokens)]) {
    await runStage(stage, { store: ready.services.store, signal, onEvent: () => {} });
  }
  ready = await ready.recounted();
  const largest = Math.max(...ready.stages.points.map(({ point }) => point.budget));
  for (const point of ready.stages.points) {
    const { method, phase, domain } = point;
    const { budget, domainTokens } = point.point;
    if (phase === 'before fine-tuning' || (budget !== largest && budget !== 0)) continue;
    if (wanted !== undefined && !wanted.includes(String(domainTokens))) continue;
    let base: Found | undefined;
    for (const [name, variant] of Object.entries(variants[method.id])) {
      if (base !== undefined && !`${method.id}: ${name}`.match(options.only)) continue;
      const found = await measure(point, variant, ready);
      base ??= found;
      const cells = [
        method.id,
        domainTokens,
        domain,
        name,
        found.perplexity.toFixed(3),
        change(found.perplexity, base.perplexity),
        change(found.validation, base.validation),
        found.generic.toFixed(2),
        found.bestStep,
      ];
      console.log(`| ${cells.join(' | ')} |`);
    }
  }
  await ready.dispose();
}
