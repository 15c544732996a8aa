/** The planner's sentences: each figure with where it comes from, and which text it was measured on. */
import { formatCompact, formatPerplexity, formatPlural, formatRange } from '../../common/format.ts';
import { joinWords } from '../../common/words.ts';
import { methodInWords } from '../../methods/titles.ts';
import { NEGLIGIBLE, standingOf } from '../choice/verdict.ts';
import { totalCost } from '../cost.ts';
import { requestInWords, sizeInWords } from '../in-domain-size.ts';
import { type Between, type Estimate, type GridPlace, WITHOUT_PRETRAINING } from '../prediction/estimate.ts';
import type { LeftOutQuality } from '../prediction/predictor.ts';
import { pretrainingInWords } from '../pretraining-words.ts';
import type { View } from '../views.ts';
import { type Amount, costIn, formatAmount } from './amounts.ts';
import type { Candidate, PlannerAnswer, PredictionQuality } from './planner-types.ts';
import type { Target } from './target.ts';

/** `Pretrained on look-alike text (slm-is)`. */
export function nameInWords({ method, title }: Pick<Candidate, 'method' | 'title'>): string {
  return methodInWords(method, title);
}

/**
 * Where a figure comes from: `measured at 4M pretraining tokens and 65k in-domain tokens, mean of 3 seeds`. `kind` is what
 * the answer is for.
 */
export function basisInWords(candidate: Candidate, kind: View['kind']): string {
  const place = placeInWords(candidate, kind);
  if (candidate.basis === 'predicted') return `predicted for ${place}${outsideInWords(candidate)}`;
  if (candidate.basis === 'measured') {
    const { seeds = 1 } = candidate;
    const spread = seeds === 1 ? '1 seed, spread over seeds unknown' : `mean of ${seeds} seeds`;
    return `measured at ${place}, ${spread}`;
  }
  if (candidate.between === undefined) return `interpolated at ${place}`;
  const { first, ...last } = candidate.between;
  return `interpolated at ${place}, ${[last, ...(first === undefined ? [] : [first])].map(betweenInWords).join(' and ')}`;
}

function betweenInWords({ along, from, to }: Between): string {
  const what = along === 'pretrainingTokens' ? 'pretraining' : 'in-domain';
  return `between ${formatCompact(from)} and ${formatCompact(to)} measured ${what} tokens`;
}

export function rangeInWords({ low, high }: Pick<Estimate, 'low' | 'high'>): string {
  return formatRange(low, high);
}

/** The entry of the experiment file that has a point measured: `{ "pretraining": 65536, "domainTokens": "all" }`. */
export function pointEntry({ pretraining, domainTokens }: GridPlace): string {
  return `{ "pretraining": ${pretraining}, "domainTokens": ${JSON.stringify(domainTokens)} }`;
}

/** One sentence with its reason, and a second one where the figure is not a measurement. */
export function recommendationSentence(
  chosen: Candidate,
  {
    kind,
    candidates,
    unit,
    domains,
    tooMuchText,
    beyondMeasured,
  }: Pick<PlannerAnswer, 'kind' | 'candidates' | 'unit' | 'domains' | 'tooMuchText' | 'beyondMeasured'>,
): string {
  const figure = `held-out perplexity ${formatPerplexity(chosen.perplexity)}, ${basisInWords(chosen, kind)}`;
  const [lowest, second] = candidates;
  const doubt = [
    ...(chosen.basis === 'predicted'
      ? [` This is a prediction (${rangeInWords(chosen)}), not a measurement.`]
      : []),
    ...(chosen.basis === 'interpolated'
      ? [
          ` This is read between two measurements (${rangeInWords(chosen)}): what has a figure within that range may be as good.`,
        ]
      : []),
    ...contradictionInWords(candidates),
    ...(tooMuchText === undefined ? [] : [` ${tooMuchInWords(tooMuchText, kind)}`]),
    ...(beyondMeasured === undefined
      ? []
      : [
          ` ${formatCompact(beyondMeasured)} in-domain tokens are more than ${kind === 'domain' ? 'were measured' : 'the measured domains have on average'}: the answer is for the largest set that was.`,
        ]),
  ].join('');
  if (chosen !== lowest) {
    return `Use ${nameInWords(chosen)}: ${figure}. It is within ${100 * NEGLIGIBLE} % of ${lowest.method}, the lowest on validation text (held-out ${formatPerplexity(lowest.perplexity)}, a tie), and for ${formatPlural(domains, 'domain')} it costs ${cheaperInWords(chosen, lowest, unit, domains)}.${doubt}`;
  }
  if (second === undefined) {
    return `Use ${nameInWords(chosen)}: ${figure}; no other method that meets the budgets is measured with this much in-domain text.${doubt}`;
  }
  return `Use ${nameInWords(chosen)}: ${figure}. It is chosen on validation text, the lowest of ${candidates.length} methods that meet the budgets (${formatPerplexity(chosen.validation)}); next is ${second.method} with ${formatPerplexity(second.validation)}, held-out ${formatPerplexity(second.perplexity)}${markInWords(second)}.${doubt}`;
}

/** In operations too where the time that was measured says otherwise: it depends on what else the machine did. */
function cheaperInWords(chosen: Candidate, other: Candidate, unit: Amount['unit'], domains: number): string {
  const shown = chosen.totalCost < other.totalCost ? unit : 'FLOPs';
  const total = ({ cost }: Candidate): string =>
    formatAmount({ unit: shown, value: totalCost(costIn(shown, cost), domains) });
  const [own, others] = [total(chosen), total(other)];
  return own === others
    ? `a little less (${own} in all, to three digits)`
    : `${own} in all instead of ${others}`;
}

function tooMuchInWords({ size, tokens }: Target, kind: View['kind']): string {
  const basis =
    size === undefined ? ', by what was measured with other amounts' : ' wherever it was measured';
  return `Fine-tuning on ${sizeInWords(size ?? tokens, tokens, kind)} costs more than these budgets${basis}.`;
}

/** For when no feasible method is known at the answer's size; `undefined` when it is not that. */
export function notKnownSentence({
  kind,
  notKnown,
  domainTokens,
  requestedDomainTokens,
}: Pick<PlannerAnswer, 'kind' | 'notKnown' | 'domainTokens' | 'requestedDomainTokens'>): string | undefined {
  const [first] = notKnown;
  if (first === undefined) return undefined;
  const size = sizeInWords(requestedDomainTokens ?? domainTokens, domainTokens, kind);
  return `Not known: within these budgets no method was measured with ${size}, and no prediction reaches so far. Run a point: ${runInWords(first.place)}.`;
}

/** `65k pretraining tokens with all in-domain text`; the text alone where nothing is pretrained. */
export function runInWords({ pretraining, domainTokens }: GridPlace): string {
  const text = requestInWords(domainTokens);
  return pretraining <= WITHOUT_PRETRAINING
    ? text
    : `${formatCompact(pretraining)} pretraining tokens with ${text}`;
}

/** How far predictions can be trusted, each kind of question by itself. */
export function predictionInWords(quality: PredictionQuality): string {
  if (quality.kind === 'refused') return `Nothing is predicted: ${quality.reason}.`;
  const { fittedPoints, knows, inside, outside } = quality;
  const untold = [
    ...(knows.budget ? [] : ['pretraining budgets']),
    ...(knows.domain ? [] : ['in-domain sizes']),
  ];
  return [
    `Predictions come from a law fitted to ${formatPlural(fittedPoints, 'measured point')}, each of which was predicted from the others.`,
    ...(inside === undefined ? [] : [`Inside of what the others measured, ${leftOutInWords(inside)}.`]),
    ...(outside === undefined ? [] : [`Outside of it, ${leftOutInWords(outside)}.`]),
    'Farther than one step of the grid outside nothing is predicted.',
    ...(untold.length === 0
      ? []
      : [
          `Nor is anything beyond the measured ${joinWords(untold)}, which do not tell how the curve goes on.`,
        ]),
  ].join(' ');
}

function leftOutInWords({ points, medianError, inside }: LeftOutQuality): string {
  return `half of ${formatPlural(points, 'point')} were off by less than ${(100 * medianError).toFixed(1)} %, and ${inside} lay within the interval of 90 %`;
}

function placeInWords(candidate: Candidate, kind: View['kind']): string {
  const { domainTokens, requestedDomainTokens: size = domainTokens } = candidate;
  const tuned = domainTokens === 0 ? 'no fine-tuning' : sizeInWords(size, domainTokens, kind);
  return `${pretrainingInWords(candidate)} and ${tuned}`;
}

function outsideInWords({ steps = 0 }: Estimate): string {
  return steps === 0 ? '' : ', outside of what was measured';
}

/** What sets it apart from the lowest, or that it is not measured. */
function markInWords({ basis, comparison }: Candidate): string {
  if (basis !== 'measured') return `, ${basis}`;
  if (comparison === undefined) return '';
  return { tie: ', a tie', lower: ', clearly lower', higher: ', a clear difference' }[standingOf(comparison)];
}

/** Candidates that held-out text, unlike validation text, puts clearly before the first. */
export function contradicting(candidates: readonly Candidate[]): readonly string[] {
  const isLower = ({ comparison }: Candidate) => comparison && standingOf(comparison) === 'lower';
  return candidates.filter(isLower).map(({ method }) => method);
}

function contradictionInWords(candidates: readonly Candidate[]): readonly string[] {
  const lower = contradicting(candidates);
  if (lower.length === 0) return [];
  const [lowest] = candidates;
  return [
    ` The choice is not settled: on held-out text ${joinWords(lower)} ${lower.length === 1 ? 'is' : 'are'} clearly lower than ${lowest.method}, the lowest on validation text.`,
  ];
}
