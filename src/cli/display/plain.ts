/** Lines for a pipe or a log file: one when a stage starts or ends, and one of progress now and then. */
import { formatSeconds } from '../../common/format.ts';
import type { RunProgress } from '../../experiments/runs/run-progress.ts';
import type { StageEvent } from '../../pipeline/stage-event.ts';
import { measurementText, overallText, type RunDisplay } from './display.ts';

const PROGRESS_MS = 5000;

export function plainDisplay(
  write: (line: string) => void,
  now: () => number = () => performance.now(),
): RunDisplay {
  let shownMs = now();
  return {
    onStage(event, progress) {
      if (event.state === 'progress' && now() - shownMs < PROGRESS_MS) return;
      const line = stageLine(event, progress);
      if (line === undefined) return;
      shownMs = now();
      write(line);
    },
    onMeasurement: (measurement) => write(`measured  ${measurementText(measurement)}`),
    note: write,
    close: async () => undefined,
  };
}

/** `undefined` for a reused stage: these are told of together before the first. */
export function stageLine(event: StageEvent, progress: RunProgress): string | undefined {
  switch (event.state) {
    case 'started':
      return `${event.resumed ? 'resumed ' : 'started '}  ${event.label}`;
    case 'progress':
      return `progress  ${event.message} (${overallText(progress)})`;
    case 'finished':
      return `finished  ${event.label}, ${formatSeconds(event.cost.seconds)}`;
    case 'waiting':
      return `waiting   for process ${event.pid} on ${event.host}, which computes: ${event.label}`;
    case 'quarantined':
      return `damaged   ${event.message} Moved to ${event.movedTo}; computed anew.`;
    case 'failed':
      return `failed    ${event.label}`;
    case 'interrupted':
      return `stopped   ${event.label}`;
    case 'reused':
      return undefined;
  }
}
