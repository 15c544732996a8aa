/** `parlance eval`: how well a model expects texts: perplexity and bits per byte, of each document and of all. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Table, TableCell } from '../charts/table.ts';
import { InputError, InterruptedError } from '../common/errors.ts';
import { formatBits, formatBytes, formatCount, formatPerplexity, formatPlural } from '../common/format.ts';
import { type GivenPath, GivenTexts } from '../corpus/documents/given-texts.ts';
import { leftOutInWords } from '../corpus/sources/no-text.ts';
import { loadEngine } from '../engines/names.ts';
import { type JsonOption, type ThreadsOption, threadsOf } from '../experiments/config/settings.ts';
import { type EvaluatedText, evaluateTexts, sumOf } from '../inference/evaluate-texts.ts';
import { type ModelParts, readModelParts } from '../inference/open-model.ts';
import { withEvaluator, withWeights } from '../methods/stages/evaluating.ts';
import { batchRows, MICRO_BATCH_TOKENS } from '../methods/stages/training.ts';
import { bitsPerByte, type Evaluation, perplexity } from '../training/evaluate.ts';
import { evaluationProgress } from './display/evaluation-progress.ts';
import { writeJson } from './display/json.ts';
import { textWidth } from './display/width.ts';
import { stopOnSignals } from './interruption.ts';
import { formatTable, wrap } from './text-table.ts';

const STANDARD_INPUT = '-';

interface Model extends ModelParts {
  readonly folder: string;
}

export async function evaluate(
  folder: string,
  paths: readonly string[],
  options: JsonOption & ThreadsOption,
): Promise<void> {
  const { signal, release } = stopOnSignals(() => undefined);
  const scratch = await mkdtemp(join(tmpdir(), 'parlance-eval-'));
  try {
    const model: Model = { folder, ...(await readModelParts(folder)) };
    const texts = await GivenTexts.list(await withStandardInput(paths, scratch, signal), signal);
    const documents = await evaluateAll(model, texts, options, signal);
    if (documents.length === 0) throw nothingToRead(paths, texts);
    if (options.json) writeTotal(model, documents, texts);
    else process.stdout.write(resultText(model, documents, texts));
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    throw new InterruptedError(
      'Stopped; the evaluation is not finished.',
      'Run the same command again; it begins anew.',
    );
  } finally {
    release();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Standard input becomes a file, so that it is read and cleaned as every other text, however long it is. */
async function withStandardInput(
  paths: readonly string[],
  scratch: string,
  signal: AbortSignal,
): Promise<readonly GivenPath[]> {
  const given = paths.map((path) => ({ path, name: path }));
  if (!paths.includes(STANDARD_INPUT)) return given;
  const file = join(scratch, 'standard input');
  await pipeline(process.stdin, createWriteStream(file), { signal }).catch((error: unknown) => {
    throw signal.aborted ? new InterruptedError('Stopped.', '') : error;
  });
  return given.map((one) => (one.path === STANDARD_INPUT ? { path: file, name: 'standard input' } : one));
}

async function evaluateAll(
  { size, tokenizer, weights }: ModelParts,
  texts: GivenTexts,
  options: JsonOption & ThreadsOption,
  signal: AbortSignal,
): Promise<readonly EvaluatedText[]> {
  const { context } = size;
  const { rows } = batchRows(MICRO_BATCH_TOKENS, { context });
  // Programs this small end before a graphics processor is ready.
  const engine = (await loadEngine('onnxruntime:cpu', threadsOf(options))).engine();
  const progress = evaluationProgress(options, texts.fileBytes);
  try {
    return await withEvaluator(engine, { size, rows }, (evaluator) =>
      withWeights(engine, weights, async (state) => {
        const documents: EvaluatedText[] = [];
        const model = { tokenizer, evaluator, state, context, rows };
        for await (const one of evaluateTexts(model, texts.texts(signal), {
          signal,
          onTokens: progress.onTokens,
        })) {
          documents.push(one);
          progress.onDocument(one.bytes);
          if (options.json) writeDocument(one);
        }
        return documents;
      }),
    );
  } finally {
    progress.clear();
    await engine.dispose();
  }
}

const measures = (evaluation: Evaluation & { readonly bytes: number }) => ({
  tokens: evaluation.tokens,
  bytes: evaluation.bytes,
  perplexity: perplexity(evaluation),
  bitsPerByte: bitsPerByte(evaluation),
});

function writeDocument(document: EvaluatedText): void {
  const { source, record, windows } = document;
  writeJson({ type: 'document', source, record, windows, ...measures(document) });
}

function writeTotal({ folder, size }: Model, documents: readonly EvaluatedText[], texts: GivenTexts): void {
  for (const { reason, explanation, count, examples } of texts.leftOut)
    writeJson({ type: 'left out', reason, explanation, count, examples });
  writeJson({
    type: 'evaluation',
    model: resolve(folder),
    context: size.context,
    documents: documents.length,
    cutDocuments: cutOf(documents).length,
    ...measures(sumOf(documents)),
  });
}

const cutOf = (documents: readonly EvaluatedText[]) => documents.filter(({ windows }) => windows > 1);

/** A table longer than this is no longer read. */
const MOST_ROWS = 40;

function resultText({ size }: ModelParts, documents: readonly EvaluatedText[], texts: GivenTexts): string {
  const hardest = [...documents].sort((a, b) => perplexity(b) - perplexity(a)).slice(0, MOST_ROWS);
  const isWhole = documents.length <= MOST_ROWS;
  const table: Table = {
    caption: 'Documents',
    columns: [
      { title: isWhole ? 'Document' : `The ${MOST_ROWS} hardest documents`, align: 'text' },
      { title: 'Tokens', align: 'number' },
      { title: 'Bytes', align: 'number' },
      { title: 'Windows', align: 'number' },
      { title: 'Perplexity', align: 'number' },
      { title: 'Bits per byte', align: 'number' },
    ],
    rows: [
      ...(isWhole ? documents : hardest).map((one) => rowOf(one.name, one.windows, one)),
      rowOf(
        `All ${formatPlural(documents.length, 'document')}`,
        documents.reduce((sum, { windows }) => sum + windows, 0),
        sumOf(documents),
      ),
    ],
  };
  const cut = cutOf(documents).length;
  const notes = [
    cut === 0
      ? ''
      : `The model reads ${formatCount(size.context)} tokens at a time: ${formatPlural(cut, 'document')} longer than that ${cut === 1 ? 'was' : 'were'} cut into windows that do not overlap, each predicted from its own beginning on, as the report's held-out text is.`,
    ...texts.leftOut.map(({ count, explanation }) => `${formatCount(count)} left out: ${explanation}.`),
    isWhole ? '' : '--json lists all documents.',
  ].filter((note) => note !== '');
  const width = textWidth();
  return `${[formatTable(table, width), ...notes.map((note) => wrap(note, width).join('\n'))].join('\n\n')}\n`;
}

function rowOf(
  name: string,
  windows: number,
  evaluation: Evaluation & { readonly bytes: number },
): readonly TableCell[] {
  const { tokens, bytes } = evaluation;
  return [
    { text: name },
    { text: formatCount(tokens) },
    { text: formatCount(bytes) },
    { text: formatCount(windows) },
    { text: formatPerplexity(perplexity(evaluation)) },
    { text: formatBits(bitsPerByte(evaluation) ?? 0) },
  ];
}

function nothingToRead(paths: readonly string[], { leftOut, fileBytes }: GivenTexts): InputError {
  const why = leftOut.map(leftOutInWords).join('; ');
  return new InputError(
    `There is no text in ${paths.join(', ')} (${formatBytes(fileBytes)}).${why === '' ? '' : ` Left out: ${why}.`}`,
    'Give text, Markdown, HTML, source code, or JSONL or Parquet with a field "text".',
  );
}
