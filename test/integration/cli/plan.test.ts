import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { jsonLines, makeWorkspace, microExperiment, parlance } from './micro.ts';

test('with budgets, plan says how to measure, and after a run which method to use and which not', async (t) => {
  const folder = await makeWorkspace(t, { ...microExperiment, methods: ['slm-nopt', 'slm', 'llm'] });
  const early = await parlance('plan', folder, '--domains', '7');
  assert.equal(early.code, 2);
  assert.match(early.stderr, /Nothing has been measured yet[\s\S]*hint: Measure first: parlance run /);

  assert.equal((await parlance('run', folder, '--preset', 'small', '--json')).code, 0);
  const budgets = ['--pretraining', '1EFLOP', '--specialization', '2h', '--domains', '7'];
  const text = await parlance('plan', folder, ...budgets);
  assert.equal(text.code, 0, text.stderr);
  assert.match(text.stdout, /what to use within 1\.00 EFLOP of pretraining, 2 h 00 min of specialization/);
  assert.match(text.stdout, /^Use [\w ]+\(slm[\s\S]*measured\s+at/m);
  assert.match(text.stdout, /Large model \(llm\): Its model needs/);

  const json = await parlance('plan', folder, ...budgets, '--inference', '100M', '--no-generic', '--json');
  const lines = jsonLines(json.stdout);
  assert.deepEqual(
    lines.map(({ type }) => type),
    ['recommendation', 'left-out domains'],
  );
  const { candidates, excluded } = lines[0];
  assert.ok(Array.isArray(candidates) && Array.isArray(excluded));
  assert.deepEqual(new Set(candidates.map(({ method }) => method)), new Set(['slm-nopt', 'slm', 'llm']));
});

test('a domain that is new in the experiment gets advice from those that were measured, by its text alone', async (t) => {
  const experiment = {
    ...microExperiment,
    methods: ['slm', 'slm-is'],
    selection: { clusters: 4 },
  };
  const folder = await makeWorkspace(t, experiment);
  const texts = await readdir(join(folder, 'domain'));
  const named = (...names: string[]) => names.map((name) => ({ name, sources: [{ path: name }] }));
  for (const [i, name] of ['first', 'second', 'third'].entries()) {
    await mkdir(join(folder, name));
    for (const file of texts.filter((_, at) => at % 3 === i)) {
      await writeFile(join(folder, name, file), await readFile(join(folder, 'domain', file)));
    }
  }
  const write = (domains: object) =>
    writeFile(join(folder, 'parlance.json'), JSON.stringify({ ...experiment, domains }));
  await write(named('first', 'second'));
  const ran = await parlance('run', folder, '--json');
  assert.equal(ran.code, 0, ran.stderr);

  await mkdir(join(folder, 'little'));
  await writeFile(join(folder, 'little', 'one.md'), 'Too little to be divided.');
  await write(named('first', 'second', 'third', 'little'));
  const isMade = await artifacts(folder);
  const text = await parlance('plan', folder, '--domains', '1');
  assert.equal(text.code, 0, text.stderr);
  assert.match(text.stderr, /^histogram of .* of third .* …$/m);
  const flat = text.stdout.replaceAll(/\s+/g, ' ');
  assert.match(
    flat,
    /Domains that were not measured: - third: Use .* The figures are averages over the measured domains(, of which|\. None of them) .* from the generic text as third is \(\d\.\d\d nats\).*: (first|second) \d+ % \(\d\.\d\d nats\)( and (first|second) \d+ % \(\d\.\d\d nats\))?\./,
  );
  assert.match(
    flat,
    /which of them little is like cannot be told\. The corpus little .* has only one document/,
  );
  const lines = jsonLines((await parlance('plan', folder, '--domains', '1', '--json')).stdout);
  assert.deepEqual(
    lines.map(({ type, view }) => [type, view]),
    [
      ['recommendation', 'macro average over 2 domains'],
      ['recommendation', 'first'],
      ['recommendation', 'second'],
      ['recommendation', 'third'],
      ['recommendation', 'little'],
      ['left-out domains', undefined],
    ],
  );
  // Nothing was trained for it, and no clusters were made.
  const kinds = [...(await artifacts(folder))].flatMap(([id, kind]) => (isMade.has(id) ? [] : [kind]));
  assert.deepEqual(kinds.sort(), ['corpus', 'histogram', 'tokens']);
});

/** What the storage holds: fingerprints with kinds. */
async function artifacts(folder: string): Promise<ReadonlyMap<string, unknown>> {
  const all = join(folder, '.parlance', 'storage', 'artifacts');
  const kinds = new Map<string, unknown>();
  for (const id of await readdir(all)) {
    const manifest: object = JSON.parse(await readFile(join(all, id, 'artifact.json'), 'utf8'));
    kinds.set(id, 'kind' in manifest && manifest.kind);
  }
  return kinds;
}

test('a plan says how many pretrainings a method needs for the domains’ own text, before they are paid for', async (t) => {
  const folder = await makeWorkspace(t, {
    ...microExperiment,
    methods: ['slm', 'slm-is', 'slm-is-cont'],
    seeds: [1, 2],
    pretraining: { tokens: [8192, 16_384], batchTokens: 512 },
    specialization: { ...microExperiment.specialization, domainTokens: [2048, 'all'] },
    points: [{ pretraining: 12_000, domainTokens: 2048 }],
  });
  const { stdout, code } = await parlance('plan', folder, '--no-measure');
  assert.equal(code, 0);
  const places =
    '16k tokens for each of 2 in-domain sets \\(all of it, 2k tokens\\); 12k tokens for one in-domain set \\(2k tokens\\); 8\\.2k tokens for one in-domain set \\(all of it\\)\\. For 1 domain and 2 seeds that is 8';
  assert.match(stdout, new RegExp(`^slm-is pretrains for each domain: ${places} pretrainings\\.`, 'm'));
  assert.match(
    stdout,
    new RegExp(
      `^slm-is-cont pretrains for each domain, in the decay alone: ${places} pretraining decays\\.`,
      'm',
    ),
  );
  assert.doesNotMatch(stdout, /^slm:/m);
  // Of slm one run of two budgets and a branch for the third, for each seed; of slm-is each of the four places.
  assert.match(stdout, /pretrain +generic +0 +6 /);
  assert.match(stdout, /pretrain +specialization +0 +16 /);
});

test('a plan leaves out the in-domain sizes that the run will leave out, by an estimate while the text is not counted', async (t) => {
  const folder = await makeWorkspace(t, {
    ...microExperiment,
    methods: ['slm-is'],
    specialization: { ...microExperiment.specialization, domainTokens: [2048, 1_000_000, 2_000_000, 'all'] },
  });
  const { stdout, stderr, code } = await parlance('plan', folder, '--no-measure');
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /^docs: [\d,]+ tokens for training, estimated; in-domain sizes of 1M, 2M tokens are left out here, and by the run unless it counts more\.$/m,
  );
  assert.match(
    stdout,
    /^slm-is pretrains for each domain: 8\.2k tokens for each of 2 in-domain sets \(all of it, 2k tokens\)\./m,
  );
  const json = await parlance('plan', folder, '--no-measure', '--json');
  const planned = jsonLines(json.stdout).find(({ type }) => type === 'plan');
  assert.ok(Array.isArray(planned?.domains));
  assert.deepEqual(planned.domains[0].leftOut, [1_000_000, 2_000_000]);
});

test('a stated rate is no promise for models that leave a graphics processor idle, and that is said with it', async (t) => {
  const folder = await makeWorkspace(t);
  const { stdout } = await parlance('plan', folder, '--no-measure', '--device-rate', '20TFLOP');
  assert.match(
    stdout,
    /as you state it; but the small model is narrower than 256 .* these times are far too short:\nOne: about/,
  );
});

test('a budget that cannot be read is told with what is expected', async () => {
  const wrong = await parlance('plan', '--pretraining', 'much');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /Expected generic cost, paid once: 2PFLOP, 2e15, 90s, 20min, 2h\./);
});

test('the paper’s own size is planned though no machine at hand could train it, and graphics processors are told of', async (t) => {
  const { generic, domains } = microExperiment;
  const folder = await makeWorkspace(t, { preset: 'base', generic, domains, methods: ['slm', 'llm'] });
  const { stdout, stderr, code } = await parlance('plan', folder, '--no-measure');
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /^Generic text: [\d,]+ tokens for training, estimated; the largest budget, 200B tokens, reads them \S+ times\.$/m,
  );
  assert.match(
    stdout,
    /predicted for 7\.80 TFLOP a second each, which is an assumption and was not measured/,
  );
  assert.match(stdout, /^One: about [\d.]+ years.*about \d+ GB of its memory/m);
  assert.match(stdout, /^16 side by side: about .* most of it “pretrain large/m);

  const stated = await parlance('plan', folder, '--no-measure', '--json', '--device-rate', '100TFLOP');
  const planned = jsonLines(stated.stdout).find(({ type }) => type === 'plan');
  const { devices } = planned ?? {};
  assert.ok(
    typeof devices === 'object' && devices !== null && 'rate' in devices && 'flopsPerSecond' in devices,
  );
  assert.deepEqual([devices.rate, devices.flopsPerSecond], ['stated', 1e14]);
});
