import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ASSUMED_FLOPS_PER_SECOND,
  forecastDevices,
} from '../../../../src/experiments/estimation/device-forecast.ts';
import type { StageWork } from '../../../../src/experiments/estimation/stage-work.ts';
import { fingerprint, type Stage } from '../../../../src/pipeline/stage.ts';

const size = { layers: 1, width: 256, heads: 2, feedForward: 512, context: 128, vocabulary: 300 };

function stage(label: string, inputs: Stage['inputs'] = {}): Stage {
  return {
    kind: label,
    label,
    subject: label,
    version: 1,
    parameters: {},
    places: null,
    inputs,
    booking: 'generic',
    run: async () => undefined,
  };
}

const trained = (flops: number): StageWork => ({ size, expected: flops, maximum: 2 * flops });

const text = stage('text');
const clusters = stage('clusters', { text });
const long = stage('long', { text });
const tuned = stage('tuned', { long });
const short = stage('short', { text, clusters });
const done = stage('done', { text });
const stages = [text, clusters, long, tuned, short, done].map((one) => ({
  stage: one,
  fingerprint: fingerprint(one),
  state: one === done ? ('cached' as const) : ('to compute' as const),
}));
const works = new Map<string, StageWork>([
  [fingerprint(clusters), { expected: 1e18, maximum: 1e18 }],
  [fingerprint(long), trained(60e12)],
  [fingerprint(tuned), trained(10e12)],
  [fingerprint(short), trained(30e12)],
  [fingerprint(done), trained(1e18)],
]);

test('stages side by side share the devices, each has one, and what the processor or an earlier run does takes none', () => {
  const forecast = forecastDevices(stages, works, {
    statedFlopsPerSecond: 1e12,
    bytes: 5,
    narrowModels: ['small'],
  });
  assert.deepEqual(forecast, {
    flopsPerSecond: 1e12,
    rate: 'stated',
    bytes: 5,
    narrowModels: ['small'],
    oneSeconds: 100,
    devices: 16,
    manySeconds: 70,
    chainSeconds: 70,
    chainLabel: 'long',
  });
});

test('a rate that nobody stated is said to be assumed', () => {
  const forecast = forecastDevices(stages, works, { bytes: 5, narrowModels: [] });
  assert.deepEqual([forecast?.rate, forecast?.flopsPerSecond], ['assumed', ASSUMED_FLOPS_PER_SECOND]);
});

test('of a run without a stage left nothing is told', () => {
  assert.equal(forecastDevices([], works, { bytes: 5, narrowModels: [] }), undefined);
});
