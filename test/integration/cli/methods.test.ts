import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { measurementSchema } from '../../../src/budget/measurement.ts';
import { methods } from '../../../src/methods/registry.ts';
import { writeTinyEncoder } from '../../unit/selection/embedding/tiny-encoder.ts';
import {
  everyMethod,
  finishedWorkspace,
  jsonLines,
  makeWorkspace,
  microExperiment,
  outcomes,
  parlance,
  start,
} from './micro.ts';

/** Before fine-tuning they have a model for each in-domain set: a pretraining, a choice or a projection. */
const SEES_DOMAIN = ['slm-is', 'slm-is-cont', 'slm-dsir', 'slm-mix', 'slm-pn'];

/** The kinds of stages in whose middle a process is killed, one after the other. */
const KILLED_IN = [
  'embedding',
  'window-vectors',
  'clustering',
  'histogram',
  'importance-sample',
  'ngram-selection',
  'choose-expert',
  'project',
  'fine-tune',
  'evaluate',
];

const searching = {
  ...microExperiment,
  specialization: {
    ...microExperiment.specialization,
    search: { rates: [0.01, 1], weightDecay: [0, 1], replay: [0, 0.3] },
  },
};

test('every method runs; a process killed in any kind of stage leaves nothing that the next does not resume to the same bits', async (t) => {
  const [killed, whole] = [await makeWorkspace(t, everyMethod), await finishedWorkspace(t, everyMethod)];
  for (const kind of KILLED_IN) {
    const running = start(['run', killed, '--json']);
    const reached = running.shows(new RegExp(`"kind":"${kind}"[^}]*"state":"started"`));
    await Promise.race([reached, running.ended]);
    running.child.kill('SIGKILL');
    assert.equal((await running.ended).code, null, `no ${kind} was reached`);
  }
  const resumed = await parlance('run', killed, '--json');
  assert.equal(resumed.code, 0, resumed.stderr);
  const storage = (folder: string) => join(folder, '.parlance', 'storage');
  assert.deepEqual(await outcomes(storage(killed)), await outcomes(storage(whole)));

  const measured = measurementsOf(resumed.stdout);
  for (const { id } of methods) {
    const own = measured.filter(({ method }) => method === id);
    assert.equal(own.length, measuredOf(id), id);
    const before = own.filter(({ phase }) => phase === 'before fine-tuning');
    const sets = new Set(before.map(({ requestedDomainTokens }) => requestedDomainTokens));
    const expected = SEES_DOMAIN.includes(id) ? [1024, 'all'] : [undefined];
    if (before.length > 0) assert.deepEqual(sets, new Set(expected), id);
    assert.ok(
      own.every(({ perplexity }) => Number(perplexity) > 1 && Number(perplexity) < 300),
      id,
    );
  }
});

test('of several trainings on the domain the one with the lowest validation loss is kept, and all are paid', async (t) => {
  const folder = await makeWorkspace(t, searching);
  const plain = await makeWorkspace(t);
  const [found, usual] = [await parlance('run', folder, '--json'), await parlance('run', plain, '--json')];
  assert.equal(found.code, 0, found.stderr);
  const trained = ledgerOf(found.stdout).filter(({ kind }) => kind === 'fine-tune');
  assert.equal(trained.length, 8 * 4);
  assert.equal(new Set(trained.map(({ label }) => label)).size, trained.length);
  const tuned = (stdout: string) =>
    measurementsOf(stdout).filter(({ phase }) => phase === 'after fine-tuning');
  for (const [i, one] of tuned(found.stdout).entries()) {
    const without = tuned(usual.stdout)[i];
    const { tuning, ...others } = tunedSchema.parse(one);
    assert.equal(tuning?.tried, 8);
    assert.equal(tuning.rate, 1);
    // The usual way is not among those that were tried with this weight decay.
    assert.ok(others.validationPerplexity < 1.05 * tunedSchema.parse(without).validationPerplexity);
    assert.ok(others.specializationFlops > 5 * tunedSchema.parse(without).specializationFlops);
  }
  const to = join(folder, 'exported');
  const exported = await parlance('export', '--experiment', folder, '--format', 'hf', '--to', to);
  assert.equal(exported.code, 0, exported.stderr);
  assert.match(await readFile(join(to, 'README.md'), 'utf8'), /chose it among 8 trainings/);
});

const tunedSchema = measurementSchema.pick({
  tuning: true,
  validationPerplexity: true,
  specializationFlops: true,
});

test('a second domain computes nothing generic, by the ledger', async (t) => {
  const first = await finishedWorkspace(t, everyMethod);
  const second = await makeWorkspace(t, {
    ...everyMethod,
    generic: { sources: [{ path: join(first, 'generic') }] },
    domains: [{ name: 'other', sources: [{ path: 'domain', include: ['npm-[p-z]*'] }] }],
  });
  const storage = join(first, '.parlance', 'storage');
  const { code, stdout, stderr } = await parlance('run', second, '--storage', storage, '--json');
  assert.equal(code, 0, stderr);
  const ledger = ledgerOf(stdout);
  const generic = ledger.filter(({ booking }) => booking === 'generic');
  assert.ok(generic.some(({ kind }) => kind === 'clustering'));
  assert.ok(generic.some(({ kind }) => kind === 'pretrain'));
  assert.deepEqual(
    generic.filter(({ computedHere }) => computedHere === true).map(({ label }) => label),
    [],
  );
  assert.ok(
    ledger.some(({ booking, computedHere }) => booking === 'specialization' && computedHere === true),
  );
});

test('a sentence encoder of a folder clusters in place of the built-in embedding', async (t) => {
  const folder = await makeWorkspace(t, {
    ...everyMethod,
    methods: ['slm-is'],
    selection: { clusters: 3, balanced: true, embedding: { sentenceEncoder: 'encoder' } },
  });
  const missing = await parlance('run', folder);
  assert.equal(missing.code, 2);
  assert.match(
    missing.stderr,
    /The sentence encoder in ".*encoder" cannot be opened[^\n]*\nhint: The folder needs/,
  );
  await writeTinyEncoder(join(folder, 'encoder'));
  const { code, stdout, stderr } = await parlance('run', folder);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /finished {2}embedding by .*encoder/);
  assert.match(stdout, /finished {2}3 balanced clusters/);
  assert.match(stdout, /measured {2}held-out perplexity [\d.]+: slm-is on docs/);
});

type Fields = Record<string, unknown>;

/** Measurements with one budget and two sizes: after fine-tuning, and the models before. */
function measuredOf(method: string): number {
  if (method === 'slm-nopt') return 2;
  return 2 + (SEES_DOMAIN.includes(method) ? 2 : 1);
}

function measurementsOf(stdout: string): Fields[] {
  return listOf(stdout, 'measurements');
}

function ledgerOf(stdout: string): Fields[] {
  return listOf(stdout, 'ledger');
}

function listOf(stdout: string, name: string): Fields[] {
  const result = jsonLines(stdout).find(({ type }) => type === 'result');
  const results = result?.results;
  assert.ok(typeof results === 'object' && results !== null && name in results);
  const list: unknown = Reflect.get(results, name);
  assert.ok(Array.isArray(list));
  return list;
}
