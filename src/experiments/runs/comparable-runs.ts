/**
 * Which runs measured the same experiment, so that their measurements belong in one picture: the same configuration in what
 * their methods read, but for the name, the methods, the seeds and where it was measured, and the same text as the newest
 * of them. What is measured at a budget and an in-domain size depends on no other budget or size, but for the warm-up of
 * pretraining, which is a share of the smallest budget. The editor merges these from the runs' logs instead of asking the
 * store, because that would load an engine and read every corpus.
 */

import * as z from 'zod';
import type { Measurement } from '../../budget/measurement.ts';
import type { Json } from '../../common/json.ts';

export interface RecordedRun {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly created: string;
  readonly configuration: Json;
  /** Fingerprints of the corpora, by name; absent before the run has looked at them, when it has measured nothing. */
  readonly corpora?: Readonly<Record<string, string>>;
}

export interface ComparableRuns<Run extends RecordedRun> {
  /** The oldest first. */
  readonly runs: readonly Run[];
  /** Those of another configuration or of other text. */
  readonly others: readonly Run[];
}

/** The runs that can be shown with the newest one of this configuration. */
export function comparableRuns<Run extends RecordedRun>(
  all: readonly Run[],
  configuration: Json,
): ComparableRuns<Run> {
  const configured = all.filter((run) => resultsFit(run.configuration, configuration));
  const ordered = [...configured].sort((a, b) => (a.created < b.created ? -1 : 1));
  const text = textKey(ordered.findLast(({ corpora }) => corpora !== undefined));
  const runs = ordered.filter((run) => run.corpora === undefined || textKey(run) === text);
  return { runs, others: all.filter((run) => !runs.includes(run)) };
}

/** Whether a run of one configuration measured what another asks for: they agree in what the run's methods read. */
export function resultsFit(run: Json, configuration: Json): boolean {
  const methods = methodsOf(run);
  return comparisonKey(run, methods) === comparisonKey(configuration, methods);
}

/** Whether a setting, by the name of its part of the configuration, concerns a method; any where none is given. */
export function isRead(part: string, methods: readonly string[] | undefined): boolean {
  return methods === undefined || (READ_BY[part]?.some((method) => methods.includes(method)) ?? true);
}

/** `undefined` where a configuration does not say. */
export function methodsOf(configuration: Json): readonly string[] | undefined {
  const parsed = z.object({ methods: z.array(z.string()) }).safeParse(configuration);
  return parsed.success ? parsed.data.methods : undefined;
}

/** Each point once: what was measured again later replaces what was measured before. */
export function mergeMeasurements(runs: readonly (readonly Measurement[])[]): readonly Measurement[] {
  const merged = new Map<string, Measurement>();
  for (const one of runs.flat()) {
    const {
      domain,
      method,
      seed,
      pretrainingTokens,
      domainTokens,
      requestedDomainTokens = null,
      phase,
    } = one;
    const place = [pretrainingTokens, domainTokens, requestedDomainTokens];
    merged.set(JSON.stringify([domain, method, seed, ...place, phase]), one);
  }
  return [...merged.values()];
}

const NOT_COMPARED = new Set(['name', 'methods', 'seeds', 'points']);

/** Settings that some methods alone read; all others concern every method. */
export const READ_BY: Readonly<Record<string, readonly string[]>> = {
  selection: ['slm-is', 'slm-is-cont', 'slm-mix', 'slm-pn'],
  mixture: ['slm-mix'],
  projection: ['slm-pn'],
  distillation: ['slm-d'],
  decay: ['slm-is', 'slm-is-cont'],
};

/** `methods`: those whose settings count; all when absent. */
function comparisonKey(configuration: Json, methods: readonly string[] | undefined): string {
  if (!isObject(configuration)) return '';
  const compared = Object.entries(configuration).filter(
    ([key]) => !NOT_COMPARED.has(key) && isRead(key, methods),
  );
  return JSON.stringify(
    sorted(Object.fromEntries(compared.map(([key, value]) => [key, comparedPart(key, value)]))),
  );
}

/** A setting without the list of places to measure. */
function comparedPart(key: string, value: Json): Json {
  if (!isObject(value)) return value;
  if (key === 'fineTuning') return { ...value, domainTokens: null };
  if (key !== 'pretraining' || !Array.isArray(value.budgets)) return value;
  return { ...value, budgets: value.budgets.slice(0, 1) };
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textKey(run: RecordedRun | undefined): string {
  return JSON.stringify(sorted({ ...run?.corpora }));
}

/** Keys in order, so that the same values written in another order are the same. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
