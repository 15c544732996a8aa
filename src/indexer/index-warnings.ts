/** What is wrong with no corpus in particular: labels that cannot be read, and where the index keeps within bounds. */
import { formatEntry, protectsText } from '../corpus/labels/labels.ts';
import { type LostLabel, lostLabelInWords } from '../corpus/labels/lost-labels.ts';
import { runLimit } from '../corpus/similarity/quotes.ts';
import type { QuotesFollowed } from '../corpus/watching/quotes-followed.ts';
import type { TextTable } from '../corpus/watching/texts.ts';
import type { LabelsWatch } from './labels-watch.ts';
import type { CorpusWarning } from './workspace-index.ts';

export interface IndexState {
  readonly labels: Pick<LabelsWatch, 'file' | 'problem'>;
  readonly lostLabels: readonly LostLabel[];
  /** Seconds between looks at all files when the system watches no more folders; else `undefined`. */
  readonly rescanSeconds: number | undefined;
  readonly texts: Pick<TextTable, 'count' | 'withoutSketch'>;
  readonly quotes: Pick<QuotesFollowed, 'refused' | 'isPartial'>;
}

export function indexWarnings(state: IndexState): readonly CorpusWarning[] {
  return [
    ...labelWarnings(state),
    ...lostLabelWarnings(state),
    ...watchingWarnings(state),
    ...partialWarnings(state),
  ];
}

function labelWarnings({ labels: { file, problem } }: IndexState): CorpusWarning[] {
  if (problem === undefined) return [];
  const message = `${problem.message} The labels from before hold until it is mended.`;
  return [{ kind: 'labels file', message, hint: problem.hint, files: [file], count: 1 }];
}

function lostLabelWarnings({ labels: { file }, lostLabels }: IndexState): CorpusWarning[] {
  return lostLabels.map((lost) => {
    const protects = protectsText(lost.entry);
    const { kind, name, likely } = lost;
    const isRename = kind === 'file' || kind === 'folder';
    return {
      kind: 'lost label',
      message: `A label names nothing: ${lostLabelInWords(lost)}.`,
      hint: `Correct or remove the entry in labels.json.${protects ? ' Until then its text may be trained on, so a run is refused.' : ''}`,
      files: [file],
      count: 1,
      entry: {
        text: formatEntry(lost.entry),
        protects,
        renames: isRename ? likely.map((to) => ({ from: name, to })) : [],
      },
    };
  });
}

function watchingWarnings({ rescanSeconds }: IndexState): CorpusWarning[] {
  if (rescanSeconds === undefined) return [];
  return [
    {
      kind: 'watching',
      message: `The system watches no more folders for changes (limit reached): files are looked through every ${rescanSeconds} seconds or more instead.`,
      hint: 'On Linux raise the limit: sudo sysctl fs.inotify.max_user_watches=524288. Or list folders that hold no text in .gitignore.',
      files: [],
      count: 1,
    },
  ];
}

/** Searches that look at a part of the text only. */
function partialWarnings({ texts, quotes }: IndexState): CorpusWarning[] {
  const warnings: CorpusWarning[] = [];
  const { count, withoutSketch } = texts;
  const exclude =
    'Exclude files that need not be in the corpora. A run compares all whole texts, whatever is shown here.';
  if (withoutSketch > 0) {
    warnings.push({
      kind: 'duplicates',
      message: `Near-duplicates are counted among ${number(count - withoutSketch)} of ${number(count)} texts only: more are not compared while you work.`,
      hint: exclude,
      files: [],
      count: withoutSketch,
    });
  }
  if (quotes.refused > 0) {
    const [texts, are] = quotes.refused === 1 ? ['text', 'is'] : ['texts', 'are'];
    warnings.push({
      kind: 'contamination',
      message: `${number(quotes.refused)} held-out ${texts} ${are} not looked for inside other files: there is more held-out text than the ${number(runLimit)} runs of words that are.`,
      hint: 'Hold out less text to have all of it looked for.',
      files: [],
      count: quotes.refused,
    });
  }
  if (quotes.isPartial) {
    const message = 'Held-out text stands in more places of other files than are counted here.';
    warnings.push({ kind: 'contamination', message, hint: exclude, files: [], count: 1 });
  }
  return warnings;
}

const number = (value: number): string => value.toLocaleString('en');
