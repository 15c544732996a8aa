/**
 * Which of several measured methods to use: the one rule behind every answer. The validation split ranks them, so that
 * the held-out figure of the chosen one is not flattered by the choice. What is within `NEGLIGIBLE` of the lowest there and
 * ties with it on held-out text (`compare`) is as good, and of these the one that costs least in total is chosen.
 *
 * A tie of a larger difference is one that too few seeds or too little text leave open; what was found is followed then.
 */
import type { MeasuredPoint } from '../measured-point.ts';
import { type Comparison, compare, LEAST_UNITS, NEGLIGIBLE } from './verdict.ts';

export interface Contender {
  readonly point: MeasuredPoint;
  /** `C_total(N)` in a unit that all contenders share. */
  readonly totalCost: number;
}

export interface Rival<C extends Contender> {
  readonly contender: C;
  /** Of the leader (first) with this one on held-out text; absent where they share no seed. */
  readonly comparison?: Comparison;
}

export interface Choice<C extends Contender> {
  readonly chosen: C;
  /** The lowest on validation text. */
  readonly leader: C;
  /** What ties with the leader, the lowest on validation text first. */
  readonly ties: readonly Rival<C>[];
  /** Of the ties those that are as good: among these and the leader cost chooses. */
  readonly asGood: readonly Rival<C>[];
  /** The others, the lowest on validation text first. */
  readonly others: readonly Rival<C>[];
}

/** `undefined` when there is none to choose from. */
export function chooseAmong<C extends Contender>(contenders: readonly C[]): Choice<C> | undefined {
  const [leader, ...rest] = [...contenders].sort((a, b) => validationOf(a) - validationOf(b));
  if (leader === undefined) return undefined;
  const rivals = rest.map((contender): Rival<C> => {
    const comparison = compare(leader.point, contender.point);
    return { contender, ...(comparison && { comparison }) };
  });
  const ties = rivals.filter(({ comparison }) => comparison?.verdict === 'tie');
  const most = validationOf(leader) * (1 + NEGLIGIBLE);
  const asGood = ties.filter(
    ({ contender, comparison }) => validationOf(contender) <= most && (comparison?.units ?? 0) >= LEAST_UNITS,
  );
  const [chosen] = [leader, ...asGood.map(({ contender }) => contender)].sort(
    (a, b) => a.totalCost - b.totalCost,
  );
  return { chosen, leader, ties, asGood, others: rivals.filter((one) => !ties.includes(one)) };
}

function validationOf({ point }: Contender): number {
  return point.validation.mean;
}
