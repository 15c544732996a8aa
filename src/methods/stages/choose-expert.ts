/**
 * Which expert of a hard mixture is specialised (paper sections 2.5 and 4.3, table 5): the expert of the domain's most
 * frequent cluster, the one with the lowest loss on the domain's training text before fine-tuning, or, when all were
 * fine-tuned, the best on the validation split. Held-out text chooses nothing.
 */
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { CorruptionError } from '../../common/errors.ts';
import { writeFileAtomic } from '../../common/files.ts';
import { EvaluationBatches } from '../../corpus/evaluation-batches.ts';
import { denseParameterization } from '../../models/parameterization.ts';
import { inferenceFlopsPerToken } from '../../models/size.ts';
import type { Stage, StageContext } from '../../pipeline/stage.ts';
import { modalCluster } from '../../selection/histogram.ts';
import { readWeights } from '../../training/checkpoint.ts';
import { Evaluator, meanLoss } from '../../training/evaluate.ts';
import { bestPoint } from '../../training/trainer.ts';
import { readHistogram } from './clustering.ts';
import { readTokenizer, type StageMaterial, trainingWindows } from './material.ts';
import { MODEL_FILES, readTrainingRecord, WEIGHTS_FILE } from './models.ts';
import { timed } from './timed.ts';
import { batchRows, modelSize } from './training.ts';

/** Experts are compared on at most this much of the domain's training text. */
const COMPARED_TOKENS = 32_768;
const CHOICE_FILE = 'choice.json';

interface Choice {
  /** Number of the chosen expert. */
  readonly expert: number;
  /** Nats a token of every expert, where losses decided. */
  readonly losses?: readonly number[];
  /** What deciding cost. */
  readonly flops: number;
}

type Rule = (context: StageContext) => Promise<Choice>;

/** The expert of the domain's most frequent cluster. */
export function modalExpertStage(
  material: StageMaterial,
  experts: readonly Stage[],
  histogram: Stage,
): Stage {
  return choiceStage(material, 'most frequent cluster', experts, { histogram }, {}, async (context) => {
    const { shares } = await readHistogram(context.input('histogram'));
    return { expert: modalCluster(shares), flops: 0 };
  });
}

/** The expert with the lowest loss on the in-domain training set. */
export function lowestLossExpertStage(
  material: StageMaterial,
  experts: readonly Stage[],
  domainTokens: number | 'all',
): Stage {
  const { plan, services, tokenizer } = material;
  const limit = domainTokens === 'all' ? COMPARED_TOKENS : Math.min(domainTokens, COMPARED_TOKENS);
  const inputs = { tokenizer, tokens: material.domain.tokens };
  const parameters = {
    limit,
    context: plan.context,
    model: { ...plan.models.small },
    engine: services.engineName,
  };
  return choiceStage(material, 'lowest loss', experts, inputs, parameters, async (context) => {
    const { vocabularySize } = await readTokenizer(context);
    const size = modelSize(plan, 'small', vocabularySize);
    const windows = await trainingWindows(context.input('tokens'), plan.context, limit);
    const batches = new EvaluationBatches(windows, batchRows(plan.fineTuning.batchTokens, plan).rows);
    const engine = services.engine();
    const batch = { rows: batches.rows, length: plan.context };
    const evaluator = await Evaluator.compile(engine, size, denseParameterization(size), batch);
    const losses: number[] = [];
    for (const role of experts.keys()) {
      const state = engine.createState(await readWeights(join(context.input(`expert${role}`), WEIGHTS_FILE)));
      losses.push(meanLoss(await evaluator.evaluate(state, batches, context.signal)));
      state.dispose();
    }
    await evaluator.dispose();
    const counted = experts.length * batches.tokens * inferenceFlopsPerToken(size);
    return { expert: losses.indexOf(Math.min(...losses)), losses, flops: counted };
  });
}

/** The fine-tuned expert with the lowest validation loss. */
export function bestTunedExpertStage(material: StageMaterial, tuned: readonly Stage[]): Stage {
  return choiceStage(material, 'best after fine-tuning', tuned, {}, {}, async (context) => {
    const losses: number[] = [];
    for (const number of tuned.keys()) {
      const { validation } = await readTrainingRecord(context.input(`expert${number}`));
      losses.push(bestPoint(validation).loss);
    }
    return { expert: losses.indexOf(Math.min(...losses)), losses, flops: 0 };
  });
}

function choiceStage(
  { domain }: StageMaterial,
  rule: string,
  experts: readonly Stage[],
  inputs: Readonly<Record<string, Stage>>,
  parameters: Readonly<Record<string, string | number | Record<string, number>>>,
  choose: Rule,
): Stage {
  const roles = Object.fromEntries(experts.map((expert, i) => [`expert${i}`, expert]));
  return {
    kind: 'choose-expert',
    label: `expert for ${domain.name} by ${rule} of ${experts.length}: ${experts[0].label}`,
    version: 1,
    parameters: { ...parameters, rule },
    inputs: { ...inputs, ...roles },
    booking: 'specialization',
    run: (context) =>
      timed(context, async () => {
        const choice = await choose(context);
        const chosen = context.input(`expert${choice.expert}`);
        for (const file of MODEL_FILES) await copyFile(join(chosen, file), join(context.directory, file));
        const { expert, losses } = choice;
        await writeFileAtomic(join(context.directory, CHOICE_FILE), JSON.stringify({ expert, losses }));
        return choice.flops;
      }),
  };
}

const choiceSchema = z.object({ expert: z.number(), losses: z.array(z.number()).optional() });

export async function readChoice(directory: string): Promise<z.infer<typeof choiceSchema>> {
  const path = join(directory, CHOICE_FILE);
  const parsed = choiceSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new CorruptionError(`${path} is damaged.`, 'Remove the artifact and run again.', parsed.error);
}
