/**
 * Which expert of a hard mixture is specialised (paper sections 2.5 and 4.3, table 5): the expert of the domain's most
 * frequent cluster, the one with the lowest loss on the domain's training text before fine-tuning, or, when all were
 * fine-tuned, the best on the validation split. Held-out text chooses nothing. The in-domain set is that of the point at
 * hand, of which at most `COMPARED_TOKENS` are compared on: of a larger set the part that is also the smaller one.
 */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { GraphError } from '../../common/errors.ts';
import { writeFileAtomic } from '../../common/files.ts';
import type { ModelSize } from '../../common/model-size.ts';
import { modelShapeSchema } from '../../common/model-size.ts';
import { readOwnJson } from '../../common/own-json.ts';
import { EvaluationBatches } from '../../corpus/windows/evaluation-batches.ts';
import type { Engine, State } from '../../engines/engine.ts';
import { inferenceFlopsPerToken } from '../../models/size.ts';
import type { StageInput } from '../../pipeline/define-stage.ts';
import type { Stage } from '../../pipeline/stage.ts';
import { modalCluster, tiedClusters } from '../../selection/clustering/histogram.ts';
import { meanLoss } from '../../training/evaluate.ts';
import { defineStage, noPlaces, setFields } from './define.ts';
import { withEvaluator, withModel } from './evaluating.ts';
import { type MethodInputs, readTokenizer } from './method-inputs.ts';
import { lowestValidationLosses, MODEL_FILES } from './models.ts';
import { readHistogram } from './selection/clustering-files.ts';
import { atMost, type DomainSet, readingText, setInWords, setParameters } from './stage-text.ts';
import { timed } from './timed.ts';
import { batchRows, sizeOn } from './training.ts';

/** Experts are compared on at most this much of the domain's training text. */
const COMPARED_TOKENS = 32_768;
const CHOICE_FILE = 'choice.json';

interface Choice {
  /** Number of the chosen expert. */
  readonly expert: number;
  /** Experts that the rule does not tell apart; the first of them is taken. */
  readonly tied: readonly number[];
  /** Nats a token of every expert, where losses decided. */
  readonly losses?: readonly number[];
  /** What deciding cost. */
  readonly flops: number;
}

/** The models to choose from, one a cluster, and what they are, for people. */
export interface Experts {
  readonly models: readonly Stage[];
  readonly name: string;
}

/** The three rules in words, and the text that each goes by. */
const RULES = {
  modal: 'most frequent cluster of the in-domain set',
  lowestLoss: 'lowest loss on the in-domain set',
  bestTuned: 'lowest validation loss after fine-tuning',
} as const;

const comparison = z.strictObject({
  ...setFields,
  context: z.number(),
  model: modelShapeSchema,
  rows: z.number(),
  engine: z.string(),
});

export const chooseExpert = defineStage({
  kind: 'choose-expert',
  version: 3,
  parameters: z.discriminatedUnion('rule', [
    z.strictObject({ rule: z.literal(RULES.modal) }),
    comparison.extend({ rule: z.literal(RULES.lowestLoss) }),
    z.strictObject({ rule: z.literal(RULES.bestTuned) }),
  ]),
  places: noPlaces,
  inputs: { histogram: 'optional', tokenizer: 'optional', tokens: 'optional', expert: 'many' },
  run: ({ parameters, optionalInput, inputList, directory, signal, book, services }) =>
    readingText((text) =>
      timed({ book }, async () => {
        const experts = inputList('expert').map((one) => one.directory);
        const given = (role: 'histogram' | 'tokenizer' | 'tokens'): StageInput => {
          const input = optionalInput(role);
          if (input !== undefined) return input;
          throw new GraphError(`An expert is chosen without ${role}.`, 'Name the input in the stage.');
        };
        const choose = async (): Promise<Choice> => {
          if (parameters.rule === RULES.modal) return mostFrequent(given('histogram'));
          if (parameters.rule === RULES.bestTuned) return bestTuned(experts);
          const size = sizeOn(await readTokenizer(given('tokenizer')), parameters);
          const windows = await text.domain(given('tokens'), parameters.context, parameters);
          const batches = new EvaluationBatches(windows, parameters.rows);
          return lowestLoss(experts, { size, batches, engine: services.engine(), signal });
        };
        const choice = await choose();
        const chosen = experts[choice.expert];
        for (const file of MODEL_FILES) await copyFile(join(chosen, file), join(directory, file));
        const { expert, tied, losses } = choice;
        await writeFileAtomic(join(directory, CHOICE_FILE), JSON.stringify({ expert, tied, losses }));
        return choice.flops;
      }),
    ),
});

async function mostFrequent({ directory }: StageInput): Promise<Choice> {
  const { shares } = await readHistogram(directory);
  return { expert: modalCluster(shares), tied: tiedClusters(shares), flops: 0 };
}

async function lowestLoss(experts: readonly string[], comparing: Comparing): Promise<Choice> {
  const { size, batches, engine, signal } = comparing;
  const losses: number[] = [];
  await withEvaluator(engine, { size, rows: batches.rows }, async (evaluator) => {
    for (const expert of experts) {
      const evaluate = (model: State) => evaluator.evaluate(model, batches, signal);
      losses.push(meanLoss(await withModel(engine, expert, evaluate)));
    }
  });
  const flops = losses.length * batches.tokens * inferenceFlopsPerToken(size);
  return { ...lowest(losses), flops };
}

interface Comparing {
  readonly size: ModelSize;
  readonly batches: EvaluationBatches;
  readonly engine: Engine;
  readonly signal: AbortSignal;
}

async function bestTuned(experts: readonly string[]): Promise<Choice> {
  return { ...lowest(await lowestValidationLosses(experts)), flops: 0 };
}

/** The expert of the most frequent cluster of the in-domain set. */
export function modalExpertStage(
  given: MethodInputs,
  experts: Experts,
  set: DomainSet,
  histogram: Stage,
): Stage {
  return choiceStage(given, experts, { set, parameters: { rule: RULES.modal }, inputs: { histogram } });
}

/** The expert with the lowest loss on the in-domain training set. */
export function lowestLossExpertStage(given: MethodInputs, experts: Experts, set: DomainSet): Stage {
  const { plan, services, tokenizer, domain } = given;
  return choiceStage(given, experts, {
    set,
    parameters: {
      rule: RULES.lowestLoss,
      ...setParameters(atMost(set, COMPARED_TOKENS)),
      context: plan.context,
      model: plan.models.small,
      rows: batchRows(plan.fineTuning.batchTokens, plan).rows,
      engine: services.engineName,
    },
    inputs: { tokenizer, tokens: domain.tokens },
  });
}

/** The fine-tuned expert with the lowest validation loss. */
export function bestTunedExpertStage(given: MethodInputs, tuned: Experts, set: DomainSet): Stage {
  return choiceStage(given, tuned, { set, parameters: { rule: RULES.bestTuned }, inputs: {} });
}
interface Choosing {
  readonly set: DomainSet;
  readonly parameters: z.infer<typeof chooseExpert.parameters>;
  readonly inputs: { readonly histogram?: Stage; readonly tokenizer?: Stage; readonly tokens?: Stage };
}

function choiceStage(
  { domain, services }: MethodInputs,
  { models, name }: Experts,
  { set, parameters, inputs }: Choosing,
): Stage {
  // Which one it is will be known only then, so the label names none.
  const label = `expert for ${setInWords(set, domain.name)} by ${parameters.rule}, of ${name}`;
  return chooseExpert.stage(
    {
      label,
      subject: label,
      booking: 'specialization',
      parameters,
      places: null,
      inputs: { ...inputs, expert: models },
    },
    services,
  );
}

function lowest(losses: readonly number[]): Pick<Choice, 'expert' | 'tied' | 'losses'> {
  const least = Math.min(...losses);
  const all = [...losses.keys()].filter((expert) => losses[expert] === least);
  return { expert: all[0], tied: all.length > 1 ? all : [], losses };
}

const choiceSchema = z.object({
  expert: z.number(),
  tied: z.array(z.number()),
  losses: z.array(z.number()).optional(),
});

export function readChoice(directory: string): Promise<z.infer<typeof choiceSchema>> {
  return readOwnJson(join(directory, CHOICE_FILE), choiceSchema);
}
