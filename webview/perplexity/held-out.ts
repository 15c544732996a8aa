/** Held-out perplexity before and after fine-tuning, and a domain's share of clusters, as bars. */
import { sizeInWords, sizeOf } from '../../src/budget/in-domain-size.ts';
import type { Spread } from '../../src/budget/measured-point.ts';
import type { MethodFacts } from '../../src/budget/measurement.ts';
import { pretrainingInWords } from '../../src/budget/pretraining-words.ts';
import {
  atChosenBudget,
  beforeTuningOn,
  type Cell,
  standingCells,
  type View,
} from '../../src/budget/views.ts';
import type { PairBars } from '../../src/charts/pair-bars.ts';
import { formatBits, formatCompact, formatCount, formatPerplexity } from '../../src/common/format.ts';
import { joinWords } from '../../src/common/words.ts';
import { distanceOf } from '../../src/experiments/results/likeness.ts';
import type { DomainHistograms } from '../../src/experiments/results/selection-facts.ts';

export const MEASURES = ['perplexity', 'bits per byte', 'perplexity on generic text'] as const;
export type Measure = (typeof MEASURES)[number];

const TITLES: Readonly<Record<Measure, string>> = {
  perplexity: 'Held-out perplexity',
  'bits per byte': 'Held-out bits per byte',
  'perplexity on generic text': 'Perplexity on generic held-out text',
};

/** What a cell says of a measure; nothing where that was not measured. */
function spreadOf(cell: Cell, measure: Measure): Spread | undefined {
  if (measure === 'perplexity') return cell.perplexity;
  return measure === 'bits per byte' ? cell.bitsPerByte : cell.generic;
}

type ShownMethod = Pick<MethodFacts, 'id' | 'choosesTuned'>;

/** Each method at its chosen budget and the largest in-domain size; `undefined` when nothing was measured. */
export function beforeAndAfter(
  view: View,
  methods: readonly ShownMethod[],
  measure: Measure,
): PairBars | undefined {
  const tuned = standingCells(view);
  const isBits = measure === 'bits per byte';
  const value = (cell: Cell | undefined) => cell && spreadOf(cell, measure);
  const rows = methods.flatMap((method, index) => {
    const { before, after } = pairOf(view, method, tuned);
    const shown = after ?? before;
    if (shown === undefined || (value(before) === undefined && value(after) === undefined)) return [];
    const detail = pretrainingInWords(shown);
    return [{ label: method.id, detail, index, values: [value(after), value(before)] as const }];
  });
  if (rows.length === 0) return undefined;
  const tokens = Math.max(...tuned.map(({ domainTokens }) => domainTokens));
  const where = view.kind === 'domain' ? `on ${view.title}` : view.title;
  return {
    title: TITLES[measure],
    context:
      tuned.length === 0 ? where : `${where}, with ${sizeInWords(sizeOf(tuned[0]), tokens, view.kind)}`,
    rowTitle: 'Method',
    names: ['after fine-tuning', 'before fine-tuning'],
    rows,
    length: isBits ? (bits) => bits : (perplexity) => Math.log(Math.max(1, perplexity)),
    format: isBits ? formatBits : formatPerplexity,
  };
}

interface Pair {
  readonly before: Cell | undefined;
  readonly after: Cell | undefined;
}

/** `tuned`: the cells after fine-tuning that are shown. */
function pairOf(view: View, { id, choosesTuned }: ShownMethod, tuned: readonly Cell[]): Pair {
  const cells = atChosenBudget(view.cells);
  const untuned = tuned.length === 0 ? cells : beforeTuningOn(cells, sizeOf(tuned[0]));
  const after = tuned.find((cell) => cell.method === id);
  const before = untuned.find((cell) => cell.method === id);
  // What was measured before need not be the start of what was chosen among fine-tuned models.
  return { after, before: after !== undefined && choosesTuned ? undefined : before };
}

/** Of which methods no model before fine-tuning stands beside the one after it, as a sentence; nothing of none. */
export function withoutStartInWords(methods: readonly ShownMethod[]): string {
  const choosing = methods.filter(({ choosesTuned }) => choosesTuned).map(({ id }) => id);
  if (choosing.length === 0) return '';
  return ` Of ${joinWords(choosing)} the model after fine-tuning stands alone: it is chosen among several fine-tuned ones, and what was measured before need not be its start.`;
}

type Histogram = DomainHistograms['histograms'][number];

/** What sets a histogram apart from the others of an experiment. */
export function histogramName(domain: string, { clusters, domainTokens, seed }: Histogram): string {
  const size = domainTokens === 'all' ? 'all' : formatCompact(domainTokens);
  return `${domain}, ${clusters} clusters, ${size} in-domain tokens, seed ${seed}`;
}

/** Which clusters the modal one is tied with, as a sentence; nothing where it is alone. */
export function tieInWords({ tiedClusters }: Histogram): string {
  return tiedClusters.length === 0
    ? ''
    : ` Clusters ${tiedClusters.join(', ')} are equally frequent; where one is chosen it is the first.`;
}

/** The clusters that hold most of the domain, beside what the generic text has of them. */
export function clusterBars(domain: string, histogram: Histogram): PairBars {
  const { cards, domainShares, genericShares, clusters, domainWindows } = histogram;
  const point = (share: number) => ({ mean: share, min: share, max: share });
  return {
    title: 'Domain and generic text by cluster',
    context: `${domain}, the ${cards.length} clusters that hold most of it, of ${clusters}`,
    rowTitle: 'Cluster',
    names: ['share of the domain', 'share of the generic text'],
    rows: cards.map(({ cluster, terms }) => ({
      label: `cluster ${cluster}`,
      detail: wordsOf(terms).slice(0, 3).join(', '),
      index: 0,
      values: [point(domainShares[cluster] ?? 0), point(genericShares[cluster] ?? 0)],
    })),
    length: (share) => share,
    format: (share) => formatShare(share, domainWindows),
  };
}

/** What a histogram was counted from, and what of the domain generic text has little of. */
export function countsInWords(histogram: Histogram): string {
  const { domainWindows, genericWindows, uncoveredShare } = histogram;
  const windows = `Counted from ${formatCount(domainWindows)} windows of the domain and ${formatCount(genericWindows)} of generic text.`;
  return `${windows} Hardly covered by generic text: ${formatShare(uncoveredShare, domainWindows)} of the domain. Distance from the generic text: ${distanceOf(histogram).toFixed(2)} nats.`;
}

/** Of so many windows shares are known to about a percent, of very many to a tenth. */
const MANY_WINDOWS = 10_000;

/** A share, rounded to what `windows` windows can tell. */
function formatShare(share: number, windows: number): string {
  const decimals = windows < MANY_WINDOWS ? 0 : 1;
  const least = 10 ** -decimals;
  const percent = 100 * share;
  return share > 0 && percent < least / 2 ? `< ${least} %` : `${percent.toFixed(decimals)} %`;
}

/** Whatever the methods did with the clusters: not every one samples by weights, and what does smooths and caps them. */
export const WEIGHTS_IN_WORDS =
  'The weight of a cluster is its share of the domain by its share of the generic text, before importance sampling smooths and caps it.';

export function weightInWords(weight = 0): string {
  return `weight ${Number(weight.toPrecision(2))}`;
}

/** Terms without those that stand for a kind of text, as all numbers are one term: older reports list them. */
export function wordsOf(terms: readonly string[]): readonly string[] {
  return terms.filter((term) => !/^<.*>$/.test(term));
}
