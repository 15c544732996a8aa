/**
 * What selection did for each domain, as tables: its histograms over clusters of the generic text, the clusters
 * themselves, draws of windows, and chosen experts. A note says what each number means.
 */

import type { Column, Table, TableCell } from '../../charts/table.ts';
import { formatCompact, formatCount } from '../../common/format.ts';
import { distanceOf } from '../results/likeness.ts';
import type {
  CardFacts,
  ChoiceFacts,
  DrawFacts,
  HistogramFacts,
  NgramSelectionFacts,
  SelectionFacts,
} from '../results/selection-facts.ts';
import type { Section } from './section.ts';
import { budgetColumn, clusterCell, formatFactor, formatShare, sizeCell } from './selection-cells.ts';

/** The section on selection, or none when nothing was selected. */
export function selectionSections(selections: readonly SelectionFacts[]): readonly Section[] {
  if (selections.length === 0) return [];
  const parts = [
    histogramPart(selections),
    drawPart(selections),
    ngramPart(selections),
    choicePart(selections),
    unreadPart(selections),
  ];
  return [
    {
      id: 'selection',
      title: 'Selection',
      notes: parts.flatMap(({ notes }) => notes),
      tables: parts.flatMap(({ tables }) => tables),
      folded: parts.flatMap(({ folded }) => folded),
    },
  ];
}

type Part = Pick<Section, 'notes' | 'tables' | 'folded'>;

const NOTHING: Part = { notes: [], tables: [], folded: [] };

function histogramPart(selections: readonly SelectionFacts[]): Part {
  const rows = selections.flatMap(({ domain, histograms }) =>
    histograms.map((facts) => histogramRow(domain, facts)),
  );
  if (rows.length === 0) return NOTHING;
  return {
    notes: [
      'The generic training text is cut into windows, and similar windows form a cluster; each window of the domain’s training text goes to the nearest cluster. Its histogram is the share of its windows in each. The entropy H of that is in nats; exp(H), the effective clusters, is how many equally frequent clusters would have the same entropy: the fewer, the narrower the domain. Hardly covered is the share of the domain in clusters of which the generic text has less than a tenth of an even share, a threshold of ours: nothing much like it could be selected. The distance from the generic text is the divergence KL(P(c|spec) ‖ P(c|gen)) in nats, less what so few windows exceed it by on average; to be compared between domains over the same clusters. Text in clusters without any generic window is left out of it.',
      'The weight of a cluster is its share of the domain by its share of the generic text, P(c|spec) / P(c|gen): how many times as often importance sampling shows its windows as plain pretraining does, before smoothing and cap.',
    ],
    tables: [
      {
        caption: 'Domains over the clusters of the generic text',
        columns: columns(
          ['Domain', 'Used by'],
          ['Seed', 'In-domain tokens', 'Clusters', 'Windows', 'Entropy', 'Effective clusters'],
          ['Most frequent cluster'],
          ['Its share', 'Hardly covered', 'Distance'],
        ),
        rows,
      },
    ],
    folded: selections.flatMap(({ domain, histograms }) =>
      firstOfEach(histograms).map((facts) => clusterTable(domain, facts)),
    ),
  };
}

/** For each number of clusters the first histogram, which is that of the largest in-domain set. */
function firstOfEach(histograms: readonly HistogramFacts[]): readonly HistogramFacts[] {
  return histograms.filter(
    (one, i) => histograms.findIndex(({ clusters }) => clusters === one.clusters) === i,
  );
}

function histogramRow(domain: string, facts: HistogramFacts): readonly TableCell[] {
  const modal = facts.cards.find(({ cluster }) => cluster === facts.modalCluster);
  return [
    { text: domain },
    { text: facts.methods.join(', ') },
    { text: `${facts.seed}` },
    sizeCell(facts),
    { text: formatCount(facts.clusters) },
    { text: formatCount(facts.domainWindows), detail: `generic: ${formatCount(facts.genericWindows)}` },
    { text: facts.entropy.toFixed(2) },
    { text: facts.effectiveClusters.toFixed(1) },
    clusterCell(facts.modalCluster, modal?.terms ?? [], facts.tiedClusters),
    { text: formatShare(facts.modalShare) },
    { text: formatShare(facts.uncoveredShare) },
    { text: distanceOf(facts).toFixed(2) },
  ];
}

/** The clusters that hold most of the domain, and all others in one line. */
function clusterTable(domain: string, facts: HistogramFacts): Table {
  const { cards, clusters, domainShares, genericShares, weights } = facts;
  const others = clusters - cards.length;
  const shown = cards.map(({ cluster }) => cluster);
  const rest = (shares: readonly number[]): number =>
    shares.reduce((sum, share, cluster) => (shown.includes(cluster) ? sum : sum + share), 0);
  const rows = cards.map((card): readonly TableCell[] => [
    { text: `${card.cluster}` },
    { text: formatShare(domainShares[card.cluster]) },
    { text: formatShare(genericShares[card.cluster]), detail: formatCount(card.windows) },
    { text: formatFactor(weights[card.cluster]) },
    cardCell(card),
  ]);
  const last: readonly TableCell[] = [
    { text: `${formatCount(others)} more` },
    { text: formatShare(rest(domainShares)) },
    { text: formatShare(rest(genericShares)) },
    { text: '' },
    { text: '' },
  ];
  return {
    caption: `Clusters that hold most of ${domain}, of ${formatCount(clusters)} (seed ${facts.seed}, in-domain tokens: ${sizeCell(facts).text})`,
    columns: columns(
      ['Cluster'],
      ['Share of the domain', 'Share of the generic text, windows', 'Weight'],
      ['Terms that set it apart, and its most typical generic window'],
    ),
    rows: others > 0 ? [...rows, last] : rows,
  };
}

function cardCell({ terms, excerpts }: CardFacts): TableCell {
  const text = terms.length === 0 ? 'no generic windows' : terms.join(', ');
  return excerpts.length === 0 ? { text } : { text, detail: `“${excerpts[0]}”` };
}

function drawPart(selections: readonly SelectionFacts[]): Part {
  const budgets = budgetColumn(selections.flatMap(({ draws }) => draws));
  const rows = selections.flatMap(({ domain, draws }) =>
    draws.map((facts) => drawRow(domain, facts, budgets.cells(facts))),
  );
  if (rows.length === 0) return NOTHING;
  return {
    notes: [
      'Importance sampling draws a cluster by the domain’s histogram, then one of its generic windows, with replacement. Two things are ours, not the paper’s, because small corpora overfit otherwise: smoothing takes that share of the stream by the generic histogram, and the cap limits how often the tokens of a cluster are repeated, its excess going to the other clusters; the cap is raised when the generic text of the clusters that are drawn from (without smoothing those of the domain alone) is too short for the budget. Repetition is tokens drawn by tokens at hand. All of this is of the list that was drawn. Training on it alone reads each entry once; where in-domain text is mixed in while the learning rate falls, slm-is reads an entry not at all, once or twice, slm-is-cont once or not at all, both less than once in the mean. Changed is the total variation between the domain’s histogram and the one drawn by (0: the same, 100 %: nothing in common); by chance is that between the latter and what was drawn.',
    ],
    tables: [
      {
        caption: 'Generic windows drawn by importance',
        columns: columns(
          ['Domain'],
          [
            'Seed',
            ...budgets.titles,
            'In-domain tokens',
            'Clusters',
            'Windows drawn',
            'Different ones',
            'Repetition, mean',
            'Repetition, most repeated cluster',
            'Smoothing',
            'Cap',
            'Moved by the cap',
            'Changed',
            'By chance',
          ],
        ),
        rows,
      },
    ],
    folded: [],
  };
}

function drawRow(domain: string, facts: DrawFacts, budget: readonly TableCell[]): readonly TableCell[] {
  const { asked, used } = facts.maximumRepetition;
  const cap = { text: formatFactor(asked) };
  return [
    { text: domain, detail: facts.methods.join(', ') },
    { text: `${facts.seed}` },
    ...budget,
    sizeCell(facts),
    { text: formatCount(facts.clusters) },
    { text: formatCount(facts.drawnWindows), detail: `${formatCompact(facts.drawnTokens)} tokens` },
    { text: formatCount(facts.distinctWindows) },
    { text: formatFactor(facts.repetition.mean) },
    { text: formatFactor(facts.repetition.maximum) },
    { text: formatShare(facts.smoothing) },
    used > asked ? { ...cap, detail: `raised to ${formatFactor(used)}` } : cap,
    { text: formatShare(facts.movedByCap) },
    { text: formatShare(facts.change) },
    { text: formatShare(facts.deviation) },
  ];
}

function ngramPart(selections: readonly SelectionFacts[]): Part {
  const budgets = budgetColumn(selections.flatMap(({ ngramSelections }) => ngramSelections));
  const rows = selections.flatMap(({ domain, ngramSelections }) =>
    ngramSelections.map((facts) => ngramRow(domain, facts, budgets.cells(facts))),
  );
  if (rows.length === 0) return NOTHING;
  return {
    notes: [
      'Selection by n-grams (DSIR, not in the paper) takes windows without replacement by the frequencies of their words and pairs of words. The divergence KL(domain || text), in nats, tells how far the n-grams of a text are from those of the domain; the reduction is what selecting gained. Chance leaves many n-grams out of a small selection, so that its reduction is an underestimate and can be below 0.',
    ],
    tables: [
      {
        caption: 'Generic windows selected by n-grams',
        columns: columns(
          ['Domain'],
          [
            'Seed',
            ...budgets.titles,
            'In-domain tokens',
            'Windows selected',
            'Repetition',
            'KL to all generic text',
            'KL to the selection',
            'KL reduction',
          ],
        ),
        rows,
      },
    ],
    folded: [],
  };
}

function ngramRow(
  domain: string,
  facts: NgramSelectionFacts,
  budget: readonly TableCell[],
): readonly TableCell[] {
  const short = facts.leftOutAsShort === 0 ? '' : `, ${formatCount(facts.leftOutAsShort)} too short`;
  return [
    { text: domain, detail: facts.methods.join(', ') },
    { text: `${facts.seed}` },
    ...budget,
    sizeCell(facts),
    { text: formatCount(facts.selectedWindows), detail: `of ${formatCount(facts.windows)}${short}` },
    { text: formatFactor(facts.repetition) },
    { text: facts.klToRaw.toFixed(3) },
    { text: facts.klToSelected.toFixed(3) },
    { text: facts.klReduction.toFixed(3) },
  ];
}

function choicePart(selections: readonly SelectionFacts[]): Part {
  const rows = selections.flatMap(({ domain, choices }) => choices.map((facts) => choiceRow(domain, facts)));
  if (rows.length === 0) return NOTHING;
  return {
    notes: [
      'A hard mixture has one expert a cluster, and specialises one of them: that of the domain’s most frequent cluster, the one with the lowest loss on the domain’s training text, or, when all were fine-tuned, the best on its validation text (the paper’s table 5). Held-out text chooses nothing.',
    ],
    tables: [
      {
        caption: 'Experts chosen',
        columns: columns(
          ['Domain', 'Rule'],
          ['Seed', 'Pretraining tokens', 'In-domain tokens', 'Experts'],
          ['Chosen'],
          ['Its loss'],
        ),
        rows,
      },
    ],
    folded: [],
  };
}

function choiceRow(domain: string, facts: ChoiceFacts): readonly TableCell[] {
  const { losses, expert } = facts;
  const loss =
    losses === undefined
      ? { text: 'not compared' }
      : { text: losses[expert].toFixed(3), detail: `highest ${Math.max(...losses).toFixed(3)}` };
  return [
    { text: domain, detail: facts.methods.join(', ') },
    { text: facts.rule },
    { text: `${facts.seed}` },
    { text: formatCompact(facts.pretrainingTokens) },
    sizeCell(facts),
    { text: formatCount(facts.experts) },
    clusterCell(expert, facts.terms, facts.tied),
    loss,
  ];
}

function unreadPart(selections: readonly SelectionFacts[]): Part {
  const labels = selections.flatMap(({ unread }) => unread);
  if (labels.length === 0) return NOTHING;
  const note = `Cleaned away or damaged, and therefore not shown: ${labels.join('; ')}. What was measured does not depend on them.`;
  return { ...NOTHING, notes: [note] };
}

/** Columns of text and of numbers in turn. */
function columns(...titles: readonly (readonly string[])[]): readonly Column[] {
  return titles.flatMap((group, index) =>
    group.map((title): Column => ({ title, align: index % 2 === 0 ? 'text' : 'number' })),
  );
}
