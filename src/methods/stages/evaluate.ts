/**
 * The evaluation of a model on a domain: on its held-out text, of which this stage is the only reader, for the report, and
 * on its validation text, for choosing between methods, experts and budgets. And on generic held-out text, where there is
 * any: what adapting to a domain forgets.
 */
import { join } from 'node:path';
import * as z from 'zod';
import { GraphError, InputError } from '../../common/errors.ts';
import { writeFileAtomic } from '../../common/files.ts';
import type { ModelSize } from '../../common/model-size.ts';
import { modelShapeSchema } from '../../common/model-size.ts';
import { resample } from '../../common/resampling.ts';
import { flops, seconds, tokens } from '../../common/units.ts';
import { DocumentStore } from '../../corpus/documents/document-store.ts';
import { EvaluationBatches } from '../../corpus/windows/evaluation-batches.ts';
import { selectDocuments, WindowSet } from '../../corpus/windows/windows.ts';
import type { HostTensor } from '../../engines/engine.ts';
import { WEIGHTS_FILE } from '../../formats/model-folder.ts';
import { initialWeights } from '../../models/parameterization.ts';
import { inferenceFlopsPerToken } from '../../models/size.ts';
import type { StageInput } from '../../pipeline/define-stage.ts';
import type { Stage } from '../../pipeline/stage.ts';
import { readWeights } from '../../training/checkpoint.ts';
import {
  bitsPerByte,
  type DocumentLoss,
  type Evaluation,
  perplexity,
  type WindowLoss,
  worstWindows,
} from '../../training/evaluate.ts';
import type { ExperimentPlan, ModelName } from '../experiment-plan.ts';
import { readContamination } from './contamination.ts';
import { defineStage, noPlaces } from './define.ts';
import { withEvaluator, withWeights } from './evaluating.ts';
import {
  DOCUMENTS_FILE,
  type DocumentEvaluation,
  type EvaluationResult,
  RESULT_FILE,
  SPEED_FILE,
} from './evaluation-files.ts';
import type { StageServices } from './services.ts';
import { readingText, type StageText } from './stage-text.ts';
import { batchRows, sizeOn } from './training.ts';

export interface EvaluationInputs {
  readonly plan: ExperimentPlan;
  /** The domain's corpus and its tokens. */
  readonly corpus: Stage;
  readonly tokens: Stage;
  /** The generic corpus's tokens, and which of the domain's held-out documents it contains, if there is one. */
  readonly generic?: Stage;
  readonly contamination?: Stage;
  readonly domain: string;
  readonly services: StageServices;
}

/** Of generic held-out text, and no more than of the domain's: enough to tell what was forgotten. */
export const GENERIC_TOKENS = 16_384;

export const evaluate = defineStage({
  kind: 'evaluate',
  version: 7,
  parameters: z.strictObject({
    engine: z.string(),
    model: modelShapeSchema,
    context: z.number(),
    /** Windows of a batch. */
    rows: z.number(),
    /** Of a model as a seed draws it, before it has seen any text; absent where the input `model` is evaluated. */
    untrainedSeed: z.number().optional(),
  }),
  places: noPlaces,
  inputs: {
    model: 'optional',
    corpus: 'one',
    tokens: 'one',
    generic: 'optional',
    contamination: 'optional',
  },
  run: (work) =>
    readingText(async (text) => {
      const began = performance.now();
      const { parameters, directory, input, optionalInput, signal, services } = work;
      const { context, rows } = parameters;
      const store = await text.store(input('tokens'));
      const compared = optionalInput('contamination');
      const repeated = compared && (await readContamination(compared.directory));
      const excluding = new Set(repeated?.heldout.whole.map(({ index }) => index));
      const windows = new WindowSet(store, selectDocuments(store, 'heldout', { excluding }), context);
      if (windows.count === 0) throw nothingHeldOut(work.subject);
      const validationWindows = new WindowSet(store, selectDocuments(store, 'validation'), context);
      if (validationWindows.count === 0) throw nothingToValidateOn(work.subject);
      const batches = new EvaluationBatches(windows, rows);
      const size = sizeOn(store, parameters);
      const validationBatches = new EvaluationBatches(validationWindows, rows);
      const generic = await genericBatches(text, optionalInput('generic'), {
        context,
        rows,
        mostTokens: Math.min(GENERIC_TOKENS, batches.tokens),
      });
      const engine = services.engine();
      const weights = await weightsOf(optionalInput('model'), size, parameters.untrainedSeed);
      const { heldout, tokensPerSecond, validation, onGeneric } = await withEvaluator(
        engine,
        { size, rows },
        (evaluator) =>
          withWeights(engine, weights, async (state) => {
            const evaluating = performance.now();
            const parts = await evaluator.evaluateParts(state, batches, signal);
            const speed = (1000 * parts.total.tokens) / (performance.now() - evaluating);
            const other = await evaluator.evaluate(state, validationBatches, signal);
            const onGeneric = generic && (await evaluator.evaluate(state, generic, signal));
            return { heldout: parts, tokensPerSecond: speed, validation: other, onGeneric };
          }),
      );
      const { total, documents } = heldout;
      const result: EvaluationResult = {
        tokens: total.tokens,
        bytes: windows.selection.bytes ?? 0,
        negativeLogLikelihood: total.negativeLogLikelihood,
        perplexity: perplexity(total),
        bitsPerByte: bitsPerByte(total) ?? 0,
        contaminatedDocuments: excluding.size,
        validation: lossFacts(validation),
        ...(onGeneric && { generic: lossFacts(onGeneric) }),
        resampling: resample(documents, heldout.windows),
      };
      await writeFileAtomic(join(directory, RESULT_FILE), JSON.stringify(result, null, 2));
      const described = await describeDocuments(
        input('corpus').directory,
        documents,
        worstWindows(windows, heldout.windows),
      );
      await writeFileAtomic(join(directory, DOCUMENTS_FILE), JSON.stringify(described));
      await writeFileAtomic(join(directory, SPEED_FILE), JSON.stringify({ tokensPerSecond }));
      work.book({
        flops: flops(
          (total.tokens + validation.tokens + (onGeneric?.tokens ?? 0)) * inferenceFlopsPerToken(size),
        ),
        seconds: seconds((performance.now() - began) / 1000),
        tokens: tokens(0),
      });
    }),
});

/** `undefined` without a generic corpus, or where all of it is for training. */
async function genericBatches(
  text: StageText,
  generic: StageInput | undefined,
  { context, rows, mostTokens }: { context: number; rows: number; mostTokens: number },
): Promise<EvaluationBatches | undefined> {
  if (generic === undefined) return undefined;
  const store = await text.store(generic);
  const windows = new WindowSet(store, selectDocuments(store, 'heldout'), context);
  return windows.count === 0 ? undefined : new EvaluationBatches(windows, rows, mostTokens);
}

function lossFacts(loss: Evaluation): EvaluationResult['validation'] {
  const { tokens: count, negativeLogLikelihood } = loss;
  return { tokens: count, negativeLogLikelihood, perplexity: perplexity(loss) };
}

export function evaluateStage(inputs: EvaluationInputs, model: Stage, name: ModelName): Stage {
  return stageOf(inputs, { label: model.label, name, model });
}

/** The model as a seed draws it, before it has seen any text: where every line of perplexity over tokens begins. */
export function evaluateUntrainedStage(inputs: EvaluationInputs, name: ModelName, seed: number): Stage {
  return stageOf(inputs, { label: `untrained ${name}, seed ${seed}`, name, untrainedSeed: seed });
}

/** What is evaluated: a trained model, or one as a seed draws it. */
type Evaluated = { readonly label: string; readonly name: ModelName } & (
  | { readonly model: Stage; readonly untrainedSeed?: undefined }
  | { readonly model?: undefined; readonly untrainedSeed: number }
);

function stageOf(given: EvaluationInputs, { label, name, model, untrainedSeed }: Evaluated): Stage {
  const { plan, corpus, tokens: domainTokens, generic, contamination, domain, services } = given;
  return evaluate.stage(
    {
      label: `evaluate on ${domain}: ${label}`,
      subject: domain,
      booking: 'specialization',
      parameters: {
        engine: services.engineName,
        model: plan.models[name],
        context: plan.context,
        rows: batchRows(plan.fineTuning.batchTokens, plan).rows,
        untrainedSeed,
      },
      places: null,
      // An untrained model has nothing to forget.
      inputs: { model, corpus, tokens: domainTokens, generic: model && generic, contamination },
    },
    services,
  );
}

async function weightsOf(
  model: StageInput | undefined,
  size: ModelSize,
  untrainedSeed: number | undefined,
): Promise<Readonly<Record<string, HostTensor>>> {
  if (model !== undefined) return readWeights(join(model.directory, WEIGHTS_FILE));
  if (untrainedSeed !== undefined) return initialWeights(size, untrainedSeed);
  throw new GraphError('There is no model to evaluate.', 'Name a model or a seed in the stage.');
}

async function describeDocuments(
  corpusDirectory: string,
  losses: readonly DocumentLoss[],
  worst: ReadonlyMap<number, WindowLoss>,
): Promise<DocumentEvaluation[]> {
  const store = await DocumentStore.open(corpusDirectory);
  return losses.map(({ document, tokens: count, negativeLogLikelihood }) => {
    const { source, record, bytes } = store.record(document);
    const hardest = worst.get(document);
    const passage = hardest && { document, ...hardest };
    return { source, record, tokens: count, bytes, negativeLogLikelihood, ...(passage && { passage }) };
  });
}

function nothingToValidateOn(domain: string): InputError {
  return new InputError(
    `${domain} has no validation text, by which methods are chosen.`,
    "Raise the domain's split.validation in parlance.json, or give more in-domain files.",
  );
}

function nothingHeldOut(domain: string): InputError {
  return new InputError(
    `Every held-out document of ${domain} also stands in the generic corpus: nothing is left to measure on.`,
    'Label other files as held-out, or take the domain out of the generic corpus.',
  );
}
