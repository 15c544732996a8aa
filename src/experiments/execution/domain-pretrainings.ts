/**
 * Pretrainings that are paid for each domain: those of models whose generic text was selected by an in-domain set, or has
 * in-domain text mixed in. Each set and budget needs one of its own, which a plan should say before it is paid for.
 */
import { fingerprint, type Stage } from '../../pipeline/stage.ts';
import type { GridPoint } from './grid-point.ts';

/** The pretrainings behind a model that are paid for each domain, by fingerprint. */
export function domainPretrainings(
  model: Stage,
  found = new Map<string, Stage>(),
): ReadonlyMap<string, Stage> {
  if (model.kind === 'pretrain' && model.booking === 'specialization') found.set(fingerprint(model), model);
  for (const input of Object.values(model.inputs)) domainPretrainings(input, found);
  return found;
}

/** A method's pretrainings in all domains and seeds together. */
export interface MethodPretrainings {
  readonly method: string;
  readonly count: number;
  /** Whether all of it is paid again, or only the decay that follows a stable phase which all domains share. */
  readonly part: 'whole' | 'decay';
  /** The in-domain sets of each budget (tokens), the largest budget first. */
  readonly places: readonly { readonly budget: number; readonly domainTokens: readonly (number | 'all')[] }[];
}

/** Of each method that pretrains for a domain, in the order of the points. */
export function pretrainingsForDomains(
  points: readonly Pick<GridPoint, 'method' | 'point' | 'model'>[],
): readonly MethodPretrainings[] {
  return [...new Set(points.map(({ method }) => method.id))].flatMap((method) => {
    const own = points.filter((one) => one.method.id === method);
    const found = new Map<string, Stage>();
    for (const { model } of own) domainPretrainings(model, found);
    if (found.size === 0) return [];
    const budgets = [...new Set(own.map(({ point }) => point.budget))].sort((a, b) => b - a);
    const places = budgets.map((budget) => {
      const sizes = own.filter(({ point }) => point.budget === budget).map(({ point }) => point.domainTokens);
      return { budget, domainTokens: [...new Set(sizes)] };
    });
    const isDecay = [...found.values()].every(({ inputs }) => inputs.trunk?.booking === 'generic');
    return [{ method, count: found.size, part: isDecay ? 'decay' : 'whole', places }];
  });
}
