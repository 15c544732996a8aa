/**
 * What a panel shows of an experiment, gathered without an engine: measurements from the runs' logs, facts about methods
 * and models from the newest report or, before there is one, from the configuration, and curves from events. Follows
 * living runs and tells what changed. No part of the editor: tests give it runs of their own.
 */
import { join } from 'node:path';
import type { Measurement } from '../../budget/measurement.ts';
import { ParlanceError } from '../../common/errors.ts';
import type { Json } from '../../common/json.ts';
import type { Experiment } from '../../experiments/config/experiment.ts';
import { configurationJson, reportsFolder } from '../../experiments/config/recorded-facts.ts';
import { newestReport, type ReportFacts } from '../../experiments/report/newest.ts';
import { answerSubject } from '../../experiments/results/answer-source.ts';
import {
  comparableRuns,
  mergeMeasurements,
  methodsOf,
  type RecordedRun,
} from '../../experiments/runs/comparable-runs.ts';
import { otherRunsBeside } from '../../experiments/runs/other-runs.ts';
import type { RunView } from '../../experiments/runs/run-view.ts';
import { readRun } from '../../experiments/runs/runs.ts';
import { CurveFold, type CurvePart } from '../../experiments/runs/training-curves.ts';
import type { Hosts, Subscription } from '../../host/hosts.ts';
import { readTrainingRecord } from '../../methods/stages/models.ts';
import type { ToPanel } from '../../panel-protocol/messages.ts';
import { readManifest } from '../../pipeline/manifest.ts';
import { isLiving } from '../run-words.ts';
import { lineFacts, recordedLineFacts } from './line-facts.ts';
import { resultNotes } from './result-notes.ts';

interface KnownRun extends RecordedRun {
  readonly methods: readonly string[];
}

export class ExperimentFeed {
  readonly #hosts: Pick<Hosts, 'watch' | 'follow'>;
  readonly #experiment: Experiment;
  readonly #storage: string;
  readonly #send: (message: ToPanel) => void;
  readonly #withCurves: boolean;
  readonly #configuration: Json;
  readonly #records = new Map<string, KnownRun | undefined>();
  readonly #followed = new Map<string, Subscription>();
  /** Runs of which not all was read that stood in their logs when they were first followed. */
  readonly #unread = new Set<string>();
  #fold = new CurveFold();
  /** Of each curve's part, how many points were told, and of which revision. */
  readonly #told = new Map<string, { readonly revision: number; readonly count: number }>();
  readonly #watch: Subscription;
  #report: ReportFacts | undefined;
  #endedRuns = -1;
  #toldResults = '';
  #toldCurves = '';
  #toldLines = '';
  #measurements: readonly Measurement[] = [];
  #otherRuns: readonly string[] = [];
  /** The runs whose measurements are shown. */
  #shown: readonly RunView[] = [];
  #isGoingOn = false;
  #working: Promise<void> = Promise.resolve();
  #isDisposed = false;

  constructor(
    hosts: Pick<Hosts, 'watch' | 'follow'>,
    source: { readonly experiment: Experiment; readonly storage: string; readonly withCurves: boolean },
    send: (message: ToPanel) => void,
  ) {
    this.#hosts = hosts;
    this.#experiment = source.experiment;
    this.#storage = source.storage;
    this.#withCurves = source.withCurves;
    this.#send = send;
    this.#configuration = configurationJson(source.experiment);
    this.#watch = hosts.watch(source.storage, (runs) => this.#queue(() => this.#update(runs)));
  }

  measurement(evaluation: string): Measurement | undefined {
    return this.#measurements.find(({ fingerprint }) => fingerprint === evaluation);
  }

  /** What was measured by now. */
  get seeds(): ReadonlySet<number> {
    return new Set(this.#measurements.map(({ seed }) => seed));
  }

  /** Ids of the runs that are shown, and of those that measured something else, when there are any. */
  get comparison(): readonly string[] {
    return this.#otherRuns.length === 0 ? [] : [...this.#shown.map(({ id }) => id), ...this.#otherRuns];
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#watch.dispose();
    for (const one of this.#followed.values()) one.dispose();
  }

  /** One after the other, so that a slow reading never overtakes a newer one. */
  #queue(work: () => Promise<void>): void {
    this.#working = this.#working.then(async () => {
      if (this.#isDisposed) return;
      try {
        await work();
      } catch (error) {
        const message = error instanceof ParlanceError ? `${error.message} ${error.hint}` : String(error);
        this.#send({ type: 'problem', message });
      }
    });
  }

  async #update(views: readonly RunView[]): Promise<void> {
    await Promise.all(views.map(({ id }) => this.#read(id)));
    const known = views.flatMap(({ id, corpora }) => {
      const record = this.#records.get(id);
      return record === undefined ? [] : [{ ...record, ...(corpora && { corpora }) }];
    });
    const { runs, others } = comparableRuns(known, this.#configuration);
    const ended = views.filter(({ phase }) => phase === 'finished' || phase === 'interrupted').length;
    if (ended !== this.#endedRuns) {
      this.#endedRuns = ended;
      this.#report = await newestReport(reportsFolder(this.#experiment), this.#configuration);
      this.#send({ type: 'histograms', domains: this.#report?.selections ?? [] });
    }
    const measuredBy = ({ id }: KnownRun) => views.find((view) => view.id === id)?.measurements ?? [];
    this.#measurements = mergeMeasurements(runs.map(measuredBy));
    this.#shown = runs.flatMap(({ id }) => views.find((view) => view.id === id) ?? []);
    this.#isGoingOn = this.#shown.some(isLiving);
    this.#otherRuns = others.filter((run) => measuredBy(run).length > 0).map(({ id }) => id);
    this.#tellResults();
    if (!this.#withCurves) return;
    this.#tellLines(
      views,
      runs,
      others.filter((run) => this.#otherRuns.includes(run.id)),
    );
    this.#follow(runs);
    this.#fold.setLiving(new Set(views.filter(({ pid }) => pid !== undefined).map(({ id }) => id)));
    await this.#tellCurves();
  }

  /** What lines over tokens need: untrained models, and other runs that read the same text. */
  #tellLines(views: readonly RunView[], runs: readonly KnownRun[], others: readonly KnownRun[]): void {
    const corpora = runs.findLast((run) => run.corpora !== undefined)?.corpora;
    const { beside, otherText, unknown } = otherRunsBeside(others, {
      configuration: this.#configuration,
      corpora,
    });
    const viewsOf = (of: readonly KnownRun[]) => views.filter(({ id }) => of.some((run) => run.id === id));
    const untrainedOf = (of: readonly KnownRun[]) => viewsOf(of).flatMap(({ untrained }) => untrained);
    const facts = lineFacts(this.#experiment.plan);
    const message: ToPanel = {
      type: 'lines',
      ...facts,
      untrained: untrainedOf(runs),
      others: beside.map(({ runs: own, differs }) => ({
        created: own[0].created,
        differs: [...differs],
        ...(recordedLineFacts(own[0].configuration) ?? facts),
        measurements: [
          ...mergeMeasurements(viewsOf(own.toReversed()).map(({ measurements }) => measurements)),
        ],
        untrained: untrainedOf(own),
      })),
      leftOut: { otherText, unknown },
    };
    const text = JSON.stringify(message);
    if (text === this.#toldLines) return;
    this.#toldLines = text;
    this.#send(message);
  }

  async #read(id: string): Promise<void> {
    if (this.#records.has(id)) return;
    const record = await readRun(this.#storage, id).then(
      (run) => run.record,
      () => undefined,
    );
    const methods = (record && methodsOf(record.configuration)) ?? [];
    this.#records.set(id, record && { ...record, methods });
  }

  #tellResults(): void {
    const { name, plan } = this.#experiment;
    const { methods, models } = answerSubject(this.#experiment, this.#measurements, this.#report);
    const message: ToPanel = {
      type: 'results',
      title: name,
      methods: [...methods],
      models: [...models],
      measurements: [...this.#measurements],
      notes: [
        ...resultNotes({
          domains: plan.domains.map((one) => one.name),
          measurements: this.#measurements,
          hasReport: this.#report !== undefined,
          isGoingOn: this.#isGoingOn,
          runs: this.#shown,
        }),
      ],
      otherRuns: this.#otherRuns.length,
    };
    const text = JSON.stringify(message);
    if (text === this.#toldResults) return;
    this.#toldResults = text;
    this.#send(message);
  }

  #follow(runs: readonly KnownRun[]): void {
    const isGone = [...this.#followed.keys()].some((id) => runs.every((run) => run.id !== id));
    if (isGone) this.#forgetCurves();
    const fold = this.#fold;
    for (const { id, methods } of runs) {
      if (this.#followed.has(id)) continue;
      this.#unread.add(id);
      const subscription = this.#hosts.follow(this.#storage, id, (events, isAll) => {
        fold.add(id, events, methods.length === 1 ? methods[0] : undefined);
        if (!isAll || fold !== this.#fold) return;
        this.#unread.delete(id);
        this.#queue(() => this.#tellCurves());
      });
      this.#followed.set(id, subscription);
    }
  }

  /** Runs share curves, so that what one of them told cannot be taken out: all are read anew. */
  #forgetCurves(): void {
    for (const one of this.#followed.values()) one.dispose();
    this.#followed.clear();
    this.#unread.clear();
    this.#told.clear();
    this.#fold = new CurveFold();
  }

  /** Not before all logs are read: the first curves that a page is told of are those that it shows from then on. */
  async #tellCurves(): Promise<void> {
    if (this.#unread.size > 0) return;
    for (const { facts, needsRecord } of this.#fold.curves) if (needsRecord) await this.#complete(facts.id);
    const curves = this.#fold.curves.filter(({ training }) => training.loss.length > 0);
    const facts = curves.map((curve) => curve.facts);
    const text = JSON.stringify(facts);
    if (text !== this.#toldCurves) this.#send({ type: 'curves', curves: facts });
    this.#toldCurves = text;
    const parts = curves.flatMap((curve) =>
      (['training', 'validation'] as const).flatMap((part) => this.#news(curve, part)),
    );
    if (parts.length > 0) this.#send({ type: 'points', parts });
  }

  #news(curve: CurveFold['curves'][number], part: CurvePart) {
    const { step, tokens, flops, seconds, loss } = curve[part];
    const key = `${part} ${curve.facts.id}`;
    const told = this.#told.get(key);
    const from = told?.revision === curve.revision ? told.count : 0;
    if (from === loss.length && told?.revision === curve.revision) return [];
    this.#told.set(key, { revision: curve.revision, count: loss.length });
    const since = (values: readonly number[]): number[] => values.slice(from);
    const points = {
      step: since(step),
      tokens: since(tokens),
      flops: since(flops),
      seconds: since(seconds),
      loss: since(loss),
    };
    return [{ curve: curve.facts.id, part, from, points }];
  }

  /** From the artifact; without one the curve stays as the log tells it. */
  async #complete(id: string): Promise<void> {
    const directory = join(this.#storage, 'artifacts', id);
    try {
      const record = await readTrainingRecord(directory);
      const manifest = await readManifest(directory, id);
      if (manifest === undefined) this.#fold.leaveAsIs(id);
      else this.#fold.complete(id, record, manifest.cost);
    } catch {
      this.#fold.leaveAsIs(id);
    }
  }
}
