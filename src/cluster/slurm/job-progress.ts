/**
 * Whether a job gets on. A stage that saves nothing on its way begins anew each time that its job does, and would for ever
 * where the time of a job is too short for it.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemErrorCode } from '../../common/errors.ts';
import type { StageEvent } from '../../pipeline/stage-event.ts';
import type { ArtifactStore } from '../../pipeline/store.ts';

type Works = Pick<ArtifactStore, 'workFolder'>;

/** What a stage has saved for its next attempt, as a text that changes when it saves more; empty where that is nothing. */
export function savedWork(store: Works, fingerprint: string): string {
  const folder = join(store.workFolder(fingerprint), 'scratch');
  return namesIn(folder)
    .map((name) => {
      const facts = statSync(join(folder, name), { throwIfNoEntry: false });
      return `${name} ${facts?.ino} ${facts?.size} ${facts?.mtimeMs}`;
    })
    .join('\n');
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** What one start of a job comes to. */
export class JobProgress {
  readonly #store: Works;
  /** Of the stage at work: what was saved when it began. */
  #atWork: { readonly fingerprint: string; readonly saved: string } | undefined;
  #hasFinished = false;

  constructor(store: Works) {
    this.#store = store;
  }

  onEvent({ state, fingerprint }: StageEvent): void {
    if (state === 'started') this.#atWork = { fingerprint, saved: savedWork(this.#store, fingerprint) };
    if (state === 'finished') this.#hasFinished = true;
  }

  /** Whether it worked and the next start would begin where this one did. Waiting for another process is no work. */
  get isFruitless(): boolean {
    if (this.#hasFinished || this.#atWork === undefined) return false;
    const { fingerprint, saved } = this.#atWork;
    return savedWork(this.#store, fingerprint) === saved;
  }
}
