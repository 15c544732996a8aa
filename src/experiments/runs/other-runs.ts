/**
 * Runs of other settings whose held-out perplexity may stand beside an experiment's: those that read the same text, of the
 * domain and of the generic corpus, which the tokenizer is made from, with a vocabulary of the same size. Then perplexity a
 * token means the same. Where a record does not tell, the run is left out.
 */
import { type Json, jsonLeaves } from '../../common/json.ts';
import { isRead, methodsOf, type RecordedRun, resultsFit } from './comparable-runs.ts';

/** Runs of one configuration, the newest first. */
export interface OtherConfiguration<Run extends RecordedRun> {
  readonly runs: readonly Run[];
  /** `pretraining.batchTokens 512 instead of 1024` */
  readonly differs: readonly string[];
}

export interface OtherRunsBeside<Run extends RecordedRun> {
  readonly beside: readonly OtherConfiguration<Run>[];
  /** How many read other text, and of how many that is not known. */
  readonly otherText: number;
  readonly unknown: number;
}

/** What an experiment's own runs are: their configuration and the text they read, as far as it is known. */
export interface OwnRuns {
  readonly configuration: Json;
  readonly corpora: Readonly<Record<string, string>> | undefined;
}

export function otherRunsBeside<Run extends RecordedRun>(
  others: readonly Run[],
  own: OwnRuns,
): OtherRunsBeside<Run> {
  const newest = [...others].sort((a, b) => (a.created < b.created ? 1 : -1));
  const unknown = newest.filter(({ corpora }) => corpora === undefined || own.corpora === undefined);
  const same = newest.filter((run) => !unknown.includes(run) && readsTheSame(run, own));
  const groups: Run[][] = [];
  for (const run of same) {
    const { configuration } = run;
    const group = groups.find(
      ([first]) =>
        resultsFit(first.configuration, configuration) && resultsFit(configuration, first.configuration),
    );
    if (group === undefined) groups.push([run]);
    else group.push(run);
  }
  return {
    beside: groups.map((runs) => ({
      runs,
      differs: differencesOf(runs, own.configuration),
    })),
    otherText: newest.length - unknown.length - same.length,
    unknown: unknown.length,
  };
}

function readsTheSame({ corpora = {}, configuration }: RecordedRun, own: OwnRuns): boolean {
  const names = new Set([...Object.keys(corpora), ...Object.keys(own.corpora ?? {})]);
  return (
    [...names].every((name) => corpora[name] === own.corpora?.[name]) &&
    jsonLeaves(configuration).get('vocabulary') === jsonLeaves(own.configuration).get('vocabulary')
  );
}

/** Settings that are no part of how a line is measured: what is asked for, not how. */
const ASKED = /^(name|methods|seeds|points)\b|^fineTuning\.domainTokens$/;

/** In what the runs' methods read; in that runs of one group agree. */
function differencesOf(runs: readonly RecordedRun[], own: Json): readonly string[] {
  const [there, here] = [jsonLeaves(runs[0].configuration), jsonLeaves(own)];
  const known = runs.map(({ configuration }) => methodsOf(configuration));
  const methods = known.every((one) => one !== undefined) ? known.flat() : undefined;
  return [...new Set([...there.keys(), ...here.keys()])]
    .filter((path) => !ASKED.test(path) && isRead(path.replace(/\W.*/, ''), methods))
    .filter((path) => there.get(path) !== here.get(path))
    .sort()
    .map((path) => `${path} ${there.get(path) ?? 'not set'} instead of ${here.get(path) ?? 'not set'}`);
}
