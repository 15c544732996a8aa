/** Claims about clusters: which expert of a mixture to take, and how many clusters to sample from. */

import { geometricMean } from '../../src/common/means.ts';
import { type Claim, figure, modalShareInWords, percent } from './claim.ts';
import type { ExperimentName } from './experiments.ts';
import type { DomainFindings } from './findings.ts';
import { all, judge, logRatios } from './judgement.ts';

/** Claim 13: best and worst rule are within this of each other. */
const CHOICE_SPAN = 1.03;
/** Claim 14: within this, as a ratio, one cluster is as good as the generic corpus. The paper states no noise. */
const NOISE = 1.02;

const rulesAgree: Claim = {
  claim: 13,
  statement:
    'Which rule chooses the expert matters little: modal cluster, lowest loss, best fine-tuned within 3 %',
  paper: '17.32, 17.05, 16.98',
  test(points, findings) {
    const experiments = ['core', 'choice: lowest loss', 'choice: best fine-tuned'] as const;
    const rules = experiments.map((experiment) =>
      points.perplexities({ method: 'slm-mix', experiment, size: 0 }),
    );
    const spans = points.seeds.map((_, seed) => {
      const values = rules.map((rule) => rule[seed]);
      return Math.log(Math.max(...values) / Math.min(...values));
    });
    return {
      seen: `${rules.map(figure).join(', ')}; span ${percent(spans)}${modalShareInWords(findings)}`,
      verdict: judge(spans.map((span) => span - Math.log(CHOICE_SPAN))),
    };
  },
};

const clustersHaveAnOptimum: Claim = {
  claim: 14,
  statement:
    'One cluster equals the generic corpus; the best number of clusters lies between one and very many',
  paper: '16, 64, 256, 1,024 compared in a figure',
  test(points, findings) {
    const tried = clusterCounts(findings).map((count) => ({
      count,
      values: points.perplexities({ method: 'slm-is', experiment: `clusters: ${count}`, budget: 0, size: 0 }),
    }));
    const [one, ...more] = tried;
    const most = more[more.length - 1];
    const between = more.slice(0, -1);
    const best = between.reduce(
      (a, b) => (geometricMean(b.values) < geometricMean(a.values) ? b : a),
      more[0],
    );
    const generic = points.perplexities({ method: 'slm', budget: 0, size: 0 });
    const noise = logRatios(one.values, generic).map((value) => Math.abs(value) - Math.log(NOISE));
    const parts = [
      judge(noise),
      judge(logRatios(best.values, one.values)),
      judge(logRatios(best.values, most.values)),
    ];
    const texts = tried.map(({ count, values }) => `${count}: ${figure(values)}`);
    return {
      seen: `generic ${figure(generic)}; ${texts.join(', ')} (as generic: ${parts[0]}; ${best.count} below 1: ${parts[1]}; below ${most.count}: ${parts[2]})`,
      verdict: all(parts),
    };
  },
};

function clusterCounts({ measurements }: DomainFindings): number[] {
  const names = new Set<ExperimentName>(measurements.map(({ experiment }) => experiment));
  const counts = [...names].flatMap((name) =>
    name.startsWith('clusters: ') ? [Number(name.slice('clusters: '.length))] : [],
  );
  return counts.sort((a, b) => a - b);
}

export const selectionClaims: readonly Claim[] = [rulesAgree, clustersHaveAnOptimum];
