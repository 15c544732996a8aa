/** What went in: corpora, models, versions and seeds, as tables. */

import type { ModelFacts } from '../../budget/measurement.ts';
import type { Column, Table, TableCell } from '../../charts/table.ts';
import { formatBytes, formatCompact, formatCount, formatFlops, formatSeconds } from '../../common/format.ts';
import type { Split } from '../../corpus/documents/report.ts';
import type { CorpusFacts, ExperimentResults } from '../results/results.ts';

const SPLITS: readonly { readonly split: Split; readonly title: string }[] = [
  { split: 'train', title: 'training' },
  { split: 'validation', title: 'validation' },
  { split: 'heldout', title: 'held-out' },
];

/** Documents, tokens and bytes of each split of each corpus. */
export function corpusTable(corpora: readonly CorpusFacts[]): Table {
  return {
    caption: 'Corpora by split',
    columns: [
      text('Corpus'),
      ...SPLITS.map(({ title }) => number(`Documents, ${title}`)),
      ...SPLITS.map(({ title }) => number(`Tokens, ${title}`)),
      number('Text'),
    ],
    rows: corpora.map((corpus) => [
      { text: corpus.name, detail: `${corpus.role}, ${corpus.fingerprint.slice(0, 12)}` },
      ...SPLITS.map(({ split }) => ({ text: formatCount(corpus.documents[split]) })),
      ...SPLITS.map(({ split }) => ({ text: formatCount(corpus.tokens[split]) })),
      { text: formatBytes(SPLITS.reduce((sum, { split }) => sum + corpus.bytes[split], 0)) },
    ]),
  };
}

/** What was left out of each corpus and why, and the duplicates found. */
export function exclusionTable(corpora: readonly CorpusFacts[]): Table {
  return {
    caption: 'Left out, and duplicates',
    columns: [text('Corpus'), text('Reason'), number('Documents or parts')],
    rows: corpora.flatMap((corpus) =>
      [
        ...corpus.skipped,
        { reason: 'exact duplicates', count: corpus.duplicates.exact },
        { reason: 'near-copies of others, kept in one split', count: corpus.duplicates.near },
        { reason: 'taken out: they repeat held-out or validation text', count: corpus.duplicates.takenOut },
      ].map(({ reason, count }) => [{ text: corpus.name }, { text: reason }, { text: formatCount(count) }]),
    ),
  };
}

/** What was said of the text before and while it was read; none when there was nothing to say. */
export function textNoteTables(notes: ExperimentResults['textNotes']): readonly Table[] {
  if (notes.length === 0) return [];
  return [
    {
      caption: 'To know about the text',
      columns: [text('About'), text('What')],
      rows: notes.map((note) => [{ text: note.corpus }, { text: note.text }]),
    },
  ];
}

/** Sizes and costs of the models. */
export function modelTable(results: ExperimentResults): Table {
  return {
    caption: 'Models',
    columns: [
      text('Model'),
      ...['Parameters', 'Layers', 'Width', 'Heads', 'Feed-forward', 'Context', 'Vocabulary'].map(number),
      number('Training, per token'),
      number('Inference, per token'),
      number('Inference, tokens a second'),
    ],
    rows: results.models.map((model) => [
      { text: model.name, detail: model.name === 'small' ? 'the inference cap' : 'over the inference cap' },
      ...[
        model.parameters,
        model.layers,
        model.width,
        model.heads,
        model.feedForward,
        model.context,
        model.vocabulary,
      ].map((count) => ({ text: formatCount(count) })),
      { text: formatFlops(model.trainingFlopsPerToken) },
      { text: formatFlops(model.inferenceFlopsPerToken) },
      speedCell(results, model.name),
    ]),
  };
}

/** Tokens a second, the median of all evaluations of methods that serve this model; nothing where there are none. */
function speedCell({ methods, measurements }: ExperimentResults, name: ModelFacts['name']): TableCell {
  const serving = methods.filter(({ model }) => model === name).map(({ id }) => id);
  const speeds = measurements
    .filter(({ method }) => serving.includes(method))
    .map(({ inferenceTokensPerSecond }) => inferenceTokensPerSecond)
    .sort((a, b) => a - b);
  const median = speeds.at(Math.floor(speeds.length / 2));
  if (median === undefined) return { text: '–' };
  return { text: formatCompact(median), detail: 'median of the evaluations, in batches' };
}

/** When, with what and on what. */
export function settingTable(results: ExperimentResults): Table {
  const { versions } = results;
  const elapsed = (Date.parse(results.finished) - Date.parse(results.started)) / 1000;
  const rows: readonly (readonly [string, string])[] = [
    ['Started', results.started],
    ['Finished', results.finished],
    ...(Number.isFinite(elapsed) && elapsed >= 0 ? [['Elapsed', formatSeconds(elapsed)] as const] : []),
    ['Seeds', results.seeds.join(', ')],
    ['Parlance', versions.parlance],
    ['Engine', versions.engine],
    ['Node.js', versions.node],
    ['Platform', versions.platform],
    ['Processor', versions.processor],
    ['Threads', `${versions.threads}`],
  ];
  return {
    caption: 'Setting',
    columns: [text('Fact'), text('Value')],
    rows: rows.map((row): readonly TableCell[] => row.map((value) => ({ text: value }))),
  };
}

function text(title: string): Column {
  return { title, align: 'text' };
}

function number(title: string): Column {
  return { title, align: 'number' };
}
