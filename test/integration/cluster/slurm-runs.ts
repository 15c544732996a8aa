/** What the tests of runs on a real Slurm share. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type FoundProcess, processesWith } from '../../support/processes.ts';
import { SlurmCluster } from '../../support/slurm.ts';
import { until } from '../../support/waiting.ts';
import { finishedWorkspace, microExperiment, outcomes, type Started, start, TRAINING } from '../cli/micro.ts';

/** Its pretraining takes seconds: jobs tell of it while it goes on. */
export const slowExperiment = {
  ...microExperiment,
  methods: ['slm'],
  pretraining: { tokens: [1_310_720], batchTokens: 512 },
};

export function storageOf(folder: string): string {
  return join(folder, '.parlance', 'storage');
}

/** A cluster, and a user whose settings name it. */
export class SlurmRuns {
  readonly cluster: SlurmCluster;
  /** The user's own folder. */
  readonly state = mkdtempSync(join(tmpdir(), 'parlance-slurm-state-'));

  private constructor(cluster: SlurmCluster) {
    this.cluster = cluster;
    this.settings({});
  }

  static async start(): Promise<SlurmRuns> {
    return new SlurmRuns(await SlurmCluster.start());
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
    rmSync(this.state, { recursive: true, force: true });
  }

  settings(slurm: object): void {
    mkdirSync(join(this.state, 'parlance'), { recursive: true });
    const all = { execution: { slurm: { threads: 1, memory: '500M', ...slurm } } };
    writeFileSync(join(this.state, 'parlance', 'settings.json'), JSON.stringify(all));
  }

  begin(folder: string, ...more: string[]): Started {
    return start(['run', folder, '--on', 'slurm', ...more], {
      SLURM_CONF: this.cluster.configuration,
      XDG_STATE_HOME: this.state,
    });
  }

  jobsLeft(): string {
    return this.cluster.ask('squeue', '-h', '-t', 'PD,R,CG').trim();
  }

  runningJob(): string {
    return this.cluster.ask('squeue', '-h', '-t', 'R', '-o', '%i').trim().split('\n')[0];
  }

  /** Without the minutes that Slurm lets a job wait that it put back. */
  async hurried<T>(ending: Promise<T>): Promise<T> {
    const timer = setInterval(() => this.cluster.hurry(), 1000);
    try {
      return await ending;
    } finally {
      clearInterval(timer);
    }
  }

  /** A run that something happened to while it trained, and that ended by it. */
  async interrupted(path: string, happens: () => void): Promise<string> {
    const running = this.begin(path);
    await training(path);
    happens();
    const { code, stderr } = await running.ended;
    assert.notEqual(code, 0);
    return stderr;
  }
}

/** Until a job has told of a step of its pretraining. */
export async function training(folder: string): Promise<void> {
  await until('a stage trains', () => TRAINING.test(allEvents(folder)));
}

/** What all jobs have told. */
export function allEvents(folder: string): string {
  const events = join(storageOf(folder), 'slurm', 'events');
  return filesIn(events)
    .map((name) => readFileSync(join(events, name), 'utf8'))
    .join('');
}

/** The processes of jobs that compute for this workspace. */
export function stageProcesses(folder: string): readonly FoundProcess[] {
  return processesWith(storageOf(folder)).filter(({ command }) => command.includes('stage'));
}

export async function assertSame(t: TestContext, folder: string): Promise<void> {
  const here = await finishedWorkspace(t, slowExperiment);
  assert.deepEqual(await outcomes(storageOf(folder)), await outcomes(storageOf(here)));
}

export function filesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
