/** Runs and measurements as the editor's side sees them, and a translation that only fills in values. */

import type { Measurement } from '../../../src/budget/measurement.ts';
import { inEnglish } from '../../../src/common/translate.ts';
import { flops, seconds, tokens } from '../../../src/common/units.ts';
import type { RunView, StageView } from '../../../src/experiments/runs/run-view.ts';
import { madeEvaluation } from '../../fixtures/resampling.ts';

export { inEnglish as t };

export function runView(changes: Partial<RunView> = {}): RunView {
  return {
    id: '20260301-112500-000-aaaaaa',
    storage: '/w/.parlance/storage',
    experimentFile: '/w/parlance.json',
    title: 'factbook',
    methods: ['slm-is'],
    seeds: [1],
    created: '2026-03-01T11:25:00.000Z',
    phase: 'running',
    message: '',
    hint: '',
    stages: [],
    measurements: [],
    untrained: [],
    ...changes,
  };
}

export function stageView(changes: Partial<StageView> = {}): StageView {
  return {
    fingerprint: 'a1',
    kind: 'pretrain',
    label: 'pretrain small',
    state: 'progress',
    fraction: 0.43,
    message: 'loss 4.2',
    ...changes,
  };
}

export function measurement(changes: Partial<Measurement> = {}): Measurement {
  return {
    domain: 'factbook',
    method: 'slm-is',
    seed: 1,
    pretrainingTokens: tokens(1_000_000),
    domainTokens: tokens(20_000),
    phase: 'after fine-tuning',
    ...madeEvaluation(changes.perplexity ?? 60.91),
    bitsPerByte: 1.5,
    evaluatedTokens: tokens(5_000),
    inferenceTokensPerSecond: 1000,
    bestStep: 10,
    steps: 20,
    genericFlops: flops(1e12),
    genericSeconds: seconds(60),
    specializationFlops: flops(1e11),
    specializationSeconds: seconds(6),
    fingerprint: 'f1',
    ...changes,
  };
}
