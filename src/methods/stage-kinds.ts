/** Every kind of stage, and stages from their descriptions alone: what another process needs to run one. */
import { GraphError } from '../common/errors.ts';
import type { StageKind } from '../pipeline/define-stage.ts';
import type { StageDescription } from '../pipeline/manifest.ts';
import { fingerprint, type Stage } from '../pipeline/stage.ts';
import { ngramSelection } from './slm-dsir.ts';
import { chooseExpert } from './stages/choose-expert.ts';
import { chooseTuning } from './stages/choose-tuning.ts';
import { contamination } from './stages/contamination.ts';
import { corpus, tokenizer, tokens } from './stages/corpora.ts';
import { evaluate } from './stages/evaluate.ts';
import { fineTune } from './stages/fine-tune.ts';
import { givenModel, givenTokenizer } from './stages/given-model.ts';
import { pretrain, pretrainTrunk } from './stages/pretrain.ts';
import { project } from './stages/project.ts';
import { clustering, embedding, histogram, windowVectors } from './stages/selection/clustering.ts';
import { importanceSample } from './stages/selection/importance-sample.ts';
import type { StageServices } from './stages/services.ts';

export const stageKinds: readonly StageKind<StageServices>[] = [
  corpus,
  tokenizer,
  givenTokenizer,
  tokens,
  contamination,
  embedding,
  windowVectors,
  clustering,
  histogram,
  importanceSample,
  ngramSelection,
  givenModel,
  pretrainTrunk,
  pretrain,
  chooseExpert,
  project,
  fineTune,
  chooseTuning,
  evaluate,
];

/**
 * The stage of a fingerprint and all before it, from their descriptions by fingerprint. Throws `GraphError` when one is
 * missing, or was made by another version of a kind.
 */
export function describedStage(
  id: string,
  descriptions: ReadonlyMap<string, StageDescription>,
  services: StageServices,
): Stage {
  // Most stages are inputs of several: each is made once.
  const made = new Map<string, Stage>();
  const make = (one: string): Stage => {
    const known = made.get(one) ?? madeFrom(one, descriptions, services, make);
    made.set(one, known);
    return known;
  };
  return make(id);
}

function madeFrom(
  id: string,
  descriptions: ReadonlyMap<string, StageDescription>,
  services: StageServices,
  inputOf: (id: string) => Stage,
): Stage {
  const description = descriptions.get(id);
  const kind = stageKinds.find((one) => one.kind === description?.kind);
  if (description === undefined || kind === undefined) {
    throw new GraphError(
      `There is no description of the stage ${id} that this version knows.`,
      'Plan the experiment again with this version.',
    );
  }
  const inputs = Object.fromEntries(
    Object.entries(description.inputs).map(([role, input]) => [role, inputOf(input)]),
  );
  const stage = kind.described(description, inputs, services);
  if (fingerprint(stage) === id) return stage;
  throw new GraphError(
    `The description of "${description.label}" is not that of its fingerprint ${id}.`,
    'Plan the experiment again.',
  );
}
