/**
 * How well a model expects texts, measured as the held-out text of an experiment is (training/evaluate.ts): many windows in
 * a batch, each predicted from its own beginning on. Texts pass by: only those of one group are in memory.
 */
import type { GivenText } from '../corpus/documents/given-texts.ts';
import { EvaluationBatches } from '../corpus/windows/evaluation-batches.ts';
import { TextWindows, windowsOf } from '../corpus/windows/text-windows.ts';
import type { State } from '../engines/engine.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { Evaluation, Evaluator } from '../training/evaluate.ts';

export interface EvaluatedText extends Omit<Evaluation, 'bytes'>, Omit<GivenText, 'text'> {
  /** More than one where the text is longer than the context. */
  readonly windows: number;
}

export interface EvaluatedModel {
  readonly tokenizer: Tokenizer;
  readonly evaluator: Evaluator;
  readonly state: State;
  readonly context: number;
  /** Windows of a batch. */
  readonly rows: number;
}

interface EvaluationWatch {
  readonly signal: AbortSignal;
  /** Told of the tokens of each batch. */
  readonly onTokens: (tokens: number) => void;
}

/** Texts are gathered up to this, so that short ones share their batches. */
const GROUP_TOKENS = 16_384;

/** The texts in their order, each when it is evaluated. Throws InterruptedError when the signal is aborted. */
export async function* evaluateTexts(
  model: EvaluatedModel,
  texts: AsyncIterable<GivenText>,
  watch: EvaluationWatch,
): AsyncGenerator<EvaluatedText> {
  let group: EncodedGiven[] = [];
  let tokens = 0;
  for await (const { text, ...given } of texts) {
    const ids = model.tokenizer.encode(text);
    group.push({ ...given, ids });
    tokens += ids.length + 1;
    if (tokens < GROUP_TOKENS) continue;
    yield* evaluated(model, group, watch);
    group = [];
    tokens = 0;
  }
  yield* evaluated(model, group, watch);
}

interface EncodedGiven extends Omit<GivenText, 'text'> {
  readonly ids: Uint32Array;
}

async function* evaluated(
  { tokenizer, evaluator, state, context, rows }: EvaluatedModel,
  group: readonly EncodedGiven[],
  { signal, onTokens }: EvaluationWatch,
): AsyncGenerator<EvaluatedText> {
  const { beginOfText, endOfText } = tokenizer;
  const windows = new TextWindows(group, { context, beginOfText, endOfText });
  const batches = new EvaluationBatches(windows, rows);
  const { documents } = await evaluator.evaluateParts(state, batches, signal, onTokens);
  for (const { document, ...loss } of documents) {
    const { ids, ...given } = group[document];
    yield { ...given, ...loss, windows: windowsOf(ids.length, context) };
  }
}

/** All texts together. */
export function sumOf(texts: readonly EvaluatedText[]): Evaluation & { readonly bytes: number } {
  const sum = (of: (text: EvaluatedText) => number): number =>
    texts.reduce((total, text) => total + of(text), 0);
  return {
    tokens: sum(({ tokens }) => tokens),
    bytes: sum(({ bytes }) => bytes),
    negativeLogLikelihood: sum((text) => text.negativeLogLikelihood),
    endOfTextLogLikelihood: sum((text) => text.endOfTextLogLikelihood),
  };
}
