/** One JSON object a line on standard output, for programs. */
import type { RunDisplay } from './display.ts';

export function writeJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function jsonDisplay(): RunDisplay {
  return {
    onStage: (event, { fraction, secondsLeft }) =>
      writeJson({ type: 'stage', event, run: { fraction, secondsLeft } }),
    onMeasurement: (measurement) => writeJson({ type: 'measurement', measurement }),
    note: (text) => writeJson({ type: 'note', text }),
    close: async () => undefined,
  };
}
