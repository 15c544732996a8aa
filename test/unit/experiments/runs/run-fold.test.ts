import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Measurement } from '../../../../src/budget/measurement.ts';
import { flops, seconds, tokens } from '../../../../src/common/units.ts';
import type { LoggedEvent, RunEvent } from '../../../../src/experiments/runs/events.ts';
import { foldRun, type RunFacts, RunFold } from '../../../../src/experiments/runs/run-fold.ts';
import type { StageEvent } from '../../../../src/pipeline/stage-event.ts';
import { madeEvaluation } from '../../../fixtures/resampling.ts';

const facts: RunFacts = {
  storage: '/w/.parlance/storage',
  record: {
    format: 1,
    id: '20260101-000000-000-aaaaaa',
    created: '2026-01-01T00:00:00.000Z',
    title: 'manual',
    configuration: { methods: ['slm', 'llm'] },
    seeds: [1],
    versions: { parlance: '0', node: '20', engine: 'e', platform: 'p', processor: 'c', threads: 1 },
    experimentFile: '/elsewhere/parlance.json',
    methods: ['slm'],
    engine: 'auto',
  },
  status: undefined,
  pid: 7,
};

type News = StageEvent extends infer E
  ? E extends StageEvent
    ? Omit<E, 'kind' | 'label' | 'fingerprint'>
    : never
  : never;

/** One event a second. */
const log = (...events: readonly RunEvent[]): LoggedEvent[] =>
  events.map((event, sequence) => ({
    sequence,
    time: new Date(Date.UTC(2026, 0, 1, 0, 0, sequence)).toISOString(),
    event,
  }));
type State = Extract<RunEvent, { type: 'state' }>['state'];
const state = (name: State, message = '', hint = ''): RunEvent => ({
  type: 'state',
  state: name,
  message,
  hint,
});
const stage = (id: string, news: News): RunEvent => ({
  type: 'stage',
  event: { fingerprint: id, kind: 'train', label: `train ${id}`, ...news },
});
const plan = (...stages: readonly (readonly [string, boolean])[]): RunEvent => ({
  type: 'plan',
  fingerprints: stages.map(([id]) => id),
  stages: stages.map(([fingerprint, cached]) => ({
    fingerprint,
    kind: 'train',
    label: `train ${fingerprint}`,
    cached,
  })),
});
const progress = (fraction: number) => ({ state: 'progress', fraction, message: `at ${fraction}` }) as const;
const cost = { flops: flops(0), seconds: seconds(0), tokens: tokens(0) };

test('shows the stages in the order of the plan with what is reused, under way and to come, and its time left', () => {
  const events = log(
    state('queued'),
    state('running'),
    plan(['a', true], ['b', false], ['c', false]),
    stage('b', { state: 'started', resumed: true }),
    stage('b', progress(0.2)),
    stage('b', progress(0.4)),
  );
  const status = {
    state: 'running' as const,
    pid: 7,
    host: 'h',
    updated: '',
    message: '',
    hint: '',
    fraction: 0.3,
    secondsLeft: 60,
  };
  const view = foldRun({ ...facts, status }, events);
  assert.deepEqual(
    view.stages.map((one) => [one.label, one.state, one.fraction]),
    [
      ['train a', 'reused', 1],
      ['train b', 'progress', 0.4],
      ['train c', 'planned', 0],
    ],
  );
  // 0.2 in one second.
  assert.ok(Math.abs((view.stages[1].secondsLeft ?? 0) - 3) < 1e-9);
  assert.deepEqual([view.phase, view.message], ['running', 'train b: at 0.4']);
  assert.deepEqual([view.fraction, view.secondsLeft, view.pid], [0.3, 60, 7]);
  assert.deepEqual([view.experimentFile, view.methods], ['/elsewhere/parlance.json', ['slm']]);
});

test('a run that nobody carries out is lost unless its last word says how it ended', () => {
  const dead = { ...facts, pid: undefined };
  assert.equal(foldRun(dead, []).phase, 'lost');
  const lost = foldRun(
    dead,
    log(
      state('running'),
      plan(['a', false]),
      stage('a', { state: 'started', resumed: false }),
      stage('a', progress(0.5)),
    ),
  );
  assert.equal(lost.phase, 'lost');
  assert.match(lost.hint, /Resume/);
  for (const end of ['finished', 'failed', 'interrupted', 'cancelled'] as const) {
    const view = foldRun(dead, log(state('running'), state(end, 'why', 'what to do')));
    assert.deepEqual([view.phase, view.message, view.hint], [end, 'why', 'what to do']);
  }
});

test('says that another process computes a stage, and forgets it when the run pauses', () => {
  const waiting = log(
    state('running'),
    plan(['a', false]),
    stage('a', { state: 'waiting', pid: 99, host: 'h' }),
  );
  assert.match(foldRun(facts, waiting).message, /process 99 on h computes this already/);
  const paused = foldRun(facts, [...waiting, ...log(state('paused', 'Paused.'))]);
  assert.deepEqual([paused.phase, paused.message, paused.stages[0].state], ['paused', 'Paused.', 'planned']);
});

test('a second attempt keeps what the first made as finished, and counts each measurement once', () => {
  const measurement: Measurement = {
    domain: 'd',
    method: 'slm',
    seed: 1,
    pretrainingTokens: tokens(1),
    domainTokens: tokens(2),
    phase: 'after fine-tuning',
    ...madeEvaluation(3),
    bitsPerByte: 1,
    evaluatedTokens: tokens(4),
    inferenceTokensPerSecond: 5,
    bestStep: 1,
    steps: 2,
    genericFlops: flops(0),
    genericSeconds: seconds(0),
    specializationFlops: flops(0),
    specializationSeconds: seconds(0),
    fingerprint: 'f',
  };
  const view = foldRun(
    facts,
    log(
      state('running'),
      plan(['a', false], ['b', false]),
      stage('a', { state: 'finished', cost }),
      { type: 'measurement', measurement },
      stage('b', { state: 'started', resumed: false }),
      stage('b', progress(0.5)),
      state('paused'),
      state('running'),
      plan(['a', true], ['b', false]),
      stage('a', { state: 'reused' }),
      { type: 'measurement', measurement },
    ),
  );
  assert.deepEqual(
    view.stages.map((one) => [one.state, one.fraction]),
    [
      ['finished', 1],
      ['interrupted', 0.5],
    ],
  );
  assert.equal(view.measurements.length, 1);
});

test('an untrained model that a later attempt measures again is there once', () => {
  const untrained = {
    domain: 'letters',
    model: 'small' as const,
    seed: 1,
    perplexity: 1000,
    bitsPerByte: 3,
    validationPerplexity: 1001,
    evaluatedTokens: tokens(4),
    fingerprint: 'u',
  };
  const event = { type: 'untrained' as const, untrained };
  assert.deepEqual(foldRun(facts, log(state('running'), event, state('running'), event)).untrained, [
    untrained,
  ]);
});

test('a run that came with the workspace belongs to the experiment file beside its storage', () => {
  const { experimentFile: _, ...record } = facts.record;
  const view = foldRun({ ...facts, record: { ...record, imported: true } }, log(state('finished')));
  assert.equal(view.experimentFile, '/w/parlance.json');
});

test('taking events in one by one gives the same view as all at once', () => {
  const events = log(
    state('running'),
    plan(['a', false]),
    stage('a', { state: 'started', resumed: false }),
    stage('a', progress(0.1)),
    stage('a', { state: 'failed', message: 'no', hint: '' }),
    state('failed', 'no'),
  );
  const fold = new RunFold();
  for (const one of events) fold.add([one]);
  assert.deepEqual(fold.view(facts), foldRun(facts, events));
});
