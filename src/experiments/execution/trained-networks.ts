/** Which models the methods of an experiment train. */
import type { ModelName, TrainedNetwork } from '../../methods/experiment-plan.ts';
import type { Experiment } from '../config/experiment.ts';
import { selectedMethods } from './measurements.ts';

/** The models that the experiment's methods train. */
export function usedModels(experiment: Experiment): ModelName[] {
  const names: readonly ModelName[] = ['small', 'large'];
  const trained = trainedNetworks(experiment);
  return names.filter((name) => trained.includes(name));
}

/** Everything that the experiment's methods train. */
export function trainedNetworks(experiment: Experiment): TrainedNetwork[] {
  return [...new Set(selectedMethods(experiment).flatMap(({ trains }) => trains))];
}
