/** `parlance report`: writes the report of the newest run again, from what the store holds. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { reportsFolder } from '../experiments/config/recorded-facts.ts';
import type { JsonOption, StorageOption } from '../experiments/config/settings.ts';
import { prepareExperiment, rebuildReport } from '../experiments/execution/prepare.ts';
import { writeJson } from './display/json.ts';
import { newestRun } from './newest-run.ts';

const REPORT = 'report.html';

export async function report(path: string, options: StorageOption & JsonOption): Promise<void> {
  const { experiment, record, environment } = await newestRun(path, options);
  const tell = (file: string): void => {
    if (options.json) writeJson({ type: 'report', run: record.id, report: file });
    else process.stdout.write(`${file}\n`);
  };
  // What came along was written where all that it tells of was at hand.
  const written = join(reportsFolder(experiment), record.id, REPORT);
  if (record.imported && existsSync(written)) return tell(written);
  const prepared = await prepareExperiment(experiment, environment);
  try {
    const { reportDirectory } = await rebuildReport(prepared, environment, record);
    tell(join(reportDirectory, REPORT));
  } finally {
    await prepared.dispose();
  }
}
