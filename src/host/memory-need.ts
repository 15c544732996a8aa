/**
 * How much memory a run takes at its peak: what the same work took on this machine before, where it was measured, else
 * what is predicted from the graphs of its training steps. Measured peaks lie beside the queue, a file for each work.
 */
import { join } from 'node:path';
import { readTextIfThere, writeFileAtomic } from '../common/files.ts';
import { hashJson } from '../common/hash.ts';
import type { Experiment } from '../experiments/config/experiment.ts';
import { configurationJson } from '../experiments/config/recorded-facts.ts';
import { predictTrainingPeakBytes } from '../experiments/estimation/training-memory.ts';
import { trainedNetworks } from '../experiments/execution/trained-networks.ts';
import type { Claim } from './admission.ts';

/** What a computation holds before its engine is loaded: Node.js, the program, the text's index. Of the sample. */
const BEFORE_ENGINE_BYTES = 200e6;

export async function memoryNeed(
  queueFolder: string,
  experiment: Experiment,
  engine: string,
): Promise<Pick<Claim, 'needBytes' | 'source'>> {
  const measured = Number(await readTextIfThere(peakPath(queueFolder, experiment, engine)));
  if (measured > 0) return { needBytes: measured, source: 'measured' };
  const needBytes = predictTrainingPeakBytes(
    experiment.plan,
    trainedNetworks(experiment),
    BEFORE_ENGINE_BYTES,
  );
  return { needBytes, source: 'predicted' };
}

export async function rememberPeak(
  queueFolder: string,
  experiment: Experiment,
  engine: string,
  peakBytes: number,
): Promise<void> {
  await writeFileAtomic(peakPath(queueFolder, experiment, engine), String(peakBytes));
}

function peakPath(queueFolder: string, experiment: Experiment, engine: string): string {
  const work = hashJson({ engine, configuration: configurationJson(experiment), file: experiment.file });
  return join(queueFolder, 'peaks', work);
}
