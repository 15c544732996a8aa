import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunPhase, RunView, StageView } from '../../../../src/experiments/runs/run-view.ts';
import { childrenOf, type TreeNode } from '../../../../src/ui/sidebar/nodes.ts';
import { experimentRows } from '../../../../src/ui/sidebar/run-nodes.ts';
import { measurement, runView, stageView, t } from '../fixtures.ts';

const content = { name: 'Factbook', methods: ['slm', 'slm-is'] };
const rows = (...runs: RunView[]): readonly TreeNode[] =>
  experimentRows([{ file: '/w/parlance.json', folderName: 'w', content, runs }], t);
const methodsOf = (...runs: RunView[]): readonly TreeNode[] => childrenOf(rows(...runs)[0]);
const allRows = (nodes: readonly TreeNode[]): TreeNode[] =>
  nodes.flatMap((node) => [node, ...allRows(childrenOf(node))]);

const phases: readonly RunPhase[] = [
  'queued',
  'preparing',
  'running',
  'pausing',
  'paused',
  'stopping',
  'finished',
  'failed',
  'interrupted',
  'cancelled',
  'lost',
];
const old = runView({ id: 'old', created: '2026-01-01T00:00:00.000Z', phase: 'failed' });

test('where nothing has been run there is no row, so that the welcome shows the next step', () => {
  assert.deepEqual(rows(), []);
});

test('a file that cannot be used is shown with its reason although nothing has been run', () => {
  const broken = { message: '/w/parlance.json is\n  no JSON.', hint: 'Mend line 3.', isMissing: false };
  const [row] = experimentRows([{ file: '/w/parlance.json', folderName: 'w', content: broken, runs: [] }], t);
  assert.equal(row.description, 'parlance.json is no JSON.');
  assert.equal(row.file, '/w/parlance.json');
  assert.match(row.spoken, /Mend line 3/);
});

test('runs are shown also when the experiment file is gone', () => {
  const gone = { message: '/w/parlance.json is gone.', hint: 'Put it back.', isMissing: true };
  const [row] = experimentRows(
    [{ file: '/w/parlance.json', folderName: 'w', content: gone, runs: [old] }],
    t,
  );
  assert.equal(row.label, 'w: parlance.json is missing');
  assert.equal(row.file, undefined);
  assert.deepEqual(
    childrenOf(row).map(({ subject }) => subject),
    [{ kind: 'run', storage: old.storage, run: 'old' }],
  );
});

test('each method is one row, its newest run; older attempts are folded under it', () => {
  const newer = runView({ id: 'new', created: '2026-02-01T00:00:00.000Z', phase: 'running' });
  const other = runView({ id: 'other', methods: ['slm'], created: '2026-01-15T00:00:00.000Z' });
  const methods = methodsOf(old, newer, other);
  assert.deepEqual(
    methods.map(({ label, subject }) => [label, subject?.kind === 'run' && subject.run]),
    [
      ['running · Pretrained on generic text (slm)', 'other'],
      ['running · Pretrained on look-alike text (slm-is)', 'new'],
    ],
  );
  const earlier = childrenOf(methods[1]).at(-1);
  assert.equal(earlier?.description, '1');
  assert.deepEqual(earlier && childrenOf(earlier).map(({ subject }) => subject), [
    { kind: 'run', storage: old.storage, run: 'old' },
  ]);
});

test('methods stand in the order of the experiment, what it does not name behind them, the newest first', () => {
  const of = (day: number, ...methods: string[]) =>
    runView({ id: `${day}`, methods, created: `2026-01-0${day}T00:00:00.000Z` });
  const labels = methodsOf(of(1, 'llm'), of(2, 'slm'), of(3, 'slm-is'), of(4, 'slm', 'slm-is')).map(
    ({ label }) => label,
  );
  assert.deepEqual(
    labels.map((label) => label.replace('running · ', '')),
    [
      'Pretrained on generic text (slm)',
      'Pretrained on look-alike text (slm-is)',
      '2 methods',
      'Large model (llm)',
    ],
  );
});

test('the row of a method keeps its id when a new attempt begins', () => {
  const newer = runView({ id: 'new', created: '2026-02-01T00:00:00.000Z' });
  assert.equal(methodsOf(old)[0].id, methodsOf(newer, old)[0].id);
});

test('every row of a tree has an id of its own and words for a screen reader', () => {
  const stages = [stageView(), stageView({ fingerprint: 'b2' })];
  const all = allRows(rows(...phases.map((phase, i) => runView({ id: `r${i}`, phase, stages }))));
  assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
  assert.ok(all.every(({ spoken }) => spoken.trim() !== ''));
});

test('menus find in each phase exactly what can be done', () => {
  const contexts = phases.map((phase) => [phase, methodsOf(runView({ phase }))[0].context]);
  assert.deepEqual(Object.fromEntries(contexts), {
    queued: 'run cancellable',
    preparing: 'run cancellable',
    running: 'run pausable stoppable cancellable',
    pausing: 'run cancellable',
    paused: 'run resumable stoppable cancellable',
    stopping: 'run cancellable',
    finished: 'run',
    failed: 'run resumable',
    interrupted: 'run resumable',
    cancelled: 'run',
    lost: 'run resumable',
  });
});

test('on a cluster there is nothing to stop and keep', () => {
  for (const phase of ['running', 'paused'] as const) {
    const { context = '' } = methodsOf(runView({ phase, on: 'slurm' }))[0];
    assert.match(context, /\bcancellable\b/);
    assert.doesNotMatch(context, /\bstoppable\b/);
  }
});

test('phases and states of stages differ in words and most in shape, not in colour alone', () => {
  const runs = phases.map((phase) => methodsOf(runView({ phase }))[0]);
  assert.equal(new Set(runs.map(({ label, description }) => `${label} ${description}`)).size, phases.length);
  const states: StageView['state'][] = [
    'planned',
    'progress',
    'waiting',
    'reused',
    'finished',
    'failed',
    'interrupted',
    'quarantined',
  ];
  const stages = childrenOf(
    methodsOf(runView({ stages: states.map((state, i) => stageView({ state, fingerprint: `${i}` })) }))[0],
  );
  assert.equal(new Set(stages.map(({ icon }) => icon?.name)).size, states.length);
  assert.equal(new Set(stages.map(({ spoken }) => spoken)).size, states.length);
});

test('a run that died has a row that resumes it', () => {
  for (const phase of ['failed', 'lost'] as const) {
    const [resume] = childrenOf(methodsOf(runView({ phase, hint: 'Free some memory.' }))[0]);
    assert.equal(resume.command?.name, 'parlance.resume');
    assert.deepEqual(resume.command?.arguments, [
      { kind: 'run', storage: '/w/.parlance/storage', run: runView().id },
    ]);
    assert.equal(resume.description, 'Free some memory.');
  }
});

test('an experiment says how many methods have finished, not how many were begun', () => {
  const running = runView({ id: 'a', methods: ['slm'], phase: 'running' });
  const finished = runView({ id: 'b', methods: ['slm-is'], phase: 'finished' });
  assert.equal(rows(running)[0].description, '1 active · 0 of 2 methods finished');
  assert.equal(rows(running, finished)[0].description, '1 active · 1 of 2 methods finished');
});

test('what matters stands at the beginning of a row: figure and progress before long names', () => {
  const stages = [stageView(), stageView({ fingerprint: 'b2', state: 'finished', label: 'corpus mail' })];
  const [method] = methodsOf(runView({ fraction: 0.43, measurements: [measurement()], stages }));
  assert.equal(method.label, '60.91 · 43 % · Pretrained on look-alike text (slm-is)');
  const [moving, done] = childrenOf(method);
  assert.deepEqual([moving.label, done.label], ['43 % · pretrain small', 'corpus mail']);
  assert.match(moving.spoken, /43 %/);
});

test('the hover of a measured run says what perplexity is', () => {
  const hover = (run: RunView) => methodsOf(run)[0].tooltip ?? '';
  assert.match(hover(runView({ measurements: [measurement()] })), /Perplexity: among how many/);
  assert.doesNotMatch(hover(runView()), /Perplexity: among how many/);
});

test('of a long name beginning and end are shown, so that the row has room for what stands behind it', () => {
  const name = 'questions-and-answers-of-the-support-team-2026';
  const [row] = experimentRows(
    [{ file: '/w/parlance.json', folderName: 'w', content: { ...content, name }, runs: [old] }],
    t,
  );
  assert.equal([...row.label].length, 20);
  assert.ok(row.label.startsWith('questions-') && row.label.endsWith('team-2026'));
  assert.ok(row.tooltip?.includes(name));
});
