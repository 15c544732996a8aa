/**
 * Leaves what an interrupted training has reached as a model of its own, outside of the store: it must never be taken
 * for the artifact of the whole training. `stopped-early.json` beside the weights says what it is and what is known.
 */
import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { explainWriteError, writeFileAtomic } from '../common/files.ts';
import { formatPerplexity } from '../common/format.ts';
import { modelShapeSchema } from '../common/model-size.ts';
import type { HostTensor } from '../engines/engine.ts';
import { experimentTargets } from '../experiments/execution/grid.ts';
import type { GridPoint } from '../experiments/execution/grid-point.ts';
import type { ExperimentEnvironment, PreparedExperiment } from '../experiments/execution/prepared.ts';
import { STOPPED_EARLY_FILE, type StoppedEarly } from '../experiments/execution/stopped-early.ts';
import { readEvents } from '../experiments/runs/events.ts';
import { eventsPath, type RunRecord } from '../experiments/runs/runs.ts';
import { WEIGHTS_FILE } from '../formats/model-folder.ts';
import { evaluateStage } from '../methods/stages/evaluate.ts';
import { readEvaluation } from '../methods/stages/evaluation-files.ts';
import { mergeWeights } from '../methods/stages/fine-tune.ts';
import { readTokenizer } from '../methods/stages/method-inputs.ts';
import { CHECKPOINT_FILE, trainedSize, writeModel } from '../methods/stages/models.ts';
import { modelSize } from '../methods/stages/training.ts';
import { lockOwner } from '../pipeline/lock.ts';
import { plan as planStages } from '../pipeline/plan.ts';
import { runStage } from '../pipeline/runner.ts';
import { fingerprint, type Stage } from '../pipeline/stage.ts';
import { BestWeights } from '../training/best-weights.ts';
import { type Checkpoint, readCheckpoint, readWeights } from '../training/checkpoint.ts';
import { bestPoint } from '../training/stopping.ts';

export interface Kept {
  readonly state: 'interrupted';
  readonly message: string;
  readonly hint: string;
}

const trainingParameters = z.object({
  model: modelShapeSchema,
  lowRank: z.object({ rank: z.number(), alpha: z.number() }).nullable().default(null),
  projection: z.unknown().optional(),
});

interface Begun {
  readonly stage: Stage;
  readonly fingerprint: string;
  readonly checkpoint: string;
}

const GO_ON = 'Resume the run to train on from where it stopped.';

export async function keepBest(
  prepared: PreparedExperiment,
  record: RunRecord,
  environment: ExperimentEnvironment,
): Promise<Kept> {
  const begun = await trainingAtHand(prepared);
  if (begun === undefined)
    return kept('Stopped. No training was under way, so there were no weights to keep.');
  const { model: shape, lowRank, projection } = trainingParameters.parse(begun.stage.parameters);
  const { models } = prepared.experiment.plan;
  const name = JSON.stringify(shape) === JSON.stringify({ ...models.large }) ? 'large' : 'small';
  if (projection !== undefined) {
    return kept(`Stopped. "${begun.stage.label}" was under way, which is no model before it is projected.`);
  }
  const point = firstUser(prepared.stages.points, begun.fingerprint);
  if (point === undefined) return kept(`Stopped. "${begun.stage.label}" leads to no model of this run.`);
  const checkpoint = await readCheckpoint(begun.checkpoint);
  const folderOf = (stage: Stage) => prepared.services.store.artifactFolder(fingerprint(stage));
  const facts = factsOf(begun, checkpoint, { record, point, storage: environment.storage });
  const folder = join(dirname(prepared.experiment.file), '.parlance', 'models', folderName(facts));
  const unfinished = join(dirname(folder), `.${folderName(facts)}.tmp`);
  try {
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    const tokenizer = folderOf(begun.stage.inputs.tokenizer);
    const { vocabularySize } = await readTokenizer({ directory: tokenizer });
    const size = modelSize(prepared.experiment.plan, name, vocabularySize);
    // A checkpoint has what is trained; low-rank factors correct weights that are not.
    const frozen =
      lowRank === null ? {} : await readWeights(join(folderOf(begun.stage.inputs.pretrained), WEIGHTS_FILE));
    const best = new BestWeights(dirname(begun.checkpoint));
    const values: Record<string, HostTensor> = { ...frozen, ...checkpoint.state };
    if (checkpoint.progress.validation.length > 0) {
      for await (const [tensor, value] of best.tensors(checkpoint.progress)) values[tensor] = value;
    }
    const { start, pretrained } = begun.stage.inputs;
    const beganWith: Stage | undefined = start ?? pretrained;
    await writeModel(
      unfinished,
      await trainedSize(size, beganWith && folderOf(beganWith)),
      await mergeWeights(prepared.services.engine(), size, lowRank, values),
      tokenizer,
    );
    const heldOut = await measure(
      prepared,
      point,
      { folder: unfinished, stage: begun.stage, name },
      environment,
    );
    const stopped: StoppedEarly = { ...facts, ...(heldOut && { heldOut }) };
    await writeFileAtomic(join(unfinished, STOPPED_EARLY_FILE), `${JSON.stringify(stopped, null, 2)}\n`);
    await rm(folder, { recursive: true, force: true });
    await rename(unfinished, folder);
    return kept(`${sentence(stopped)} The model is kept in ${folder}.`);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw explainWriteError(error, folder);
  }
}

const kept = (message: string): Kept => ({ state: 'interrupted', message, hint: GO_ON });

/** The training of this run that saved a checkpoint last and that nobody computes now. */
async function trainingAtHand({
  stages,
  services: { store },
}: PreparedExperiment): Promise<Begun | undefined> {
  const begun = (await planStages(experimentTargets(stages), store))
    .filter(({ state }) => state === 'to resume')
    .map(({ stage, fingerprint: id }): Begun => {
      const checkpoint = join(store.workFolder(id), 'scratch', CHECKPOINT_FILE);
      return { stage, fingerprint: id, checkpoint };
    })
    .filter(
      (one) => existsSync(one.checkpoint) && lockOwner(store.lockFolder(one.fingerprint)) === undefined,
    );
  const savedMs = (one: Begun): number => statSync(one.checkpoint).mtimeMs;
  return begun.sort((one, other) => savedMs(other) - savedMs(one)).at(0);
}

function firstUser(points: readonly GridPoint[], id: string): GridPoint | undefined {
  const uses = (stage: Stage): boolean =>
    fingerprint(stage) === id || Object.values(stage.inputs).some((input) => uses(input));
  return points.find(({ model }) => uses(model));
}

/** Where a model comes from: a point of a run in a storage folder. */
interface ModelOrigin {
  readonly record: RunRecord;
  readonly point: GridPoint;
  readonly storage: string;
}

function factsOf(
  { stage, fingerprint: id }: Begun,
  { progress }: Checkpoint,
  { record, point, storage }: ModelOrigin,
): StoppedEarly {
  const lowest = progress.validation.length > 0 ? bestPoint(progress.validation) : undefined;
  const ofSteps = plannedSteps(storage, record.id, id);
  return {
    format: 1,
    title: record.title,
    method: point.method.id,
    run: record.id,
    stage: stage.label,
    fingerprint: id,
    stoppedAtStep: progress.step,
    ...(ofSteps !== undefined && { ofSteps }),
    step: lowest?.step ?? progress.step,
    ...(lowest && { validationLoss: lowest.loss }),
  };
}

/** As the training last told it. */
function plannedSteps(storage: string, run: string, id: string): number | undefined {
  let steps: number | undefined;
  for (const { event } of readEvents(eventsPath(storage, run)).events) {
    if (event.type !== 'stage' || event.event.state !== 'progress' || event.event.fingerprint !== id)
      continue;
    steps = event.event.metrics?.steps ?? steps;
  }
  return steps;
}

/** On the held-out split of the domain that the training leads to; `undefined` when nothing can be measured. */
async function measure(
  { experiment, services }: PreparedExperiment,
  { evaluation, domain }: GridPoint,
  model: { readonly folder: string; readonly stage: Stage; readonly name: 'small' | 'large' },
  { signal }: ExperimentEnvironment,
): Promise<StoppedEarly['heldOut']> {
  const { corpus, tokens, contamination } = evaluation.inputs;
  const directory = await mkdtemp(join(tmpdir(), 'parlance-evaluation-'));
  try {
    const options = { store: services.store, signal, onEvent: () => undefined };
    const folders: Record<string, string> = { model: model.folder };
    // Without generic text nothing is contaminated.
    for (const [role, stage] of Object.entries({ corpus, tokens, contamination })) {
      if (stage !== undefined) folders[role] = (await runStage(stage, options)).directory;
    }
    const inputs = { plan: experiment.plan, corpus, tokens, contamination, domain, services };
    await evaluateStage(inputs, model.stage, model.name).run({
      directory,
      scratch: directory,
      signal,
      input: (role) => folders[role],
      progress: () => undefined,
      book: () => undefined,
      bookTotal: () => undefined,
    });
    const { perplexity, bitsPerByte } = await readEvaluation(directory);
    return { domain, perplexity, bitsPerByte };
  } catch (error) {
    console.error('The kept model could not be measured:', error);
    return undefined;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Letters and digits of the title, so that the name is one on every system. */
function folderName({ title, method, run }: StoppedEarly): string {
  const plain = title
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  return [plain.slice(0, 60) || 'model', method, run].join('-');
}

function sentence({ stage, stoppedAtStep, ofSteps, step, validationLoss, heldOut }: StoppedEarly): string {
  const at = ofSteps === undefined ? `step ${stoppedAtStep}` : `step ${stoppedAtStep} of ${ofSteps}`;
  const validation =
    validationLoss === undefined ? 'not validated' : `validation loss ${validationLoss.toFixed(3)}`;
  const measured =
    heldOut === undefined
      ? 'held-out perplexity not measured'
      : `held-out perplexity ${formatPerplexity(heldOut.perplexity)} on ${heldOut.domain}`;
  return `Stopped at ${at} of "${stage}"; weights of step ${step}, ${validation}, ${measured}.`;
}
