/** A run over pretended programs of Slurm, and stages for it. */
import type { TestContext } from 'node:test';
import { SlurmExecutor } from '../../../src/cluster/slurm/executor.ts';
import type { SlurmSettings } from '../../../src/cluster/slurm/settings.ts';
import { PretendedSlurm } from '../../support/pretended-slurm.ts';
import { type Bench, bench, stage } from '../../unit/pipeline/fixtures.ts';

export const WAITED = { state: 'CANCELLED', reason: 'DependencyNeverSatisfied' };
/** Each stage is a job of its own. */
export const need = () => ({ seconds: 3000, bytes: 1e8 });

export const first = stage('first');
export const second = stage('second', { inputs: { first } });
export const third = stage('third', { inputs: { second } });

export interface Pretended extends Pick<Bench, 'store' | 'run'> {
  readonly slurm: PretendedSlurm;
  readonly notes: string[];
  /** Stops all executors; `byUser`: who wants the jobs back. */
  stop(byUser: boolean): void;
  executor(settings?: Partial<SlurmSettings>): SlurmExecutor;
}

export function pretended(t: TestContext): Pretended {
  const slurm = new PretendedSlurm(t);
  const { store, run } = bench(t);
  const notes: string[] = [];
  const controller = new AbortController();
  let takesBack = false;
  const stop = (byUser: boolean): void => {
    takesBack = byUser;
    controller.abort();
  };
  t.after(() => controller.abort());
  const executor = (settings: Partial<SlurmSettings> = {}) =>
    new SlurmExecutor({
      store,
      settings: { threads: 1, setup: [], ...settings },
      program: ['true'],
      signal: controller.signal,
      takesBack: () => takesBack,
      onNote: (text) => notes.push(text),
      onStandstill: () => undefined,
    });
  return { slurm, store, run, notes, stop, executor };
}

export const running = [
  { id: 1, state: 'COMPLETED' },
  { id: 2, state: 'RUNNING' },
];
