/**
 * Folds the event log of a run into what people see of it (run-view.ts). Pure: the same events, heartbeat and owner
 * give the same view. Events are taken in piece by piece, so that a view that follows a long log reads each once.
 */
import { join } from 'node:path';
import type { Measurement, UntrainedMeasurement } from '../../budget/measurement.ts';
import type { StageEvent } from '../../pipeline/stage-event.ts';
import type { LoggedEvent, RunEvent } from './events.ts';
import type { RunPhase, RunView, StageView } from './run-view.ts';
import { isEnded, type RunRecord, type RunStatus } from './runs.ts';

/** What the events do not tell. */
export interface RunFacts {
  readonly storage: string;
  readonly record: RunRecord;
  /** The heartbeat; `undefined` before the first. */
  readonly status: RunStatus | undefined;
  /** The process that carries it out; `undefined` when none lives. */
  readonly pid: number | undefined;
}

export function foldRun(facts: RunFacts, events: readonly LoggedEvent[]): RunView {
  const fold = new RunFold();
  fold.add(events);
  return fold.view(facts);
}

type Planned = NonNullable<Extract<RunEvent, { type: 'plan' }>['stages']>;
type Said = Extract<RunEvent, { type: 'state' }>;

export class RunFold {
  #said: Said | undefined;
  #isPlanned = false;
  #stages = new Map<string, FoldedStage>();
  /** The stage that the last event was about, while it is not over. */
  #current: FoldedStage | undefined;
  readonly #measurements = new Map<string, Measurement>();
  /** By fingerprint: a later attempt measures the same again. */
  readonly #untrained = new Map<string, UntrainedMeasurement>();
  #corpora: Readonly<Record<string, string>> | undefined;

  add(events: readonly LoggedEvent[]): void {
    for (const { event, time } of events) {
      if (event.type === 'state') this.#enter(event);
      else if (event.type === 'plan') this.#plan(event.stages);
      else if (event.type === 'stage') this.#onStage(event.event, Date.parse(time));
      else if (event.type === 'corpora') this.#corpora = event.corpora;
      else if (event.type === 'measurement')
        this.#measurements.set(keyOf(event.measurement), event.measurement);
      else if (event.type === 'untrained') this.#untrained.set(event.untrained.fingerprint, event.untrained);
    }
  }

  view({ storage, record, status, pid }: RunFacts): RunView {
    const phase = this.#phase(pid !== undefined);
    const fraction = phase === 'finished' ? 1 : this.#isPlanned ? status?.fraction : undefined;
    const secondsLeft = phase === 'running' ? status?.secondsLeft : undefined;
    const corpora = this.#corpora ?? record.corpora;
    return {
      id: record.id,
      storage,
      experimentFile: record.experimentFile ?? besideStorage(storage),
      title: record.title,
      methods: record.methods,
      seeds: record.seeds,
      created: record.created,
      ...(record.imported && { recordedOn: record.versions.processor }),
      ...(record.on && { on: record.on }),
      phase,
      ...this.#words(phase),
      ...(corpora && { corpora }),
      stages: [...this.#stages.values()].map((stage) => stage.view()),
      ...(fraction !== undefined && { fraction }),
      ...(secondsLeft !== undefined && { secondsLeft }),
      measurements: [...this.#measurements.values()],
      untrained: [...this.#untrained.values()],
      ...(pid !== undefined && { pid }),
    };
  }

  #enter(said: Said): void {
    this.#said = said;
    if (said.state === 'running') return;
    this.#current = undefined;
    // What a killed attempt was at has no end of its own in the log.
    for (const stage of this.#stages.values()) stage.stop();
  }

  /** A later attempt plans anew: what it finds made is reused, or was made by an attempt before. */
  #plan(planned: Planned): void {
    const before = this.#stages;
    this.#isPlanned = true;
    this.#stages = new Map();
    for (const { fingerprint, kind, label, cached } of planned) {
      const known = before.get(fingerprint);
      const stage = known ?? new FoldedStage(fingerprint, kind, label);
      if (cached) stage.found();
      this.#stages.set(fingerprint, stage);
    }
  }

  #onStage(event: StageEvent, timeMs: number): void {
    let stage = this.#stages.get(event.fingerprint);
    if (stage === undefined) {
      stage = new FoldedStage(event.fingerprint, event.kind, event.label);
      this.#stages.set(event.fingerprint, stage);
    }
    stage.take(event, timeMs);
    this.#current = stage.isUnderWay ? stage : undefined;
  }

  #phase(lives: boolean): RunPhase {
    const state = this.#said?.state;
    if (lives) return state ?? 'preparing';
    return state !== undefined && isEnded(state) ? state : 'lost';
  }

  #words(phase: RunPhase): Pick<RunView, 'message' | 'hint'> {
    if (phase === 'lost') {
      return {
        message: 'Its process ended without a word: it was killed, or the machine went down.',
        hint: 'Resume it: it goes on from its last checkpoint.',
      };
    }
    const { message = '', hint = '' } = this.#said ?? {};
    if (phase === 'running' && this.#current !== undefined)
      return { message: this.#current.sentence, hint: '' };
    return { message, hint };
  }
}

class FoldedStage {
  readonly #name: Pick<StageView, 'fingerprint' | 'kind' | 'label'>;
  #state: StageView['state'] = 'planned';
  #fraction = 0;
  #message = '';
  /** The first progress of this attempt: a resumed stage does not begin at 0. */
  #first: { readonly timeMs: number; readonly fraction: number } | undefined;
  #lastMs = 0;

  constructor(fingerprint: string, kind: string, label: string) {
    this.#name = { fingerprint, kind, label };
  }

  get isUnderWay(): boolean {
    return this.#state === 'started' || this.#state === 'progress' || this.#state === 'waiting';
  }

  get sentence(): string {
    return this.#message === '' ? this.#name.label : `${this.#name.label}: ${this.#message}`;
  }

  take(event: StageEvent, timeMs: number): void {
    // A stage that was computed and is then found again was computed all the same.
    if (event.state === 'reused' && this.#state === 'finished') return;
    this.#state = event.state;
    if (event.state === 'started') this.#first = undefined;
    if (event.state === 'progress') {
      this.#first ??= { timeMs, fraction: event.fraction };
      this.#lastMs = timeMs;
      this.#fraction = event.fraction;
      this.#message = event.message;
    } else if (event.state === 'waiting') {
      this.#message = `process ${event.pid} on ${event.host} computes this already; its result will be used`;
    } else if (event.state === 'failed' || event.state === 'quarantined') {
      this.#message = event.message;
    } else if (event.state === 'finished' || event.state === 'reused') {
      this.#fraction = 1;
      if (event.state === 'reused') this.#message = '';
    }
  }

  /** In the store when an attempt began. */
  found(): void {
    if (this.#state !== 'finished') this.#state = 'reused';
    this.#fraction = 1;
  }

  stop(): void {
    if (this.isUnderWay) this.#state = this.#state === 'waiting' ? 'planned' : 'interrupted';
    this.#first = undefined;
  }

  view(): StageView {
    const secondsLeft = this.#secondsLeft();
    return {
      ...this.#name,
      state: this.#state,
      fraction: this.#fraction,
      message: this.#message,
      ...(secondsLeft !== undefined && { secondsLeft }),
    };
  }

  #secondsLeft(): number | undefined {
    if (this.#state !== 'progress' || this.#first === undefined) return undefined;
    const gained = this.#fraction - this.#first.fraction;
    const seconds = (this.#lastMs - this.#first.timeMs) / 1000;
    return gained > 0 && seconds >= 1 ? (seconds * (1 - this.#fraction)) / gained : undefined;
  }
}

/** Attempts after a stop measure again what was measured before. */
function keyOf(one: Measurement): string {
  const { domain, method, seed, pretrainingTokens, domainTokens, requestedDomainTokens, phase } = one;
  return JSON.stringify([
    domain,
    method,
    seed,
    pretrainingTokens,
    domainTokens,
    requestedDomainTokens,
    phase,
  ]);
}

/** Of a run that came with the workspace. */
function besideStorage(storage: string): string {
  return join(storage, '..', '..', 'parlance.json');
}
