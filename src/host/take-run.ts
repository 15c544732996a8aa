/** The record that a background process keeps: a new one for what was asked, or one that is taken up again. */
import { readSlurmSettings } from '../cluster/slurm/settings.ts';
import { version } from '../common/version.ts';
import { readExperiment } from '../experiments/config/configuration.ts';
import type { Experiment } from '../experiments/config/experiment.ts';
import { configurationJson } from '../experiments/config/recorded-facts.ts';
import { threadsOf } from '../experiments/config/settings.ts';
import { endOf } from '../experiments/execution/execute.ts';
import { machineVersions } from '../experiments/execution/measurements.ts';
import { tidyKilledRuns } from '../experiments/runs/run-references.ts';
import { createRun, type RunWriter, resumeRun } from '../experiments/runs/run-writer.ts';
import type { HostStart } from './ipc-messages.ts';

/** Throws InputError for what cannot be started, and then leaves no record, or says in it why it failed. */
export async function takeRun(start: HostStart): Promise<{ experiment: Experiment; run: RunWriter }> {
  const { storage, run: id, request } = start;
  if (request === undefined) {
    const run = await resumeRun(storage, id, 'queued');
    try {
      const { experimentFile = '', methods, preset } = run.record;
      const experiment = await readExperiment(experimentFile, preset);
      return { experiment: { ...experiment, methods: methods ?? experiment.methods }, run };
    } catch (error) {
      const { message, hint } = endOf(error);
      run.finish('failed', message, hint);
      throw error;
    }
  }
  const experiment = { ...(await readExperiment(request.experimentFile)), methods: request.methods };
  const asked = {
    title: experiment.name,
    configuration: configurationJson(experiment),
    seeds: [...experiment.plan.seeds],
    versions: machineVersions({
      version,
      engine: request.engine,
      threads: request.on === undefined ? threadsOf({}) : (await readSlurmSettings()).threads,
      isElsewhere: request.on !== undefined,
    }),
    experimentFile: experiment.file,
    methods: request.methods,
    engine: request.engine,
    ...(request.ignoreLostLabels && { ignoreLostLabels: true }),
    ...(request.on && { on: request.on }),
  };
  const run = await createRun(storage, asked, { id, state: 'queued' });
  await tidyKilledRuns(storage);
  return { experiment, run };
}
