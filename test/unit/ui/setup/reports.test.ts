import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../../../src/common/errors.ts';
import { machineReport, table } from '../../../../src/ui/setup/machine-report.ts';
import { planReport } from '../../../../src/ui/setup/plan-report.ts';
import { budgetArguments, budgetQuestions } from '../../../../src/ui/setup/wizard/budgets.ts';
import { predictionRows } from '../../../../src/ui/setup/wizard/prediction-rows.ts';

const MACHINE = {
  type: 'machine',
  platform: 'linux',
  processor: 'a processor',
  cores: 4,
  memoryBytes: 16e9,
  freeMemoryBytes: 7.6e9,
  storage: '/store',
  freeDiskBytes: 5e8,
  node: 'v20',
  abi: '115',
  engines: ['one', 'two'],
};
const WORKS = { type: 'engine', engine: 'one', available: true, detail: '1.0' };
const MEMORY = {
  type: 'memory',
  preset: 'small',
  bytes: { small: 1e9, large: 9.1e9, projected: 2e9, distilled: 3e9 },
};

test('the report of the machine says what is missing and what mends it', () => {
  const broken = { type: 'engine', engine: 'two', available: false, detail: 'no device', mend: 'Do this.' };
  const text = machineReport([MACHINE, WORKS, broken, MEMORY], undefined);
  assert.match(text, /\| Memory \| 7\.6 GB free of 16 GB \|/);
  assert.match(text, /- \*\*two\*\* cannot be used \(no device\)\. Do this\./);
  assert.match(text, /- Little disk is free: 500 MB/);
  assert.match(text, /will not fit: needs 9\.1 GB, 7\.6 GB free; close other programs\./);
  const base = { ...MEMORY, preset: 'base', bytes: { ...MEMORY.bytes, large: 40e9 } };
  assert.match(
    machineReport([MACHINE, base], undefined),
    /will not fit: needs 40 GB, this machine has 16 GB; it is for a larger one\./,
  );
  assert.match(text, /Not measured\./);
});

test('a machine with everything lacks nothing, and a measured speed says on what it was measured', () => {
  const speed = {
    type: 'speed',
    preset: 'tiny',
    model: 'small',
    engine: 'one',
    trainingTokensPerSecond: 70_404,
    steps: 3,
  };
  const text = machineReport([{ ...MACHINE, freeDiskBytes: 5e10 }, WORKS, speed], undefined);
  assert.match(text, /## What is missing\n\nNothing\./);
  assert.match(text, /\| tiny \| small \| 70,404 tokens a second \| one \| 3 steps \|/);
});

test('a speed that a smaller model stands in for is told as calculated, and an engine that failed with its reason', () => {
  const of = { preset: 'base', model: 'large', engine: 'one' };
  const speed = { type: 'speed', ...of, trainingTokensPerSecond: 0.42, steps: 3 };
  const text = machineReport([WORKS, { ...speed, standIn: { parameterCount: 8.4e6 } }], undefined);
  assert.match(
    text,
    /\| 0\.42 tokens a second \| one \| 3 steps of a model of 8\.4M parameters, and calculated \|/,
  );
  const failed = machineReport(
    [WORKS, { type: 'unmeasured', ...of, reason: 'Too little memory.' }],
    undefined,
  );
  assert.match(
    failed,
    /- \*\*one\*\* could not train the large model of the preset “base”: Too little memory\./,
  );
});

test('an engine that takes the process down is named, and what was found before is kept', () => {
  const text = machineReport([MACHINE, WORKS], new InputError('The process ended (SIGSEGV).', ''));
  assert.match(text, /while \*\*two\*\* was tried: The process ended \(SIGSEGV\)/);
  assert.match(text, /\| one \| works \| 1\.0 \|/);
});

test('text of the machine cannot break out of a table', () => {
  assert.equal(table(['a'], [['<b>|x\ny']]), '| a |\n|---|\n| \\<b\\>\\|x y |');
});

test('the planner’s answer is shown with its basis, its reasons and what to run next', () => {
  const answer = {
    type: 'recommendation',
    view: 'docs',
    candidates: [
      {
        method: 'slm',
        title: 'small',
        basis: 'measured',
        perplexity: 20,
        low: 19,
        high: 21,
        seeds: 3,
        pretrainingTokens: 65_536,
        domainTokens: 2048,
      },
      {
        method: 'slm-is',
        title: 'resampled',
        basis: 'predicted',
        perplexity: 22,
        low: 22,
        high: 22,
        pretrainingTokens: 65_536,
        domainTokens: 2048,
      },
    ],
    excluded: [{ method: 'llm', title: 'large', reasons: ['Too large.', 'Too dear.'] }],
    unmeasured: ['slm-pn'],
    recommendation: { method: 'slm', sentence: 'Use slm.' },
    next: [{ sentence: 'Measure more.' }],
    words: { budgets: '7 domains', prediction: 'None.' },
  };
  const text = planReport([answer, { type: 'left-out domains', checks: [] }]) ?? '';
  assert.match(text, /Within 7 domains \(docs\):\n\n> \*\*Use slm\.\*\*/);
  assert.match(
    text,
    /\| Pretrained on generic text \(slm\) ✓ \| 20\.00 \| 19\.00 to 21\.00 \| measured, 3 seeds \| 66k \| 2,048 \|/,
  );
  assert.match(text, /\| Pretrained on look-alike text \(slm-is\) \|.*\| predicted \|/);
  assert.match(text, /- \*\*Large model \(llm\)\*\*: Too large\. Too dear\./);
  assert.match(text, /## What to run next\n\n- Measure more\./);
  const sources = 'The figures are those of docs.';
  const unmeasured = { ...answer, view: 'legal', words: { ...answer.words, sources } };
  const none = { type: 'no recommendation', view: 'mail', words: { sources: 'Nothing can be said.' } };
  const both = planReport([answer, { ...answer, view: 'notes' }, unmeasured, none]) ?? '';
  assert.match(both, /## By domain\n\n- \*\*notes\*\*: Use slm\.\n\n/);
  assert.match(
    both,
    /## Domains that were not measured\n\n- \*\*legal\*\*: Use slm\. The figures are those of docs\.\n- \*\*mail\*\*: Nothing can be said\.\n/,
  );
  assert.equal(planReport([{ type: 'other' }]), undefined);
});

test('budgets left empty are no limits, and the others become options', () => {
  assert.deepEqual(budgetArguments(['2PFLOP', '', ' 1M ', '', '7']), [
    '--pretraining',
    '2PFLOP',
    '--inference',
    '1M',
    '--domains',
    '7',
  ]);
  assert.deepEqual(budgetArguments(['', '', '', '', '']), ['--domains', '1']);
  const [pretraining, , , tokens, domains] = budgetQuestions;
  assert.deepEqual(
    [pretraining.isReadable('20min'), pretraining.isReadable('much'), tokens.isReadable('2k')],
    [true, false, true],
  );
  assert.deepEqual([domains.isReadable('0'), domains.isReadable('7')], [false, true]);
});

test('a prediction tells no time where no speed was measured, and says what does not fit', () => {
  const plan = {
    type: 'plan',
    calibrations: [],
    flops: { expected: 1e15, maximum: 2e15 },
    peakBytes: 9.1e9,
    domains: [],
  };
  const stage = { type: 'stage', state: 'to compute' };
  const unknown = predictionRows([stage, stage, plan], 7.6e9);
  assert.equal(unknown?.stages, '2 stages');
  assert.equal(unknown?.time, undefined);
  assert.equal(unknown?.fits, false);
  assert.match(unknown?.memory ?? '', /^will not fit: needs 9\.1 GB, 7\.6 GB free; .*try/);
  const unasked = predictionRows([stage, plan], undefined);
  assert.deepEqual([unasked?.fits, unasked?.memory], [true, 'about 9.1 GB at the peak (predicted)']);
  const timed = { ...plan, expectedSeconds: 90, maximumSeconds: 180, calibrations: [{ steps: 3 }] };
  const known = predictionRows([stage, timed], 16e9);
  assert.equal(known?.time, 'about 2 min, at most 3 min');
  assert.match(known?.basis ?? '', /a speed measured now/);
  const recorded = predictionRows([{ ...timed, calibrations: [{}] }], 16e9);
  assert.match(recorded?.basis ?? '', /measured earlier on this machine/);
});
