/** `parlance report`: writes the report of the newest run again, from what the store holds. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../common/errors.ts';
import { version } from '../common/version.ts';
import { readExperiment } from '../experiments/config/configuration.ts';
import { reportsFolder } from '../experiments/config/recorded-facts.ts';
import { runCommand } from '../experiments/config/run-command.ts';
import { type JsonOption, type StorageOption, storageOf, threadsOf } from '../experiments/config/settings.ts';
import { prepareExperiment, rebuildReport } from '../experiments/execution/prepare.ts';
import { listRuns, type RunRecord } from '../experiments/runs/runs.ts';
import { writeJson } from './display/json.ts';

const REPORT = 'report.html';

export async function report(path: string, options: StorageOption & JsonOption): Promise<void> {
  const experiment = await readExperiment(path);
  const storage = storageOf(path, options);
  const newest = (await listRuns(storage)).runs.at(0);
  if (newest === undefined) {
    throw new InputError(`There is no run in ${storage}.`, `Run it first: ${runCommand(path, options)}`);
  }
  const tell = (file: string): void => {
    if (options.json) writeJson({ type: 'report', run: newest.record.id, report: file });
    else process.stdout.write(`${file}\n`);
  };
  // What came along was written where all that it tells of was at hand.
  const written = join(reportsFolder(experiment), newest.record.id, REPORT);
  if (newest.record.imported && existsSync(written)) return tell(written);
  const environment = {
    storage,
    threads: threadsOf({}),
    engine: newest.record.versions.engine,
    version,
    command: runCommand(experiment.file, { ...options, engine: askedEngine(newest.record) }),
    signal: new AbortController().signal,
  };
  const prepared = await prepareExperiment(experiment, environment);
  try {
    const { reportDirectory } = await rebuildReport(prepared, environment, newest.record);
    tell(join(reportDirectory, REPORT));
  } finally {
    await prepared.dispose();
  }
}

/** `undefined` when the choice was left to Parlance. */
function askedEngine({ engine }: RunRecord): string | undefined {
  return engine === 'auto' ? undefined : engine;
}
