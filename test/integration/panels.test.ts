/** What the panels show of a real run: measurements, curves and held-out files, from what the run left and no engine. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import { readExperiment } from '../../src/experiments/config/configuration.ts';
import { heldOutText, isSameText } from '../../src/experiments/results/held-out-text.ts';
import { readEvents } from '../../src/experiments/runs/events.ts';
import type { RunView } from '../../src/experiments/runs/run-view.ts';
import { eventsPath, listRuns } from '../../src/experiments/runs/runs.ts';
import type { Hosts } from '../../src/host/hosts.ts';
import { readDocumentEvaluations, readEvaluation } from '../../src/methods/stages/evaluation-files.ts';
import { type ToPanel, toPanelSchema } from '../../src/panel-protocol/messages.ts';
import { ExperimentFeed } from '../../src/ui/panels/experiment-feed.ts';
import { documentAt, documentsMessage, fileOf, passageText } from '../../src/ui/panels/held-out-files.ts';
import { placeOfPassage } from '../../src/ui/panels/passage-place.ts';
import { until } from '../support/waiting.ts';
import { makeWorkspace, microExperiment, parlance } from './cli/micro.ts';

const nothing = { dispose: () => {} };

/** Runs as their logs tell them; nothing lives. */
async function storedHosts(storage: string): Promise<Pick<Hosts, 'watch' | 'follow'>> {
  const { runs } = await listRuns(storage);
  const views = runs.map(({ record }): RunView => {
    const { events } = readEvents(eventsPath(storage, record.id));
    return {
      id: record.id,
      storage,
      experimentFile: '',
      title: record.title,
      methods: [],
      seeds: record.seeds,
      created: record.created,
      phase: 'finished',
      message: '',
      hint: '',
      stages: [],
      measurements: events.flatMap(({ event }) => (event.type === 'measurement' ? [event.measurement] : [])),
      untrained: events.flatMap(({ event }) => (event.type === 'untrained' ? [event.untrained] : [])),
    };
  });
  return {
    watch: (_, listener) => {
      listener(views);
      return nothing;
    },
    follow: (_, id, listener) => {
      listener(readEvents(eventsPath(storage, id)).events, true);
      return nothing;
    },
  };
}

test('a run is shown whole: measurements, curves with their costs, and files whose losses add up', async (t) => {
  const folder = await makeWorkspace(t, { ...microExperiment, methods: ['slm', 'slm-is'], seeds: [1] });
  const file = join(folder, 'parlance.json');
  assert.equal((await parlance('run', file)).code, 0);
  const storage = join(folder, '.parlance', 'storage');
  const experiment = await readExperiment(file);
  const told: ToPanel[] = [];
  const feed = new ExperimentFeed(
    await storedHosts(storage),
    { experiment, storage, withCurves: true },
    (message) => told.push(toPanelSchema.parse(message)),
  );
  await until('it comes', () => told.some(({ type }) => type === 'points'));
  feed.dispose();

  const results = told.findLast((message) => message.type === 'results');
  assert.ok(results?.type === 'results');
  assert.deepEqual(results.notes, []);
  assert.deepEqual(
    results.methods.map(({ id, readsGenericForDomain }) => [id, readsGenericForDomain]),
    [
      ['slm', false],
      ['slm-is', true],
    ],
  );
  assert.equal(results.measurements.length, 7);
  const histograms = told.findLast((message) => message.type === 'histograms');
  assert.ok(histograms?.type === 'histograms' && histograms.domains[0].histograms[0].cards.length > 0);

  const lines = told.findLast((message) => message.type === 'lines');
  assert.ok(lines?.type === 'lines');
  assert.deepEqual(
    lines.untrained.map(({ domain, model, seed }) => [domain, model, seed]),
    [['docs', 'small', 1]],
  );
  // Guessing evenly among the vocabulary would have its size; a drawn model is near that.
  const [small] = results.models;
  assert.ok(Math.abs(lines.untrained[0].perplexity / small.vocabulary - 1) < 0.2);
  assert.deepEqual(lines.leftOut, { otherText: 0, unknown: 0 });

  const curves = told.findLast((message) => message.type === 'curves');
  const points = told.findLast((message) => message.type === 'points');
  assert.ok(curves?.type === 'curves' && points?.type === 'points');
  assert.ok(
    curves.curves.every(
      ({ methods, seed, state }) => methods.length > 0 && seed === 1 && state === 'finished',
    ),
  );
  const tuned = curves.curves.find(({ kind, methods }) => kind === 'fine-tuning' && methods.includes('slm'));
  const parts = points.parts.filter(({ curve }) => curve === tuned?.id);
  assert.deepEqual(parts.map(({ part }) => part).sort(), ['training', 'validation']);
  for (const {
    points: { step, tokens, flops, seconds },
  } of parts) {
    for (const column of [step, tokens, flops, seconds]) {
      assert.ok(column.every((value, i) => i === 0 || value > column[i - 1]));
    }
  }

  for (const { fingerprint, perplexity, domain } of results.measurements) {
    const directory = join(storage, 'artifacts', fingerprint);
    const total = await readEvaluation(directory);
    const documents = await readDocumentEvaluations(directory);
    const sum = (value: (one: (typeof documents)[number]) => number): number =>
      documents.reduce((all, one) => all + value(one), 0);
    const nats = sum((one) => one.negativeLogLikelihood);
    assert.ok(Math.abs(nats / total.negativeLogLikelihood - 1) < 1e-9);
    assert.equal(
      sum((one) => one.tokens),
      total.tokens,
    );
    assert.equal(
      sum((one) => one.bytes),
      total.bytes,
    );
    assert.ok(Math.abs(Math.exp(nats / total.tokens) / perplexity - 1) < 1e-9);
    const question = { evaluation: fingerprint, order: { by: 'bits per byte' as const, isRising: false } };
    const message = await documentsMessage(directory, { ...question, most: 20 });
    const bits = message.documents.map(({ negativeLogLikelihood, bytes }) => negativeLogLikelihood / bytes);
    assert.deepEqual(
      bits,
      [...bits].sort((a, b) => b - a),
    );
    const sources = experiment.plan.domains.find(({ name }) => name === domain)?.sources ?? [];
    const [hardest] = message.documents;
    const file = await fileOf(hardest.source, sources);
    assert.ok(file?.startsWith(join(folder, 'domain')));
    const document = await documentAt(directory, hardest.index);
    const passage = document && (await passageText(storage, fingerprint, document));
    assert.ok(
      passage !== undefined && placeOfPassage(await readFile(file ?? '', 'utf8'), passage) !== undefined,
    );
    assert.ok(
      (hardest.worstPerplexity ?? 0) >= Math.exp(hardest.negativeLogLikelihood / hardest.tokens) * 0.999,
    );
    assert.equal((await documentsMessage(directory, { ...question, most: 1 })).documents.length, 1);
    assert.equal(await fileOf('../parlance.json', sources), undefined);
  }

  const texts = await Promise.all(
    results.measurements.map(({ fingerprint }) => heldOutText(storage, fingerprint)),
  );
  const [first] = texts;
  assert.ok(first?.contents !== undefined && first.tokenizer !== undefined && first.engine !== undefined);
  // All were measured on one text; what is no evaluation is on none.
  assert.ok(texts.every((one) => one !== undefined && isSameText(one, first)));
  assert.equal(new Set(texts.map((one) => one?.tokenizer)).size, 1);
  assert.equal(await heldOutText(storage, 'f'.repeat(64)), undefined);
});

test('what a panel needs in the extension host brings no engine with it', async () => {
  const { metafile } = await build({
    entryPoints: [
      'src/ui/panels/experiment-feed.ts',
      'src/ui/panels/held-out-files.ts',
      'src/experiments/results/held-out-text.ts',
    ],
    bundle: true,
    write: false,
    metafile: true,
    outdir: 'unused',
    platform: 'node',
    format: 'cjs',
    external: ['onnxruntime-node', '@huggingface/transformers'],
    logLevel: 'silent',
  });
  const engines = Object.values(metafile.outputs).flatMap(({ imports }) =>
    imports.filter(({ path }) => path === 'onnxruntime-node'),
  );
  assert.deepEqual(engines, []);
  assert.deepEqual(
    Object.keys(metafile.inputs).filter((path) => path.includes('engines/onnxruntime')),
    [],
  );
});
