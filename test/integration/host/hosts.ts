/** The background program as it is shipped, in a folder of its own, and what the tests of the hosts share. */
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { build } from 'esbuild';
import type { RunView } from '../../../src/experiments/run-view.ts';
import type { HostRequest } from '../../../src/host/hosts.ts';
import { Supervisor } from '../../../src/host/supervisor.ts';
import { makeWorkspace, microExperiment } from '../cli/micro.ts';

/** Long enough to be stopped in the middle of its pretraining. */
export const longer = {
  ...microExperiment,
  methods: ['slm'],
  pretraining: { tokens: [1_572_864], batchTokens: 512 },
};

/** Bundles the programs; they find their packages through a link beside them. */
export async function buildPrograms(): Promise<{ host: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-programs-'));
  mkdirSync(join(folder, 'dist'));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'), 'dir');
  await build({
    entryPoints: [
      { in: 'src/host/entry.ts', out: 'host' },
      { in: 'src/experiments/engine-probe.ts', out: 'engine-probe' },
      { in: 'src/tokenizer/encode-worker.ts', out: 'encode-worker' },
    ],
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: ['onnxruntime-node', '@huggingface/transformers'],
    banner: {
      js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);",
    },
    outdir: join(folder, 'dist'),
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
  });
  return {
    host: join(folder, 'dist', 'host.mjs'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export interface Place {
  readonly folder: string;
  readonly storage: string;
  readonly supervisor: Supervisor;
  /** Another window. */
  another(): Supervisor;
  request(...methods: readonly string[]): HostRequest;
  /** The view of a run once it is as wanted; throws when it ends otherwise or takes too long. */
  until(run: string, wanted: (view: RunView) => boolean, withinMs?: number): Promise<RunView>;
}

export async function place(
  t: TestContext,
  program: string,
  { experiment = microExperiment as object, parallel = 1 } = {},
): Promise<Place> {
  const folder = await makeWorkspace(t, experiment);
  const queueFolder = await mkdtemp(join(tmpdir(), 'parlance-queue-'));
  const storage = join(folder, '.parlance', 'storage');
  const open: Supervisor[] = [];
  const another = () => {
    const supervisor = new Supervisor({ program, queueFolder, parallel: () => parallel });
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
    until: async (run, wanted, withinMs = 240_000) => {
      const until = performance.now() + withinMs;
      for (;;) {
        const view = seen.get(run);
        if (view !== undefined && wanted(view)) return view;
        if (performance.now() > until) {
          const lines = await supervisor.lastLines(storage, run, 20);
          throw new Error(`not as wanted: ${JSON.stringify(view)}\n${lines.join('\n')}`);
        }
        await wait(50);
      }
    },
  };
}

export const ended = ({ phase, pid }: RunView): boolean =>
  pid === undefined && ['finished', 'failed', 'interrupted', 'cancelled'].includes(phase);

/** In the middle of the stable phase of pretraining. */
export const isTraining = ({ stages }: RunView): boolean =>
  stages.some(
    ({ kind, state, fraction }) => kind === 'pretrain-trunk' && state === 'progress' && fraction < 0.9,
  );

export const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

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
