/**
 * The experiments that the claims are judged by, as experiment files with one seed each. All budgets but the smallest
 * build on the smaller ones (one trunk, a decay for each), so an experiment of fewer budgets takes them from the
 * beginning of the list: then it shares its stages with the others.
 */

import type { Preset } from '../../src/experiments/config/presets.ts';
import type { ExperimentPlan } from '../../src/methods/experiment-plan.ts';
import type { DomainFolder } from './domain-folder.ts';

/** What a preset says of sizes; tests have smaller ones. */
export type Sizes = Omit<Preset, 'seeds' | 'methods' | 'distillation'>;

/** With the paper's own rules; the preset's are measured beside them. */
function paperRules({ mixture, projection, decay, ...others }: Sizes): Sizes {
  return {
    ...others,
    mixture: { ...mixture, choice: 'modal', branching: false },
    projection: { ...projection, blended: 0, soft: false, fit: false },
    decay: { ...decay, domainShare: 0 },
  };
}

const NAMES = [
  'core',
  'large',
  'fitted projection',
  'branching experts',
  'in-domain decay',
  'choice: lowest loss',
  'choice: best fine-tuned',
  'overfitting',
  'all the text',
] as const;
export type ExperimentName = (typeof NAMES)[number] | `clusters: ${number}`;

export function isExperimentName(name: unknown): name is ExperimentName {
  return NAMES.some((one) => one === name) || (typeof name === 'string' && /^clusters: \d+$/.test(name));
}

export interface ClaimExperiment {
  readonly name: ExperimentName;
  readonly methods: readonly string[];
  readonly sizes: Sizes;
  /** `sample` when absent. */
  readonly text?: Exclude<keyof DomainFolder, 'name'>;
  /** Measured besides the grid. */
  readonly points?: ExperimentPlan['points'];
}

/** Claim 14: one cluster is the generic corpus; then few, the paper's proportion, and very many. */
const CLUSTERS = [1, 16, 64, 512, 4096];
/** Claim 18: fine-tuning that never stops early sees its text this many times as often. */
const OVERFITTING_FACTOR = 16;
const NEVER = 1_000_000_000;

/** All experiments of a domain; the first one trains most of what the others use. */
export function claimExperiments(preset: Sizes, clusters: readonly number[] = CLUSTERS): ClaimExperiment[] {
  const sizes = paperRules(preset);
  const [smallest] = sizes.fineTuning.domainTokens;
  const smallestSet = withSets(sizes, 1);
  const cheapest = withBudgets(smallestSet, 1);
  const { fineTuning } = cheapest;
  const maximumEpochs = fineTuning.maximumEpochs * OVERFITTING_FACTOR;
  // All the text there is is trained on as well: not for as many epochs as the smallest set.
  const longest = smallest === 'all' ? NEVER : smallest * maximumEpochs;
  // Costs are compared at the smallest size, where the grid has methods that select text at one budget only.
  const points = sizes.pretraining.budgets.map((pretraining) => ({ pretraining, domainTokens: smallest }));
  return [
    {
      name: 'core',
      methods: ['slm-nopt', 'slm', 'slm-is', 'slm-mix', 'slm-pn'],
      sizes,
      points,
    },
    {
      name: 'large',
      methods: ['llm', 'slm-d'],
      sizes: withBudgets(withSets(sizes, 2), 1),
    },
    ...clusters.map((count): ClaimExperiment => {
      const selection = { ...sizes.selection, clusters: count };
      return { name: `clusters: ${count}`, methods: ['slm-is'], sizes: { ...cheapest, selection } };
    }),
    ...(['lowest loss', 'best fine-tuned'] as const).map((choice): ClaimExperiment => {
      const mixture = { ...sizes.mixture, choice };
      return { name: `choice: ${choice}`, methods: ['slm-mix'], sizes: { ...smallestSet, mixture } };
    }),
    // Ours, beside the paper's: what its methods gain by the neighbours' remedies, and what follows a generic beginning.
    { name: 'fitted projection', methods: ['slm-pn'], sizes: preset, points },
    { name: 'branching experts', methods: ['slm-mix'], sizes: preset, points },
    { name: 'in-domain decay', methods: ['slm-is', 'slm-is-cont'], sizes: preset, points },
    {
      name: 'overfitting',
      methods: ['slm'],
      sizes: {
        ...cheapest,
        fineTuning: { ...fineTuning, maximumEpochs, maximumTokens: longest, patienceTokens: NEVER },
      },
    },
    // Far more text than the paper's largest set in proportion: whether pretraining still pays.
    {
      name: 'all the text',
      methods: ['slm-nopt', 'slm'],
      sizes: { ...sizes, fineTuning: { ...sizes.fineTuning, domainTokens: ['all'] } },
      text: 'whole',
    },
  ];
}

function withBudgets(sizes: Sizes, count: number): Sizes {
  const budgets = sizes.pretraining.budgets.slice(0, count);
  return { ...sizes, pretraining: { ...sizes.pretraining, budgets } };
}

/**
 * The smallest sets alone. Every experiment trains on all the text besides, which is not what these are for: that ends
 * after as many tokens as the largest of the sets allows.
 */
export function withSets(sizes: Sizes, count: number): Sizes {
  const { fineTuning } = sizes;
  const domainTokens = fineTuning.domainTokens.slice(0, count);
  const most = domainTokens.map((set) => (set === 'all' ? NEVER : set * fineTuning.maximumEpochs));
  const maximumTokens = Math.min(fineTuning.maximumTokens, Math.max(...most));
  return { ...sizes, fineTuning: { ...fineTuning, domainTokens, maximumTokens } };
}

/** The contents of an experiment file. `generic` is an absolute path. */
export function experimentFile(
  { name, methods, sizes, points, text = 'sample' }: ClaimExperiment,
  generic: string,
  domain: DomainFolder,
  seed: number,
): object {
  const { vocabulary, context, models, pretraining, fineTuning, selection, mixture, projection, decay } =
    sizes;
  const { patienceTokens: patience, ...specialization } = fineTuning;
  return {
    name: `${domain.name}, ${name}, seed ${seed}`,
    generic: { sources: [{ path: generic }] },
    domains: [domain[text]],
    methods,
    seeds: [seed],
    tokenizer: { vocabulary },
    context,
    models,
    pretraining: { tokens: pretraining.budgets, batchTokens: pretraining.batchTokens },
    specialization: { ...specialization, patience },
    ...(points && { points }),
    selection,
    mixture,
    projection,
    decay,
  };
}
