/** Which method the answer names, on which figure that rests, and that it claims no more than was measured. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokens } from '../../../../src/common/units.ts';
import { answerParagraphs, contentOf } from '../../../../src/experiments/report/sections.ts';
import { type Answer, answersOf } from '../../../../src/experiments/results/answer.ts';
import { answerCard } from '../../../../src/experiments/results/answer-card.ts';
import { answerJson } from '../../../../src/experiments/results/answer-json.ts';
import type { ExperimentResults } from '../../../../src/experiments/results/results.ts';
import { type ResultRow, resultsOf } from '../../../fixtures/answer-results.ts';

function answer(rows: readonly ResultRow[], changes: Partial<ExperimentResults> = {}): Answer {
  const results = { ...resultsOf(rows), ...changes };
  return answersOf(results, results.measurements)[0];
}

const SCRATCH: ResultRow = { method: 'slm-nopt', size: 'all', perplexities: [100, 100] };
const BEFORE: ResultRow = { method: 'slm', size: 0, perplexities: [30, 30] };
const TUNED: ResultRow = { method: 'slm', size: 'all', perplexities: [18, 18] };
const PROJECTED: ResultRow = { method: 'slm-pn', size: 'all', perplexities: [16, 16.5] };
const LARGE: ResultRow = { method: 'llm', size: 'all', perplexities: [12, 12] };

test('the answer names the method, its held-out figure, what it was chosen by and what sets it apart', () => {
  const found = answer([SCRATCH, BEFORE, TUNED, PROJECTED, LARGE]);
  assert.equal(
    found.paragraph,
    'On letters, with all 2M in-domain tokens and at most 1,328,256 parameters, use Projected from a network ' +
      'of experts (slm-pn): ' +
      'held-out perplexity 16.25 (16.00 to 16.50 over 2 seeds); chosen by validation: 15.76. Clear: on held-out text ' +
      'slm-pn is 9.7 % lower than slm (18.00), the next by validation, 90 % interval 7.1 to 12 %, over 100 held-out documents and ' +
      '2 seeds (the spread over seeds is mostly that of other experiments). For comparison, held-out: before fine-tuning, slm gave 30.00; ' +
      'from scratch, slm-nopt gave 100.0. The ' +
      'large model (llm, 8.7M parameters) reached 12.00 on held-out text; it is over the inference cap: a ceiling, ' +
      'not a candidate.',
  );
  assert.equal(
    found.headline,
    'On letters use Projected from a network of experts (slm-pn): held-out perplexity 16.25 with all 2M in-domain tokens; clear.',
  );
});

test('validation chooses: the lowest on held-out text is not the answer when another is lower on validation', () => {
  const found = answer([
    { ...TUNED, perplexities: [18, 18], validation: 15 },
    { ...PROJECTED, perplexities: [17, 17], validation: 16 },
  ]);
  assert.equal(found.choice?.chosen.method.id, 'slm');
  assert.match(found.paragraph, /held-out perplexity 18\.00 .*; chosen by validation: 15\.00\./);
  assert.equal(found.verdict, 'not settled', 'held-out text contradicts the choice');
  assert.match(found.headline, /; not settled: on held-out text slm-pn is clearly lower\.$/);
  assert.doesNotMatch(found.paragraph, /Clear/);
  assert.match(
    found.paragraph,
    /Not settled: validation and held-out text disagree\. On held-out text slm is clearly 5\.9 % higher than slm-pn/,
  );
});

test('all the text there is comes before any number of tokens, whichever is better', () => {
  const found = answer([
    { ...TUNED, size: 2048, perplexities: [10, 10] },
    { ...PROJECTED, size: 2048, perplexities: [9, 9] },
    { ...TUNED, perplexities: [18, 18] },
    { ...PROJECTED, perplexities: [30, 30] },
  ]);
  assert.deepEqual([found.size?.asked, found.choice?.chosen.method.id], ['all', 'slm']);
  assert.match(found.headline, /18\.00 with all 2M in-domain tokens; clear\.$/);
});

test('a tie is called one, and the method that costs less for the domains is used', () => {
  const close: ResultRow = { method: 'slm-is', size: 'all', perplexities: [17.8, 17.9], own: 0.02 };
  const found = answer([{ ...TUNED, own: 0.02 }, close, SCRATCH]);
  assert.equal(found.verdict, 'tie');
  assert.deepEqual([found.choice?.chosen.method.id, found.choice?.leader.method.id], ['slm', 'slm-is']);
  assert.match(
    found.paragraph,
    /Tie with slm-is \(17\.85\): of what is within 1 % of the lowest by validation, slm is the cheaper in total for 1 domain \(110 GFLOP against 120 GFLOP\)\./,
  );
  assert.match(
    found.paragraph,
    /Lowest by validation is slm-is \(17\.31\), on held-out text 0\.8 % lower than slm, 90 % interval \d\.\d % higher to \d\.\d % lower; over 100 held-out documents and 2 seeds \(the spread over seeds is mostly that of other experiments\)\./,
  );
  assert.match(found.paragraph, /Clear: on held-out text slm-is is 82 % lower than slm-nopt \(100\.0\)/);
  assert.match(
    found.headline,
    /use Pretrained on generic text \(slm\): held-out perplexity 18\.00 .*; tie with slm-is\.$/,
  );
});

test('with one seed the spread over seeds is that of others, and with nothing to compare with nothing is claimed', () => {
  const one = answer([{ ...TUNED, perplexities: [18] }]);
  assert.match(
    one.paragraph,
    /18\.00 \(1 seed, spread over seeds unknown\); chosen by validation: 17\.46\. No other/,
  );
  assert.equal(one.verdict, undefined);
  assert.match(one.headline, /; nothing to compare with\.$/);
  const two = answer([
    { ...TUNED, perplexities: [18] },
    { ...PROJECTED, perplexities: [16], unit: 'windows', units: 84 },
  ]);
  assert.match(
    two.paragraph,
    /over 84 windows of few held-out documents and 1 seed \(the spread over seeds is that of other experiments\)\./,
  );
});

test('where too little text is held out everything ties, and the lowest by validation stays chosen', () => {
  const few = { unit: 'windows', units: 3 } as const;
  const found = answer([
    { ...SCRATCH, ...few },
    { ...TUNED, ...few },
  ]);
  assert.deepEqual([found.verdict, found.choice?.chosen.method.id], ['tie', 'slm']);
  assert.match(found.paragraph, /too little text is held out to tell them apart, over 3 windows/);
});

test('a model that fine-tuning made worse is said to be', () => {
  const before: ResultRow = { ...BEFORE, perplexities: [12, 12] };
  assert.match(
    answer([before, TUNED]).paragraph,
    /before fine-tuning, slm gave 12\.00: with the same seeds, fine-tuning made it worse/,
  );
  assert.doesNotMatch(answer([BEFORE, TUNED]).paragraph, /worse/);
});

test('a model is worse by one per cent or more, and by the seeds of both', () => {
  const before = (perplexities: readonly number[], firstSeed = 1): ResultRow => {
    return { ...BEFORE, perplexities, firstSeed };
  };
  const said = (...rows: readonly ResultRow[]) => answer(rows).paragraph;
  assert.doesNotMatch(said(before([18, 18]), TUNED), /worse/);
  assert.doesNotMatch(said(before([17.9, 17.9]), TUNED), /worse/);
  assert.match(said(before([17.8, 17.8]), TUNED), /worse/);
  assert.doesNotMatch(said(before([30, 30, 1]), TUNED), /worse/, 'the third seed was not fine-tuned');
  assert.match(said(before([17, 17, 90]), TUNED), /slm gave 29\.63: with the same seeds, .* worse/);
  assert.doesNotMatch(said(before([12, 12], 7), TUNED), /worse/, 'no seed is the same');
});

test('what was made for another in-domain set is not what fine-tuning began with', () => {
  const tuned: ResultRow = { ...TUNED, method: 'slm-is' };
  const before = (madeFor: number | 'all', perplexity: number): ResultRow => {
    return { method: 'slm-is', size: 0, madeFor, perplexities: [perplexity, perplexity] };
  };
  assert.match(
    answer([before(2048, 12), before('all', 40), tuned]).paragraph,
    /before fine-tuning, slm-is gave 40\.00\./,
  );
});

test('where one of several fine-tuned models is chosen, the one before is not said to be its start', () => {
  const rows: readonly ResultRow[] = [
    { method: 'slm-mix', size: 0, madeFor: 'all', perplexities: [12, 12] },
    { ...TUNED, method: 'slm-mix' },
  ];
  assert.match(answer(rows).paragraph, /slm-mix gave 12\.00: .* worse/);
  const methods = resultsOf(rows).methods.map((one) => ({ ...one, choosesTuned: one.id === 'slm-mix' }));
  assert.match(answer(rows, { methods }).paragraph, /slm-mix gave 12\.00\./);
});

test('from scratch is what trains on the domain alone; a model that was given is pretrained, though not here', () => {
  const given = { pretraining: 0 };
  const before = { ...BEFORE, ...given };
  const tuned = { ...TUNED, ...given };
  const large = { ...LARGE, ...given };
  assert.match(
    answer([tuned, before, PROJECTED, SCRATCH, large]).paragraph,
    /For comparison, held-out: before fine-tuning, slm gave 30\.00; from scratch, slm-nopt gave 100\.0\./,
  );
  for (const rows of [
    [large, tuned, PROJECTED],
    [large, PROJECTED],
  ]) {
    assert.doesNotMatch(answer(rows).paragraph, /from scratch/);
  }
});

test('methods that share no seed are not compared, and none is said to be the only one', () => {
  const found = answer([TUNED, { ...PROJECTED, firstSeed: 7 }]);
  assert.equal(found.verdict, undefined);
  assert.match(found.paragraph, /Not compared with slm \(18\.00\), which was measured with other seeds\./);
  assert.doesNotMatch(found.paragraph, /No other method/);
  assert.match(found.headline, /tokens; not compared with slm, which was measured with other seeds\.$/);
});

test('beside methods that can be compared, those that cannot are named too', () => {
  const other: ResultRow = { method: 'slm', size: 'all', perplexities: [17], firstSeed: 7 };
  const found = answer([PROJECTED, other, { ...other, method: 'slm-is', perplexities: [19] }, SCRATCH]);
  assert.equal(found.verdict, 'clear');
  assert.match(
    found.headline,
    /; clear; not compared with slm and slm-is, which were measured with other seeds\.$/,
  );
  assert.match(
    found.paragraph,
    /Clear: on held-out text slm-pn is 84 % lower than slm-nopt \(100\.0\), .*\. Not compared with slm \(17\.00\) and slm-is \(19\.00\), which were measured with other seeds\./,
  );
});

test('a basis that several ties share is said once; where they differ each has its own', () => {
  const tied = (method: string, perplexities: readonly number[]): ResultRow => {
    return { method, size: 'all', perplexities, own: 0.02 };
  };
  const leader = tied('slm', [17.8, 17.8]);
  const same = answer([leader, tied('slm-is', [17.9, 17.9]), tied('slm-pn', [17.9, 17.9])]).paragraph;
  assert.deepEqual(same.match(/over \d+ held-out documents[^.]*/g), [
    'over 100 held-out documents and 2 seeds (the spread over seeds is mostly that of other experiments)',
  ]);
  const unlike = answer([leader, tied('slm-is', [17.9, 17.9]), tied('slm-pn', [17.9])]).paragraph;
  assert.match(
    unlike,
    /; over 100 held-out documents and 2 seeds \(.*\) \(slm-is\); over 100 held-out documents and 1 seed \(.*\) \(slm-pn\)\./,
  );
});

test('all the text of several domains is a mean of theirs, and said to be one', () => {
  const rows = [TUNED, PROJECTED];
  const both = [...resultsOf(rows).measurements, ...resultsOf(rows, 'notes').measurements];
  const measurements = both.map((one) =>
    one.domain === 'notes' ? { ...one, domainTokens: tokens(500_000) } : one,
  );
  const [average, letters] = answersOf(resultsOf(rows), measurements);
  for (const text of [average.headline, average.paragraph, JSON.stringify(answerCard(average))]) {
    assert.match(text, /with all 1M in-domain tokens \(geometric mean of the domains\)/);
  }
  assert.match(letters.headline, /with all 2M in-domain tokens; clear/);
});

test('a large model alone is never the answer', () => {
  const { choice, paragraph } = answer([LARGE]);
  assert.equal(choice, undefined);
  assert.match(paragraph, /no method has been measured yet\. The large model/);
  assert.match(paragraph, /a ceiling, not a candidate/);
});

test('what is missing is said: sizes, model facts, fine-tuning, everything', () => {
  assert.match(
    answer([TUNED, { ...PROJECTED, size: 2048 }]).paragraph,
    /Not measured at this size and budget: slm-pn\./,
  );
  assert.match(
    answer([TUNED, PROJECTED], { models: [] }).paragraph,
    /and within the inference cap, use Projected from a network of experts \(slm-pn\)/,
  );
  assert.equal(answer([BEFORE]).paragraph, 'On letters, no method has been measured after fine-tuning yet.');
  assert.deepEqual(answerParagraphs(contentOf(resultsOf([]))), ['Nothing has been measured yet.']);
});

test('as plain data the answer has both figures, the verdict and what each comparison rests on', () => {
  const found = answerJson(answer([TUNED, PROJECTED]));
  assert.deepEqual(
    [found.method, found.verdict, found.inDomain],
    ['slm-pn', 'clear', { asked: 'all', tokens: 2e6 }],
  );
  assert.equal(found.heldOutPerplexity?.mean.toFixed(2), '16.25');
  assert.equal(found.validationPerplexity?.mean.toFixed(2), '15.76');
  assert.deepEqual(
    found.compared?.map(({ method, verdict, unit, units, seeds }) => [method, verdict, unit, units, seeds]),
    [['slm', 'clear', 'documents', 100, 2]],
  );
});
