/**
 * Where the labelled passages of an open text are. They are looked for once; edits move them along, which costs no look at
 * the text, and let them grow and shrink where their own text is edited. One whose text was replaced or deleted as a whole
 * is looked for again when the edits pause, as are those that are lost. What is known from the edits is more than an anchor
 * can tell, so on saving the anchors are brought up to date from it.
 */
import { formatEntry, type LabelEntry, type PassageAnchor, subjectOf } from '../../corpus/labels/labels.ts';
import {
  anchorPassage,
  findPassage,
  passageStandsAt,
  placePassage,
  type Span,
} from '../../corpus/labels/passages.ts';
import {
  comparePlaces,
  covers,
  Lines,
  moveSpan,
  type Place,
  type PlaceSpan,
  type TextChange,
  touches,
} from './places.ts';

export interface TrackedPassage {
  /** Equal for equal entries. */
  readonly key: string;
  readonly entry: LabelEntry;
  readonly anchor: PassageAnchor;
  /** Where it is; `undefined` when it is lost. */
  readonly span: PlaceSpan | undefined;
  /** Where it last was, for a passage that was lost by edits in this editor: undoing them brings it back there. */
  readonly lastSpan: PlaceSpan | undefined;
  /** Its place is the only one of its text, or has the old surroundings: the anchor may be brought up to date from it. */
  readonly sure: boolean;
  /** Its text was edited since it was last looked for. */
  readonly edited: boolean;
  /** An edit took all of its text away, so that nothing of it is left to follow. */
  readonly replaced: boolean;
  /** Its text is another one than that of the anchor. */
  readonly changed: boolean;
}

export interface AnchorMove {
  readonly entry: LabelEntry;
  readonly anchor: PassageAnchor;
}

export class PassageTracker {
  #passages: readonly TrackedPassage[] = [];

  get passages(): readonly TrackedPassage[] {
    return this.#passages;
  }

  /** Takes the entries of a text; only those that it did not have yet are looked for. `text` gives it with LF line ends. */
  load(entries: readonly LabelEntry[], text: () => string): void {
    const known = new Map(this.#passages.map((passage) => [passage.key, passage]));
    const placer = new Placer(text);
    this.#passages = entries.flatMap((entry) => {
      if (entry.passage === undefined) return [];
      const key = formatEntry(entry);
      const passage = known.get(key);
      if (passage !== undefined) return [passage];
      const { span, sure } = placer.place(entry.passage);
      const untouched = { edited: false, replaced: false, changed: false };
      return [{ key, entry, anchor: entry.passage, span, lastSpan: span, sure, ...untouched }];
    });
  }

  /** Places all passages by their anchors, whatever was known of them: the text is one that others wrote. */
  placeAnew(text: () => string): void {
    const entries = this.#passages.map(({ entry }) => entry);
    this.#passages = [];
    this.load(entries, text);
  }

  /** Moves the passages with edits, in their order; true when a passage has to be looked for again. */
  edit(changes: readonly TextChange[]): boolean {
    if (changes.length === 0 || this.#passages.length === 0) return false;
    let again = false;
    this.#passages = this.#passages.map((passage) => {
      let { span, lastSpan, edited, replaced } = passage;
      for (const change of changes) {
        if (span !== undefined) {
          edited ||= touches(change, span);
          replaced ||= covers(change, span);
          span = moveSpan(span, change);
        }
        if (lastSpan !== undefined) lastSpan = moveSpan(lastSpan, change);
      }
      again ||= edited || span === undefined;
      return { ...passage, span, lastSpan, edited, replaced };
    });
    return again;
  }

  /** Looks again for the passages whose text was edited and for the lost ones; true when something is different now. */
  check(text: () => string): boolean {
    const placer = new Placer(text);
    let different = false;
    this.#passages = this.#passages.map((passage) => {
      if (!passage.edited && passage.span !== undefined) return passage;
      const now = placer.follow(passage) ?? { ...placer.place(passage.anchor), changed: false };
      different ||= now.span !== passage.span || now.changed !== passage.changed;
      const replaced = now.span === undefined && passage.replaced;
      return { ...passage, ...now, lastSpan: now.span ?? passage.lastSpan, edited: false, replaced };
    });
    return different;
  }

  /**
   * New anchors for passages whose text or surroundings changed, or that their anchor would place elsewhere. Only where
   * the place is sure; a place that was merely the nearest of several stays as uncertain as it is.
   */
  anchorMoves(text: string): readonly AnchorMove[] {
    const lines = new Lines(text);
    return this.#passages.flatMap(({ entry, anchor, span, sure, changed }) => {
      if (span === undefined || !(sure || changed)) return [];
      const now = lines.offsetsOf(span);
      if (!changed && isSettled(text, anchor, now)) return [];
      return [{ entry, anchor: anchorPassage(text, now.start, now.end) }];
    });
  }

  /** The passages that contain a place, the label that holds first. */
  at(place: Place): readonly TrackedPassage[] {
    return this.#passages
      .filter(
        ({ span }) =>
          span !== undefined && comparePlaces(span.start, place) <= 0 && comparePlaces(place, span.end) <= 0,
      )
      .sort((a, b) => rankOf(b.entry) - rankOf(a.entry));
  }
}

/** Where passages overlap, the label that keeps text away from training holds (docs/formats/labels.md). */
function rankOf({ label }: LabelEntry): number {
  if (label === 'in-domain') return 0;
  return label === 'held-out' ? 1 : 2;
}

/** Whether, where two passages overlap, the label of the first holds over that of the second. */
export function holdsOver(first: LabelEntry, second: LabelEntry): boolean {
  const isCloser = second.domain !== undefined && subjectOf(first) === subjectOf(second);
  if (first.domain !== second.domain && (first.domain !== undefined || isCloser)) return false;
  return rankOf(first) > rankOf(second);
}

function hasItsSurroundings(text: string, { prefix, suffix }: PassageAnchor, { start, end }: Span): boolean {
  return text.slice(0, start).endsWith(prefix) && text.startsWith(suffix, end);
}

/** Whether an anchor needs no change: its surroundings are as they were, and it leads to the same place. */
function isSettled(text: string, anchor: PassageAnchor, now: Span): boolean {
  if (!passageStandsAt(text, anchor, now.start)) return true;
  return hasItsSurroundings(text, anchor, now) && placePassage(text, anchor)?.start === now.start;
}

/** Places in a text that is fetched only when one is looked for. */
class Placer {
  readonly #fetch: () => string;
  #fetched: { readonly text: string; readonly lines: Lines } | undefined;

  constructor(fetch: () => string) {
    this.#fetch = fetch;
  }

  place(anchor: PassageAnchor): { readonly span: PlaceSpan | undefined; readonly sure: boolean } {
    const { text, lines } = this.#content();
    const span = placePassage(text, anchor);
    if (span === undefined) return { span, sure: false };
    const sure = hasItsSurroundings(text, anchor, span) || findPassage(text, anchor, 2).length === 1;
    return { span: lines.placesOf(span), sure };
  }

  /** A passage where the edits took it; `undefined` when nothing of it is left there. */
  follow({
    anchor,
    lastSpan: span,
    sure,
    replaced,
  }: TrackedPassage): { span: PlaceSpan; sure: boolean; changed: boolean } | undefined {
    if (span === undefined) return undefined;
    if (this.#standsAt(anchor, span)) return { span, sure, changed: false };
    const isEmpty = comparePlaces(span.start, span.end) >= 0;
    return replaced || isEmpty ? undefined : { span, sure, changed: true };
  }

  #standsAt(anchor: PassageAnchor, span: PlaceSpan): boolean {
    const { text, lines } = this.#content();
    const { start, end } = lines.offsetsOf(span);
    const length = anchor.length ?? anchor.quote?.length;
    return end - start === length && passageStandsAt(text, anchor, start);
  }

  #content(): { readonly text: string; readonly lines: Lines } {
    if (this.#fetched === undefined) {
      const text = this.#fetch();
      this.#fetched = { text, lines: new Lines(text) };
    }
    return this.#fetched;
  }
}
