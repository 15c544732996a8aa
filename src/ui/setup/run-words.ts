/** A run in a few words: `running, 43 %, about 2 min 10 s left`. Pure. */
import { formatSeconds } from '../../../webview/charts/format.ts';
import type { RunView } from '../../experiments/run-view.ts';

export function runInWords({
  phase,
  fraction,
  secondsLeft,
}: Pick<RunView, 'phase' | 'fraction' | 'secondsLeft'>): string {
  const moving = phase === 'running' || phase === 'paused' || phase === 'pausing' || phase === 'stopping';
  return [
    phase,
    ...(moving && fraction !== undefined ? [`${Math.floor(100 * fraction)} %`] : []),
    ...(phase === 'running' && secondsLeft !== undefined ? [`about ${formatSeconds(secondsLeft)} left`] : []),
  ].join(', ');
}
