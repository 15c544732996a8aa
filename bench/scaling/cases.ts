/**
 * The experiments whose cost docs/scaling.md has: the presets, and `base` with one thing made ten and a hundred times as
 * large. Each with text that fits: generic text that the largest budget reads once, and a domain of twice the largest
 * in-domain set that the preset names.
 */
import { PRESET_NAMES, type PresetName } from '../../src/experiments/config/presets.ts';
import { presetPlan } from '../../src/experiments/estimation/machine.ts';
import type { ExperimentPlan } from '../../src/methods/experiment-plan.ts';

export interface Case {
  readonly name: string;
  readonly plan: ExperimentPlan;
  readonly methods: readonly string[];
  readonly genericTokens: number;
  /** Of each domain. */
  readonly domainTokens: number;
  /** Of ten thousand stages: left out where an answer is wanted in seconds. */
  readonly isSlow?: true;
}

export const presetCase = (name: PresetName): Case => caseOf(`\`${name}\``, presetPlan(name));

const base = presetPlan('base');

/** Widths, heads and feed-forward parts so many times as large: the parameters grow with the square. */
function widened(factor: number): ExperimentPlan {
  const wider = ({ layers, width, heads, feedForward }: ExperimentPlan['models']['small']) => ({
    layers,
    width: factor * width,
    heads: factor * heads,
    feedForward: factor * feedForward,
  });
  return { ...base, models: { small: wider(base.models.small), large: wider(base.models.large) } };
}

function lengthened(factor: number): ExperimentPlan {
  const { budgets, batchTokens } = base.pretraining;
  return { ...base, pretraining: { budgets: budgets.map((budget) => factor * budget), batchTokens } };
}

function clustered(factor: number): ExperimentPlan {
  return {
    ...base,
    selection: { ...base.selection, clusters: factor * base.selection.clusters },
    mixture: { ...base.mixture, experts: factor * base.mixture.experts },
    projection: { ...base.projection, clusters: factor * base.projection.clusters },
  };
}

export const PRESET_CASES: readonly Case[] = PRESET_NAMES.map(presetCase);

export const CASES: readonly Case[] = [
  ...PRESET_CASES,
  caseOf('`base`, 3 times as wide', widened(3)),
  caseOf('`base`, 10 times as wide', widened(10)),
  caseOf('`base`, 10 times the tokens', lengthened(10)),
  caseOf('`base`, 100 times the tokens', lengthened(100)),
  caseOf('`base`, 10 domains', base, 10),
  { ...caseOf('`base`, 100 domains', base, 100), isSlow: true },
  caseOf('`base`, 10 times the clusters and experts', clustered(10)),
  { ...caseOf('`base`, 100 times the clusters and experts', clustered(100)), isSlow: true },
];

function caseOf(name: string, plan: ExperimentPlan, domains = 1): Case {
  const split = { validation: 0.1, heldout: 0.1 };
  const sizes = plan.fineTuning.domainTokens.filter((size) => size !== 'all');
  return {
    name,
    plan: {
      ...plan,
      domains: Array.from({ length: domains }, (_, i) => ({
        name: `domain ${i + 1}`,
        role: 'domain',
        sources: [],
        labelsFile: undefined,
        split,
      })),
    },
    methods: ['slm-nopt', 'slm', 'llm', 'slm-d', 'slm-is', 'slm-mix', 'slm-pn'],
    genericTokens: Math.max(...plan.pretraining.budgets),
    domainTokens: 2 * Math.max(...sizes),
  };
}
