/** `parlance status`: the runs of a storage, the newest first, and how to go on with those that are not finished. */
import { existsSync } from 'node:fs';
import { formatTime } from '../common/format.ts';
import { noExperimentFile } from '../experiments/config/configuration.ts';
import { runCommand } from '../experiments/config/run-command.ts';
import {
  experimentFilePath,
  type JsonOption,
  type StorageOption,
  storageOf,
} from '../experiments/config/settings.ts';
import { listRuns, type RunState, type RunSummary } from '../experiments/runs/runs.ts';
import { writeJson } from './display/json.ts';

const STATES: Readonly<Record<RunState, string>> = {
  queued: 'waits for its turn',
  preparing: 'looks at its text',
  running: 'running',
  pausing: 'about to pause',
  paused: 'paused',
  stopping: 'about to stop',
  finished: 'finished',
  failed: 'failed',
  interrupted: 'stopped',
  cancelled: 'cancelled by the user',
  lost: 'ended without a word (killed, or the machine went down)',
};

export async function status(path: string, options: StorageOption & JsonOption): Promise<void> {
  const storage = storageOf(path, options);
  const { runs, damaged } = await listRuns(storage);
  if (runs.length + damaged.length === 0) {
    const file = experimentFilePath(path);
    if (!existsSync(file)) throw noExperimentFile(file);
  }
  if (options.json) {
    for (const { record, state, status: last } of runs) {
      writeJson({ type: 'run', id: record.id, title: record.title, state, status: last });
    }
    for (const id of damaged) writeJson({ type: 'damaged run', id });
    return;
  }
  const blocks = runs.map((run) => runLines(run).join('\n'));
  blocks.push(...damaged.map((id) => `${id}  its record is damaged: remove ${storage}/runs/${id}`));
  if (blocks.length === 0)
    blocks.push(`No run in ${storage} yet; start one with: ${runCommand(path, options)}`);
  process.stdout.write(`${blocks.join('\n\n')}\n`);
}

function runLines({ record, state, status: last }: RunSummary): string[] {
  const lines = [`${record.id}  ${record.title}, begun ${formatTime(record.created)}: ${STATES[state]}`];
  if (last !== undefined && last.message !== '') lines.push(`  ${last.message}`);
  if (state === 'running' && last !== undefined) lines.push(`  process ${last.pid} on ${last.host}`);
  if (last !== undefined && last.hint !== '') lines.push(`  hint: ${last.hint}`);
  if (state === 'lost') lines.push('  hint: Run the same command again; it resumes.');
  return lines;
}
