import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TEXT_SECONDS, textSeconds } from '../../../../src/experiments/estimation/text-seconds.ts';
import { fingerprint, type Stage } from '../../../../src/pipeline/stage.ts';
import { stagesOf, upstream } from '../execution/made-grid.ts';

const stages = stagesOf(['slm', 'slm-is', 'slm-dsir']);
const { generic, domains } = stages;
const all = new Map<string, Stage>();
for (const { model } of stages.points) upstream(model, all);
for (const { contamination } of domains) if (contamination) upstream(contamination, all);

function secondsOf(genericBytes: number, domainBytes: number): ReadonlyMap<string, number> {
  assert.ok(generic);
  const bytes = new Map([
    ...[generic.corpus, generic.tokens].map((one) => [fingerprint(one), genericBytes] as const),
    ...[domains[0].corpus, domains[0].tokens].map((one) => [fingerprint(one), domainBytes] as const),
  ]);
  const facts = { bytes, bytesPerToken: 4 };
  return new Map([...all.values()].map((stage) => [stage.label, textSeconds(stage, facts)]));
}

test('little text takes no more than starting a stage', () => {
  for (const [label, seconds] of secondsOf(1e6, 1e6)) assert.equal(seconds, TEXT_SECONDS, label);
});

test('large text takes as long as a fifth of the measured rates says', () => {
  const large = secondsOf(800e9, 1e6);
  const hours = (start: string): number => {
    const found = [...large].find(([label]) => label.startsWith(start));
    assert.ok(found, start);
    return found[1] / 3600;
  };
  assert.ok(Math.abs(hours('tokenizer') - 800e9 / 25.2e6 / 0.2 / 3600) < 0.01);
  assert.ok(Math.abs(hours('tokens of generic') - 800e9 / 47.5e6 / 0.2 / 3600) < 0.01);
  for (const start of ['corpus generic', 'held-out text of', 'vectors of the generic', 'embedding by']) {
    assert.ok(hours(start) > 24, start);
  }
  // With the centroids: more than reading alone.
  const clusters = [...large].find(([label]) => /^\d+ clusters of the generic windows, seed/.test(label));
  assert.ok(clusters && clusters[1] > 800e9 / 10e6 / 0.2);
});

test('a stage of the domain alone does not pay for the generic text', () => {
  const large = secondsOf(800e9, 1e6);
  for (const [label, seconds] of large) {
    if (/^(corpus|tokens of) letters|^histogram/.test(label)) assert.equal(seconds, TEXT_SECONDS, label);
  }
});
