/** Measurements of a domain by method, budget and in-domain size, one value a seed, in the order of the seeds. */
import { InputError } from '../../src/common/errors.ts';
import type { ExperimentName } from './experiments.ts';
import type { ClaimMeasurement, DomainFindings } from './findings.ts';
import { atCost, type CostPoint } from './judgement.ts';

export interface Place {
  readonly method: string;
  /** `core` when absent. */
  readonly experiment?: ExperimentName;
  /** Number of the pretraining budget, 0 being the smallest; negative from the largest. */
  readonly budget?: number;
  /** Number of the in-domain size, 0 being the smallest; absent before fine-tuning. */
  readonly size?: number;
  /** Before fine-tuning: the number of the in-domain size that generic text was selected by, 0 when absent. */
  readonly selectedBy?: number;
}

export class Points {
  readonly seeds: readonly number[];
  /** Rising. */
  readonly budgets: readonly number[];
  readonly sizes: readonly number[];
  /** The sizes as they were asked for. */
  readonly #asked: readonly ClaimMeasurement['requestedDomainTokens'][];
  readonly #findings: DomainFindings;

  constructor(findings: DomainFindings) {
    const rising = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);
    const pretrained = findings.measurements.filter(
      (one) => one.experiment === 'core' && one.method === 'slm',
    );
    const tuned = pretrained.filter(({ phase }) => phase === 'after fine-tuning');
    this.#findings = findings;
    this.seeds = findings.seeds;
    this.budgets = rising(pretrained.map(({ pretrainingTokens }) => pretrainingTokens));
    this.sizes = rising(tuned.map(({ domainTokens }) => domainTokens));
    this.#asked = this.sizes.map(
      (size) => tuned.find(({ domainTokens }) => domainTokens === size)?.requestedDomainTokens,
    );
  }

  /** An in-domain size as it was asked for, by its number; its tokens where that is not on record. */
  asked(size: number): number | 'all' {
    return this.#asked[size] ?? this.sizes[size];
  }

  /** Throws `InputError` when a seed lacks the point. */
  at(place: Place): ClaimMeasurement[] {
    if (this.has(place)) return this.#measured(place);
    const { method, experiment = 'core', budget = -1, size } = place;
    const where = `${method}, ${experiment}, budget ${this.budgets.at(budget)}, in-domain ${size === undefined ? 0 : this.sizes.at(size)}`;
    throw new InputError(
      `${this.#findings.domain} was not measured with all seeds at ${where}.`,
      'Run the suite again.',
    );
  }

  /** Of the seeds that have it. */
  #measured(place: Place): ClaimMeasurement[] {
    const { method, experiment = 'core', budget = -1, size, selectedBy = 0 } = place;
    const pretraining = method === 'slm-nopt' ? 0 : this.budgets.at(budget);
    const inDomain = size === undefined ? 0 : this.sizes.at(size);
    const asked = this.#asked.at(size ?? selectedBy);
    return this.seeds.flatMap(
      (seed) =>
        this.#findings.measurements.find(
          (one) =>
            one.seed === seed &&
            one.method === method &&
            one.experiment === experiment &&
            one.pretrainingTokens === pretraining &&
            one.domainTokens === inDomain &&
            (one.requestedDomainTokens === undefined || one.requestedDomainTokens === asked) &&
            (one.phase === 'before fine-tuning') === (size === undefined),
        ) ?? [],
    );
  }

  /** Whether every seed has it. */
  has(place: Place): boolean {
    return this.#measured(place).length === this.seeds.length;
  }

  perplexities(place: Place): number[] {
    return this.at(place).map(({ perplexity }) => perplexity);
  }

  /**
   * Perplexity of a method after fine-tuning, at a cost for each seed: interpolated along the budgets that were measured at its
   * in-domain size, the smallest when absent, and beyond them that of the nearest. Throws `InputError` where none was.
   */
  interpolated(
    { size = 0, ...method }: Omit<Place, 'budget' | 'selectedBy'>,
    cost: (one: ClaimMeasurement) => number,
    flops: readonly number[],
  ): number[] {
    const last = this.at({ ...method, size });
    const others = this.budgets
      .slice(0, -1)
      .map((_, budget) => this.#measured({ ...method, budget, size }))
      .filter(({ length }) => length === this.seeds.length);
    return flops.map((at, seed) => {
      const points = [...others, last].map((curve): CostPoint => {
        return { flops: cost(curve[seed]), perplexity: curve[seed].perplexity };
      });
      return atCost(points, at);
    });
  }
}

/** The experiment in which a method has the preset's own rules. */
export function asPreset(method: string): ExperimentName {
  if (method === 'slm-pn') return 'fitted projection';
  if (method === 'slm-is' || method === 'slm-is-cont') return 'in-domain decay';
  return method === 'slm-mix' ? 'branching experts' : 'core';
}

export const genericCost = ({ genericFlops }: ClaimMeasurement): number => genericFlops;
/** Of one domain that pays for everything: N = 1. */
export const totalCost = (one: ClaimMeasurement): number => one.genericFlops + one.specializationFlops;
