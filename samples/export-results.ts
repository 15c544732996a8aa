/**
 * What an experiment found, to be given away with its workspace and without the models: records of its runs, evaluations,
 * the newest report, and what measurements need of the models.
 *
 *     runs/<id>/                 run.json, events.jsonl, status.json
 *     artifacts/<fingerprint>/   the evaluations
 *     reports/<id>/              the newest report
 *     imported.json              src/experiments/results/imported-results.ts
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Measurement } from '../src/budget/measurement.ts';
import { type ImportedModel, writeImported } from '../src/experiments/results/imported-results.ts';
import { measuredModel } from '../src/experiments/results/models.ts';
import { readEvents } from '../src/experiments/runs/events.ts';
import { eventsPath, readRun } from '../src/experiments/runs/runs.ts';
import { readTrainingRecord } from '../src/methods/stages/models.ts';
import { ArtifactStore } from '../src/pipeline/store.ts';

/** Writes the results of a workspace into an empty folder; its runs must have ended. */
export async function exportResults(workspace: string, to: string): Promise<void> {
  const storage = join(workspace, '.parlance', 'storage');
  const models: Record<string, ImportedModel> = {};
  for (const id of readdirSync(join(storage, 'runs'))) {
    await writeRun(storage, id, to);
    for (const { event } of readEvents(eventsPath(storage, id)).events) {
      if (event.type === 'untrained') copyArtifact(storage, event.untrained.fingerprint, to);
      if (event.type !== 'measurement') continue;
      const { fingerprint } = event.measurement;
      copyArtifact(storage, fingerprint, to);
      models[fingerprint] = await modelOf(storage, event.measurement);
    }
  }
  const reports = join(workspace, '.parlance', 'reports');
  const newest = readdirSync(reports).sort().at(-1) ?? '';
  for (const name of readdirSync(join(reports, newest))) {
    const text = readFileSync(join(reports, newest, name), 'utf8');
    // The command that repeats the run is one for the workspace, wherever it lies.
    write(join(to, 'reports', newest, name), text.replaceAll(`${workspace}/`, ''));
  }
  const report = JSON.parse(readFileSync(join(reports, newest, 'report.json'), 'utf8'));
  await writeImported(to, { format: 1, vocabulary: report.models[0].vocabulary, models });
}

/** Without what names this machine: its folders, its name and its processes. */
async function writeRun(storage: string, id: string, to: string): Promise<void> {
  const { record, status } = await readRun(storage, id);
  const { experimentFile: _path, ...told } = record;
  write(join(to, 'runs', id, 'run.json'), `${JSON.stringify({ ...told, imported: true }, undefined, 2)}\n`);
  write(join(to, 'runs', id, 'status.json'), `${JSON.stringify({ ...status, pid: 0, host: '' })}\n`);
  write(join(to, 'runs', id, 'events.jsonl'), readFileSync(eventsPath(storage, id), 'utf8'));
}

async function modelOf(storage: string, measurement: Measurement): Promise<ImportedModel> {
  const model = await measuredModel(new ArtifactStore(storage), measurement);
  if (model === undefined) throw new Error(`The model of ${measurement.fingerprint} is not there.`);
  const { parameters, folder } = model;
  if (measurement.phase === 'before fine-tuning') return { parameters };
  const { steps, bestStep, ending, stoppingTokens, datasetTokens, chosen } = await readTrainingRecord(folder);
  const training = {
    steps,
    bestStep,
    ...(ending && { ending }),
    stoppingTokens,
    datasetTokens,
    ...(chosen && { chosen }),
  };
  return { parameters, training };
}

function copyArtifact(storage: string, fingerprint: string, to: string): void {
  const artifact = join('artifacts', fingerprint);
  cpSync(join(storage, artifact), join(to, artifact), { recursive: true });
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
