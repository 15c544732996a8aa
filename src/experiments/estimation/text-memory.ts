/**
 * What preparing text adds to the memory of a run: at its own peak, and what stays beside the training that follows (a
 * heap that has grown, memory that the allocator keeps). Measured on the sample's 23 MB and on 0.5 MB of text; beyond
 * that the readers stream, and only the index of the documents grows.
 */
import { listFiles } from '../../corpus/sources/sources.ts';
import { corporaOf } from '../../methods/experiment-plan.ts';
import { fingerprint } from '../../pipeline/stage.ts';
import { namedCorpora } from '../execution/grid.ts';
import type { PreparedExperiment } from '../execution/prepared.ts';

/** Text from which the heap has grown to its working size and the encoder's threads have started. */
const STEADY_BYTES = 8e6;
const LEFT_BYTES = 20e6;
const THREAD_BYTES = 70e6;

export interface TextMemory {
  /** Beside the training. */
  readonly leftBytes: number;
  /** While text is prepared. */
  readonly peakBytes: number;
}

/** For the corpora whose token stages are among `toCompute`, fingerprints; zero when none is. */
export async function textMemory(
  { experiment, stages, services }: PreparedExperiment,
  toCompute: ReadonlySet<string>,
): Promise<TextMemory> {
  const named = namedCorpora(stages);
  const corpora = corporaOf(experiment.plan).map((one, i) => [one, named[i].tokens] as const);
  let largest = 0;
  for (const [{ sources }, tokens] of corpora) {
    if (!toCompute.has(fingerprint(tokens))) continue;
    const { files } = await listFiles(sources);
    largest = Math.max(
      largest,
      files.reduce((sum, { size }) => sum + size, 0),
    );
  }
  const leftBytes = LEFT_BYTES * Math.min(1, largest / STEADY_BYTES);
  const threads = largest > STEADY_BYTES && services.threads > 1 ? services.threads : 0;
  return { leftBytes, peakBytes: leftBytes + THREAD_BYTES * threads };
}
