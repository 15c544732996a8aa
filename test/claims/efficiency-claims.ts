/** Claims that compare methods at counted costs, clustering included, which are equal unless a claim says otherwise. */
import { formatFlops } from '../../src/common/format.ts';
import { geometricMean, mean } from '../../src/common/means.ts';
import { type Claim, figure, modalShareInWords, percent, type Seen } from './claim.ts';
import { all, judge, logRatios } from './judgement.ts';
import { genericCost, type Points, totalCost } from './points.ts';

/** Claim 5: at most this of llm's perplexity, at this part of its cost (the paper: below 130 against 650 GPU-hours). */
const LARGE_RATIO = 1.02;
const SHARE_OF_LARGE_COST = 0.2;
/** Claim 7: at most this of slm's perplexity. */
const PROJECTED_RATIO = 0.98;
/** Claim 8: closer than this, as a ratio, two methods tie. */
const TIE = 1.01;

const sampledIsBest: Claim = {
  claim: 4,
  statement: 'slm-is is the best small model for one domain at equal total cost',
  paper: 'best in figure 4; no numbers',
  test(points) {
    const sampled = points.at({ method: 'slm-is', size: 0 });
    const costs = sampled.map(totalCost);
    const perplexities = sampled.map(({ perplexity }) => perplexity);
    const others = ['slm', 'slm-mix', 'slm-pn'].map((method) => {
      const other = points.interpolated({ method }, totalCost, costs);
      return { text: `${method} ${figure(other)}`, verdict: judge(logRatios(perplexities, other)) };
    });
    const distilled = againstDistilled(points, costs);
    return {
      seen: `slm-is ${figure(perplexities)}; ${others.map(({ text }) => text).join(', ')}; ${distilled.seen}`,
      verdict: all([...others.map(({ verdict }) => verdict), distilled.verdict]),
    };
  },
};

/** slm-d has one cost: where it is above that of slm-is, the comparison favours slm-d. */
function againstDistilled(points: Points, costs: readonly number[]): Seen {
  const distilled = points.at({ method: 'slm-d', experiment: 'large', budget: 0, size: 0 });
  const atMost = distilled.map((one, seed) => Math.min(totalCost(one), costs[seed]));
  const sampled = points.interpolated({ method: 'slm-is' }, totalCost, atMost);
  const perplexities = distilled.map(({ perplexity }) => perplexity);
  const share = geometricMean(distilled.map((one, seed) => totalCost(one) / costs[seed]));
  return {
    seen: `slm-d ${figure(perplexities)} at ${share.toFixed(2)} times that cost (slm-is there or below: ${figure(sampled)})`,
    verdict: judge(logRatios(sampled, perplexities)),
  };
}

const sampledMatchesLarge: Claim = {
  claim: 5,
  statement:
    'With the least in-domain text slm-is is within 2 % of llm with the smallest pretraining budget, or better, at a fifth of its total cost',
  paper: 'outperforms llm at less than 130 of 650 GPU-hours; no perplexities',
  test(points) {
    const large = points.at({ method: 'llm', experiment: 'large', budget: 0, size: 0 });
    const perplexities = large.map(({ perplexity }) => perplexity);
    const sampledAt = (share: number) =>
      points.interpolated(
        { method: 'slm-is' },
        totalCost,
        large.map((one) => share * totalCost(one)),
      );
    const sampled = sampledAt(SHARE_OF_LARGE_COST);
    const effects = logRatios(sampled, perplexities);
    // The smallest budget may cost more than the share.
    const least = points
      .at({ method: 'slm-is', budget: 0, size: 0 })
      .map((one, seed) => totalCost(one) / totalCost(large[seed]));
    const share = Math.max(SHARE_OF_LARGE_COST, geometricMean(least));
    return {
      seen: `${figure(sampled)} at ${share.toFixed(2)} times the cost against ${figure(perplexities)} (${percent(effects)}); at the same cost ${figure(sampledAt(1))}`,
      verdict: judge(effects.map((effect) => effect - Math.log(LARGE_RATIO))),
    };
  },
};

const sampledGainsFromTuning: Claim = {
  claim: 6,
  statement: 'slm-is still gains from fine-tuning, at every in-domain size',
  paper: 'section 1 and figure 4; no numbers',
  test(points) {
    const pairs = points.sizes.map((_, size) => ({
      before: points.perplexities({ method: 'slm-is', selectedBy: size }),
      after: points.perplexities({ method: 'slm-is', size }),
    }));
    return {
      seen: pairs.map(({ before, after }) => `${figure(before)} → ${figure(after)}`).join(', '),
      verdict: all(pairs.map(({ before, after }) => judge(logRatios(after, before)))),
    };
  },
};

const projectedBeatsSmall: Claim = {
  claim: 7,
  statement: 'slm-pn beats slm by 2 % or more at equal pretraining cost with little in-domain text',
  paper: '18.57 against 19.31 (100 GPU-hours), 17.17 against 18.22 (400)',
  test(points, { overClusters }) {
    const small = points.at({ method: 'slm', size: 0 });
    const projected = points.interpolated({ method: 'slm-pn' }, genericCost, small.map(genericCost));
    const perplexities = small.map(({ perplexity }) => perplexity);
    const effects = logRatios(projected, perplexities);
    const ours = points.interpolated(
      { method: 'slm-pn', experiment: 'fitted projection' },
      genericCost,
      small.map(genericCost),
    );
    const gain = percent(logRatios(ours, perplexities));
    const far = overClusters && `; ${overClusters.distance.toFixed(2)} nats from the generic text`;
    return {
      seen: `${figure(projected)} against ${figure(perplexities)} (${percent(effects)}); blended and fitted, as the preset has it, ${figure(ours)} (${gain})${far ?? ''}`,
      verdict: judge(effects, Math.log(PROJECTED_RATIO)),
    };
  },
};

const projectedBeatsMixture: Claim = {
  claim: 8,
  statement:
    'slm-pn beats slm-mix with the least in-domain text, and ties with it (within 1 %) with more, at the largest budget',
  paper: '16.95 against 17.18; 14.29 against 14.21; 11.74 against 11.73',
  test(points) {
    const compared = points.sizes.map((_, size) => {
      const [projected, mixture] = ['slm-pn', 'slm-mix'].map((method) =>
        points.perplexities({ method, size }),
      );
      const text = `${figure(projected)} against ${figure(mixture)}`;
      return { text, effects: logRatios(projected, mixture) };
    });
    const [least, ...more] = compared;
    const ties = more.map(({ effects }) => judge(effects.map((one) => Math.abs(one) - Math.log(TIE))));
    return {
      seen: compared.map(({ text }) => text).join('; '),
      verdict: all([judge(least.effects), ...ties]),
    };
  },
};

const mixtureCrosses: Claim = {
  claim: 9,
  statement: 'slm-mix is worse than slm at the lowest pretraining cost and better at the highest',
  paper: '19.82 against 19.31 (100 GPU-hours), 18.48 against 18.58 (200), 17.56 against 18.22 (400)',
  test(points, findings) {
    const effects = points.budgets.map((_, budget) => {
      const small = points.at({ method: 'slm', budget, size: 0 });
      const mixture = points.interpolated({ method: 'slm-mix' }, genericCost, small.map(genericCost));
      return {
        mixture,
        small,
        effect: logRatios(
          mixture,
          small.map(({ perplexity }) => perplexity),
        ),
      };
    });
    const highestCosts = effects[effects.length - 1].small.map(genericCost);
    const branching = points.interpolated(
      { method: 'slm-mix', experiment: 'branching experts' },
      genericCost,
      highestCosts,
    );
    const { effect: lowest } = effects[0];
    const { effect: highest } = effects[effects.length - 1];
    const texts = effects.map(({ mixture, small }) => {
      return `${figure(mixture)} against ${figure(small.map(({ perplexity }) => perplexity))}`;
    });
    return {
      seen: `${texts.join(', ')}; at the highest, experts branching from slm and chosen by lowest loss ${figure(branching)}${modalShareInWords(findings)}`,
      verdict: all([judge(lowest.map((value) => -value)), judge(highest)]),
    };
  },
};

const breakEven: Claim = {
  claim: 11,
  statement:
    'slm-is is paid again for every domain: from N* = C_generic / (C_is − C_ft) domains on slm costs less',
  paper: 'about 5 domains in GPU-hours',
  test(points) {
    const small = points.at({ method: 'slm', size: 0 });
    const sampled = points.at({ method: 'slm-is', size: 0 });
    const shared = small.map((one, seed) => one.genericFlops - sampled[seed].genericFlops);
    const again = sampled.map((one, seed) => one.specializationFlops - small[seed].specializationFlops);
    const domains = shared.map((flops, seed) => flops / again[seed]);
    const specialization = (of: typeof small) =>
      formatFlops(mean(of.map(({ specializationFlops }) => specializationFlops)));
    return {
      seen: `N* = ${mean(domains).toFixed(2)}: C_generic of slm beyond that of slm-is ${formatFlops(mean(shared))}, C_is ${specialization(sampled)}, C_ft ${specialization(small)}`,
      verdict: all([judge(again.map((flops) => -flops)), judge(shared.map((flops) => -flops))]),
    };
  },
};

export const efficiencyClaims: readonly Claim[] = [
  sampledIsBest,
  sampledMatchesLarge,
  sampledGainsFromTuning,
  projectedBeatsSmall,
  projectedBeatsMixture,
  mixtureCrosses,
  breakEven,
];
