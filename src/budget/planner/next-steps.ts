/** What to run next, so that the recommendation rests on measurements that set the methods apart. */
import { formatCompact, formatPerplexity } from '../../common/format.ts';
import { anchoredAt, costModel } from '../cost-model.ts';
import { sizeInWords, sizeOf } from '../in-domain-size.ts';
import type { MeasuredPoint } from '../measured-point.ts';
import { affordableTokens } from '../prediction/affordability.ts';
import { type Estimate, type GridPlace, predictedAt, wholeTokens } from '../prediction/estimate.ts';
import type { FittedPredictors } from '../prediction/predictor.ts';
import type { Budgets, Candidate, NextStep, PlannerAnswer } from './planner-types.ts';
import { basisInWords, contradicting, rangeInWords, runInWords } from './planner-words.ts';
import { stepOf } from './region.ts';

interface Known {
  readonly budgets: Budgets;
  readonly points: readonly MeasuredPoint[];
  readonly predictors: FittedPredictors | undefined;
}

type Answered = Pick<
  PlannerAnswer,
  'kind' | 'candidates' | 'notKnown' | 'unmeasured' | 'domainTokens' | 'requestedDomainTokens'
>;

/** How far the budgets must reach beyond the largest measured one to be worth a word. */
const NOTEWORTHY = 1.5;
/** Rivals named one by one. */
const MOST_RIVALS = 3;

export function nextSteps(
  chosen: Candidate | undefined,
  answer: Answered,
  known: Known,
): readonly NextStep[] {
  const { candidates } = answer;
  return [
    ...(chosen === undefined ? [] : toMeasure(chosen, answer)),
    ...toRun(answer),
    ...(chosen === undefined
      ? []
      : [...toRepeat(chosen, candidates), ...toEnlarge(chosen, candidates, known)]),
    ...toAdd(answer),
  ];
}

/** Figures that are not measured and could change the order: the recommended one's, and those nearest to it. */
function toMeasure(
  chosen: Candidate,
  { candidates, kind }: Pick<Answered, 'candidates' | 'kind'>,
): readonly NextStep[] {
  const rivals = candidates.filter(
    (one) => one !== chosen && one.basis !== 'measured' && overlaps(one, chosen),
  );
  const doubtful = [...(chosen.basis === 'measured' ? [] : [chosen]), ...rivals.slice(0, MOST_RIVALS)];
  return doubtful.map((one) => ({
    kind: 'measure',
    methods: [one.method],
    sentence:
      one === chosen
        ? `Measure ${one.method}, which is ${basisInWords(one, kind)}.`
        : `Measure ${one.method}, which is ${basisInWords(one, kind)}: its range, ${rangeInWords(one)}, reaches that of ${chosen.method}.`,
    ...(one.pretrainingTokens > 0 && { place: placeOf(one) }),
  }));
}

/** What the budgets allow and nothing tells about: one step for each point to run. */
function toRun({ kind, notKnown, domainTokens, requestedDomainTokens }: Answered): readonly NextStep[] {
  const size = sizeInWords(requestedDomainTokens ?? domainTokens, domainTokens, kind);
  const places = new Map(notKnown.map(({ place }) => [JSON.stringify(place), place]));
  return [...places].map(([key, place]): NextStep => {
    const methods = notKnown.filter((one) => JSON.stringify(one.place) === key).map(({ method }) => method);
    const sentence = `Run ${runInWords(place)}: ${methods.join(', ')} ${methods.length === 1 ? 'was' : 'were'} not measured with ${size} within these budgets, and no prediction reaches so far.`;
    return { kind: 'measure', methods, sentence, place };
  });
}

/** A choice that held-out text contradicts, ties that cost decided, and a recommended method with one seed. */
function toRepeat(chosen: Candidate, candidates: readonly Candidate[]): readonly NextStep[] {
  if (chosen.basis !== 'measured') return [];
  const [lowest, ...others] = candidates;
  const lower = contradicting(candidates);
  if (lower.length > 0) {
    const methods = [lowest.method, ...lower];
    const sentence = `Hold out more text, for validation too, or add seeds, for ${methods.join(', ')}: validation and held-out text disagree about them.`;
    return [{ kind: 'more held-out text', methods, sentence }];
  }
  const tied = others.filter(({ comparison }) => comparison?.verdict === 'tie').map(({ method }) => method);
  if (tied.length > 0) {
    const methods = [lowest.method, ...tied];
    const sentence = `Add seeds, or hold out more text, for ${methods.join(', ')}: they are a tie.`;
    return [{ kind: 'more seeds', methods, sentence }];
  }
  if (chosen.seeds !== 1 || candidates.length < 2) return [];
  const sentence = `Add seeds: with one seed the spread of ${chosen.method} over seeds is unknown.`;
  return [{ kind: 'more seeds', methods: [chosen.method], sentence }];
}

/** Where the budgets allow more pretraining than was measured, and the law says that it could change the answer. */
function toEnlarge(
  chosen: Candidate,
  candidates: readonly Candidate[],
  { budgets, points, predictors }: Known,
): readonly NextStep[] {
  if (predictors === undefined || (budgets.pretraining ?? budgets.specialization) === undefined) return [];
  const foreseen = candidates.flatMap((one) => {
    const own = points.filter((point) => point.method === one.method && point.domainTokens > 0);
    const measured = own.map(({ pretrainingTokens }) => pretrainingTokens);
    const largest = Math.max(0, ...measured);
    if (largest === 0 || one.domainTokens === 0 || one.pretrainingTokens < largest) return [];
    const atSize = own.filter((point) => sizeOf(point) === sizeOf(one));
    const cost = anchoredAt(
      costModel(own),
      atSize.map((point) => ({ ...point, cost: point })),
    );
    const most = affordableTokens(cost, one.domainTokens, budgets, [
      largest,
      largest * Math.exp(stepOf(measured)),
    ]);
    if (most === undefined || most < NOTEWORTHY * largest) return [];
    const place = { group: one.method, budget: most, domainTokens: one.domainTokens };
    const found = predictedAt(predictors, cost, place);
    return found === undefined || found.validation >= chosen.validation ? [] : [{ one, largest, found }];
  });
  return foreseen
    .sort((a, b) => a.found.validation - b.found.validation)
    .slice(0, MOST_RIVALS)
    .map(({ one, largest, found }) => ({
      kind: 'larger budget',
      methods: [one.method],
      sentence: `Pretrain ${one.method} longer: the budgets allow ${formatCompact(found.pretrainingTokens)} tokens or more, the largest measured is ${formatCompact(largest)}; ${formatPerplexity(found.perplexity)} (${rangeInWords(found)}) is predicted there.`,
      place: placeOf({ ...one, pretrainingTokens: found.pretrainingTokens }),
    }));
}

function toAdd({ unmeasured, kind }: Answered): readonly NextStep[] {
  if (unmeasured.length === 0) return [];
  const what = kind === 'macro average' ? 'Not measured on every domain' : 'Not measured';
  const sentence = `${what}: ${unmeasured.join(', ')}. Run the experiment again, with those that are not in its "methods" added there.`;
  return [{ kind: 'add methods', methods: unmeasured, sentence }];
}

function placeOf({ pretrainingTokens, domainTokens, requestedDomainTokens }: Estimate): GridPlace {
  return {
    pretraining: wholeTokens(pretrainingTokens),
    domainTokens: requestedDomainTokens ?? wholeTokens(domainTokens),
  };
}

function overlaps(a: Estimate, b: Estimate): boolean {
  return a.low <= b.high && b.low <= a.high;
}
