/** The report's content, in order and without form: both the HTML and the Markdown are written from it. */

import * as z from 'zod';
import { isMeasurable, notAveraged, type View, viewsOf } from '../../budget/views.ts';
import { formatPlural } from '../../common/format.ts';
import { joinWords } from '../../common/words.ts';
import { type Answer, answersOf } from '../results/answer.ts';
import { sizesLeftOutInWords } from '../results/answer-words.ts';
import { fineTuningHarm, harmInWords } from '../results/fine-tuning-harm.ts';
import type { ExperimentResults } from '../results/results.ts';
import {
  BITS_PER_BYTE,
  comparisonTable,
  methodsMadeForSets,
  ON_GENERIC_TEXT,
  PERPLEXITY,
  VALIDATION,
} from './comparison.ts';
import { breakEvenTable, ledgerSummary, ledgerTable, totalCostTable } from './costs.ts';
import { corpusTable, exclusionTable, modelTable, settingTable, textNoteTables } from './facts.ts';
import type { Section } from './section.ts';
import { selectionSections } from './selection.ts';
import { trainingSection } from './training.ts';

export interface Content {
  readonly title: string;
  readonly views: readonly View[];
  /** One a view, in the order of the views. */
  readonly answers: readonly Answer[];
  readonly comparison: Section;
  /** What fine-tuning made worse, in sentences; among the notes of the comparison too. */
  readonly harm: readonly string[];
  /** None when nothing was selected. */
  readonly selection: readonly Section[];
  /** How in-domain training ended. */
  readonly training: Section;
  readonly costs: Section;
  readonly corpora: Section;
  readonly models: Section;
  readonly setting: Section;
  readonly command: string;
  /** The settings as they took effect, as indented JSON: no experiment file, which names them otherwise. */
  readonly configuration: string;
}

/** `parlance run` takes none of these: the command beside them repeats the experiment. */
export const SETTINGS_TITLE = 'Effective settings (not an experiment file)';

/** One paragraph an answer; never empty. */
export function answerParagraphs({ answers }: Pick<Content, 'answers'>): readonly string[] {
  return answers.length === 0
    ? ['Nothing has been measured yet.']
    : answers.map(({ paragraph }) => paragraph);
}

export function contentOf(results: ExperimentResults): Content {
  const views = viewsOf(results.measurements);
  const harm = harmInWords(fineTuningHarm(results.measurements, results.methods), results.corpora);
  return {
    title: results.name,
    views,
    answers: answersOf(results, results.measurements),
    comparison: comparisonSection(results, views, harm),
    harm,
    selection: selectionSections(results.selections),
    training: trainingSection(results.measurements),
    costs: costSection(results, views),
    corpora: {
      id: 'corpora',
      title: 'Corpora',
      notes: [
        'Text is counted after cleaning, in bytes of UTF-8. Held-out text is used for evaluation only.',
      ],
      tables: [
        corpusTable(results.corpora),
        exclusionTable(results.corpora),
        ...textNoteTables(results.textNotes),
      ],
      folded: [],
    },
    models: { id: 'models', title: 'Models', notes: [], tables: [modelTable(results)], folded: [] },
    setting: { id: 'setting', title: 'Setting', notes: [], tables: [settingTable(results)], folded: [] },
    command: results.command,
    configuration: JSON.stringify(results.configuration, null, 2),
  };
}

/** What follows the comparison and the curves, in order. */
export function sectionsAfterCurves(content: Content): readonly Section[] {
  const { selection, training, costs, corpora, models, setting } = content;
  return [...selection, training, costs, corpora, models, setting];
}

function comparisonSection(
  results: ExperimentResults,
  views: readonly View[],
  harm: readonly string[],
): Section {
  const leftOut = results.measurements.filter((measurement) => !isMeasurable(measurement)).length;
  const notes = [
    ...harm,
    'Each method at the pretraining budget that is lowest on validation text with all in-domain text; all figures are held-out, but for the columns and the table of validation. Methods are chosen by validation text and reported on held-out text, so that the choice does not flatter what is reported. The mean over seeds is exp(mean log perplexity); the range below it goes from the lowest to the highest seed, which differ in initial weights, in the order of the text, in the clusters of those methods that have any and, where not all of it is used, in the draw of the in-domain set. Bold is the lowest by validation of each column within the inference cap, and with it what ties with it. Perplexity is per token of the tokenizer of this experiment; bits per byte can be compared across tokenizers.',
    'Clear or tie: the interval of 90 % of a difference holds the chance of which documents were held out (drawn anew for both methods alike; windows where there are few documents) and that of seeds. A tie is a difference whose interval contains zero, or one below 1 %. Windows of one document are alike, so that an interval over windows is too narrow for other documents: hold out 20 documents or more. The spread over seeds is joined with that of other experiments, the more so the fewer seeds there are: in trainings of some hundred steps seeds differ more than there, so that the interval of one seed is too narrow.',
  ];
  notes.push(...madeForSets(views), ...sizesLeftOut(results), ...leftOutOfAverage(results, views));
  if (leftOut > 0) {
    notes.push(`${formatPlural(leftOut, 'measurement')} without a finite perplexity could not be shown.`);
  }
  return {
    id: 'comparison',
    title: 'Comparison of methods',
    notes,
    tables: views.map((view) => comparisonTable(results, view, PERPLEXITY)),
    folded: [
      ...[VALIDATION, BITS_PER_BYTE].flatMap((measure) =>
        views.map((view) => comparisonTable(results, view, measure)),
      ),
      ...views
        .filter(({ cells }) => cells.some(({ generic }) => generic !== undefined))
        .map((view) => comparisonTable(results, view, ON_GENERIC_TEXT)),
    ],
  };
}

/** What “Before fine-tuning” is, where it is a model that was made for an in-domain set. */
function madeForSets(views: readonly View[]): readonly string[] {
  const methods = [...new Set(views.flatMap(methodsMadeForSets))];
  if (methods.length === 0) return [];
  return [
    `“Before fine-tuning” of ${joinWords(methods)} is a model that was made for the in-domain set which the column names: that set decided which text it read, or was part of it, or which expert or projection the model is. What is fine-tuned on another set begins with a model that was made for that one, so that a column of fewer tokens can be higher though fine-tuning harmed nothing.`,
  ];
}

/** The average is of the same domains for all methods, so that some may have none. */
function leftOutOfAverage({ measurements }: ExperimentResults, views: readonly View[]): readonly string[] {
  return views.flatMap((view) => {
    const methods = notAveraged(measurements, view);
    if (methods.length === 0) return [];
    return [`Not in the average, as not measured on all domains: ${joinWords(methods)}.`];
  });
}

const sizesSchema = z.object({
  fineTuning: z.object({ domainTokens: z.array(z.union([z.number(), z.literal('all')])) }),
});

/** Sizes that the experiment asks for and a domain has too little text for. */
function sizesLeftOut({ configuration, corpora }: ExperimentResults): readonly string[] {
  const asked = sizesSchema.safeParse(configuration).data?.fineTuning.domainTokens ?? [];
  return corpora
    .filter(({ role }) => role === 'domain')
    .flatMap(({ name, tokens }) => {
      const smallest = asked.find((size) => size !== 'all' && size >= tokens.train);
      return typeof smallest === 'number' ? [`${name}: ${sizesLeftOutInWords(smallest)}`] : [];
    });
}

function costSection(results: ExperimentResults, views: readonly View[]): Section {
  const totals = views
    .slice(0, 1)
    .flatMap((view) => [totalCostTable(results, view), breakEvenTable(results, view)]);
  return {
    id: 'costs',
    title: 'Costs',
    notes: [
      'Generic work is paid once and shared by all domains; specialization work is paid again for each domain: C_total(N) = C_generic + N × C_spec. Floating-point operations are those of products, counted by formula, those of the optimizer included; stages without products (reading, tokenizing and comparing text) have none, only time. Times are measured.',
      'Importance sampling pretrains for each domain, so its pretraining is specialization; distillation pays for both models. Counted too, though the paper leaves them out: embedding and clustering text, selecting n-grams, the validations of fine-tuning and its steps after the best one. Device-hours are the paper’s GPU-hours on the device of this experiment.',
      'Reused artifacts had been made before; their cost is what they cost then, and every total counts them in full.',
    ],
    tables: [...totals.filter((table) => table !== undefined), ledgerSummary(results.ledger)],
    folded: [ledgerTable(results.ledger)],
  };
}
