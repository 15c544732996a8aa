/** The models of an experiment as the Models view lists them. */
import { ParlanceError } from '../../common/errors.ts';
import { experimentModels as modelsOf } from '../../experiments/results/experiment-models.ts';
import { isLiving } from '../run-words.ts';
import type { ExperimentRuns } from '../runs/all-runs.ts';
import type { ExperimentModels } from './model-nodes.ts';

export async function experimentModels({ experiment, runs }: ExperimentRuns): Promise<ExperimentModels> {
  const { file, folder, content, storage } = experiment;
  const isBroken = content instanceof ParlanceError;
  const name = isBroken ? folder.name : content.name;
  // A folder that is not trusted is not looked into.
  if (runs === undefined) return { file, name, measured: [], kept: [], answers: [] };
  const place = { file, storage, experiment: isBroken ? undefined : content };
  return { file, name, ...(await modelsOf(place, runs)), isGoingOn: runs.some(isLiving) };
}
