/** What to run next, so that the recommendation rests on measurements that set the methods apart. */
import { formatCompact, formatPerplexity } from '../../webview/charts/format.ts';
import { costModel } from './cost-model.ts';
import { affordableTokens, type Estimate, predictedAt } from './estimate.ts';
import type { MeasuredPoint } from './measured-point.ts';
import type { Budgets, Candidate, NextStep, PlannerAnswer } from './planner-types.ts';
import { basisInWords, rangeInWords } from './planner-words.ts';
import type { PowerLaw } from './power-law.ts';

interface Known {
  readonly budgets: Budgets;
  readonly points: readonly MeasuredPoint[];
  readonly law: PowerLaw | undefined;
}

/** How far beyond the largest measured budget the law is asked, and how far the budgets must reach to ask at all. */
const FARTHEST = 4;
const NOTEWORTHY = 1.5;
/** Rivals named one by one. */
const MOST_RIVALS = 3;

export function nextSteps(
  chosen: Candidate | undefined,
  { candidates, unmeasured }: Pick<PlannerAnswer, 'candidates' | 'unmeasured'>,
  known: Known,
): readonly NextStep[] {
  return [
    ...(chosen === undefined
      ? []
      : [
          ...toMeasure(chosen, candidates),
          ...toRepeat(chosen, candidates),
          ...toEnlarge(chosen, candidates, known),
        ]),
    ...toAdd(unmeasured),
  ];
}

/** Figures that are not measured and could change the order: the recommended one's, and those nearest to it. */
function toMeasure(chosen: Candidate, candidates: readonly Candidate[]): readonly NextStep[] {
  const rivals = candidates.filter(
    (one) => one !== chosen && one.basis !== 'measured' && overlaps(one, chosen),
  );
  const doubtful = [...(chosen.basis === 'measured' ? [] : [chosen]), ...rivals.slice(0, MOST_RIVALS)];
  return doubtful.map((one) => ({
    kind: 'measure',
    methods: [one.method],
    sentence:
      one === chosen
        ? `Measure ${one.method}, which is ${basisInWords(one)}.`
        : `Measure ${one.method}, which is ${basisInWords(one)}: its range, ${rangeInWords(one)}, reaches that of ${chosen.method}.`,
  }));
}

/** Measurements whose ranges over seeds overlap the recommended one's, or that have one seed and so no range. */
function toRepeat(chosen: Candidate, candidates: readonly Candidate[]): readonly NextStep[] {
  if (chosen.basis !== 'measured') return [];
  const close = candidates.filter(
    (one) => one !== chosen && one.basis === 'measured' && overlaps(one, chosen),
  );
  const names = close.map(({ method }) => method);
  if (names.length > 0) {
    const sentence = `Add seeds for ${[chosen.method, ...names].join(', ')}: their ranges over seeds overlap.`;
    return [{ kind: 'more seeds', methods: [chosen.method, ...names], sentence }];
  }
  if (chosen.seeds !== 1 || candidates.length < 2) return [];
  const sentence = `Add seeds: with one seed the spread of ${chosen.method} is unknown.`;
  return [{ kind: 'more seeds', methods: [chosen.method], sentence }];
}

/** Where the budgets allow more pretraining than was measured, and the law says that it could change the answer. */
function toEnlarge(
  chosen: Candidate,
  candidates: readonly Candidate[],
  { budgets, points, law }: Known,
): readonly NextStep[] {
  if (law === undefined || (budgets.pretraining ?? budgets.specialization) === undefined) return [];
  const foreseen = candidates.flatMap((one) => {
    const own = points.filter((point) => point.method === one.method && point.domainTokens > 0);
    const largest = Math.max(0, ...own.map(({ pretrainingTokens }) => pretrainingTokens));
    if (largest === 0 || one.pretrainingTokens < largest) return [];
    const cost = costModel(own);
    const most = affordableTokens(cost, one.domainTokens, budgets, [largest, FARTHEST * largest]);
    if (most === undefined || most < NOTEWORTHY * largest) return [];
    const place = { group: one.method, budget: most, domainTokens: one.domainTokens };
    const found = predictedAt(law, cost, place);
    return found === undefined || found.perplexity >= chosen.perplexity ? [] : [{ one, largest, found }];
  });
  return foreseen
    .sort((a, b) => a.found.perplexity - b.found.perplexity)
    .slice(0, MOST_RIVALS)
    .map(({ one, largest, found }) => ({
      kind: 'larger budget',
      methods: [one.method],
      sentence: `Pretrain ${one.method} longer: the budgets allow ${formatCompact(found.pretrainingTokens)} tokens or more, the largest measured is ${formatCompact(largest)}; ${formatPerplexity(found.perplexity)} (${rangeInWords(found)}) is predicted there.`,
    }));
}

function toAdd(unmeasured: readonly string[]): readonly NextStep[] {
  if (unmeasured.length === 0) return [];
  const sentence = `Never measured: ${unmeasured.join(', ')}. Add them to "methods" and run the experiment again.`;
  return [{ kind: 'add methods', methods: unmeasured, sentence }];
}

function overlaps(a: Estimate, b: Estimate): boolean {
  return a.low <= b.high && b.low <= a.high;
}
