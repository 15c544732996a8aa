import assert from 'node:assert/strict';
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { InterruptedError } from '../../src/common/errors.ts';
import { presets } from '../../src/experiments/config/presets.ts';
import type { Sizes } from '../claims/experiments.ts';
import { runSuite, type SuiteOptions } from '../claims/suite.ts';
import { isShort } from './cli/micro.ts';

const SAMPLE = resolve('samples/.assembled/npm-docs');
const shape = { layers: 1, width: 16, heads: 2, feedForward: 32 };

const micro: Sizes = {
  ...presets.tiny,
  vocabulary: 300,
  context: 32,
  models: { small: shape, large: { ...shape, width: 32 } },
  pretraining: { budgets: [4096], batchTokens: 512 },
  fineTuning: {
    domainTokens: [1024, 'all'],
    batchTokens: 512,
    maximumEpochs: 1,
    maximumTokens: 1e6,
    patienceTokens: 512,
  },
  selection: { ...presets.tiny.selection, clusters: 4 },
  mixture: { ...presets.tiny.mixture, experts: 2 },
  projection: { clusters: 4, slabs: 2, expertSize: 4, groups: 2, blended: 0.5, soft: true, fit: true },
};

async function folders(t: TestContext): Promise<SuiteOptions> {
  const folder = await mkdtemp(join(tmpdir(), 'parlance-claims-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const domain = join(folder, 'commands');
  await mkdir(domain);
  await cp(join(SAMPLE, 'commands'), join(domain, 'train'), { recursive: true, filter: isShort });
  for (const page of ['developers.md', 'orgs.md', 'removal.md', 'scope.md']) {
    await cp(join(SAMPLE, 'using-npm', page), join(domain, 'test', page));
  }
  return {
    generic: join(SAMPLE, 'configuring-npm'),
    domains: [domain],
    work: join(folder, 'work'),
    records: join(folder, 'records'),
    circumstances: { date: '2026-03-01', commit: 'abc1234', processor: 'a processor' },
    jobs: 2,
    seeds: [1],
    sizes: micro,
    clusters: [2],
    signal: new AbortController().signal,
    onProgress: () => undefined,
  };
}

test('the suite runs its experiments side by side over one storage, and what is on record is not run again', async (t) => {
  const options = await folders(t);
  const [findings] = await runSuite(options);
  assert.equal(findings.domain, 'commands');
  const of = (name: string) => findings.measurements.filter(({ experiment }) => experiment === name);
  assert.deepEqual(
    [...new Set(of('core').map(({ method }) => method))],
    ['slm-nopt', 'slm', 'slm-is', 'slm-mix', 'slm-pn'],
  );
  assert.deepEqual(
    [...new Set(of('in-domain decay').map(({ method }) => method))],
    ['slm-is', 'slm-is-cont'],
  );
  assert.deepEqual([...new Set(of('large').map(({ method }) => method))], ['llm', 'slm-d']);
  // Before and after fine-tuning, on the smallest set and on all there is.
  assert.equal(of('clusters: 2').length, 4);
  assert.ok(of('choice: best fine-tuned').length > 0);
  // From scratch, and pretrained before and after fine-tuning.
  assert.equal(of('all the text').length, 3);
  const { seconds, counted, runs } = findings.processorTime;
  assert.ok(seconds > 0 && counted === runs, `${seconds} s of ${counted} of ${runs} runs`);
  // Of the smallest set, which is seen whole before the second validation; all the text is not.
  const [, second] = findings.overfitting[0].curve;
  assert.ok(second.tokens <= 1024, `${second.tokens} tokens before the second validation`);
  // Elsewhere nothing is trained for what is recorded, as long as it is the same text.
  const elsewhere = { ...options, work: `${options.work}-elsewhere` };
  const [again] = await runSuite(elsewhere);
  assert.deepEqual(again, findings);
  assert.deepEqual(await trained(elsewhere.work), []);
  const [domain] = options.domains;
  await appendFile(join(domain, 'test', 'scope.md'), '\nOne more sentence of held-out text.\n');
  const stopping = new AbortController();
  const lines: string[] = [];
  const onProgress = (line: string) => {
    lines.push(line);
    stopping.abort();
  };
  await assert.rejects(runSuite({ ...elsewhere, onProgress, signal: stopping.signal }), InterruptedError);
  assert.match(lines[0], /started/);
});

/** The stages of trainings in a storage. */
async function trained(work: string): Promise<readonly string[]> {
  const artifacts = join(work, 'storage', 'artifacts');
  const kinds = await Promise.all(
    (await readdir(artifacts)).map(async (folder) => {
      const { kind }: { kind: string } = JSON.parse(
        await readFile(join(artifacts, folder, 'artifact.json'), 'utf8'),
      );
      return kind;
    }),
  );
  return kinds.filter((kind) => /train|tune/.test(kind));
}

test('a failing experiment stops the suite with its message', async (t) => {
  const options = await folders(t);
  await assert.rejects(runSuite({ ...options, jobs: 1, generic: join(options.work, 'nowhere') }), {
    name: 'ParlanceError',
    message: /commands, core, seed 1 failed:[\s\S]*nowhere/,
  });
});

test('a stopped suite says that it goes on', async (t) => {
  const options = await folders(t);
  const stopping = new AbortController();
  const onProgress = () => stopping.abort();
  await assert.rejects(runSuite({ ...options, onProgress, signal: stopping.signal }), InterruptedError);
});
