/**
 * The model card, the README.md beside an exported model: what it is, how it was made, what that cost, how good it is and on
 * what that was measured, its text, its licence, how to run it. Every figure is one that was measured or booked for this
 * model; where there is none, the card says so. Pure.
 */
import * as z from 'zod';
import { rangeOverSeeds } from '../../budget/choice/comparison-words.ts';
import { sizeInWords, sizeOf } from '../../budget/in-domain-size.ts';
import type { Measurement } from '../../budget/measurement.ts';
import { aggregate } from '../../budget/views.ts';
import { escapeMarkdown } from '../../charts/escape.ts';
import type { Table } from '../../charts/table.ts';
import { formatBits, formatCount, formatFlops, formatPerplexity, formatPlural } from '../../common/format.ts';
import { BITS_PER_BYTE_EXPLAINED, PERPLEXITY_EXPLAINED } from '../../common/measures.ts';
import { blockOf, type ModelSize } from '../../common/model-size.ts';
import { MARKDOWN_MARK } from '../../corpus/sources/own-output.ts';
import { isFromScratch, methodInWords } from '../../methods/titles.ts';
import { triedInWords, tuningInWords } from '../../methods/tuning.ts';
import { inferenceFlopsPerToken, parameterCount } from '../../models/size.ts';
import type { StoppedEarly } from '../execution/stopped-early.ts';
import { corpusTable, exclusionTable, textNoteTables } from '../report/facts.ts';
import { tableBlocks } from '../report/markdown.ts';
import { costTable, inDomainText, measuredCost } from './card-costs.ts';
import type { ExportFormat, WeightType } from './formats.ts';
import type { MeasuredOrigin, Origin } from './origin.ts';
import { runningBlocks } from './running.ts';

export interface CardSubject {
  readonly title: string;
  readonly size: ModelSize;
  readonly origin: Origin;
  readonly format: ExportFormat;
  readonly weights: WeightType;
  /** As the user states it. */
  readonly licence: string | undefined;
}

export function modelCard(subject: CardSubject): string {
  const blocks = [
    `# ${escapeMarkdown(subject.title)}`,
    modelInWords(subject),
    ...originBlocks(subject),
    '## Licence',
    subject.licence === undefined
      ? 'Not stated. What may be done with the model follows from the text that it was trained on.'
      : escapeMarkdown(subject.licence),
    '## Run it',
    ...runningBlocks(subject),
    MARKDOWN_MARK,
  ];
  return `${blocks.join('\n\n')}\n`;
}

function modelInWords({ size, weights }: CardSubject): string {
  const { keyValueHeads, tied } = blockOf(size);
  const heads =
    keyValueHeads === size.heads
      ? `${size.heads} heads`
      : `${size.heads} heads in ${keyValueHeads} groups of keys and values`;
  const embedding = tied ? 'the embedding is the output head too' : 'an output head of its own';
  return `A language model that continues text, of the Llama architecture: ${formatCount(parameterCount(size))} parameters in ${formatPlural(size.layers, 'layer')} of width ${size.width}, ${heads}, a vocabulary of ${formatCount(size.vocabulary)} tokens, a context of ${formatCount(size.context)} tokens; ${embedding}. The weights in this folder are kept as ${WEIGHTS_IN_WORDS[weights]}.`;
}

const WEIGHTS_IN_WORDS: Readonly<Record<WeightType, string>> = {
  f32: 'float32, as they were trained',
  f16: 'float16, rounded from those that were trained',
  q8_0: 'Q8_0, eight bits each with a scale for every 32, rounded from those that were trained',
};

function originBlocks(subject: CardSubject): readonly string[] {
  const { origin, size } = subject;
  switch (origin.kind) {
    case 'measured':
      return measuredBlocks(origin, subject);
    case 'stopped':
      return stoppedBlocks(origin.stopped, size);
    case 'made':
      return [
        '## How it was made',
        `By Parlance, as the stage “${escapeMarkdown(origin.label)}” (artifact ${origin.fingerprint.slice(0, 12)}; \`parlance why\` shows all that it was made from).`,
        '## What was spent',
        ...tableBlocks(costTable(origin.cost, size)),
        '## How good it is',
        'No measurement of this model is at hand. The experiment that made it may have some: `parlance export --experiment` with its file finds them.',
      ];
    case 'unknown':
      return [
        '## How it was made',
        'Where this model comes from is not known to Parlance: it was exported from a folder that does not say. What was spent on it, how good it is, and what text it was trained on are not known either.',
      ];
  }
}

function measuredBlocks(origin: MeasuredOrigin, subject: CardSubject): readonly string[] {
  const { results, answer } = origin;
  const notes = ownNotes(origin);
  return [
    '## How it was made',
    methodBlock(origin),
    ...(answer === undefined ? [] : [escapeMarkdown(answer.paragraph)]),
    '## What was spent',
    'What this model cost, counted and timed where it was trained, as if nothing had been there before; what of it is not known stands with the notes on the text:',
    ...tableBlocks(costTable(measuredCost(origin), subject.size)),
    ...inDomainText(origin.measurement),
    '## How good it is',
    ...qualityBlocks(origin, subject),
    '## The text',
    'Text is counted after cleaning, in bytes of UTF-8; held-out text was used for evaluation only.',
    ...[corpusTable(results.corpora), exclusionTable(results.corpora)].flatMap(tableBlocks),
    ...(notes.length > 0
      ? textNoteTables(notes).flatMap(tableBlocks)
      : ['No text that is held out was found in what was trained on.']),
  ];
}

/** Of the text and of methods, without those on methods and domains that this model has nothing to do with. */
function ownNotes({ results, measurement }: MeasuredOrigin): MeasuredOrigin['results']['textNotes'] {
  const methods = results.methods.map(({ id }) => id).filter((id) => id !== measurement.method);
  const domains = results.corpora
    .filter(({ role, name }) => role === 'domain' && name !== measurement.domain)
    .map(({ name }) => name);
  const others = new Set([...methods, ...domains]);
  return results.textNotes.filter(({ corpus }) => corpus === measurement.domain || !others.has(corpus));
}

function methodBlock({ results, measurement }: MeasuredOrigin): string {
  const { method, domain, seed, fingerprint, phase, stopping } = measurement;
  const title = results.methods.find(({ id }) => id === method)?.title ?? '';
  const ending = stopping === undefined ? '' : ENDINGS[stopping.ending];
  const chosen =
    measurement.tuning === undefined
      ? ''
      : ` Validation text chose it among ${triedInWords(measurement.tuning)}: ${tuningInWords(measurement.tuning)}.`;
  const tuning =
    phase === 'before fine-tuning'
      ? `It was not fine-tuned.${chosenForDomain(measurement)}`
      : `It was ${isFromScratch(method) ? 'trained from scratch on' : 'fine-tuned for'} ${sizeInWords(sizeOf(measurement), measurement.domainTokens)}: ${formatCount(measurement.steps)} steps, of which step ${formatCount(measurement.bestStep)} is kept${ending}.${chosen}`;
  const words = `${methodInWords(method, title)}, for the domain ${domain}, seed ${seed}, in the experiment “${results.name}”.`;
  const beginning = isFromScratch(method) ? '' : ` ${escapeMarkdown(beginningOf(results, measurement))}`;
  return `${escapeMarkdown(words)}${beginning} ${escapeMarkdown(tuning)} Made with Parlance ${escapeMarkdown(results.versions.parlance)} on ${escapeMarkdown(results.versions.engine)}; \`parlance why ${fingerprint.slice(0, 12)}\` shows all that it was made from.`;
}

/** Before fine-tuning too, what was selected, chosen or fitted for a domain has read its set. */
function chosenForDomain({ requestedDomainTokens: size }: Measurement): string {
  if (size === undefined) return '';
  const set = size === 'all' ? 'all in-domain text' : `${formatCount(size)} in-domain tokens`;
  return ` It was made for the domain by ${set}: text, an expert or a projection chosen or fitted.`;
}

const mixtureSchema = z.object({
  mixture: z.object({ experts: z.number(), branching: z.boolean() }),
  from: z.object({ small: z.unknown() }).partial().optional(),
});

/** The budget is that of all experts together, so that one has read less. */
function expertInWords({ mixture, from }: z.infer<typeof mixtureSchema>, budget: number): string {
  const { experts, branching } = mixture;
  const whole = `It is one of ${formatPlural(experts, 'expert')} that share a pretraining budget of ${formatCount(budget)} tokens`;
  if (from?.small !== undefined) return `${whole}.`;
  return branching
    ? `${whole}: all branch off one model, which took most of it, and each then read its part of the rest.`
    : `${whole}: each was trained anew on its part of it.`;
}

/** A method that is measured before fine-tuning though nothing was pretrained for it began with a model from elsewhere. */
function beginningOf(
  { configuration, measurements, ledger }: MeasuredOrigin['results'],
  { method, pretrainingTokens }: Measurement,
): string {
  const mixture = method === 'slm-mix' ? mixtureSchema.safeParse(configuration).data : undefined;
  if (mixture !== undefined && pretrainingTokens > 0) return expertInWords(mixture, pretrainingTokens);
  if (pretrainingTokens > 0) return `It was pretrained on ${formatCount(pretrainingTokens)} tokens.`;
  const isGiven = measurements.some((one) => one.method === method && one.phase === 'before fine-tuning');
  if (!isGiven) return 'It was not pretrained.';
  const labels = ledger.filter(({ kind }) => kind === 'given-model').map(({ label }) => label);
  return `It began with a model from elsewhere (${labels.join('; ')}).`;
}

const ENDINGS = {
  patience: '; validation text did not get likelier any more',
  cap: '; it ended at the cap on its length',
} as const;

function qualityBlocks({ measurement, seeds }: MeasuredOrigin, { weights }: CardSubject): readonly string[] {
  const [all] = aggregate(seeds);
  const figures: Table = {
    caption: `On held-out text of ${measurement.domain}: ${formatCount(measurement.evaluatedTokens)} tokens`,
    columns: [
      { title: 'Measure', align: 'text' },
      { title: 'This model', align: 'number' },
      { title: 'All seeds, mean', align: 'number' },
    ],
    rows: [
      [
        { text: 'Perplexity' },
        { text: formatPerplexity(measurement.perplexity) },
        {
          text: formatPerplexity(all.perplexity.mean),
          detail: rangeOverSeeds(all.perplexity, formatPerplexity),
        },
      ],
      [
        { text: 'Bits per byte' },
        { text: formatBits(measurement.bitsPerByte) },
        { text: formatBits(all.bitsPerByte.mean), detail: rangeOverSeeds(all.bitsPerByte, formatBits) },
      ],
      [
        { text: 'Perplexity on validation text, by which methods are chosen' },
        { text: formatPerplexity(measurement.validationPerplexity) },
        {
          text: formatPerplexity(all.validation.mean),
          detail: rangeOverSeeds(all.validation, formatPerplexity),
        },
      ],
    ],
  };
  const named = seeds.map(({ seed }) => seed).sort((a, b) => a - b);
  const rounded =
    weights === 'f32'
      ? ''
      : ' They were measured with the weights in float32; with the rounded ones of this folder nothing was measured.';
  const set = sizeOf(measurement) === 'all' ? '' : ', and its own draw of the in-domain set';
  return [
    `Seeds ${named.join(', ')}, each with its own initial weights, order of the text and, where text is clustered, clusters${set}; this model is that of seed ${measurement.seed}.${rounded}`,
    ...tableBlocks(figures),
    `${PERPLEXITY_EXPLAINED} ${BITS_PER_BYTE_EXPLAINED}`,
  ];
}

function stoppedBlocks(stopped: StoppedEarly, size: ModelSize): readonly string[] {
  const { method, title, stage, step, ofSteps, validationLoss, heldOut, fingerprint } = stopped;
  const planned = ofSteps === undefined ? '' : ` of ${formatCount(ofSteps)}`;
  const words = `${methodInWords(method)}, in the experiment “${title}”: the stage “${stage}” was stopped at step ${formatCount(stopped.stoppedAtStep)}${planned} and the weights of step ${formatCount(step)} were kept.`;
  const validation =
    validationLoss === undefined ? [] : [`On validation text: ${validationLoss.toFixed(4)} nats a token.`];
  const measured =
    heldOut === undefined
      ? 'It was not measured on held-out text.'
      : escapeMarkdown(
          `On held-out text of ${heldOut.domain}: perplexity ${formatPerplexity(heldOut.perplexity)}, ${formatBits(heldOut.bitsPerByte)} bits per byte.`,
        );
  return [
    '## How it was made',
    `${escapeMarkdown(words)} (artifact ${escapeMarkdown(fingerprint.slice(0, 12))})`,
    '## What was spent',
    `What its training cost is not kept with it. It computes ${formatFlops(inferenceFlopsPerToken(size))} for each token that it writes.`,
    '## How good it is',
    [measured, ...validation].join(' '),
  ];
}
