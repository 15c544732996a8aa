/** Facts about models and methods for results; they follow from the plan alone. */
import { basename } from 'node:path';
import type { MethodFacts, ModelFacts } from '../../budget/measurement.ts';
import type { ExperimentPlan, ModelName } from '../../methods/experiment-plan.ts';
import { type Method, needsGeneric } from '../../methods/method.ts';
import { methods as allMethods } from '../../methods/registry.ts';
import { modelSize } from '../../methods/stages/training.ts';
import { inferenceFlopsPerToken, parameterCount, trainingFlopsPerToken } from '../../models/size.ts';
import type { CorpusNote } from './corpus-notes.ts';

/** What is known of a method before any of its stages is there. */
export function plannedFacts(
  {
    id,
    title,
    model,
    choosesTuned,
    selectsGeneric,
  }: Pick<Method, 'id' | 'title' | 'model' | 'choosesTuned' | 'selectsGeneric'>,
  plan: ExperimentPlan,
): MethodFacts {
  return {
    id,
    title,
    model,
    ...(choosesTuned && { choosesTuned: choosesTuned(plan) }),
    ...(selectsGeneric === 'for each domain' && { readsGenericForDomain: true }),
  };
}

/** The models that the methods serve, the small one first. */
export function modelFacts(
  plan: ExperimentPlan,
  methods: readonly Method[],
  vocabulary: number,
): ModelFacts[] {
  const names: readonly ModelName[] = ['small', 'large'];
  return names
    .filter((name) => methods.some(({ model }) => model === name))
    .map((name) => {
      const size = modelSize(plan, name, vocabulary);
      return {
        name,
        ...size,
        parameters: parameterCount(size),
        trainingFlopsPerToken: trainingFlopsPerToken(size),
        inferenceFlopsPerToken: inferenceFlopsPerToken(size),
      };
    });
}

/** What is not known of models that were given: said wherever costs are, so that no cost passes for zero. */
export function modelNotes({ from }: Pick<ExperimentPlan, 'from'>): CorpusNote[] {
  return Object.entries(from)
    .filter(([, given]) => given.flops === undefined)
    .map(([name, { folder }]) => ({
      corpus: `${name} model`,
      text: `What the pretraining of the ${name} model (${basename(folder)}) took is not known, so that the costs of methods which begin with it are without it; "models.${name}.cost" can state it.`,
    }));
}

/** What generic text would make possible, where there is none. */
export function methodNotes(plan: Pick<ExperimentPlan, 'generic' | 'from'>): CorpusNote[] {
  if (plan.generic !== undefined) return [];
  const more = allMethods.filter((method) => needsGeneric(method, plan)).map(({ id }) => id);
  return [
    {
      corpus: 'generic',
      text: `There is no generic text. With it ("generic" in parlance.json) these can be compared too: ${more.join(', ')}.`,
    },
  ];
}
