/**
 * Presets: sizes, budgets and seeds that fit together. Times are for two processor cores; the README has the
 * measured ones.
 */
import type { ExperimentPlan } from '../methods/experiment-plan.ts';

export interface Preset
  extends Pick<ExperimentPlan, 'vocabulary' | 'context' | 'models' | 'pretraining' | 'fineTuning' | 'seeds'> {
  readonly methods: readonly string[];
}

/** Minutes: enough to see which way is best, with models too small to be of use. */
const tiny: Preset = {
  vocabulary: 1024,
  context: 128,
  models: {
    small: { layers: 2, width: 96, heads: 3, feedForward: 256 },
    large: { layers: 4, width: 128, heads: 4, feedForward: 352 },
  },
  pretraining: { budgets: [65_536, 131_072, 262_144], batchTokens: 1024 },
  fineTuning: { domainTokens: [2048, 4096, 8192], batchTokens: 1024, maximumEpochs: 8, patience: 2 },
  seeds: [1, 2],
  methods: ['slm-nopt', 'slm', 'llm'],
};

/** About an hour: small models that have learnt some of the language. */
const small: Preset = {
  vocabulary: 4096,
  context: 256,
  models: {
    small: { layers: 4, width: 192, heads: 6, feedForward: 512 },
    large: { layers: 6, width: 384, heads: 6, feedForward: 1024 },
  },
  pretraining: { budgets: [1_048_576, 2_097_152, 4_194_304], batchTokens: 4096 },
  fineTuning: { domainTokens: [16_384, 65_536, 'all'], batchTokens: 4096, maximumEpochs: 20, patience: 3 },
  seeds: [1, 2, 3],
  methods: ['slm-nopt', 'slm', 'llm', 'llm-lora'],
};

export const presets = { tiny, small } as const;
export type PresetName = keyof typeof presets;
