/** Which models the methods of an experiment train. */
import type { ModelName, TrainedNetwork } from '../../methods/experiment-plan.ts';
import type { Experiment } from '../config/experiment.ts';
import { selectedMethods } from './measurements.ts';

/** The models that the experiment's methods train. */
export function usedModels(experiment: Experiment): ModelName[] {
  const names: readonly ModelName[] = ['small', 'large'];
  const trained = selectedMethods(experiment).flatMap(({ trains }) => trains);
  return names.filter((name) => trained.includes(name));
}

/** Everything that the experiment's methods train. Of a model that was given, low-rank methods train no weights. */
export function trainedNetworks(experiment: Experiment): TrainedNetwork[] {
  const { from } = experiment.plan;
  const trained = selectedMethods(experiment).flatMap(({ trains, model }) => {
    const isAdapted = from[model] !== undefined && trains.includes(`low-rank ${model}`);
    return trains.filter((network) => network !== model || !isAdapted);
  });
  return [...new Set(trained)];
}
