/** The card says what the answer says, in fewer words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answersOf } from '../../../../src/experiments/results/answer.ts';
import { type AnswerCard, answerCard } from '../../../../src/experiments/results/answer-card.ts';
import { type ResultRow, resultsOf } from '../../../fixtures/answer-results.ts';

function card(rows: readonly ResultRow[]): AnswerCard {
  const results = resultsOf(rows);
  return answerCard(answersOf(results, results.measurements)[0]);
}

const TUNED: ResultRow = { method: 'slm', size: 'all', perplexities: [18, 18] };
const fact = (of: AnswerCard, id: string) => of.facts.find((one) => one.id === id);

test('a clear answer names the method in words, its figure, its time and how far the next one is off', () => {
  const found = card([TUNED, { method: 'slm-pn', size: 'all', perplexities: [16, 16.5] }]);
  assert.equal(found.title, 'Use Projected from a network of experts (slm-pn) on letters.');
  assert.equal(found.certainty?.word, 'Clear');
  assert.match(
    found.certainty?.sentence ?? '',
    /^On held-out text it is 9\.7 % lower than Pretrained on generic text \(slm, 18\.00\), the next by validation, 90 % interval/,
  );
  assert.equal(fact(found, 'perplexity')?.value, '16.25');
  assert.match(
    fact(found, 'perplexity')?.detail ?? '',
    /^16\.00 to 16\.50 over 2 seeds, with all 2M in-domain tokens$/,
  );
  assert.match(fact(found, 'time')?.value ?? '', /\d (s|min|h)/);
  assert.doesNotMatch(JSON.stringify(found), /FLOP/, 'time is what one has');
});

test('a tie names what is as good, a contradiction what is lower, and one method alone is not compared', () => {
  const tie = card([
    { ...TUNED, own: 0.02 },
    { method: 'slm-is', size: 'all', perplexities: [17.9, 18], own: 0.02 },
  ]);
  assert.equal(tie.certainty?.word, 'Tie');
  assert.match(
    tie.certainty?.sentence ?? '',
    /^On validation text it is within 1 % of Pretrained on look-alike text \(slm-is, 17\.95\)/,
  );
  const dear = card([
    { ...TUNED, own: 0.02 },
    { method: 'slm-is', size: 'all', perplexities: [17.4, 17.6], own: 0.02, specializationFlops: 9e12 },
  ]);
  assert.equal(dear.certainty?.word, 'Tie');
  assert.match(dear.title, /slm-is/, 'what costs less is not as good');
  assert.equal(
    dear.certainty?.sentence,
    'It is the lowest on validation text. Held-out text and seeds do not set it apart from Pretrained on generic text (slm, 18.00).',
  );
  const open = card([
    { ...TUNED, validation: 15 },
    { method: 'slm-pn', size: 'all', perplexities: [17, 17], validation: 16 },
  ]);
  assert.equal(open.certainty?.word, 'Not settled');
  assert.match(open.title, /^For now, use Pretrained on generic text/);
  assert.match(
    open.certainty?.sentence ?? '',
    /on held-out text Projected from a network of experts \(slm-pn, 17\.00\) is clearly lower/,
  );
  assert.equal(card([TUNED]).certainty?.word, 'Only one measured');
});

test('methods that were measured with other seeds are not compared, and not passed over', () => {
  const other: ResultRow = { method: 'slm-pn', size: 'all', perplexities: [19], firstSeed: 7 };
  const alone = card([TUNED, other]).certainty;
  assert.equal(alone?.word, 'Not compared');
  assert.equal(
    alone?.sentence,
    'Not compared with Projected from a network of experts (slm-pn, 19.00), which was measured with other seeds.',
  );
  const beside = card([TUNED, other, { method: 'slm-is', size: 'all', perplexities: [30, 30] }]).certainty;
  assert.equal(beside?.word, 'Clear');
  assert.match(
    beside?.sentence ?? '',
    /^On held-out text it is 40 % lower than Pretrained on look-alike text .*\. Not compared with Projected/,
  );
});

test('where each domain pays a pretraining of its own, the time says so', () => {
  const before = { method: 'slm-is', size: 0, perplexities: [20, 20], specializationFlops: 9e12 } as const;
  const found = card([before, { method: 'slm-is', size: 'all', perplexities: [15, 15] }, TUNED]);
  assert.match(fact(found, 'time')?.detail ?? '', /for each domain, pretraining included$/);
  assert.doesNotMatch(fact(card([TUNED]), 'time')?.detail ?? '', /pretraining/);
});

test('before anything is fine-tuned the card says what is missing and shows no figure', () => {
  const found = card([{ method: 'slm', size: 0, perplexities: [30, 30] }]);
  assert.match(found.title, /no method has been measured after fine-tuning yet/);
  assert.deepEqual(found.facts, []);
});

test('a difference that is certain and below 1 % is said to be that, and not to be unknown', () => {
  const many = (perplexity: number) => Array.from({ length: 20 }, () => perplexity);
  const rows: readonly ResultRow[] = [
    { ...TUNED, perplexities: many(18) },
    { method: 'slm-is', size: 'all', perplexities: many(17.9) },
  ];
  assert.equal(
    card(rows).certainty?.sentence,
    'On validation text it is within 1 % of Pretrained on look-alike text (slm-is, 17.90), and it needs the least computation.',
  );
  const results = resultsOf(rows);
  assert.match(
    answersOf(results, results.measurements)[0].paragraph,
    /From slm it differs by less than 1 %, which is called a tie though the interval excludes zero\./,
  );
});
