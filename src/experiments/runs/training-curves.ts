/**
 * The curves of training, folded from the events of runs while they train, and completed from what a finished stage left.
 *
 * A log keeps one progress event in half a second; the finished stage's own record has some thousand points and takes
 * their place. Costs stand at a stage's own rate for a token, for all tokens seen: the decay of a pretraining, which
 * continues a stable phase that another stage was paid for, stands where the whole pretraining would.
 */

import { methods as allMethods } from '../../methods/registry.ts';
import type { TrainingRecord } from '../../methods/stages/models.ts';
import { stableUntil } from '../../methods/stages/pretrain.ts';
import type { StageEvent } from '../../pipeline/stage-event.ts';
import type { CurveFacts, CurvePoints } from './curve-facts.ts';
import type { LoggedEvent } from './events.ts';

type Column = keyof CurvePoints;
type Columns = Record<Column, number[]>;
export type CurvePart = 'training' | 'validation';

export interface FoldedCurve {
  readonly facts: CurveFacts;
  readonly training: CurvePoints;
  readonly validation: CurvePoints;
  /** Raised whenever points that were there before changed; further points alone do not raise it. */
  readonly revision: number;
  /** The stage is finished and its own record was not taken in yet. */
  readonly needsRecord: boolean;
}

interface OwnCurve {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly methods: Set<string>;
  seed: number | undefined;
  state: CurveFacts['state'];
  /** Steps that it is planned for. */
  steps: number | undefined;
  /** The run that told of it last. */
  run: string;
  readonly training: Columns;
  readonly validation: Columns;
  revision: number;
  isComplete: boolean;
}

/** More than a curve has. */
const MOST_POINTS = 1e6;

const KINDS = new Map<string, CurveFacts['kind']>([
  ['pretrain', 'pretraining'],
  ['pretrain-trunk', 'pretraining'],
  ['fine-tune', 'fine-tuning'],
]);

export class CurveFold {
  readonly #curves = new Map<string, OwnCurve>();
  /** Stages of each run that wait for the measurement that they lead to: it names their method and seed. */
  readonly #waiting = new Map<string, Set<string>>();
  /** Runs that compute now; all of them until it is told. */
  #living: ReadonlySet<string> | undefined;

  /** A training whose run ended without a word of it does not train any more. */
  setLiving(runs: ReadonlySet<string>): void {
    this.#living = runs;
  }

  /** Takes in further events of a run; `method` is its method when it has only one. */
  add(run: string, events: readonly LoggedEvent[], method?: string): void {
    for (const { event } of events) {
      if (event.type === 'stage') this.#stage(run, event.event, method);
      if (event.type === 'measurement') this.#measured(run, event.measurement.method, event.measurement.seed);
    }
  }

  /**
   * In the order of their beginnings. A pretraining goes through stages, each from where the one before ended: it is one
   * curve, which begins at its first token, and the stages before the one at hand are no curves of their own.
   */
  get curves(): readonly FoldedCurve[] {
    const all = [...this.#curves.values()];
    return all
      .filter((curve) => !isContained(curve, all, curve.state === 'training' && !this.#isOver(curve)))
      .map((curve) => this.#viewOf(curve, all));
  }

  /** Takes in the record of a finished stage and what it cost. */
  complete(
    id: string,
    { training, validation }: Pick<TrainingRecord, 'training' | 'validation'>,
    cost: { readonly flops: number; readonly seconds: number; readonly tokens: number },
  ): void {
    const curve = this.#curves.get(id);
    if (curve === undefined) return;
    const perToken = {
      flops: cost.flops / Math.max(1, cost.tokens),
      seconds: cost.seconds / Math.max(1, cost.tokens),
    };
    fill(curve.training, training, perToken);
    fill(curve.validation, validation, perToken);
    curve.isComplete = true;
    curve.revision++;
  }

  /** There is nothing to complete a curve with: its record was cleaned away. */
  leaveAsIs(id: string): void {
    const curve = this.#curves.get(id);
    if (curve !== undefined) curve.isComplete = true;
  }

  #stage(run: string, event: StageEvent, method: string | undefined): void {
    if (!KINDS.has(event.kind)) return;
    const curve = this.#curveOf(event);
    curve.run = run;
    if (method !== undefined) curve.methods.add(method);
    this.#waitingOf(run).add(event.fingerprint);
    if (event.state === 'progress') progress(curve, event.metrics ?? {});
    else if (event.state === 'started') curve.state = 'training';
    else if (event.state === 'finished' || event.state === 'reused') curve.state = 'finished';
    else if (event.state === 'failed' || event.state === 'interrupted') curve.state = 'stopped';
  }

  #measured(run: string, method: string, seed: number): void {
    for (const id of this.#waitingOf(run)) {
      const curve = this.#curves.get(id);
      curve?.methods.add(method);
      if (curve !== undefined) curve.seed ??= seed;
    }
    this.#waitingOf(run).clear();
  }

  #viewOf(curve: OwnCurve, all: readonly OwnCurve[]): FoldedCurve {
    const { id, kind, label, methods, seed, steps, revision, isComplete } = curve;
    const facts: CurveFacts = {
      id,
      kind: KINDS.get(kind) ?? 'pretraining',
      methods: allMethods.map((method) => method.id).filter((method) => methods.has(method)),
      ...(seed !== undefined && { seed }),
      label: label.replace(/, seed \d+/, ''),
      state: this.#isOver(curve) ? 'stopped' : curve.state,
      ...(steps !== undefined && { steps }),
    };
    // The stable phase alone leaves no record.
    const needsRecord = curve.state === 'finished' && !isComplete && kind !== 'pretrain-trunk';
    const beginning = beginningOf(curve, all);
    const known = beginning.step.length;
    return {
      facts,
      training: extend(beginning, curve.training),
      validation: curve.validation,
      // A beginning that becomes known later changes points that were there.
      revision: revision * MOST_POINTS + known,
      needsRecord,
    };
  }

  /** Its run ended without a word of it. */
  #isOver({ state, run }: OwnCurve): boolean {
    return state === 'training' && this.#living?.has(run) === false;
  }

  #waitingOf(run: string): Set<string> {
    const known = this.#waiting.get(run);
    if (known !== undefined) return known;
    const made = new Set<string>();
    this.#waiting.set(run, made);
    return made;
  }

  #curveOf({ fingerprint, kind, label }: StageEvent): OwnCurve {
    const known = this.#curves.get(fingerprint);
    if (known !== undefined) return known;
    const seed = /\bseed (\d+)\b/.exec(label)?.[1];
    const made: OwnCurve = {
      id: fingerprint,
      kind,
      label,
      methods: new Set(),
      seed: seed === undefined ? undefined : Number(seed),
      state: 'training',
      steps: undefined,
      run: '',
      training: emptyColumns(),
      validation: emptyColumns(),
      revision: 0,
      isComplete: false,
    };
    this.#curves.set(fingerprint, made);
    return made;
  }
}

function progress(curve: OwnCurve, metrics: Readonly<Record<string, number>>): void {
  const { step, loss, validationLoss, tokens = 0, spentTokens = 0, flops = 0, seconds = 0 } = metrics;
  if (curve.isComplete || step === undefined || loss === undefined) return;
  curve.state = 'training';
  curve.steps = metrics.steps;
  const whole = spentTokens > 0 ? tokens / spentTokens : 1;
  const costs = { step, tokens, flops: flops * whole, seconds: seconds * whole };
  // A run that was resumed does some steps again.
  if (truncate(curve.training, step)) curve.revision++;
  append(curve.training, { ...costs, loss });
  if (validationLoss === undefined) return;
  if (truncate(curve.validation, step)) curve.revision++;
  // The last validation is reported again until the next one.
  if (curve.validation.loss.at(-1) !== validationLoss)
    append(curve.validation, { ...costs, loss: validationLoss });
}

function truncate(columns: Columns, step: number): boolean {
  const keep = columns.step.findLastIndex((one) => one < step) + 1;
  if (keep === columns.step.length) return false;
  for (const column of Object.values(columns)) column.length = keep;
  return true;
}

function append(columns: Columns, point: Readonly<Record<Column, number>>): void {
  columns.step.push(point.step);
  columns.tokens.push(point.tokens);
  columns.flops.push(point.flops);
  columns.seconds.push(point.seconds);
  columns.loss.push(point.loss);
}

function fill(
  columns: Columns,
  points: TrainingRecord['training'],
  perToken: { readonly flops: number; readonly seconds: number },
): void {
  for (const column of Object.values(columns)) column.length = 0;
  for (const { step, tokens, loss } of points) {
    append(columns, {
      step,
      tokens,
      flops: tokens * perToken.flops,
      seconds: tokens * perToken.seconds,
      loss,
    });
  }
}

/**
 * Whether the stable phase of another curve holds all of this one: that of a longer pretraining goes on from it. A decay that
 * left the common phase earlier goes another way, however far. What trains counts as far as it will go.
 */
function isContained(curve: OwnCurve, all: readonly OwnCurve[], trains: boolean): boolean {
  if (curve.kind !== 'pretrain-trunk') return false;
  const { state, steps, training } = curve;
  if (state === 'finished' && training.loss.length === 0) return true;
  const reached = training.step.at(-1) ?? 0;
  const end = trains ? (steps ?? reached) : reached;
  const others = all.filter(
    (other) => other !== curve && isPretraining(other) && nameOf(other.label) === nameOf(curve.label),
  );
  return others.some((other) => stableEnd(other) >= end || (state === 'finished' && isReusedUnread(other)));
}

/** The last step of a curve that the stable phase has. */
function stableEnd({ kind, steps, training }: OwnCurve): number {
  const last = training.step.at(-1) ?? 0;
  return kind === 'pretrain-trunk' ? last : Math.min(last, stableUntil(steps ?? last));
}

/** A whole pretraining, of which no point is known before its record is read. */
function isReusedUnread({ kind, state, training, isComplete }: OwnCurve): boolean {
  return kind === 'pretrain' && state === 'finished' && !isComplete && training.step.length === 0;
}

/** The points of the stages that a pretraining went through before, as far as they are known. */
function beginningOf(curve: OwnCurve, all: readonly OwnCurve[]): Columns {
  const beginning = emptyColumns();
  const [first] = curve.training.step;
  if (first === undefined || first <= 1 || curve.isComplete || !isPretraining(curve)) return beginning;
  const earlier = all
    .filter(({ kind, label }) => kind === 'pretrain-trunk' && nameOf(label) === nameOf(curve.label))
    .filter(({ steps }) => steps !== undefined && steps < first)
    .sort((a, b) => (a.steps ?? 0) - (b.steps ?? 0));
  for (const { training } of earlier) extend(beginning, training);
  return beginning;
}

function extend(columns: Columns, more: CurvePoints): Columns {
  const keys: readonly Column[] = ['step', 'tokens', 'flops', 'seconds', 'loss'];
  for (const key of keys) columns[key].push(...more[key]);
  return columns;
}

const isPretraining = ({ kind }: OwnCurve): boolean => KINDS.get(kind) === 'pretraining';

/** Text that is mixed in once the stable phase is over (window-choice.ts). */
const MIXED_LATE = / with up to [\d.]+ % from .*(?=, seed \d+)/;

/** A pretraining's name without how far it goes, which is what its stable phase and its decay share. */
function nameOf(label: string): string {
  return label.slice(0, Math.max(0, label.lastIndexOf(', '))).replace(MIXED_LATE, '');
}

const emptyColumns = (): Columns => ({ step: [], tokens: [], flops: [], seconds: [], loss: [] });
