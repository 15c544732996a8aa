/** Which entry a selection in a text becomes. */
import { InputError } from '../../common/errors.ts';
import type { LabelTarget } from '../../corpus/labels/label-edits.ts';
import { anchorPassage, type Span } from '../../corpus/labels/passages.ts';
import { fileFormat } from '../../corpus/reading/file-types.ts';
import type { TrackedPassage } from './passage-tracker.ts';
import { comparePlaces, Lines, type PlaceSpan } from './places.ts';

/**
 * The targets of selections: each that is not blank is a passage, without the white space at its ends; without any, the
 * whole file is meant. `text` has LF line ends. Throws `InputError` for a file in which no passage can be found again.
 */
export function targetsOfSelections(
  path: string,
  text: string,
  selections: readonly PlaceSpan[],
  passages: readonly TrackedPassage[],
): readonly LabelTarget[] {
  const lines = new Lines(text);
  const spans = selections.flatMap((selection) => trimmed(text, lines.offsetsOf(selection)) ?? []);
  if (spans.length === 0) return [{ kind: 'file', path }];
  requirePassages(path);
  return spans.map(({ start, end }) => {
    const place = lines.placesOf({ start, end });
    const sameAs = passages.filter(({ span }) => span !== undefined && isEqual(span, place));
    return {
      kind: 'passage',
      path,
      anchor: anchorPassage(text, start, end),
      sameAs: sameAs.map(({ anchor }) => anchor),
    };
  });
}

/** The passages that a selection means: those that it overlaps, or, when it is empty, the one that it stands in. */
export function passagesUnder(
  selection: PlaceSpan,
  passages: readonly TrackedPassage[],
): readonly TrackedPassage[] {
  const isEmpty = comparePlaces(selection.start, selection.end) === 0;
  return passages.filter(({ span }) => {
    if (span === undefined) return false;
    const [fromStart, toEnd] = [
      comparePlaces(span.start, selection.end),
      comparePlaces(selection.start, span.end),
    ];
    return isEmpty ? fromStart <= 0 && toEnd <= 0 : fromStart < 0 && toEnd < 0;
  });
}

/** The target that means a passage as it is labelled now. */
export function targetOfPassage({ entry, anchor }: TrackedPassage): LabelTarget {
  return { kind: 'passage', path: entry.path ?? '', anchor, sameAs: [] };
}

function requirePassages(path: string): void {
  const format = fileFormat(path.slice(path.lastIndexOf('/') + 1), undefined, true);
  if (format === 'prose' || format === 'code' || format === 'html') return;
  throw new InputError(
    `A part of ${path} cannot be labelled: passages can be found again in text, code and HTML files only.`,
    'Label the whole file.',
  );
}

function trimmed(text: string, { start, end }: Span): Span | undefined {
  const part = text.slice(start, end);
  const from = part.length - part.trimStart().length;
  const length = part.trim().length;
  return length === 0 ? undefined : { start: start + from, end: start + from + length };
}

function isEqual(a: PlaceSpan, b: PlaceSpan): boolean {
  return comparePlaces(a.start, b.start) === 0 && comparePlaces(a.end, b.end) === 0;
}
