/**
 * The model card, the README.md beside an exported model: what it is, how it was made, what that cost, how good it is and on
 * what that was measured, its text, its licence, how to run it. Every figure is one that was measured or booked for this
 * model; where there is none, the card says so. Pure.
 */
import { escapeMarkdown } from '../../charts/escape.ts';
import { formatBits, formatCount, formatFlops, formatPerplexity, formatPlural } from '../../common/format.ts';
import { blockOf, type ModelSize } from '../../common/model-size.ts';
import { joinWords } from '../../common/words.ts';
import { MARKDOWN_MARK } from '../../corpus/sources/own-output.ts';
import { methodInWords } from '../../methods/titles.ts';
import { inferenceFlopsPerToken, parameterCount } from '../../models/size.ts';
import type { StoppedEarly } from '../execution/stopped-early.ts';
import { corpusTable, exclusionTable, textNoteTables } from '../report/facts.ts';
import { tableBlocks } from '../report/markdown.ts';
import { costTable, inDomainText, measuredCost, pricedSize } from './card-costs.ts';
import { madeInWords, measuredInWords } from './card-making.ts';
import { qualityBlocks } from './card-quality.ts';
import type { ExportFormat } from './formats.ts';
import type { Ingredients } from './ingredients.ts';
import { type KeptWeights, keptInWords } from './kept-weights.ts';
import type { MeasuredOrigin, Origin } from './origin.ts';
import { runningBlocks } from './running.ts';

export interface CardSubject {
  readonly title: string;
  readonly size: ModelSize;
  readonly origin: Origin;
  readonly format: ExportFormat;
  readonly kept: KeptWeights;
  /** As the user states it. */
  readonly licence: string | undefined;
}

export function modelCard(subject: CardSubject): string {
  const blocks = [
    `# ${escapeMarkdown(subject.title)}`,
    modelInWords(subject),
    ...originBlocks(subject),
    '## Licence',
    ...licenceBlocks(subject),
    '## Run it',
    ...runningBlocks(subject),
    MARKDOWN_MARK,
  ];
  return `${blocks.join('\n\n')}\n`;
}

function modelInWords({ size, kept }: CardSubject): string {
  const { keyValueHeads, tied } = blockOf(size);
  const heads =
    keyValueHeads === size.heads
      ? `${size.heads} heads`
      : `${size.heads} heads in ${keyValueHeads} groups of keys and values`;
  const embedding = tied ? 'the embedding is the output head too' : 'an output head of its own';
  return `A language model that continues text, of the Llama architecture: ${formatCount(parameterCount(size))} parameters in ${formatPlural(size.layers, 'layer')} of width ${size.width}, ${heads}, a vocabulary of ${formatCount(size.vocabulary)} tokens, a context of ${formatCount(size.context)} tokens; ${embedding}. The weights in this folder are kept as ${keptInWords(kept)}.`;
}

function originBlocks(subject: CardSubject): readonly string[] {
  const { origin, size, kept } = subject;
  switch (origin.kind) {
    case 'measured':
      return measuredBlocks(origin, subject);
    case 'stopped':
      return stoppedBlocks(origin.stopped, size);
    case 'made':
      return [
        '## How it was made',
        madeInWords(origin),
        '## What was spent',
        ...tableBlocks(costTable(origin.cost, size)),
        ...origin.figures.slice(0, 1).flatMap(({ measurement }) => inDomainText(measurement)),
        '## How good it is',
        ...(origin.figures.length === 0
          ? ['No measurement of this model is at hand: no run of its storage has one.']
          : qualityBlocks(origin.figures, origin.ingredients, kept.type)),
        '## The text',
        'What text it was trained on is not told here: the experiment as it was when this folder was written did not make it, or was not at hand.',
      ];
    case 'unknown':
      return [
        '## How it was made',
        'Where this model comes from is not known to Parlance: it was exported from a folder that does not say. What was spent on it, how good it is, and what text it was trained on are not known either.',
      ];
  }
}

function measuredBlocks(origin: MeasuredOrigin, subject: CardSubject): readonly string[] {
  const { results, figures, ingredients, answer } = origin;
  const notes = ownNotes(origin);
  const [{ measurement }] = figures;
  return [
    '## How it was made',
    measuredInWords(origin),
    ...(answer === undefined ? [] : [escapeMarkdown(answer.paragraph)]),
    '## What was spent',
    'What this model cost, counted and timed where it was trained, as if nothing had been there before; what of it is not known stands with the notes on the text:',
    ...tableBlocks(costTable(measuredCost(origin), pricedSize(origin, subject.size))),
    ...inDomainText(measurement),
    '## How good it is',
    ...qualityBlocks(figures, ingredients, subject.kept.type),
    '## The text',
    'Text is counted after cleaning, in bytes of UTF-8; held-out text was used for evaluation only.',
    ...[corpusTable(results.corpora), exclusionTable(results.corpora)].flatMap(tableBlocks),
    ...(notes.length > 0
      ? textNoteTables(notes).flatMap(tableBlocks)
      : [`No text that is held out was found in what was trained on${unread(ingredients)}.`]),
  ];
}

/** Text of others that nothing was looked for in. */
function unread(ingredients: Ingredients): string {
  const named = givenNames(ingredients);
  return named.length === 0 ? '' : ` here; what ${joinWords(named)} had read before is not known`;
}

const givenNames = ({ given, givenTeacher }: Ingredients) =>
  [...new Set([given, givenTeacher])].flatMap((name) => name ?? []).map(escapeMarkdown);

/** Of the text and of methods, without those on methods and domains that this model has nothing to do with. */
function ownNotes({ results, figures }: MeasuredOrigin): MeasuredOrigin['results']['textNotes'] {
  const [{ measurement }] = figures;
  const own = new Set([measurement.method, ...figures.map((one) => one.measurement.domain)]);
  const domains = results.corpora.filter(({ role }) => role === 'domain').map(({ name }) => name);
  const known = new Set([...results.methods.map(({ id }) => id), ...domains]);
  return results.textNotes.filter(({ corpus }) => own.has(corpus) || !known.has(corpus));
}

function licenceBlocks({ licence, origin }: CardSubject): readonly string[] {
  const named = origin.kind === 'measured' || origin.kind === 'made' ? givenNames(origin.ingredients) : [];
  const stated =
    licence === undefined
      ? 'Not stated. What may be done with the model follows from the text that it was trained on.'
      : escapeMarkdown(licence);
  return named.length === 0
    ? [stated]
    : [stated, `It was made from ${joinWords(named)}: the terms under which that was given hold too.`];
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
