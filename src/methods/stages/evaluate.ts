/** The held-out evaluation of a model on a domain: the only reader of held-out text. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CorruptionError, InputError } from '../../common/errors.ts';
import { writeFileAtomic } from '../../common/files.ts';
import { flops, seconds, tokens } from '../../common/units.ts';
import { DocumentStore } from '../../corpus/documents.ts';
import { EvaluationBatches } from '../../corpus/evaluation-batches.ts';
import { TokenStore } from '../../corpus/token-store.ts';
import { selectDocuments, WindowSet } from '../../corpus/windows.ts';
import { denseParameterization } from '../../models/parameterization.ts';
import { inferenceFlopsPerToken } from '../../models/size.ts';
import type { Stage } from '../../pipeline/stage.ts';
import { readWeights } from '../../training/checkpoint.ts';
import { bitsPerByte, type DocumentLoss, Evaluator, perplexity } from '../../training/evaluate.ts';
import type { ExperimentPlan, ModelName } from '../experiment-plan.ts';
import { CONTAMINATION_FILE } from './corpora.ts';
import { WEIGHTS_FILE } from './models.ts';
import type { StageServices } from './services.ts';
import { batchRows, modelSize } from './training.ts';

const RESULT_FILE = 'evaluation.json';
/** Apart from the result, which is the same on every run. */
const SPEED_FILE = 'speed.json';

/** The result, document by document. */
const DOCUMENTS_FILE = 'documents.json';

const resultSchema = z.object({
  tokens: z.number(),
  bytes: z.number(),
  negativeLogLikelihood: z.number(),
  perplexity: z.number(),
  bitsPerByte: z.number(),
  contaminatedDocuments: z.number(),
});
export type EvaluationResult = z.infer<typeof resultSchema>;

const documentsSchema = z.array(
  z.object({
    /** The file, relative to its source, and the document's place in it, as `DocumentRecord` has them. */
    source: z.string(),
    record: z.number(),
    tokens: z.number(),
    bytes: z.number(),
    /** In nats, the sum over the tokens. */
    negativeLogLikelihood: z.number(),
  }),
);
export type DocumentEvaluation = z.infer<typeof documentsSchema>[number];

export interface EvaluationInputs {
  readonly plan: ExperimentPlan;
  /** The domain's corpus and its tokens, and its held-out documents that the generic corpus contains. */
  readonly corpus: Stage;
  readonly tokens: Stage;
  readonly contamination: Stage;
  readonly domain: string;
  readonly services: StageServices;
}

export function evaluateStage(inputs: EvaluationInputs, model: Stage, name: ModelName): Stage {
  const { plan, corpus, tokens: domainTokens, contamination, domain, services } = inputs;
  return {
    kind: 'evaluate',
    label: `evaluate on ${domain}: ${model.label}`,
    version: 3,
    parameters: { engine: services.engineName, model: { ...plan.models[name] }, context: plan.context },
    inputs: { model, corpus, tokens: domainTokens, contamination },
    booking: 'specialization',
    async run(context) {
      const began = performance.now();
      const store = await TokenStore.open(context.input('tokens'));
      const excluding = await readContaminated(context.input('contamination'));
      const windows = new WindowSet(store, selectDocuments(store, 'heldout', { excluding }), plan.context);
      if (windows.count === 0) throw nothingHeldOut(domain);
      const { rows } = batchRows(plan.fineTuning.batchTokens, plan.context);
      const batches = new EvaluationBatches(windows, rows);
      const size = modelSize(plan, name, store.vocabularySize);
      const engine = services.engine();
      const weights = await readWeights(join(context.input('model'), WEIGHTS_FILE));
      const state = engine.createState(weights);
      const batch = { rows, length: plan.context };
      const evaluator = await Evaluator.compile(engine, size, denseParameterization(size), batch);
      const evaluating = performance.now();
      const { total: evaluation, documents } = await evaluator.evaluateDocuments(
        state,
        batches,
        context.signal,
      );
      const tokensPerSecond = (1000 * evaluation.tokens) / (performance.now() - evaluating);
      await evaluator.dispose();
      state.dispose();
      const result: EvaluationResult = {
        tokens: evaluation.tokens,
        bytes: windows.selection.bytes ?? 0,
        negativeLogLikelihood: evaluation.negativeLogLikelihood,
        perplexity: perplexity(evaluation),
        bitsPerByte: bitsPerByte(evaluation) ?? 0,
        contaminatedDocuments: excluding.size,
      };
      await writeFileAtomic(join(context.directory, RESULT_FILE), JSON.stringify(result, null, 2));
      const described = await describeDocuments(context.input('corpus'), documents);
      await writeFileAtomic(join(context.directory, DOCUMENTS_FILE), JSON.stringify(described));
      await writeFileAtomic(join(context.directory, SPEED_FILE), JSON.stringify({ tokensPerSecond }));
      context.book({
        flops: flops(evaluation.tokens * inferenceFlopsPerToken(size)),
        seconds: seconds((performance.now() - began) / 1000),
        tokens: tokens(0),
      });
    },
  };
}

export async function readEvaluation(directory: string): Promise<EvaluationResult> {
  const path = join(directory, RESULT_FILE);
  const parsed = resultSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new CorruptionError(`${path} is damaged.`, 'Remove the artifact and run again.', parsed.error);
}

/** What each held-out document contributed, in the order of the evaluation. */
export async function readDocumentEvaluations(directory: string): Promise<readonly DocumentEvaluation[]> {
  const path = join(directory, DOCUMENTS_FILE);
  const parsed = documentsSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new CorruptionError(`${path} is damaged.`, 'Remove the artifact and run again.', parsed.error);
}

async function describeDocuments(
  corpusDirectory: string,
  losses: readonly DocumentLoss[],
): Promise<DocumentEvaluation[]> {
  const store = await DocumentStore.open(corpusDirectory);
  return losses.map(({ document, tokens: count, negativeLogLikelihood }) => {
    const { source, record, bytes } = store.record(document);
    return { source, record, tokens: count, bytes, negativeLogLikelihood };
  });
}

/** Tokens a second that the model predicted in batches, on the device that evaluated it. */
export async function readSpeed(directory: string): Promise<number> {
  const text = await readFile(join(directory, SPEED_FILE), 'utf8');
  return speedSchema.parse(JSON.parse(text)).tokensPerSecond;
}

const speedSchema = z.object({ tokensPerSecond: z.number() });

const contaminatedSchema = z.array(z.object({ index: z.number(), source: z.string() }));

async function readContaminated(directory: string): Promise<ReadonlySet<number>> {
  const text = await readFile(join(directory, CONTAMINATION_FILE), 'utf8');
  return new Set(contaminatedSchema.parse(JSON.parse(text)).map(({ index }) => index));
}

function nothingHeldOut(domain: string): InputError {
  return new InputError(
    `Every held-out document of ${domain} also stands in the generic corpus: nothing is left to measure on.`,
    'Label other files as held-out, or take the domain out of the generic corpus.',
  );
}
