/**
 * Which expert of a hard mixture is specialised (paper sections 2.5 and 4.3, table 5): the expert of the domain's most
 * frequent cluster, the one with the lowest loss on the domain's training text before fine-tuning, or, when all were
 * fine-tuned, the best on the validation split. Held-out text chooses nothing. The in-domain set is that of the point at
 * hand, of which at most `COMPARED_TOKENS` are compared on: of a larger set the part that is also the smaller one.
 */
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { CorruptionError } from '../../common/errors.ts';
import { writeFileAtomic } from '../../common/files.ts';
import type { Json } from '../../common/json.ts';
import { EvaluationBatches } from '../../corpus/windows/evaluation-batches.ts';
import type { State } from '../../engines/engine.ts';
import { inferenceFlopsPerToken } from '../../models/size.ts';
import type { Stage, StageContext } from '../../pipeline/stage.ts';
import { modalCluster, tiedClusters } from '../../selection/clustering/histogram.ts';
import { meanLoss } from '../../training/evaluate.ts';
import { bestPoint } from '../../training/stopping.ts';
import { withEvaluator, withModel } from './evaluating.ts';
import { readTokenizer, type StageMaterial } from './material.ts';
import { MODEL_FILES, readTrainingRecord } from './models.ts';
import { readHistogram } from './selection/clustering-files.ts';
import { type DomainSet, readingText, type StageText, setInWords, setParameters } from './stage-text.ts';
import { timed } from './timed.ts';
import { batchRows, modelSize } from './training.ts';

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

interface Choosing {
  readonly rule: (typeof RULES)[keyof typeof RULES];
  readonly set: DomainSet;
  readonly inputs?: Readonly<Record<string, Stage>>;
  readonly parameters?: Readonly<Record<string, Json>>;
  choose(context: StageContext, text: StageText): Promise<Choice>;
}

/** The expert of the most frequent cluster of the in-domain set. */
export function modalExpertStage(
  material: StageMaterial,
  experts: Experts,
  set: DomainSet,
  histogram: Stage,
): Stage {
  return choiceStage(material, experts, {
    rule: RULES.modal,
    set,
    inputs: { histogram },
    async choose(context) {
      const { shares } = await readHistogram(context.input('histogram'));
      return { expert: modalCluster(shares), tied: tiedClusters(shares), flops: 0 };
    },
  });
}

/** The expert with the lowest loss on the in-domain training set. */
export function lowestLossExpertStage(material: StageMaterial, experts: Experts, set: DomainSet): Stage {
  const { plan, services, tokenizer } = material;
  const most = set.tokens === 'all' ? COMPARED_TOKENS : Math.min(set.tokens, COMPARED_TOKENS);
  const compared = { tokens: most, seed: set.seed };
  return choiceStage(material, experts, {
    rule: RULES.lowestLoss,
    set,
    inputs: { tokenizer, tokens: material.domain.tokens },
    parameters: {
      ...setParameters(compared),
      context: plan.context,
      model: { ...plan.models.small },
      engine: services.engineName,
    },
    async choose(context, text) {
      const { vocabularySize } = await readTokenizer(context);
      const size = modelSize(plan, 'small', vocabularySize);
      const windows = await text.domain('tokens', plan.context, compared);
      const batches = new EvaluationBatches(windows, batchRows(plan.fineTuning.batchTokens, plan).rows);
      const engine = services.engine();
      const losses: number[] = [];
      await withEvaluator(engine, { size, rows: batches.rows }, async (evaluator) => {
        for (const number of experts.models.keys()) {
          const evaluate = (model: State) => evaluator.evaluate(model, batches, context.signal);
          losses.push(meanLoss(await withModel(engine, context.input(roleOf(number)), evaluate)));
        }
      });
      const flops = losses.length * batches.tokens * inferenceFlopsPerToken(size);
      return { ...lowest(losses), flops };
    },
  });
}

/** The fine-tuned expert with the lowest validation loss. */
export function bestTunedExpertStage(material: StageMaterial, tuned: Experts, set: DomainSet): Stage {
  return choiceStage(material, tuned, {
    rule: RULES.bestTuned,
    set,
    async choose(context) {
      const losses: number[] = [];
      for (const number of tuned.models.keys()) {
        const { validation } = await readTrainingRecord(context.input(roleOf(number)));
        losses.push(bestPoint(validation).loss);
      }
      return { ...lowest(losses), flops: 0 };
    },
  });
}

function choiceStage(
  { domain }: StageMaterial,
  { models, name }: Experts,
  { rule, set, inputs, parameters, choose }: Choosing,
): Stage {
  const roles = Object.fromEntries(models.map((expert, i) => [roleOf(i), expert]));
  return {
    kind: 'choose-expert',
    // Which one it is will be known only then, so the label names none.
    label: `expert for ${setInWords(set, domain.name)} by ${rule}, of ${name}`,
    version: 2,
    parameters: { ...parameters, rule },
    inputs: { ...inputs, ...roles },
    booking: 'specialization',
    run: readingText((context, text) =>
      timed(context, async () => {
        const choice = await choose(context, text);
        const chosen = context.input(roleOf(choice.expert));
        for (const file of MODEL_FILES) await copyFile(join(chosen, file), join(context.directory, file));
        const { expert, tied, losses } = choice;
        await writeFileAtomic(join(context.directory, CHOICE_FILE), JSON.stringify({ expert, tied, losses }));
        return choice.flops;
      }),
    ),
  };
}

const roleOf = (expert: number): string => `expert${expert}`;

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

export async function readChoice(directory: string): Promise<z.infer<typeof choiceSchema>> {
  const path = join(directory, CHOICE_FILE);
  const parsed = choiceSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new CorruptionError(`${path} is damaged.`, 'Remove the artifact and run again.', parsed.error);
}
