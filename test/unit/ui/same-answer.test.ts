/**
 * The same measurements give the same method, the same number and the same word wherever the answer is read: terminal,
 * report, panels, Models view and notification. Records of runs and logs are real ones.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Measurement } from '../../../src/budget/measurement.ts';
import { resultText } from '../../../src/cli/result-text.ts';
import { readExperiment } from '../../../src/experiments/config/configuration.ts';
import { configurationJson } from '../../../src/experiments/config/recorded-facts.ts';
import { writeReport } from '../../../src/experiments/report/report.ts';
import { answersOf, domainsIn } from '../../../src/experiments/results/answer.ts';
import { answerCard } from '../../../src/experiments/results/answer-card.ts';
import { answerSubject, experimentAnswers } from '../../../src/experiments/results/answer-source.ts';
import { plannedMethods, planViews } from '../../../src/experiments/results/planned-methods.ts';
import type { ExperimentResults } from '../../../src/experiments/results/results.ts';
import { readEvents } from '../../../src/experiments/runs/events.ts';
import { foldRun } from '../../../src/experiments/runs/run-fold.ts';
import type { RunView } from '../../../src/experiments/runs/run-view.ts';
import { createRun } from '../../../src/experiments/runs/run-writer.ts';
import { eventsPath, readRun } from '../../../src/experiments/runs/runs.ts';
import { methodInWords, methodTitle } from '../../../src/methods/titles.ts';
import { finishedWords } from '../../../src/ui/run-words.ts';
import { modelRows } from '../../../src/ui/sidebar/model-nodes.ts';
import { childrenOf } from '../../../src/ui/sidebar/nodes.ts';
import { firstEvaluation } from '../../../webview/perplexity/documents/documents.ts';
import { budgetsOf, initialState } from '../../../webview/tradeoffs/budget-state.ts';
import { type ResultRow, resultsOf } from '../../fixtures/answer-results.ts';
import { t } from './fixtures.ts';

interface Case {
  readonly name: string;
  readonly rows: readonly ResultRow[];
  readonly method: string;
  /** Its held-out perplexity. */
  readonly figure: string;
  readonly word: 'clear' | 'tie' | 'not settled';
}

/** Small sizes say another order, the large model is lower, and held-out text says another order than validation. */
const DECOYS: readonly ResultRow[] = [
  { method: 'slm-nopt', size: 'all', perplexities: [90, 92] },
  { method: 'slm-pn', size: 2048, perplexities: [5, 5] },
  { method: 'llm', size: 'all', perplexities: [12, 12] },
];

/** By its words or by its id, as the place has room. */
const uses = (method: string): RegExp => new RegExp(`[Uu]se (this|${methodTitle(method)}|${method}\\b(?!-))`);

const cases: readonly Case[] = [
  {
    name: 'a clear answer',
    rows: [
      ...DECOYS,
      { method: 'slm', size: 'all', perplexities: [18, 18.2] },
      { method: 'slm-pn', size: 'all', perplexities: [25, 25.2] },
    ],
    method: 'slm',
    figure: '18.10',
    word: 'clear',
  },
  {
    name: 'a tie, of which the cheaper is used',
    rows: [
      ...DECOYS,
      { method: 'slm', size: 'all', perplexities: [18, 18.2], own: 0.02 },
      { method: 'slm-is', size: 'all', perplexities: [17.9, 18], own: 0.02 },
    ],
    method: 'slm',
    figure: '18.10',
    word: 'tie',
  },
  {
    name: 'chosen by validation, though held-out text is lower elsewhere',
    rows: [
      ...DECOYS,
      { method: 'slm-mix', size: 'all', perplexities: [20, 20], validation: 15 },
      { method: 'slm-is', size: 'all', perplexities: [18, 18], validation: 17 },
    ],
    method: 'slm-mix',
    figure: '20.00',
    word: 'not settled',
  },
];

for (const { name, rows, method, figure, word } of cases) {
  test(`the answer is the same everywhere: ${name}`, async (context) => {
    const said = await everywhere(context, resultsOf(rows));
    for (const [place, text] of Object.entries(said)) {
      const plain = text.replace(/\s+/g, ' ');
      assert.match(plain, uses(method), `${place}: ${plain}`);
      assert.ok(plain.includes(figure), `${place} shows ${figure}: ${plain}`);
      assert.match(plain, new RegExp(`\\b${word}\\b`, 'i'), `${place}: ${plain}`);
    }
  });
}

test('of two domains the answer is for both, and what is cheaper for two is used everywhere', async (context) => {
  const rows: readonly ResultRow[] = [
    { method: 'slm', size: 'all', perplexities: [18, 18.2], own: 0.02 },
    { method: 'slm-is', size: 'all', perplexities: [17.9, 18], own: 0.02, specializationFlops: 105e9 },
  ];
  const one = resultsOf(rows);
  assert.equal(
    answersOf(one, one.measurements)[0].choice?.chosen.method.id,
    'slm-is',
    'cheaper for one domain',
  );
  const both = { ...one, measurements: [...one.measurements, ...resultsOf(rows, 'notes').measurements] };
  for (const [place, text] of Object.entries(await everywhere(context, both))) {
    assert.match(text.replace(/\s+/g, ' '), uses('slm'), place);
  }
});

test('after a run of some methods the models of the others are still known', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-answer-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const results = resultsOf([...DECOYS, { method: 'slm', size: 'all', perplexities: [18, 18.2] }]);
  const { experiment } = await recordedRuns(folder, results);
  const ofSome = { ...results, models: results.models.filter(({ name }) => name === 'small') };
  const { models } = answerSubject(experiment, results.measurements, ofSome);
  assert.deepEqual(
    models.map(({ name }) => name),
    ['small', 'large'],
  );
  assert.equal(models[0].parameters, ofSome.models[0].parameters, 'the report knows the true vocabulary');
});

/** What a reader meets in each place, each made by the code of that place. */
async function everywhere(
  context: TestContext,
  results: ExperimentResults,
): Promise<Readonly<Record<string, string>>> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-answer-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const { experiment, storage, views } = await recordedRuns(folder, results);
  const { answers, measurements } = await experimentAnswers(experiment, storage, views);
  const files = await writeReport(results, join(folder, 'report'));
  const subject = answerSubject(experiment, results.measurements, results);
  const size = { layers: 1, width: 1, heads: 1, feedForward: 1, context: 1, vocabulary: 1 };
  const model = { folder: '/m', size, parameters: 1, bytes: 1 };
  const measured = measurements.map((measurement) => ({ measurement, model, isCurrent: true }));
  const [domain] = modelRows([{ file: experiment.file, name: 'w', measured, kept: [], answers }], t);
  const [first] = childrenOf(domain);
  const { title, certainty, facts } = answerCard(answersOf(subject, results.measurements)[0]);
  const chosen = answers[0].choice?.chosen.method.id ?? '';
  assert.ok(first.label.endsWith(` · ${methodInWords(chosen)}`), 'stands first in the Models view');
  assert.equal(firstEvaluation(subject, results.measurements)?.method, chosen, 'is opened in the panel');
  const planned = plannedMethods(subject.methods, subject.models);
  const budgets = budgetsOf(initialState(planned, domainsIn(results.measurements)));
  const [plan] = planViews(results, planned, budgets);
  const [answer] = JSON.parse(await readFile(files.json, 'utf8')).answers;
  return {
    terminal: resultText(results, 100),
    'report.html': await readFile(files.html, 'utf8'),
    'report.md': (await readFile(files.markdown, 'utf8')).replaceAll('\\', ''),
    'report.json': `use ${answer.method}: ${answer.heldOutPerplexity.mean.toFixed(2)}, ${answer.verdict}`,
    'card of panel and report': [title, certainty?.word, facts[0].value].join(' '),
    'recommendation without budgets': plan.answer.recommendation.sentence,
    'Models view': `${first.label}: ${first.description}`,
    'row of the domain': `${domain.description} ${domain.spoken}`,
    notification: finishedWords(views, answers[0], t),
  };
}

/** One finished run a method: the first by the command line, the others as the editor starts them. */
async function recordedRuns(folder: string, { measurements }: ExperimentResults) {
  const file = join(folder, 'parlance.json');
  await mkdir(join(folder, 'docs'), { recursive: true });
  const methods = [...new Set(measurements.map(({ method }) => method))];
  const given = {
    methods,
    generic: { sources: [{ path: 'generic' }] },
    domains: [{ name: 'letters', sources: [{ path: 'docs' }] }],
  };
  await writeFile(file, JSON.stringify(given));
  const experiment = await readExperiment(file);
  const storage = join(folder, '.parlance', 'storage');
  const views: RunView[] = [];
  for (const method of methods) {
    const own = measurements.filter((one) => one.method === method);
    const of = configurationJson({ ...experiment, methods: [method] });
    views.push(await recordedRun(storage, of, own, views.length === 0));
  }
  return { experiment, storage, views };
}

async function recordedRun(
  storage: string,
  configuration: ReturnType<typeof configurationJson>,
  measurements: readonly Measurement[],
  knowsText: boolean,
): Promise<RunView> {
  const corpora = { generic: 'g', letters: 'l' };
  const run = await createRun(storage, {
    title: 'letters',
    configuration,
    seeds: [1, 2],
    versions: { parlance: '0', node: '0', engine: '0', platform: '0', processor: '0', threads: 1 },
    ...(knowsText && { corpora }),
    methods: [measurements[0].method],
    engine: 'auto',
  });
  if (!knowsText) run.append({ type: 'corpora', corpora });
  for (const measurement of measurements) run.append({ type: 'measurement', measurement });
  run.finish('finished');
  const { record, status } = await readRun(storage, run.record.id);
  return foldRun(
    { storage, record, status, pid: undefined },
    readEvents(eventsPath(storage, record.id)).events,
  );
}
