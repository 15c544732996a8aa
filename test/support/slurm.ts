/**
 * A Slurm of two nodes on this machine, by the daemons of Debian's packages: no accounts, no database, nothing outside of
 * its own folder. Needs root; `whyNot` says what is missing.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { processesWith } from './processes.ts';
import { until } from './waiting.ts';

/** Processors of a node: a job asks for as many threads at most. */
const NODE_CPUS = 1;
/** Kept longer than any test: who follows a job reads how it ended. */
const REMEMBERED_SECONDS = 3600;
const LOOKS_BEFORE_KILL = 20;

/** Longer than daemons take anywhere; a machine on which they do not come up leaves the tests out, and says so. */
const TRIAL_MS = 60_000;

export async function whyNoSlurm(): Promise<string | false> {
  if (process.getuid?.() !== 0) return 'Slurm’s daemons are started by root alone';
  const missing = ['slurmctld', 'slurmd', 'sbatch'].filter((name) => spawnSync('which', [name]).status !== 0);
  if (missing.length > 0) return `there is no ${missing.join(', ')}`;
  try {
    const trial = await SlurmCluster.start(['trial'], { signal: AbortSignal.timeout(TRIAL_MS) });
    await trial.stop();
    return false;
  } catch (error) {
    return `Slurm does not come up on this machine: ${error}`;
  }
}

/** Whether a node can be given a folder of its own. */
export function canHide(): boolean {
  return spawnSync('unshare', ['--mount', 'true']).status === 0;
}

interface StartOptions {
  /** A folder that the nodes see as another, empty one. */
  readonly hidden?: string;
  readonly signal?: AbortSignal;
}

export class SlurmCluster {
  /** Path of its configuration: `SLURM_CONF` for all that is to see this cluster. */
  readonly configuration: string;
  readonly env: NodeJS.ProcessEnv;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.configuration = join(folder, 'slurm.conf');
    this.env = { ...process.env, SLURM_CONF: this.configuration };
  }

  static async start(
    nodes = ['node1', 'node2'],
    { hidden, signal }: StartOptions = {},
  ): Promise<SlurmCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'parlance-slurm-'));
    const cluster = new SlurmCluster(folder);
    for (const part of ['state', 'log', 'run', ...nodes.map((node) => `spool/${node}`)]) {
      mkdirSync(join(folder, part), { recursive: true });
    }
    const ports = await freePorts(nodes.length + 1);
    writeFileSync(cluster.configuration, configuration(folder, nodes, ports));
    try {
      await cluster.#comeUp(nodes, { hidden, signal });
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  async #comeUp(nodes: readonly string[], { hidden, signal }: StartOptions): Promise<void> {
    this.startController();
    for (const node of nodes) this.startNode(node, hidden);
    await until('the nodes are idle', () => {
      signal?.throwIfAborted();
      const idle = this.ask('sinfo', '-h', '-N', '-t', 'idle').trim().split('\n');
      return idle.filter((line) => line !== '').length >= nodes.length;
    });
  }

  startController(): void {
    execFileSync('slurmctld', [], { env: this.env });
  }

  startNode(node: string, hidden?: string): void {
    if (hidden === undefined) execFileSync('slurmd', ['-N', node], { env: this.env });
    else {
      const start = 'mount -t tmpfs none "$0" && exec slurmd -N "$1"';
      execFileSync('unshare', ['--mount', 'sh', '-c', start, hidden, node], { env: this.env });
    }
  }

  /** As if the machine went off: the daemon, and what keeps its jobs. */
  killNode(node: string): void {
    const jobs = this.ask('squeue', '-h', '-w', node, '-t', 'R', '-o', '%A').trim().split('\n');
    const keepers = jobs
      .flatMap((job) => processesWith(`slurmstepd: [${job}.`).map(({ pid }) => pid))
      .filter((pid) => this.#isOwn(pid));
    const all = [this.pidOf(node), ...keepers].flatMap((pid) => [pid, ...childrenOf(pid)]);
    for (const pid of all) signal(pid, 'SIGKILL');
  }

  /** Other tests have clusters at the same time, with jobs of the same numbers. */
  #isOwn(pid: number): boolean {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      return environment.includes(`SLURM_CONF=${this.configuration}`);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  }

  killController(): void {
    signal(this.pidOf('slurmctld'), 'SIGKILL');
  }

  /** Jobs that Slurm put back wait for minutes, so that a broken node is not asked again at once; held ones for good. */
  hurry(): void {
    for (const line of this.ask('squeue', '-h', '-t', 'PD', '-o', '%A %r').trim().split('\n')) {
      const [id, reason] = line.split(' ');
      if (reason === 'BeginTime') this.ask('scontrol', 'update', `JobId=${id}`, 'StartTime=now');
      if (/held/i.test(reason ?? '')) this.ask('scontrol', 'release', id);
    }
  }

  /** What one of Slurm's programs prints; nothing when it fails. */
  ask(program: string, ...args: string[]): string {
    return spawnSync(program, args, { env: this.env, encoding: 'utf8' }).stdout;
  }

  /** The process of `slurmctld` or of a node. */
  pidOf(name: string): number {
    return Number(readFileSync(join(this.#folder, 'run', `${name}.pid`), 'utf8'));
  }

  async stop(): Promise<void> {
    this.ask('scancel', '--user=root');
    const run = join(this.#folder, 'run');
    // Read before they end: daemons remove these files.
    const pids = existsSync(run)
      ? readdirSync(run).flatMap((file) => Number(readFileSync(join(run, file), 'utf8')) || [])
      : [];
    for (const pid of pids) signal(pid, 'SIGTERM');
    let looks = 0;
    await until(
      'the daemons have ended',
      () => {
        const alive = pids.filter((pid) => signal(pid, 0));
        // A node with a job under way does not end by asking.
        if (++looks === LOOKS_BEFORE_KILL) for (const pid of alive) signal(pid, 'SIGKILL');
        return alive.length === 0;
      },
      100,
    );
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** All processes below one. */
function childrenOf(pid: number): readonly number[] {
  const own = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number);
  return own.flatMap((child) => [child, ...childrenOf(child)]);
}

/** 0 for a process that has ended meanwhile. */
function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Behind the name, which may hold anything, stand the state and the parent.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

/** False when there is no such process any more. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

function configuration(
  folder: string,
  nodes: readonly string[],
  [first, ...ports]: readonly number[],
): string {
  const host = hostname().split('.')[0];
  return [
    'ClusterName=test',
    `SlurmctldHost=${host}(127.0.0.1)`,
    `SlurmctldPort=${first}`,
    'SlurmUser=root',
    'SlurmdUser=root',
    'AuthType=auth/none',
    'CredType=cred/none',
    `StateSaveLocation=${folder}/state`,
    `SlurmctldPidFile=${folder}/run/slurmctld.pid`,
    `SlurmctldLogFile=${folder}/log/slurmctld.log`,
    `SlurmdPidFile=${folder}/run/%n.pid`,
    `SlurmdLogFile=${folder}/log/%n.log`,
    `SlurmdSpoolDir=${folder}/spool/%n`,
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'JobAcctGatherType=jobacct_gather/none',
    'AccountingStorageType=accounting_storage/none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_Core',
    'SchedulerParameters=batch_sched_delay=0,bf_interval=1',
    'MpiDefault=none',
    'SlurmdTimeout=10',
    'BatchStartTimeout=10',
    'MessageTimeout=5',
    'KillWait=10',
    `MinJobAge=${REMEMBERED_SECONDS}`,
    'ReturnToService=2',
    ...nodes.map(
      (node, i) =>
        `NodeName=${node} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${ports[i]} CPUs=${NODE_CPUS} RealMemory=2000`,
    ),
    'PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP',
    '',
  ].join('\n');
}

/** Free now; Slurm has to be told before it listens. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((done) => {
          const server = createServer().listen(0, '127.0.0.1', () => done(server));
        }),
    ),
  );
  return Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((done) => {
          const address = server.address();
          server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
        }),
    ),
  );
}
