/** What stands above the figures of a panel: what they rest on, and what is missing among them. */
import type { Measurement } from '../../budget/measurement.ts';
import { joinWords } from '../../common/words.ts';
import type { RunView } from '../../experiments/runs/run-view.ts';

/** What the notes are of. */
export interface ShownRuns {
  /** Names of the experiment's. */
  readonly domains: readonly string[];
  readonly measurements: readonly Measurement[];
  readonly hasReport: boolean;
  readonly isGoingOn: boolean;
  /** Those whose measurements these are. */
  readonly runs: readonly Pick<RunView, 'recordedOn' | 'created'>[];
}

/** Nothing is said before anything was measured, but where the runs come from. */
export function resultNotes({
  domains,
  measurements,
  hasReport,
  isGoingOn,
  runs,
}: ShownRuns): readonly string[] {
  if (measurements.length === 0) return recordedElsewhere(runs);
  const measured = new Set(measurements.map(({ domain }) => domain));
  const missing = domains.filter((name) => !measured.has(name));
  return [
    ...(hasReport ? [] : ['Sizes of models are those of the configuration until a run ends with a report.']),
    ...(isGoingOn
      ? ['Runs are going on: this is the answer so far, and it is refined with each measurement.']
      : []),
    ...(isGoingOn || missing.length === 0
      ? []
      : [
          `${joinWords(missing)} ${missing.length === 1 ? 'was' : 'were'} not measured. “Plan for Budgets…” recommends a method for ${missing.length === 1 ? 'it' : 'them'} from the other domains, without training.`,
        ]),
    ...recordedElsewhere(runs),
  ];
}

/** Of runs that came with the workspace: their times are another machine's. */
function recordedElsewhere(runs: ShownRuns['runs']): readonly string[] {
  const notes = runs.flatMap(({ recordedOn, created }) =>
    recordedOn === undefined
      ? []
      : [
          `Results that came with this workspace were recorded on ${created.slice(0, 10)}, and their times are those of that machine (${recordedOn}).`,
        ],
  );
  return [...new Set(notes)];
}
