/** What the tests of the hosts share. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { LoggedEvent } from '../../../src/experiments/runs/events.ts';
import type { RunView } from '../../../src/experiments/runs/run-view.ts';
import type { HostRequest } from '../../../src/host/hosts.ts';
import { Supervisor } from '../../../src/host/supervisor.ts';
import { program } from '../../support/programs.ts';
import { until } from '../../support/waiting.ts';
import { makeWorkspace, microExperiment } from '../cli/micro.ts';

/** Can be frozen in the middle of its pretraining (`begun`). */
export const longer = {
  ...microExperiment,
  methods: ['slm'],
  pretraining: { tokens: [131_072], batchTokens: 512 },
  specialization: { ...microExperiment.specialization, domainTokens: ['all'] },
};

const { generic: _, ...withoutGeneric } = microExperiment;

/** The same where there is only in-domain text. */
export const longerFromScratch = {
  ...withoutGeneric,
  methods: ['slm-nopt'],
  specialization: {
    ...microExperiment.specialization,
    domainTokens: ['all'],
    maximumEpochs: 300,
    patience: 100_000_000,
  },
};

export interface Place {
  readonly folder: string;
  readonly storage: string;
  readonly supervisor: Supervisor;
  /** Another window. */
  another(): Supervisor;
  request(...methods: readonly string[]): HostRequest;
  /** The view of a run once it is as wanted. */
  until(run: string, wanted: (view: RunView) => boolean): Promise<RunView>;
}

export async function place(
  t: TestContext,
  { experiment = microExperiment as object, parallel = 1, hostProgram = program('host') } = {},
): Promise<Place> {
  const folder = await makeWorkspace(t, experiment);
  const queueFolder = await mkdtemp(join(tmpdir(), 'parlance-queue-'));
  const storage = join(folder, '.parlance', 'storage');
  const open: Supervisor[] = [];
  const another = () => {
    const supervisor = new Supervisor({ program: hostProgram, queueFolder, parallel: () => parallel });
    open.push(supervisor);
    return supervisor;
  };
  const supervisor = another();
  const seen: Map<string, RunView> = new Map();
  supervisor.watch(storage, (runs) => {
    for (const run of runs) seen.set(run.id, run);
  });
  t.after(async () => {
    for (const { id, pid, phase } of seen.values()) {
      if (pid !== undefined && isAlive(pid))
        await supervisor.command(storage, id, 'cancel').catch(() => undefined);
      if (phase === 'lost' && pid !== undefined) process.kill(pid, 'SIGKILL');
    }
    for (const one of open) one.dispose();
    await rm(queueFolder, { recursive: true, force: true, maxRetries: 5 });
  });
  return {
    folder,
    storage,
    supervisor,
    another,
    request: (...methods) => ({
      experimentFile: join(folder, 'parlance.json'),
      storage,
      methods,
      engine: 'auto',
    }),
    until: async (run, wanted) => {
      const isSeen = () => {
        const view = seen.get(run);
        return view !== undefined && wanted(view) && view;
      };
      try {
        return await until('a run is as wanted', isSeen, 50);
      } catch (error) {
        const lines = await supervisor.lastLines(storage, run, 20);
        throw new Error(`${error}: ${JSON.stringify(seen.get(run))}\n${lines.join('\n')}`);
      }
    },
  };
}

export const ended = ({ phase, pid }: RunView): boolean =>
  pid === undefined && ['finished', 'failed', 'interrupted', 'cancelled'].includes(phase);

/** Told in the middle of the stable phase of pretraining, or of the training from scratch where there is none. */
export const isTraining = ({ event }: LoggedEvent): boolean =>
  event.type === 'stage' &&
  ['pretrain-trunk', 'fine-tune'].includes(event.event.kind) &&
  event.event.state === 'progress';

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The processes that a host has started; only on Linux. */
export function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text
    .split(' ')
    .filter((part) => part !== '')
    .map(Number);
}
