/** Claims about fine-tuning: that it pays, what more text does to it, that it overfits, and what it does to ranks. */
import { formatCompact } from '../../src/common/format.ts';
import { geometricMean, mean } from '../../src/common/means.ts';
import { type Claim, figure, series } from './claim.ts';
import { all, judge, logRatios, type Verdict } from './judgement.ts';

/** Claim 1: how many times lower fine-tuning's perplexity is than training from scratch, by size. */
const SCRATCH_RATIOS = [3, 1.5, 1.1];
const FINE_TUNED = ['slm-nopt', 'slm', 'slm-is', 'slm-mix', 'slm-pn'];
/** Claim 18: how much the loss must have risen again, as a ratio of perplexities. */
const RISE = 1.01;
/** Claim 19: pairs closer than this, as a ratio, are no order. */
const RANK_GAP = 1.01;

const pretrainingPays: Claim = {
  claim: 1,
  statement:
    'Pretraining and fine-tuning beats both alone, most with little in-domain text (from scratch more than 3, 1.5, 1.1 times as high)',
  paper: '33.0 → 18.2; from scratch 227.1, 45.6, 17.6 against 18.2, 14.8, 12.0',
  test(points) {
    const before = points.perplexities({ method: 'slm' });
    const sizes = points.sizes.map((_, size) => {
      const scratch = points.perplexities({ method: 'slm-nopt', size });
      return { scratch, tuned: points.perplexities({ method: 'slm', size }) };
    });
    const gains = sizes.map(({ scratch, tuned }) => logRatios(tuned, scratch));
    const overScratch = gains.map((gain, i) => judge(gain, -Math.log(SCRATCH_RATIOS[i] ?? 1)));
    const overPretrained = sizes.map(({ tuned }) => judge(logRatios(tuned, before)));
    const falling = gains.slice(1).map((gain, i) => judge(gain.map((value, seed) => gains[i][seed] - value)));
    return {
      seen: `${figure(before)} → ${figure(sizes[0].tuned)}; from scratch ${series(sizes.map(({ scratch }) => scratch))} against ${series(sizes.map(({ tuned }) => tuned))}`,
      verdict: all([...overScratch, ...overPretrained, ...falling]),
    };
  },
};

const moreTextHelps: Claim = {
  claim: 2,
  statement:
    'More in-domain text lowers every method’s perplexity, and slm-pn’s lead over slm, there with little text, shrinks',
  paper: 'gap 1.05, 0.32, 0.14',
  test(points) {
    const curves = [
      ...FINE_TUNED.map((method) => ({
        method,
        values: points.sizes.map((_, size) => points.perplexities({ method, size })),
      })),
      ...['llm', 'slm-d'].map((method) => ({
        method,
        values: points.sizes
          .slice(0, 2)
          .map((_, size) => points.perplexities({ method, experiment: 'large', budget: 0, size })),
      })),
    ];
    const falls = curves.map(({ method, values }) => ({
      method,
      verdict: all(values.slice(1).map((value, i) => judge(logRatios(value, values[i])))),
    }));
    const gaps = points.sizes.map((_, size) => {
      const projected = points.perplexities({ method: 'slm-pn', size });
      return points.perplexities({ method: 'slm', size }).map((value, seed) => value - projected[seed]);
    });
    // Without a lead with little text there is nothing that could shrink.
    const leading = judge(gaps[0].map((gap) => -gap));
    const shrinking = judge(gaps[0].map((gap, seed) => gaps[gaps.length - 1][seed] - gap));
    const exceptions = falls.filter(({ verdict }) => verdict !== 'held').map(({ method }) => method);
    const gapText = gaps.map((gap) => mean(gap).toFixed(2)).join(', ');
    return {
      seen: `lead ${gapText}; ${exceptions.length === 0 ? 'every method falls' : `not falling with every seed: ${exceptions.join(', ')}`}`,
      verdict: all([...falls.map(({ verdict }) => verdict), leading, shrinking]),
    };
  },
};

const overfitting: Claim = {
  claim: 18,
  statement:
    'Little in-domain text overfits: perplexity over fine-tuning steps is U-shaped, and the best step comes later with more text',
  paper: 'fewer than 2k, 4k, 30k steps',
  test(points, { overfitting: curves }) {
    const shapes = curves.map(({ curve }) => {
      const losses = curve.map(({ loss }) => loss);
      const best = losses.indexOf(Math.min(...losses));
      const rise = losses[losses.length - 1] - losses[best];
      return { rise, start: losses[0], best: losses[best], step: curve[best].step, inside: best > 0 };
    });
    const steps = points.sizes.map((_, size) =>
      points.at({ method: 'slm', size }).map(({ bestStep }) => Math.max(bestStep, 1)),
    );
    const uShaped = judge(
      shapes.map(({ rise, inside }) => (inside ? -rise : 1)),
      -Math.log(RISE),
    );
    const growing = steps.slice(1).map((step, i) => judge(logRatios(steps[i], step)));
    const nats = (of: (shape: (typeof shapes)[number]) => number) => mean(shapes.map(of)).toFixed(2);
    return {
      seen: `best steps ${steps.map((step) => Math.round(geometricMean(step))).join(', ')}; without stopping ${nats(({ start }) => start)} → ${nats(({ best }) => best)} at step ${Math.round(mean(shapes.map(({ step }) => step)))} → ${nats(({ best, rise }) => best + rise)} nats`,
      verdict: all([uShaped, ...growing]),
    };
  },
};

interface Ranked {
  readonly name: string;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

const ranksChange: Claim = {
  claim: 19,
  statement:
    'Perplexity before fine-tuning does not rank perplexity after it: at least one pair changes order',
  paper: 'slm 33.7 → 36.6 before, 19.3 → 18.2 after',
  test(points) {
    const ranked = FINE_TUNED.filter((method) => method !== 'slm-nopt').flatMap((method) =>
      points.budgets.map((tokens, budget): Ranked => {
        const before = points.perplexities({ method, budget });
        const after = points.perplexities({ method, budget, size: 0 });
        return { name: `${method} (${formatCompact(tokens)} tokens)`, before, after };
      }),
    );
    const pairs = ranked.flatMap((a) => ranked.flatMap((b) => (a === b ? [] : [inversion(a, b)])));
    const held = pairs.filter(({ verdict }) => verdict === 'held').sort((a, b) => b.size - a.size);
    const undecided = pairs.some(({ verdict }) => verdict === 'undecided');
    if (held.length > 0) {
      return { seen: `${held.length} pairs of ${pairs.length / 2}; ${held[0].text}`, verdict: 'held' };
    }
    return { seen: 'no pair in all seeds', verdict: undecided ? 'undecided' : 'not held' };
  },
};

/** Whether `a` is the lower before and the higher after; `size` is the smaller of both gaps, in log perplexity. */
function inversion(a: Ranked, b: Ranked): { verdict: Verdict; size: number; text: string } {
  const effects = [logRatios(a.before, b.before), logRatios(b.after, a.after)];
  return {
    verdict: pairVerdict(effects),
    size: Math.min(...effects.map((effect) => -mean(effect))),
    text: `${a.name} ${figure(a.before)} → ${figure(a.after)}, ${b.name} ${figure(b.before)} → ${figure(b.after)}`,
  };
}

/** Undecided only when some seed has both changes: else nothing speaks for the pair. */
function pairVerdict(effects: readonly (readonly number[])[]): Verdict {
  const verdict = all(effects.map((effect) => judge(effect, -Math.log(RANK_GAP))));
  const inOne = effects[0].some((_, seed) => effects.every((effect) => effect[seed] < -Math.log(RANK_GAP)));
  return verdict === 'undecided' && !inOne ? 'not held' : verdict;
}

export const trainingClaims: readonly Claim[] = [pretrainingPays, moreTextHelps, overfitting, ranksChange];
