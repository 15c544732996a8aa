/**
 * Runs side by side: what each of them measured, what sets them apart - settings, text, engine, version - and whether
 * their figures may be compared at all. Nothing is computed here that a run did not measure. Pure.
 */

import * as z from 'zod';
import type { Measurement } from '../../budget/measurement.ts';
import { jsonLeaves } from '../../common/json.ts';
import { joinWords } from '../../common/words.ts';
import { methods as allMethods } from '../../methods/registry.ts';
import { type HeldOutText, isSameText } from '../results/held-out-text.ts';
import type { RunRecord } from './runs.ts';

export interface ComparableRun {
  readonly record: Pick<
    RunRecord,
    'title' | 'created' | 'seeds' | 'methods' | 'configuration' | 'engine' | 'versions'
  >;
  /** Fingerprints of the corpora, by name; absent before the run has looked at them. */
  readonly corpora?: Readonly<Record<string, string>>;
  readonly measurements: readonly Measurement[];
  /** By domain, as far as the store still has it. */
  readonly heldOut: Readonly<Record<string, HeldOutText>>;
}

export interface RunDifference {
  readonly setting: string;
  /** One entry a run, `–` where it has none. */
  readonly values: readonly string[];
}

/** A short name for each of so many runs: A to Z, then AA. */
export function runNames(count: number): readonly string[] {
  const letter = (index: number): string => String.fromCharCode(65 + (index % 26));
  return Array.from({ length: count }, (_, index) =>
    index < 26 ? letter(index) : `${letter(Math.floor(index / 26) - 1)}${letter(index)}`,
  );
}

const choiceSchema = z.object({
  mixture: z.object({ choice: z.enum(['modal', 'lowest loss', 'best fine-tuned']) }),
});

/** The run's methods, by id, whose model is chosen among several after fine-tuning, as its settings say. */
export function choosingMethods({ record }: Pick<ComparableRun, 'record'>): readonly string[] {
  const { data: settings } = choiceSchema.safeParse(record.configuration);
  if (settings === undefined) return [];
  const choosing = allMethods.filter(({ choosesTuned }) => choosesTuned?.(settings)).map(({ id }) => id);
  return record.methods.filter((id) => choosing.includes(id));
}

/** What is not the same in all runs; settings by their path in the experiment file. */
export function runDifferences(runs: readonly ComparableRun[]): readonly RunDifference[] {
  const facts = runs.map(factsOf);
  const settings = [...new Set(facts.flatMap((one) => [...one.keys()]))];
  return settings
    .map((setting) => ({ setting, values: facts.map((one) => one.get(setting) ?? '–') }))
    .filter(({ values }) => new Set(values).size > 1);
}

/** Sentences for the reader where figures of the runs do not compare; none where they do. */
export function comparisonWarnings(runs: readonly ComparableRun[]): readonly string[] {
  const domains = new Set(runs.flatMap(({ measurements }) => measurements.map(({ domain }) => domain)));
  return [...domains].flatMap((domain) => warningsOn(domain, runs));
}

function warningsOn(domain: string, runs: readonly ComparableRun[]): readonly string[] {
  const names = runNames(runs.length);
  const measured = runs.flatMap((run, index) =>
    run.measurements.some((one) => one.domain === domain) ? [{ run, name: names[index] }] : [],
  );
  if (measured.length < 2) return [];
  const textOf = ({ run }: Named) => run.heldOut[domain];
  const known = measured.filter((one) => textOf(one) !== undefined);
  const unknown = measured.filter((one) => textOf(one) === undefined);
  const byText = groups(known, (a, b) => {
    const [one, other] = [textOf(a), textOf(b)];
    return one !== undefined && other !== undefined && isSameText(one, other);
  });
  const byTokenizer = groups(
    known.filter((one) => textOf(one)?.tokenizer !== undefined),
    (a, b) => textOf(a)?.tokenizer === textOf(b)?.tokenizer,
  );
  const unsure = unknown.filter((one) => !measured.every((other) => isOneCorpus(one, other, domain)));
  return [
    ...(byText.length > 1
      ? [`Not comparable on ${domain}: measured on other held-out text (${inWords(byText)}).`]
      : []),
    ...(byTokenizer.length > 1
      ? [
          `Perplexity is not comparable on ${domain}: it is per token, and the tokenizers differ (${inWords(byTokenizer)}). Bits per byte can be compared.`,
        ]
      : []),
    ...(unsure.length > 0
      ? [
          `Whether ${list(unsure)} measured the same held-out text of ${domain} is not known: the corpora differ, and the evaluations were cleaned away.`,
        ]
      : []),
  ];
}

interface Named {
  readonly run: ComparableRun;
  readonly name: string;
}

function isOneCorpus(a: Named, b: Named, domain: string): boolean {
  const fingerprint = a.run.corpora?.[domain];
  return fingerprint !== undefined && fingerprint === b.run.corpora?.[domain];
}

function groups(all: readonly Named[], isSame: (a: Named, b: Named) => boolean): readonly Named[][] {
  const found: Named[][] = [];
  for (const one of all) {
    const group = found.find(([first]) => isSame(first, one));
    if (group === undefined) found.push([one]);
    else group.push(one);
  }
  return found;
}

function inWords(all: readonly (readonly Named[])[]): string {
  return all.map(list).join('; ');
}

function list(named: readonly Named[]): string {
  return joinWords(named.map(({ name }) => name));
}

function factsOf(run: ComparableRun): ReadonlyMap<string, string> {
  const { record, corpora = {}, heldOut } = run;
  const settings = [...jsonLeaves(record.configuration)].sort(([a], [b]) => (a < b ? -1 : 1));
  const engines = [...new Set(Object.values(heldOut).flatMap(({ engine = [] }) => engine))];
  const { versions } = record;
  return new Map<string, string>([
    ...settings.filter(([path]) => path !== 'methods' && path !== 'seeds'),
    ['methods', record.methods.join(', ')],
    ['seeds', record.seeds.join(', ')],
    ...named('text of', corpora, (fingerprint) => fingerprint.slice(0, 8)),
    ...named('held-out text of', heldOut, textInWords),
    ...named('tokenizer on', heldOut, ({ tokenizer = '–' }) => tokenizer.slice(0, 8)),
    ['engine', engines.length > 0 ? engines.join(', ') : record.engine],
    ['Parlance', versions.parlance],
    ['processor', `${versions.processor}, ${versions.threads} threads`],
    ['platform', versions.platform],
    ['Node.js', versions.node],
  ]);
}

function named<T>(
  what: string,
  all: Readonly<Record<string, T>>,
  inWords: (one: T) => string,
): [string, string][] {
  return Object.entries(all).map(([name, one]) => [`${what} ${name}`, inWords(one)]);
}

function textInWords({ documents, bytes, names, contents }: HeldOutText): string {
  return `${documents} ${documents === 1 ? 'document' : 'documents'}, ${bytes} bytes (${(contents ?? names).slice(0, 8)})`;
}
