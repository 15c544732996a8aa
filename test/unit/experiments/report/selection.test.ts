import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportMarkdown } from '../../../../src/experiments/report/markdown.ts';
import { reportHtml } from '../../../../src/experiments/report/page.ts';
import type { Section } from '../../../../src/experiments/report/section.ts';
import { selectionSections } from '../../../../src/experiments/report/selection.ts';
import type { SelectionFacts } from '../../../../src/experiments/results/selection-facts.ts';
import { syntheticResults } from '../../../fixtures/results.ts';
import { syntheticSelection } from '../../../fixtures/selection.ts';

function sectionOf(facts: SelectionFacts): Section {
  const [section] = selectionSections([facts]);
  return section;
}

/** The rows of a table under their columns' titles. */
function rowsOf(section: Section, caption: RegExp): Record<string, string>[] {
  const table = [...section.tables, ...section.folded].find((one) => caption.test(one.caption));
  assert.ok(table, `${caption}`);
  return table.rows.map((row) =>
    Object.fromEntries(
      row.map(({ text, detail }, i) => [
        table.columns[i].title,
        detail === undefined ? text : `${text} (${detail})`,
      ]),
    ),
  );
}

const section = sectionOf(syntheticSelection('letters', [7]));

test('a domain is told by entropy, effective clusters, most frequent cluster and what is hardly covered', () => {
  assert.deepEqual(rowsOf(section, /^Domains over/), [
    {
      Domain: 'letters',
      'Used by': 'slm-is, slm-is-cont',
      Seed: '7',
      'In-domain tokens': 'all',
      Clusters: '4',
      Windows: '400 (generic: 10,000)',
      Entropy: '1.04',
      'Effective clusters': '2.8',
      'Most frequent cluster': '0 (dear, sincerely, letter)',
      'Its share': '50.0 %',
      'Hardly covered': '25.0 %',
      Distance: '1.13',
    },
  ]);
});

test('clusters show both shares, their weight, their terms and a window; the others are summed', () => {
  const rows = rowsOf(
    section,
    /^Clusters that hold most of letters, of 4 \(seed 7, in-domain tokens: all\)$/,
  ).map(Object.values);
  assert.deepEqual(rows, [
    [
      '0',
      '50.0 %',
      '10.0 % (1,000)',
      '6.67',
      'dear, sincerely, letter, yours (“Dear Sir, in reply to yours of the 3rd …”)',
    ],
    ['1', '25.0 %', '50.0 % (5,000)', '0.667', 'meeting (“The meeting was opened at …”)'],
    ['3', '25.0 %', '0.0 % (0)', '0', 'no generic windows'],
    ['1 more', '0.0 %', '40.0 %', '', ''],
  ]);
});

test('draws tell smoothing, the cap asked and used, and what both did to the stream', () => {
  const [row] = rowsOf(section, /drawn by importance/);
  assert.deepEqual(row, {
    Domain: 'letters (slm-is, slm-is-cont)',
    Seed: '7',
    'In-domain tokens': 'all',
    Clusters: '4',
    'Windows drawn': '10,001 (1.3M tokens)',
    'Different ones': '4,321',
    'Repetition, mean': '1.75',
    'Repetition, most repeated cluster': '5.5',
    Smoothing: '5.0 %',
    Cap: '4 (raised to 5.5)',
    'Moved by the cap': '12.5 %',
    Changed: '30.0 %',
    'By chance': '< 0.1 %',
  });
  assert.match(section.notes.join('\n'), /ours, not the paper’s.*smoothing.*cap/);
  assert.match(section.notes.join('\n'), /of the list that was drawn.*less than once in the mean/);
});

test('rows of several pretraining budgets name theirs; of one budget they need not', () => {
  const facts = syntheticSelection('letters', [7]);
  const larger = { budgetTokens: [64e6, 256e6] };
  const draws = [...facts.draws, ...facts.draws.map((one) => ({ ...one, ...larger }))];
  const ngramSelections = [
    ...facts.ngramSelections,
    ...facts.ngramSelections.map((one) => ({ ...one, ...larger })),
  ];
  const budgets = (of: Section, caption: RegExp) =>
    rowsOf(of, caption).map((row) => row['Pretraining tokens']);
  const several = sectionOf({ ...facts, draws, ngramSelections });
  for (const caption of [/drawn by importance/, /by n-grams/]) {
    assert.deepEqual(budgets(several, caption), ['64M', '64M, 256M']);
    assert.deepEqual(budgets(section, caption), [undefined]);
  }
});

test('a tie is said where a cluster is named', () => {
  const facts = syntheticSelection('letters', [7]);
  const histograms = facts.histograms.map((one) => ({ ...one, tiedClusters: [0, 1, 3] }));
  const [row] = rowsOf(sectionOf({ ...facts, histograms }), /^Domains over/);
  assert.equal(row['Most frequent cluster'], '0, tied with 1, 3 (dear, sincerely, letter)');
});

test('what only rounding moved is told as nothing', () => {
  const facts = syntheticSelection('letters', [7]);
  const draws = facts.draws.map((draw) => ({ ...draw, movedByCap: 1e-16 }));
  assert.equal(rowsOf(sectionOf({ ...facts, draws }), /drawn by importance/)[0]['Moved by the cap'], '0.0 %');
});

test('n-gram selections tell their KL reduction, choices of experts their rule', () => {
  const [ngrams] = rowsOf(section, /by n-grams/);
  assert.equal(ngrams['KL reduction'], '0.625');
  assert.equal(ngrams['Windows selected'], '5,001 (of 10,000, 12 too short)');
  const [choice] = rowsOf(section, /Experts/);
  assert.equal(choice.Rule, 'lowest loss on the in-domain set');
  assert.equal(choice.Chosen, '1 (meeting)');
  assert.equal(choice['Its loss'], '3.500 (highest 4.250)');
});

test('only what happened is explained, and what could not be read is named', () => {
  const nothing = { domain: 'letters', histograms: [], draws: [], ngramSelections: [], choices: [] };
  const { notes, tables, folded } = sectionOf({ ...nothing, unread: ['histogram of letters'] });
  assert.deepEqual([tables, folded], [[], []]);
  assert.equal(notes.length, 1);
  assert.match(notes[0], /not shown: histogram of letters\./);
});

test('both forms of the report have the section exactly when something was selected', () => {
  const results = syntheticResults({ domains: ['letters'] });
  assert.match(reportHtml(results), /<a href="#selection">Selection<\/a>/);
  assert.match(reportMarkdown(results), /^## Selection$/m);
  const without = { ...results, selections: [] };
  assert.doesNotMatch(reportHtml(without), /selection-title|#selection/);
  assert.doesNotMatch(reportMarkdown(without), /^## Selection$/m);
});
