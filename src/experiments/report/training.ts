/**
 * How the training on in-domain text ended: at which step its validation loss was lowest, what ended it (from scratch: what
 * began its decay), and how much validation text it read for that, which is in-domain text beside that of the training set.
 */

import type { Measurement, StoppingFacts } from '../../budget/measurement.ts';
import { pretrainingFigure } from '../../budget/pretraining-words.ts';
import type { Column, Table, TableCell } from '../../charts/table.ts';
import { formatCompact, formatCount, formatPerplexity, formatPlural } from '../../common/format.ts';
import { joinWords } from '../../common/words.ts';
import { isFromScratch } from '../../methods/titles.ts';
import { triedInWords, tuningInWords } from '../../methods/tuning.ts';
import type { Section } from './section.ts';

type Stopped = Measurement & { readonly stopping: StoppingFacts };

/** A best step in the second half of a training that the cap ended may not be the best that there is. */
const SECOND_HALF = 0.5;

export function trainingSection(measurements: readonly Measurement[]): Section {
  const stopped = measurements.filter(isStopped);
  const bound = stopped.filter(isCapBound);
  const notes = [
    'Training on in-domain text ends when the validation loss has not fallen for a while (patience), or at the cap on epochs and tokens; the weights of the step with the lowest validation loss are kept. Validation text is in-domain text too, which a method reads to stop, and never trains on; its reading is part of the cost. To stop, a training reads about as many tokens of it as its set has, within limits; the validation perplexity, by which methods are chosen, is of the whole validation split.',
  ];
  const scratch = [...new Set(stopped.map(({ method }) => method))].filter(isFromScratch);
  if (scratch.length > 0) {
    notes.push(
      `Training from scratch (${joinWords(scratch)}) then goes back to the step with the lowest validation loss and lets the learning rate fall to zero from there: “Ended by” says what began this decay, which counts among the steps, so that the best step may be the last.`,
    );
  }
  if (stopped.some(({ method }) => !isFromScratch(method))) {
    notes.push(
      'Fine-tuning goes back to its best step when patience is spent, and on from there at a third of the learning rate; it does so twice before it ends.',
    );
  }
  if (bound.length > 0) {
    notes.push(
      `The cap ended ${formatPlural(bound.length, 'training')} whose best step lies in the second half, so that the validation loss may not have stopped falling: raise specialization.maximumTokens (or maximumEpochs) in parlance.json to see whether more steps lower it.`,
    );
  }
  if (stopped.some(({ tuning }) => tuning !== undefined)) {
    notes.push(
      'Where several learning rates, weight decays or shares of replay were tried (specialization.search), the one with the lowest validation loss was kept; the cost counts all of them.',
    );
  }
  return { id: 'training', title: 'Training on in-domain text', notes, tables: [], folded: [table(stopped)] };
}

/** Whether the cap ended a training whose best step lies in its second half. */
export function isCapBound({ stopping, bestStep, steps }: Measurement): boolean {
  return stopping?.ending === 'cap' && bestStep >= SECOND_HALF * steps;
}

function isStopped(measurement: Measurement): measurement is Stopped {
  return measurement.stopping !== undefined;
}

function table(stopped: readonly Stopped[]): Table {
  const isSearched = stopped.some(({ tuning }) => tuning !== undefined);
  const searched: readonly Column[] = isSearched ? [{ title: 'Chosen by validation', align: 'text' }] : [];
  return {
    caption: 'Trainings on in-domain text',
    columns: [
      { title: 'Method', align: 'text' },
      { title: 'Domain', align: 'text' },
      { title: 'Seed', align: 'number' },
      { title: 'Pretraining tokens', align: 'number' },
      { title: 'In-domain tokens', align: 'number' },
      { title: 'Validation tokens read to stop', align: 'number' },
      { title: 'Perplexity of the whole validation split', align: 'number' },
      { title: 'Best step', align: 'number' },
      { title: 'Steps', align: 'number' },
      { title: 'Ended by', align: 'text' },
      ...searched,
    ],
    rows: stopped.map((one) => [
      { text: one.method },
      { text: one.domain },
      { text: `${one.seed}` },
      { text: pretrainingFigure(one) },
      { text: formatCompact(one.domainTokens) },
      { text: formatCompact(one.stopping.validationTokens) },
      { text: formatPerplexity(one.validationPerplexity) },
      { text: formatCount(one.bestStep) },
      { text: formatCount(one.steps) },
      endingCell(one),
      ...searched.map(() => tuningCell(one)),
    ]),
  };
}

function tuningCell({ tuning }: Stopped): TableCell {
  if (tuning === undefined) return { text: '–' };
  return { text: tuningInWords(tuning), detail: `of ${triedInWords(tuning)}` };
}

function endingCell(one: Stopped): TableCell {
  if (one.stopping.ending === 'patience') return { text: 'patience' };
  return { text: 'cap', ...(isCapBound(one) && { detail: 'best step in the second half' }) };
}
