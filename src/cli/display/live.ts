/** The live view on a terminal: the run as a whole, the stage at work, and the latest measurements. */
import { type DefaultRenderer, Listr, type ListrTaskWrapper, type SimpleRenderer } from 'listr2';
import { formatEstimate } from '../../common/format.ts';
import type { CurrentStage, RunProgress } from '../../experiments/runs/run-progress.ts';
import { measurementText, overallText, type RunDisplay } from './display.ts';
import { stageLine } from './plain.ts';

const BAR_CELLS = 20;
const SHOWN_MEASUREMENTS = 6;
const SHOWN_NOTES = 3;
const REFRESH_MS = 100;

type Line = ListrTaskWrapper<object, typeof DefaultRenderer, typeof SimpleRenderer>;

export function liveDisplay(name: string): RunDisplay {
  const view = new LiveView(name);
  return {
    onStage(event, progress) {
      const isNews = event.state === 'quarantined' || event.state === 'waiting';
      if (isNews) view.tell(stageLine(event, progress) ?? '');
      view.show(progress, event.state !== 'progress');
    },
    onMeasurement: (measurement) => view.addMeasurement(measurementText(measurement)),
    note: (text) => view.tell(text),
    close: () => view.close(),
  };
}

class LiveView {
  readonly #name: string;
  readonly #notes: string[] = [];
  readonly #ends: (() => void)[] = [];
  readonly #ended: Promise<unknown>;
  #overall: Line | undefined;
  #stage: Line | undefined;
  #results: Line | undefined;
  #measured = 0;
  #shownMs = 0;

  constructor(name: string) {
    this.#name = name;
    const line = (title: string, outputBar: number, keep: (task: Line) => void) => ({
      title,
      rendererOptions: { outputBar },
      task: (_: object, task: Line) => {
        keep(task);
        return new Promise<void>((resolve) => this.#ends.push(resolve));
      },
    });
    const tasks = new Listr<object, 'default', 'simple'>(
      [
        line(name, SHOWN_NOTES, (task) => {
          this.#overall = task;
        }),
        line('preparing', 1, (task) => {
          this.#stage = task;
        }),
        line('nothing measured yet', SHOWN_MEASUREMENTS, (task) => {
          this.#results = task;
        }),
      ],
      {
        concurrent: true,
        registerSignalListeners: false,
        renderer: 'default',
        fallbackRenderer: 'simple',
        rendererOptions: { formatOutput: 'truncate', clearOutput: true },
      },
    );
    this.#ended = tasks.run();
  }

  show(progress: RunProgress, atOnce: boolean): void {
    if (!atOnce && performance.now() - this.#shownMs < REFRESH_MS) return;
    this.#shownMs = performance.now();
    if (this.#overall)
      this.#overall.title = `${this.#name}  ${bar(progress.fraction)}  ${overallText(progress)}`;
    const { current } = progress;
    if (this.#stage && current) {
      this.#stage.title = current.label;
      this.#stage.output = stageText(current);
    }
  }

  addMeasurement(text: string): void {
    this.#measured++;
    if (this.#results === undefined) return;
    this.#results.title = `${this.#measured} measured`;
    this.#results.output = text;
  }

  tell(text: string): void {
    this.#notes.push(text);
    if (this.#overall) this.#overall.output = text;
  }

  /** Takes the live area away and leaves what was told. */
  async close(): Promise<void> {
    for (const end of this.#ends) end();
    await this.#ended;
    process.stdout.write(this.#notes.map((note) => `${note}\n`).join(''));
  }
}

export function bar(fraction: number): string {
  const filled = Math.round(BAR_CELLS * Math.min(1, Math.max(0, fraction)));
  return '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled);
}

function stageText({ fraction, message, secondsLeft }: CurrentStage): string {
  const left =
    secondsLeft === undefined || secondsLeft < 1 ? '' : ` · ${formatEstimate(secondsLeft)} left at most`;
  return `${bar(fraction)} ${message}${left}`;
}
