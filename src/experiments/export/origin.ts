/** What is known of where a model comes from: all that its card may say, each figure as it was measured or booked. */
import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Cost } from '../../budget/ledger.ts';
import type { Measurement } from '../../budget/measurement.ts';
import { measurementsOf } from '../../budget/views.ts';
import { InputError } from '../../common/errors.ts';
import { addCosts, NO_COST } from '../../pipeline/cost.ts';
import { type Provenance, why } from '../../pipeline/explain.ts';
import { entriesIfThere } from '../../pipeline/folder.ts';
import { MANIFEST } from '../../pipeline/manifest.ts';
import { ArtifactStore } from '../../pipeline/store.ts';
import { readStoppedEarly, type StoppedEarly } from '../execution/stopped-early.ts';
import { type Answer, answersOf } from '../results/answer.ts';
import { importedModels } from '../results/imported-results.ts';
import { evaluatedModel, measuredModel } from '../results/models.ts';
import type { ExperimentResults } from '../results/results.ts';
import { storedRuns } from '../runs/stored-runs.ts';
import { type Ingredients, ingredientsOf } from './ingredients.ts';

export type Origin =
  | MeasuredOrigin
  | { readonly kind: 'stopped'; readonly stopped: StoppedEarly }
  | MadeOrigin
  | { readonly kind: 'unknown' };

/** What was measured of a model on one domain. */
export interface DomainFigures {
  readonly measurement: Measurement;
  /** Of the same point of the budgets, by all seeds. */
  readonly seeds: readonly Measurement[];
}

/** The experiment as it is now measured it. */
export interface MeasuredOrigin {
  readonly kind: 'measured';
  readonly results: ExperimentResults;
  /** One at least: a model that was made for no domain may be measured on several. */
  readonly figures: readonly DomainFigures[];
  readonly ingredients: Ingredients;
  /** Of its domain, where this method is what the experiment's answer names. */
  readonly answer?: Answer;
}

/** A stage made it, of an experiment that is another by now or is not at hand. */
export interface MadeOrigin {
  readonly kind: 'made';
  readonly label: string;
  readonly fingerprint: string;
  readonly cost: BookedCost;
  readonly ingredients: Ingredients;
  /** As a run of its storage measured them; none where no run did. */
  readonly figures: readonly DomainFigures[];
}

export interface BookedCost {
  readonly generic: Cost;
  readonly specialization: Cost;
  /** Whether a stage was cleaned away, so that these are less than what was spent. */
  readonly isLess: boolean;
}

export interface ModelToExport {
  readonly folder: string;
  readonly origin: Origin;
}

/** Measurements of an experiment and the store with their models. */
export interface MeasuredExperiment {
  readonly results: ExperimentResults;
  readonly store: ArtifactStore;
}

/**
 * The model of the method that the experiment's answer names, of its seeds the one that is lowest on validation text.
 * Throws InputError where there is no one answer, or its model is not here.
 */
export async function recommendedModel({ results, store }: MeasuredExperiment): Promise<ModelToExport> {
  const answers = answersOf(results, results.measurements).filter(({ view }) => view.kind === 'domain');
  const found: ModelToExport[] = [];
  for (const { choice, view, headline } of answers) {
    if (choice === undefined) throw new InputError(headline, 'Go on with the run, then export.');
    const own = results.measurements.filter(({ domain }) => domain === view.title);
    const measurement = lowestOnValidation(measurementsOf(own, choice.chosen.point));
    const folder = await folderOf(store, measurement);
    const ingredients = ingredientsOf(await why(store, basename(folder)));
    const figures = figuresOf([measurement], results.measurements);
    found.push({ folder, origin: measuredOrigin(results, figures, ingredients) });
  }
  const [only, ...more] = found;
  if (only !== undefined && more.length === 0) return only;
  throw new InputError(
    `${results.name} has a model for each of ${answers.length} domains.`,
    `Export one of them: ${found.map(({ folder }, i) => `${answers[i].view.title}: ${folder}`).join('; ')}`,
  );
}

function lowestOnValidation(measurements: readonly Measurement[]): Measurement {
  const [lowest] = [...measurements].sort((a, b) => a.validationPerplexity - b.validationPerplexity);
  return lowest;
}

async function folderOf(store: ArtifactStore, measurement: Measurement): Promise<string> {
  const { method, domain, fingerprint } = measurement;
  const model = await measuredModel(store, measurement);
  if (model !== undefined) return model.folder;
  if ((await importedModels(store)).has(fingerprint)) {
    throw new InputError(
      `Only what was measured of ${method} on ${domain} came with this workspace, not its weights.`,
      'Export… in the Models view of the editor offers the run that makes them here.',
    );
  }
  throw new InputError(
    `The model of ${method} on ${domain} is not in the store.`,
    'Run the experiment: it is made again.',
  );
}

/** What is known of the model in a folder, among the results of an experiment if they are at hand. */
export async function originOf(folder: string, experiment: MeasuredExperiment | undefined): Promise<Origin> {
  const stopped = await readStoppedEarly(folder);
  if (stopped !== undefined) return { kind: 'stopped', stopped };
  if (!(await entriesIfThere(folder)).includes(MANIFEST)) return { kind: 'unknown' };
  const place = await realpath(folder);
  const artifacts = dirname(place);
  // An artifact that was copied out of its store says what it was made from, but not what that cost.
  if (basename(artifacts) !== 'artifacts') return { kind: 'unknown' };
  const model = basename(place);
  const store = new ArtifactStore(dirname(artifacts));
  const provenance = await why(store, model);
  if (provenance.state === 'gone') return { kind: 'unknown' };
  const ingredients = ingredientsOf(provenance);
  if (experiment !== undefined) {
    const { results } = experiment;
    const figures = await figuresOfModel(experiment.store, model, results.measurements);
    if (figures.length > 0) return measuredOrigin(results, figures, ingredients);
  }
  const { label, fingerprint } = provenance;
  const figures = await figuresOfRuns(store, model);
  return { kind: 'made', label, fingerprint, cost: bookedCost(provenance), ingredients, figures };
}

/** Of the newest run that measured the model, so that seeds are of one text and one configuration. */
async function figuresOfRuns(store: ArtifactStore, model: string): Promise<readonly DomainFigures[]> {
  for (const { measurements } of (await storedRuns(store.storage)).runs) {
    const figures = await figuresOfModel(store, model, measurements);
    if (figures.length > 0) return figures;
  }
  return [];
}

/** `model` is the fingerprint of its artifact. Methods may share a model: it is of the one that was measured first. */
async function figuresOfModel(
  store: ArtifactStore,
  model: string,
  measurements: readonly Measurement[],
): Promise<readonly DomainFigures[]> {
  const own: Measurement[] = [];
  for (const one of measurements) {
    // What cannot be read tells nothing: the next run mends it.
    if ((await evaluatedModel(store, one).catch(() => undefined)) === model) own.push(one);
  }
  return figuresOf(
    own.filter(({ method }) => method === own[0].method),
    measurements,
  );
}

/** Of measurements of one model, the first on each domain. */
function figuresOf(
  own: readonly Measurement[],
  measurements: readonly Measurement[],
): readonly DomainFigures[] {
  const first = own.filter(({ domain }, i) => own.findIndex((one) => one.domain === domain) === i);
  return first.map((measurement) => {
    const onDomain = measurements.filter(({ domain }) => domain === measurement.domain);
    return { measurement, seeds: measurementsOf(onDomain, measurement) };
  });
}

function measuredOrigin(
  results: ExperimentResults,
  figures: readonly DomainFigures[],
  ingredients: Ingredients,
): MeasuredOrigin {
  const [{ measurement }] = figures;
  const own = results.measurements.filter(({ domain }) => domain === measurement.domain);
  const answer = answersOf(results, results.measurements).find(
    ({ view, choice }) =>
      view.kind === 'domain' &&
      view.title === measurement.domain &&
      choice !== undefined &&
      measurementsOf(own, choice.chosen.point).includes(measurement),
  );
  return { kind: 'measured', results, figures, ingredients, ...(answer && { answer }) };
}

/** Of all that made it, each stage once. How one was booked that was cleaned away is not known any more. */
function bookedCost(root: Provenance): BookedCost {
  const counted = new Set<string>();
  let booked: BookedCost = { generic: NO_COST, specialization: NO_COST, isLess: false };
  const visit = (node: Provenance): void => {
    if (counted.has(node.fingerprint)) return;
    counted.add(node.fingerprint);
    if (node.state === 'gone') {
      booked = { ...booked, isLess: true };
      return;
    }
    booked = { ...booked, [node.booking]: addCosts(booked[node.booking], node.cost) };
    Object.values(node.inputs).forEach(visit);
  };
  visit(root);
  return booked;
}
