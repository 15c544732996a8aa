/** A run in words, the same in the sidebar, the status bar, pick lists and notifications. Pure. */

import type { Measurement } from '../budget/measurement.ts';
import { isMeasurable, standingCells, viewsOf } from '../budget/views.ts';
import { formatPerplexity } from '../common/format.ts';
import type { Translate } from '../common/translate.ts';
import type { Answer } from '../experiments/results/answer.ts';
import type { RunPhase, RunView } from '../experiments/runs/run-view.ts';
import { methodInWords, methodTitle } from '../methods/titles.ts';

export type RunAction = 'pausable' | 'resumable' | 'stoppable' | 'cancellable';

/** What can be done with a run in each phase. */
const ACTIONS: Readonly<Record<RunPhase, readonly RunAction[]>> = {
  queued: ['cancellable'],
  preparing: ['cancellable'],
  running: ['pausable', 'stoppable', 'cancellable'],
  pausing: ['cancellable'],
  paused: ['resumable', 'stoppable', 'cancellable'],
  stopping: ['cancellable'],
  finished: [],
  failed: ['resumable'],
  interrupted: ['resumable'],
  cancelled: [],
  lost: ['resumable'],
};

/** On a cluster several trainings may be at hand, each in a job of its own: none is the one to stop and keep. */
export function actionsOf({ phase, on }: Pick<RunView, 'phase' | 'on'>): readonly RunAction[] {
  return on === undefined ? ACTIONS[phase] : ACTIONS[phase].filter((one) => one !== 'stoppable');
}

/** Whether a process carries it out or waits to. */
export function isLiving({ phase }: Pick<RunView, 'phase'>): boolean {
  return actionsOf({ phase }).includes('cancellable');
}

export function phaseWords(phase: RunPhase, t: Translate): string {
  const words: Readonly<Record<RunPhase, string>> = {
    queued: t('waiting for its turn'),
    preparing: t('preparing'),
    running: t('running'),
    pausing: t('pausing'),
    paused: t('paused'),
    stopping: t('stopping'),
    finished: t('finished'),
    failed: t('failed'),
    interrupted: t('stopped'),
    cancelled: t('cancelled'),
    lost: t('ended without a word'),
  };
  return words[phase];
}

export function percentWords(fraction: number): string {
  return `${Math.floor(100 * fraction + 1e-9)} %`;
}

/** Coarse, so that it does not change with every report: `under 1 min`, `5 min`, `2 h 10 min`, `3 d 4 h`. */
export function durationWords(seconds: number, t: Translate): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return t('under 1 min');
  if (minutes < 60) return t('{0} min', minutes);
  const tens = Math.round(minutes / 10) * 10;
  if (tens < 1440)
    return tens % 60 === 0 ? t('{0} h', tens / 60) : t('{0} h {1} min', Math.floor(tens / 60), tens % 60);
  const hours = Math.round(minutes / 60);
  return hours % 24 === 0 ? t('{0} d', hours / 24) : t('{0} d {1} h', Math.floor(hours / 24), hours % 24);
}

/** `Pretrained on look-alike text (slm-is)`, or how many where a run has several. */
export function methodWords({ methods }: Pick<RunView, 'methods'>, t: Translate): string {
  return methods.length === 1 ? methodInWords(methods[0]) : t('{0} methods', methods.length);
}

/** The same without the id, where room is scarce and the id a hover away. */
export function shortMethodWords({ methods }: Pick<RunView, 'methods'>, t: Translate): string {
  const [only, ...more] = methods;
  return only !== undefined && more.length === 0 ? methodTitle(only, only) : methodWords({ methods }, t);
}

/** What is reported when runs have finished: the experiment's answer, in the words of the report and the panels. */
export function finishedWords(group: readonly RunView[], answer: Answer | undefined, t: Translate): string {
  const [newest] = group;
  const subject = group.length === 1 ? methodWords(newest, t) : t('{0} runs', group.length);
  const finished = t('{0}: {1} finished.', newest.title, subject);
  return answer === undefined ? finished : `${finished} ${answer.headline}`;
}

/** `43 %`, and the time left where it is known: only of runs and stages that move. */
export function progressWords(
  { fraction, secondsLeft }: { readonly fraction?: number; readonly secondsLeft?: number },
  t: Translate,
): string[] {
  return [
    ...(fraction === undefined ? [] : [percentWords(fraction)]),
    ...(secondsLeft === undefined ? [] : [t('{0} left', durationWords(secondsLeft, t))]),
  ];
}

/** `running · 43 % · 5 min left · held-out perplexity 60.9`. */
export function runWords(run: RunView, t: Translate): string {
  const progress = moves(run) ? progressWords(run, t) : [];
  return [phaseOrWait(run, t), ...progress, ...measuredWords(run.measurements, t)].join(' · ');
}

/**
 * What must not be cut off in a narrow row stands before the name: the held-out perplexity, then how far the run is or,
 * where it neither moves nor has come to its end, what has become of it. `60.91`, `60.91 · 43 %`, `paused · 43 %`.
 */
export function leadWords(run: RunView, t: Translate): readonly string[] {
  const measured = reached(run.measurements);
  const perplexity = measured === undefined ? [] : [formatPerplexity(measured.perplexity)];
  const percent = moves(run) && run.fraction !== undefined ? [percentWords(run.fraction)] : [];
  if (run.phase === 'finished') return perplexity.length > 0 ? perplexity : [phaseWords(run.phase, t)];
  const says = run.phase === 'running' && percent.length > 0 ? [] : [shortPhaseWords(run.phase, t)];
  return [...perplexity, ...says, ...percent];
}

/** What a row says behind the name: the state where it was not said before, and what is left. */
export function detailWords(run: RunView, t: Translate): string {
  const phase = phaseOrWait(run, t);
  const left = moves(run) ? progressWords({ ...run, fraction: undefined }, t) : [];
  const several = reached(run.measurements) === undefined ? measuredWords(run.measurements, t) : [];
  return [...(leadWords(run, t).includes(phase) ? [] : [phase]), ...left, ...several].join(' · ');
}

function moves(run: RunView): boolean {
  return isLiving(run) && run.phase !== 'queued';
}

/** Whoever waits is told behind what. */
function phaseOrWait({ phase, message, recordedOn }: RunView, t: Translate): string {
  if (recordedOn !== undefined) return t('came with the workspace');
  return phase === 'queued' && message !== '' ? inRow(message) : phaseWords(phase, t);
}

function shortPhaseWords(phase: RunPhase, t: Translate): string {
  if (phase === 'queued') return t('waiting');
  return phase === 'lost' ? t('broken off') : phaseWords(phase, t);
}

/** A sentence among other words. */
function inRow(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '');
}

/**
 * Of a run of one method what it reached with all the text that it was measured with; which of several methods is to be
 * used, is the experiment's answer and not a run's.
 */
function reached(
  measurements: readonly Measurement[],
): { readonly perplexity: number; readonly average?: string } | undefined {
  if (new Set(measurements.map(({ method }) => method)).size !== 1) return undefined;
  const usable = measurements.filter(isMeasurable);
  const [view] = viewsOf(usable);
  if (view === undefined) return undefined;
  const [cell] = standingCells(view);
  if (cell === undefined) return undefined;
  const hasSeveral = new Set(usable.map(({ domain }) => domain)).size > 1;
  return { perplexity: cell.perplexity.mean, ...(hasSeveral && { average: view.title }) };
}

function measuredWords(measurements: readonly Measurement[], t: Translate): readonly string[] {
  const measured = reached(measurements);
  if (measured === undefined) {
    const methods = new Set(measurements.map(({ method }) => method));
    return methods.size > 1 ? [t('{0} measurements', measurements.length)] : [];
  }
  const value = formatPerplexity(measured.perplexity);
  return measured.average === undefined
    ? [t('held-out perplexity {0}', value)]
    : [t('held-out perplexity {0} ({1})', value, measured.average)];
}
