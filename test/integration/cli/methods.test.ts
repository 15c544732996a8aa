import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { methods } from '../../../src/methods/registry.ts';
import { writeTinyEncoder } from '../../unit/selection/embedding/tiny-encoder.ts';
import {
  everyMethod,
  finishedWorkspace,
  jsonLines,
  makeWorkspace,
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
