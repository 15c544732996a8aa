/** Curves of a panel that stays open while runs come and go. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readExperiment } from '../../../../src/experiments/config/configuration.ts';
import { configurationJson } from '../../../../src/experiments/config/recorded-facts.ts';
import type { LoggedEvent } from '../../../../src/experiments/runs/events.ts';
import type { RunView } from '../../../../src/experiments/runs/run-view.ts';
import type { ToPanel } from '../../../../src/panel-protocol/messages.ts';
import { ExperimentFeed } from '../../../../src/ui/panels/experiment-feed.ts';
import { until } from '../../../support/waiting.ts';
import { runView } from '../fixtures.ts';

const OLD = 'a'.repeat(64);
const NEW = 'b'.repeat(64);

/** The panel of an experiment whose runs `old` and `new` train one curve each; `show` tells it which runs there are. */
async function openPanel(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-feed-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const name of ['domain', 'generic']) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'a.md'), 'Some text.');
  }
  const file = join(folder, 'parlance.json');
  const sources = (path: string) => ({ sources: [{ path }] });
  const domains = [{ name: 'docs', ...sources('domain') }];
  await writeFile(file, JSON.stringify({ generic: sources('generic'), domains, methods: ['slm'] }));
  const experiment = await readExperiment(file);
  const storage = join(folder, 'storage');
  for (const [id, created] of [
    ['old', '2026-01-01T00:00:00.000Z'],
    ['new', '2026-01-02T00:00:00.000Z'],
  ]) {
    await mkdir(join(storage, 'runs', id), { recursive: true });
    const versions = { parlance: '1', node: '1', engine: 'e', platform: 'p', processor: 'c', threads: 1 };
    const configuration = configurationJson(experiment);
    const asked = { configuration, seeds: [1], methods: ['slm'], engine: 'auto' };
    const record = { format: 1, id, created, title: 'micro', ...asked, versions };
    await writeFile(join(storage, 'runs', id, 'run.json'), JSON.stringify(record));
  }
  const told: ToPanel[] = [];
  const following = new Set<string>();
  let show: (runs: readonly RunView[]) => void = () => undefined;
  const hosts: ConstructorParameters<typeof ExperimentFeed>[0] = {
    watch: (_, listener) => {
      show = listener;
      return { dispose: () => undefined };
    },
    follow: (_, id, listener) => {
      following.add(id);
      listener([training(id === 'old' ? OLD : NEW)], true);
      return { dispose: () => following.delete(id) };
    },
  };
  const feed = new ExperimentFeed(hosts, { experiment, storage, withCurves: true }, (one) => told.push(one));
  t.after(() => feed.dispose());
  const curves = (): readonly string[] | undefined => {
    const message = told.findLast(({ type }) => type === 'curves');
    return message?.type === 'curves' ? message.curves.map(({ id }) => id) : undefined;
  };
  return {
    told,
    following,
    show: async (runs: readonly RunView[], expected: readonly string[]) => {
      show(runs);
      await until('the curves are told', () => JSON.stringify(curves()) === JSON.stringify(expected));
    },
  };
}

function training(fingerprint: string): LoggedEvent {
  const metrics = { step: 1, steps: 2, loss: 5, tokens: 512, spentTokens: 512, flops: 1, seconds: 1 };
  const label = 'pretrain small, 8k tokens, seed 1';
  const event = { fingerprint, kind: 'pretrain', label, state: 'progress', fraction: 0.5, metrics } as const;
  return {
    sequence: 0,
    time: '2026-01-01T00:00:00.000Z',
    event: { type: 'stage', event: { ...event, message: '' } },
  };
}

const run = (id: string, text: string): RunView =>
  runView({ id, created: `2026-01-0${id === 'old' ? 1 : 2}T00:00:00.000Z`, corpora: { docs: text } });

test('when the text changes and is trained on again, the curves of the old text go', async (t) => {
  const { show, following, told } = await openPanel(t);
  await show([run('old', 'before')], [OLD]);
  await show([run('new', 'after'), run('old', 'before')], [NEW]);
  assert.deepEqual([...following], ['new']);
  const points = told.findLast(({ type }) => type === 'points');
  assert.ok(
    points?.type === 'points' && points.parts.every(({ curve, from }) => curve === NEW && from === 0),
  );
});

test('the curves of a run that is removed go with it', async (t) => {
  const { show, following } = await openPanel(t);
  await show([run('new', 'same'), run('old', 'same')], [OLD, NEW]);
  await show([run('new', 'same')], [NEW]);
  assert.deepEqual([...following], ['new']);
  await show([], []);
  assert.deepEqual([...following], []);
});
