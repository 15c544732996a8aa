/** A real experiment of seconds, with models of a few thousand parameters, and the real command line on it. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { methods } from '../../../src/methods/registry.ts';
import { acquireLock } from '../../../src/pipeline/lock.ts';
import { program, sharedFolder } from '../../support/programs.ts';

const SAMPLE = resolve('samples/.assembled/npm-docs');

export const microExperiment = {
  name: 'micro',
  generic: { sources: [{ path: 'generic' }] },
  domains: [{ name: 'docs', sources: [{ path: 'domain' }] }],
  methods: ['slm-nopt', 'slm'],
  seeds: [1],
  tokenizer: { vocabulary: 300 },
  context: 32,
  models: {
    small: { layers: 1, width: 16, heads: 2, feedForward: 32 },
    large: { layers: 1, width: 32, heads: 2, feedForward: 64 },
  },
  pretraining: { tokens: [8192], batchTokens: 512 },
  specialization: { domainTokens: [2048], batchTokens: 512, maximumEpochs: 3, patience: 2048 },
};

/** Its pretraining is long enough to be stopped in the middle, at the first line that matches `TRAINING`. */
export const longerExperiment = { ...microExperiment, pretraining: { tokens: [131_072], batchTokens: 512 } };
export const TRAINING = /"kind":"pretrain-trunk"[^}]*"state":"progress"/;

/** All methods, as short as they can be. */
export const everyMethod = {
  ...microExperiment,
  methods: methods.map(({ id }) => id),
  pretraining: { tokens: [4096], batchTokens: 512 },
  specialization: { domainTokens: [1024], batchTokens: 512, maximumEpochs: 1, patience: 2048 },
  selection: { clusters: 4 },
  mixture: { experts: 2 },
  projection: { clusters: 3, slabs: 2, expertSize: 3, groups: 4 },
};

/** All in-domain text is always trained on: the short pages keep that to seconds. */
export async function isShort(path: string): Promise<boolean> {
  const facts = await stat(path);
  return facts.isDirectory() || facts.size < 1400;
}

/** A workspace with an experiment file, a generic corpus and a domain: files of the sample. */
export async function makeWorkspace(t: TestContext, experiment: object = microExperiment): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-cli-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await cp(join(SAMPLE, 'commands'), join(folder, 'domain'), { recursive: true, filter: isShort });
  for (const part of ['using-npm', 'configuring-npm']) {
    await cp(join(SAMPLE, part), join(folder, 'generic'), { recursive: true });
  }
  await writeFile(join(folder, 'parlance.json'), JSON.stringify(experiment));
  return folder;
}

/** A copy of a workspace in which the experiment was run to its end, for tests that need one: it is run once. */
export async function finishedWorkspace(
  t: TestContext,
  experiment: object = microExperiment,
): Promise<string> {
  const name = createHash('sha256').update(JSON.stringify(experiment)).digest('hex').slice(0, 16);
  const shared = join(sharedFolder(), `finished-${name}`);
  const signal = new AbortController().signal;
  const lock = await acquireLock(`${shared}.lock`, { signal, onWaiting: () => undefined });
  try {
    if (!existsSync(shared)) {
      const made = await makeWorkspace(t, experiment);
      const { code, stderr } = await parlance('run', made);
      assert.equal(code, 0, stderr);
      await cp(made, shared, { recursive: true });
    }
  } finally {
    lock.release();
  }
  const folder = await mkdtemp(join(tmpdir(), 'parlance-cli-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await cp(shared, folder, { recursive: true });
  return folder;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when the standard output matches. */
  shows(pattern: RegExp): Promise<void>;
}

/**
 * The command line in a process of its own; with one thread, since models as small as these keep no second one busy.
 * `input` is what stands on its standard input.
 */
export function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}, input?: string): Started {
  const threads = ['run', 'plan'].includes(args[0]) && !args.includes('--threads') ? ['--threads', '1'] : [];
  const child = spawn(process.execPath, [program('cli'), ...args, ...threads], {
    // Apart from what the user's machine remembers.
    env: { ...process.env, XDG_STATE_HOME: join(sharedFolder(), 'state'), ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A program that ends without reading it closes the pipe.
  child.stdin.on('error', () => undefined).end(input);
  const text = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (piece: string) => {
      text[name] += piece;
      for (const watch of watchers) watch();
    });
  }
  const ended = new Promise<Ended>((done) => child.on('close', (code) => done({ code, ...text })));
  const shows = (pattern: RegExp) =>
    new Promise<void>((done, fail) => {
      const watch = (): void => {
        if (!pattern.test(text.stdout)) return;
        watchers.delete(watch);
        done();
      };
      watchers.add(watch);
      watch();
      void ended.then(() =>
        fail(new Error(`ended without showing ${pattern}:\n${text.stdout}${text.stderr}`)),
      );
    });
  return { child, ended, shows };
}

export function parlance(...args: readonly string[]): Promise<Ended> {
  return start(args).ended;
}

/** The lines of a `--json` run, parsed; throws when one is not JSON. */
export function jsonLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** SHA-256 of every model and the perplexity of every evaluation, by fingerprint. */
export async function outcomes(storage: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const id of (await readdir(join(storage, 'artifacts'))).sort()) {
    for (const file of ['model.safetensors', 'evaluation.json']) {
      const bytes = await readFile(join(storage, 'artifacts', id, file)).catch(() => undefined);
      if (bytes !== undefined) found[`${id}/${file}`] = createHash('sha256').update(bytes).digest('hex');
    }
  }
  return found;
}
