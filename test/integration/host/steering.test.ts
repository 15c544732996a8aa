import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { readStoppedEarly } from '../../../src/experiments/execution/stopped-early.ts';
import { type LoggedEvent, readEvents } from '../../../src/experiments/runs/events.ts';
import { eventsPath, runOwner } from '../../../src/experiments/runs/runs.ts';
import { weightSpecifications } from '../../../src/models/size.ts';
import { Tokenizer } from '../../../src/tokenizer/tokenizer.ts';
import { readWeights } from '../../../src/training/checkpoint.ts';
import { program } from '../../support/programs.ts';
import { until } from '../../support/waiting.ts';
import { finishedWorkspace, outcomes } from '../cli/micro.ts';
import {
  childrenOf,
  ended,
  isAlive,
  isTraining,
  longer,
  longerFromScratch,
  type Place,
  place,
} from './hosts.ts';

/** What an uninterrupted run of the longer experiment leaves; each way of getting there must end the same. */
async function uninterrupted(t: TestContext): Promise<Record<string, string>> {
  return outcomes(join(await finishedWorkspace(t, longer), '.parlance', 'storage'));
}

/**
 * A run whose computation stands still in the middle of its pretraining, however fast the machine trains, until it is
 * thawed.
 */
async function begun(
  here: Place,
  method = 'slm',
): Promise<{ run: string; pid: number; computation: number; thaw: () => void }> {
  const run = await here.supervisor.start(here.request(method));
  await until('it trains', () => readEvents(eventsPath(here.storage, run)).events.some(isTraining));
  const pid = runOwner(here.storage, run)?.pid ?? 0;
  const [computation] = childrenOf(pid);
  process.kill(computation, 'SIGSTOP');
  return { run, pid, computation, thaw: () => process.kill(computation, 'SIGCONT') };
}

/** The program of a host that says which process it is; its computations say nothing. */
async function speakingHost(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-speaking-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'host.mjs');
  const silent = pathToFileURL(program('host')).href;
  await writeFile(
    path,
    `console.error(\`first words of \${process.pid}\\nlast words of \${process.pid}\`);
await import(${JSON.stringify(silent)});
`,
  );
  return path;
}

const gone = (pids: readonly number[]): Promise<boolean> =>
  until(`the processes ${pids.join(', ')} are gone`, () => !pids.some(isAlive));

test('a paused run holds no memory, the next window sees all that was missed, and it ends with the same bits', async (t) => {
  const here = await place(t, { experiment: longer });
  const { run, pid, computation, thaw } = await begun(here);
  await here.supervisor.command(here.storage, run, 'pause');
  thaw();
  await here.until(run, ({ phase }) => phase === 'paused');
  assert.deepEqual(childrenOf(pid), []);
  assert.ok(!isAlive(computation));
  assert.ok(isAlive(pid));
  here.supervisor.dispose();

  const next = here.another();
  const missed: LoggedEvent[] = [];
  next.follow(here.storage, run, (events) => missed.push(...events));
  const shown = await new Promise((done) => {
    next.watch(here.storage, ([view]) => view?.phase === 'paused' && done(view.pid));
  });
  assert.equal(shown, pid);
  await next.command(here.storage, run, 'resume');
  const { phase, message } = await new Promise<{ phase: string; message: string }>((done) => {
    next.watch(here.storage, ([view]) => view !== undefined && ended(view) && done(view));
  });
  assert.equal(phase, 'finished', message);
  const { events } = readEvents(eventsPath(here.storage, run));
  await until('all events are told', () => missed.length >= events.length);
  assert.deepEqual(missed, events);
  assert.deepEqual(
    missed.map(({ sequence }) => sequence),
    [...missed.keys()],
  );
  assert.deepEqual(await outcomes(here.storage), await uninterrupted(t));
});

test('a killed host is shown as lost with its last lines, leaves no computation behind, and resumes to the same bits', async (t) => {
  const here = await place(t, { experiment: longer, hostProgram: await speakingHost(t) });
  const { run, pid, computation, thaw } = await begun(here);
  process.kill(pid, 'SIGKILL');
  thaw();
  const lost = await here.until(run, ({ phase }) => phase === 'lost');
  assert.match(lost.message, /without a word/);
  const lastLines = (count: number) => here.supervisor.lastLines(here.storage, run, count);
  assert.deepEqual(await lastLines(9), [`first words of ${pid}`, `last words of ${pid}`]);
  assert.deepEqual(await lastLines(1), [`last words of ${pid}`]);
  await gone([computation]);
  await here.supervisor.command(here.storage, run, 'resume');
  const view = await here.until(run, ended);
  assert.equal(view.phase, 'finished', view.message);
  assert.equal(view.measurements.length, 2);
  assert.deepEqual(await outcomes(here.storage), await uninterrupted(t));
});

test('a cancelled run is gone, also when its computation or its host hangs, and cannot go on', async (t) => {
  for (const hanging of ['nothing', 'computation', 'host'] as const) {
    const here = await place(t, { experiment: longer });
    const { run, pid, computation, thaw } = await begun(here);
    if (hanging === 'host') process.kill(pid, 'SIGSTOP');
    if (hanging !== 'computation') thaw();
    await here.supervisor.command(here.storage, run, 'cancel');
    await gone([pid, computation]);
    await here.until(run, ({ phase }) => phase === 'cancelled');
    await assert.rejects(here.supervisor.command(here.storage, run, 'resume'), /was cancelled/);
  }
});

test('a run that the system ends while it saves its checkpoint for a pause ends at once, and goes on to the same bits', async (t) => {
  const here = await place(t, { experiment: longer });
  const { run, pid, computation, thaw } = await begun(here);
  await here.supervisor.command(here.storage, run, 'pause');
  await here.until(run, ({ phase }) => phase === 'pausing');
  // As at a logout, in which every process of the user is asked.
  for (const one of [pid, computation]) process.kill(one, 'SIGTERM');
  thaw();
  await gone([pid, computation]);
  const { message } = await here.until(run, ({ phase }) => phase === 'interrupted');
  assert.match(message, /The system ended its process/);
  await here.supervisor.command(here.storage, run, 'resume');
  assert.equal((await here.until(run, (now) => now.phase === 'finished' && ended(now))).phase, 'finished');
  assert.deepEqual(await outcomes(here.storage), await uninterrupted(t));
});

test('a run whose store vanishes is gone and makes nothing of it again', async (t) => {
  const here = await place(t, { experiment: longer });
  const { pid, computation, thaw } = await begun(here);
  await rename(here.storage, join(here.folder, 'moved away'));
  thaw();
  await gone([pid, computation]);
  assert.ok(!existsSync(here.storage));
});

test('stop and keep best leaves a model that loads, says what it is, and is not the artifact of the whole training', async (t) => {
  const here = await place(t, { experiment: longer });
  const { run, thaw } = await begun(here);
  await here.supervisor.command(here.storage, run, 'stop-and-keep-best');
  thaw();
  const view = await here.until(run, ended);
  assert.equal(view.phase, 'interrupted');
  assert.match(view.message, /^Stopped at step \d+ of \d+ of "pretrain small/);
  const models = join(here.folder, '.parlance', 'models');
  const [name, ...others] = await readdir(models);
  assert.deepEqual([name, others], [`micro-slm-${run}`, []]);
  const model = join(models, name);
  const said = await readStoppedEarly(model);
  assert.ok(said !== undefined);
  assert.ok(said.stoppedAtStep > 0 && said.stoppedAtStep < (said.ofSteps ?? 0));
  assert.ok((said.heldOut?.perplexity ?? 0) > 1);
  const { vocabularySize } = await Tokenizer.load(join(model, 'tokenizer.json'));
  const size = { ...longer.models.small, context: longer.context, vocabulary: vocabularySize };
  const weights = await readWeights(join(model, 'model.safetensors'));
  assert.deepEqual(
    Object.keys(weights).sort(),
    weightSpecifications(size)
      .map((one) => one.name)
      .sort(),
  );
  assert.ok(!existsSync(join(here.storage, 'artifacts', said.fingerprint)));
  await here.supervisor.command(here.storage, run, 'resume');
  assert.equal(
    (await here.until(run, (now) => now.phase === 'finished' && now.pid === undefined)).phase,
    'finished',
  );
  assert.deepEqual(await outcomes(here.storage), await uninterrupted(t));
});

test('what is kept is measured where there is no generic text, too, and its text was changed meanwhile', async (t) => {
  const here = await place(t, { experiment: longerFromScratch });
  const { run, thaw } = await begun(here, 'slm-nopt');
  await writeFile(join(here.folder, 'domain', 'new.md'), 'one more document of one more line\n');
  await here.supervisor.command(here.storage, run, 'stop-and-keep-best');
  thaw();
  const { message } = await here.until(run, ended);
  assert.match(message, /^Stopped at step \d+ of \d+ of "train small from scratch/);
  const said = await readStoppedEarly(join(here.folder, '.parlance', 'models', `micro-slm-nopt-${run}`));
  assert.ok((said?.heldOut?.perplexity ?? 0) > 1);
});

test('the secret of a host lies in a file that only its user can read', async (t) => {
  const here = await place(t);
  const run = await here.supervisor.start(here.request('slm-nopt'));
  const { mode } = await stat(join(here.storage, 'runs', run, 'host.json'));
  assert.equal(mode & 0o077, 0);
  await here.supervisor.command(here.storage, run, 'cancel');
  await here.until(run, ended);
});

test('what cannot be started is refused with the reason, and leaves no run', async (t) => {
  const here = await place(t);
  const request = { ...here.request('slm'), experimentFile: join(here.folder, 'missing', 'parlance.json') };
  await assert.rejects(here.supervisor.start(request), /There is no experiment file .*missing/);
  assert.deepEqual(await readdir(join(here.storage, 'runs')), []);
});
