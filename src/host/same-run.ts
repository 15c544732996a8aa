/** Whether a run that goes on is the one that was begun: what was asked, and the text that it began with. */
import { InputError } from '../common/errors.ts';
import { hashJson } from '../common/hash.ts';
import type { Json } from '../common/json.ts';
import type { Experiment } from '../experiments/config/experiment.ts';
import { configurationJson } from '../experiments/config/recorded-facts.ts';
import { readEvents } from '../experiments/runs/events.ts';
import { eventsPath, type RunRecord } from '../experiments/runs/runs.ts';
import type { ArtifactStore } from '../pipeline/store.ts';

/** Fingerprints of the corpora that a run began with, by name; `undefined` when it has not looked at them yet. */
export function corporaBefore(storage: string, record: RunRecord): Record<string, string> | undefined {
  if (record.corpora !== undefined) return record.corpora;
  for (const { event } of readEvents(eventsPath(storage, record.id)).events) {
    if (event.type === 'corpora') return event.corpora;
  }
  return undefined;
}

/** What these corpora held when they were read, by name, as far as the store still has them. */
export async function heldBefore(
  store: ArtifactStore,
  corpora: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, Json>> {
  const held = new Map<string, Json>();
  for (const [name, id] of Object.entries(corpora)) {
    const artifact = await store.open(id);
    if (artifact !== undefined) held.set(name, artifact.manifest.parameters);
  }
  return held;
}

/** Throws InputError when the experiment file or a text is another one. */
export function requireSame(
  experiment: Experiment,
  record: RunRecord,
  before: Readonly<Record<string, string>> | undefined,
  now: Readonly<Record<string, string>>,
): void {
  const isSame = hashJson(configurationJson(experiment)) === hashJson(record.configuration);
  const changed = Object.keys(now).filter((name) => before !== undefined && before[name] !== now[name]);
  if (isSame && changed.length === 0) return;
  const what = isSame ? `The text of ${changed.join(', ')}` : `What ${experiment.file} asks for`;
  throw new InputError(
    `${what} has changed since this run began, so that it cannot go on as it was.`,
    'Put it back as it was and resume the run, or start a new run: what the change does not touch is used again.',
  );
}
