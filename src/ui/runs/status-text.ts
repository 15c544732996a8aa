/** What the one item of the status bar says. Pure. */

import type { Translate } from '../../common/translate.ts';
import type { RunView } from '../../experiments/runs/run-view.ts';
import {
  durationWords,
  isLiving,
  methodWords,
  percentWords,
  phaseWords,
  runWords,
  shortMethodWords,
} from '../run-words.ts';

export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
  /** For a screen reader: the text without the codicon. */
  readonly spoken: string;
}

/** `Pretrained on look-alike text 43 % · 5 min`; `2 running, 1 queued`; only the name where nothing lives. */
export function statusText(runs: readonly RunView[], t: Translate): StatusText {
  const living = runs.filter(isLiving);
  const moving = living.some(({ phase }) => phase !== 'queued' && phase !== 'paused');
  const icon = living.length === 0 ? '$(beaker)' : moving ? '$(sync~spin)' : '$(debug-pause)';
  const words = living.length === 1 ? oneRun(living[0], t) : severalRuns(living, t);
  const spoken = words === '' ? t('Parlance') : t('Parlance: {0}', words);
  const lines = living.map((run) => `${methodWords(run, t)}: ${runWords(run, t)}`);
  const tooltip =
    lines.length === 0 ? t('No run is active. Click to see the runs so far.') : lines.join('\n');
  return { text: `${icon} ${spoken}`, tooltip, spoken };
}

function oneRun(run: RunView, t: Translate): string {
  const { fraction, secondsLeft, phase } = run;
  const name = shortMethodWords(run, t);
  if (phase !== 'running' || fraction === undefined) {
    const progress = fraction === undefined ? [] : [percentWords(fraction)];
    return [`${name} ${phaseWords(phase, t)}`, ...progress].join(' · ');
  }
  const left = secondsLeft === undefined ? [] : [durationWords(secondsLeft, t)];
  return [`${name} ${percentWords(fraction)}`, ...left].join(' · ');
}

function severalRuns(living: readonly RunView[], t: Translate): string {
  const count = (fits: (run: RunView) => boolean): number => living.filter(fits).length;
  const queued = count(({ phase }) => phase === 'queued');
  const paused = count(({ phase }) => phase === 'paused');
  const running = living.length - queued - paused;
  return [
    ...(running > 0 ? [t('{0} running', running)] : []),
    ...(paused > 0 ? [t('{0} paused', paused)] : []),
    ...(queued > 0 ? [t('{0} queued', queued)] : []),
  ].join(', ');
}
