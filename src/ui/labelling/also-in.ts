/** Whether the text of a held-out passage stands in a text that is trained on. */
import type { TrackedPassage } from './passage-tracker.ts';
import { Lines } from './places.ts';

/** Shorter passages stand in many texts by chance. */
const shortest = 40;

/** Whether `needle` stands in `text` outside the passages that are not trained on. Both have LF line ends. */
export function standsOutside(text: string, needle: string, passages: readonly TrackedPassage[]): boolean {
  if (needle.length < shortest) return false;
  let at = text.indexOf(needle);
  if (at < 0) return false;
  const lines = new Lines(text);
  const spared = passages.flatMap(({ span, entry }) =>
    span === undefined || entry.label === 'in-domain' ? [] : [lines.offsetsOf(span)],
  );
  for (; at >= 0; at = text.indexOf(needle, at + 1)) {
    const [start, end] = [at, at + needle.length];
    if (!spared.some((span) => span.start <= start && end <= span.end)) return true;
  }
  return false;
}
